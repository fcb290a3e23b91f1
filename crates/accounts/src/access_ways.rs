//! By which groups a person is in a group that grants them something: from one of their own outwards, where they are not in it themselves. What is known of a
//! past moment is which group was within which, over however many others: of two between which none lies, somebody had put the one into the other.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use model::accounts::account_assignment::Principal;
use model::directory::group::GroupId;
use model::directory::user::UserId;
use model::fault::Fault;
use model::timestamp::Timestamp;
use store::accounts::access::{self, Moment};
use store::directory::member_groups;
use store::tx::Rx;

use crate::access_pages::Access;

/// Of a person and a group, the groups between them, the person's own first; nothing of who is in the group themselves.
pub type Ways = HashMap<(UserId, GroupId), Vec<GroupId>>;

/// What is told beside rows.
#[derive(Debug, Default)]
pub struct Beside {
    /// When each was last used, if that is asked.
    pub uses: Vec<Option<Timestamp>>,
    /// By which groups people are in those that grant something.
    pub ways: Ways,
}

/// Groups by a group that is within them.
type Outer = HashMap<GroupId, BTreeSet<GroupId>>;

/// What is known of groups within groups.
struct Nested {
    /// Which each is within, over however many others.
    around: Outer,
    /// Which each was put into; not known of past moments.
    put: Option<Outer>,
}

impl Nested {
    fn around(&self, group: &GroupId) -> impl Iterator<Item = &GroupId> {
        self.around.get(group).into_iter().flatten()
    }

    fn is_within(&self, group: &GroupId, outer: &GroupId) -> bool {
        self.around.get(group).is_some_and(|around| around.contains(outer))
    }

    /// Whether somebody put the one into the other.
    fn is_step(&self, group: &GroupId, outer: &GroupId) -> bool {
        match &self.put {
            Some(put) => put.get(group).is_some_and(|put| put.contains(outer)),
            None => !self.around(group).any(|between| self.is_within(between, outer)),
        }
    }
}

fn gathered(pairs: impl IntoIterator<Item = (GroupId, GroupId)>) -> Outer {
    let mut gathered = Outer::new();
    for (inner, outer) in pairs {
        gathered.entry(inner).or_default().insert(outer);
    }
    gathered
}

/// The ways to what grants these.
pub(crate) fn of_rows(rx: &mut Rx<'_>, moment: Moment, rows: &[Access]) -> Result<Ways, Fault> {
    let mut granting: BTreeMap<&UserId, BTreeSet<&GroupId>> = BTreeMap::new();
    for row in rows {
        for by in &row.granted_by {
            if let Principal::Group(group) = by {
                granting.entry(&row.user_id).or_default().insert(group);
            }
        }
    }
    let all: BTreeSet<&GroupId> = granting.values().flatten().copied().collect();
    if all.is_empty() {
        return Ok(Ways::new());
    }
    // Hardly any group has others within: then it costs this one look.
    let nesting: BTreeSet<GroupId> = access::nesting(rx, moment, all)?.into_iter().collect();
    let mut ways = Ways::new();
    if nesting.is_empty() {
        return Ok(ways);
    }
    for (user, mut groups) in granting {
        groups.retain(|group| nesting.contains(*group));
        if groups.is_empty() {
            continue;
        }
        let own: BTreeSet<GroupId> = access::own_groups_of(rx, moment, user)?.into_iter().collect();
        groups.retain(|group| !own.contains(*group));
        if groups.is_empty() {
            continue;
        }
        let nested = nested(rx, moment, &own)?;
        for group in groups {
            let way = way(&nested, &own, group);
            ways.insert((user.clone(), group.clone()), way);
        }
    }
    Ok(ways)
}

fn nested(rx: &mut Rx<'_>, moment: Moment, own: &BTreeSet<GroupId>) -> Result<Nested, Fault> {
    let found = access::nestings(rx, moment, own)?;
    let further: BTreeSet<GroupId> =
        found.iter().map(|(_, outer)| outer).filter(|outer| !own.contains(*outer)).cloned().collect();
    let beyond = access::nestings(rx, moment, &further)?;
    let put = match moment {
        Moment::Now => Some(gathered(member_groups::groups_of_each(rx, own.union(&further))?)),
        Moment::At(_) => None,
    };
    Ok(Nested { around: gathered(found.into_iter().chain(beyond)), put })
}

/// The shortest way from one of these to a group, without it; of several as short, the one with the least ids.
fn way(nested: &Nested, own: &BTreeSet<GroupId>, to: &GroupId) -> Vec<GroupId> {
    let mut next: VecDeque<&GroupId> = own.iter().filter(|group| nested.is_within(group, to)).collect();
    let mut before: HashMap<&GroupId, Option<&GroupId>> = next.iter().map(|group| (*group, None)).collect();
    while let Some(at) = next.pop_front() {
        if nested.is_step(at, to) {
            let mut way = vec![at.clone()];
            while let Some(group) = way.last().and_then(|last| before.get(last).copied().flatten()) {
                way.push(group.clone());
            }
            way.reverse();
            return way;
        }
        for outer in
            nested.around(at).filter(|outer| nested.is_step(at, outer) && nested.is_within(outer, to))
        {
            before.entry(outer).or_insert_with(|| {
                next.push_back(outer);
                Some(at)
            });
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(ids: &[&str]) -> BTreeSet<GroupId> {
        ids.iter().map(|id| GroupId::trusted(*id)).collect()
    }

    fn outer(put: &[(&str, &str)]) -> Outer {
        gathered(put.iter().map(|(inner, outer)| (GroupId::trusted(*inner), GroupId::trusted(*outer))))
    }

    /// All that is within what, of what was put where.
    fn around(put: &[(&str, &str)]) -> Outer {
        let mut around = outer(put);
        loop {
            let before = around.clone();
            for (group, outer) in &before {
                let further = outer.iter().filter_map(|outer| before.get(outer)).flatten().cloned();
                around.get_mut(group).unwrap().extend(further);
            }
            if around == before {
                return around;
            }
        }
    }

    #[test]
    fn a_way_is_made_of_steps_that_somebody_put() {
        let put = [("a", "b"), ("b", "c"), ("c", "d"), ("x", "d"), ("b", "e"), ("b", "d")];
        let told = |nested: &Nested, own: &[&str], to: &str| {
            let way = way(nested, &groups(own), &GroupId::trusted(to));
            way.iter().map(GroupId::to_string).collect::<Vec<_>>().join(" ")
        };
        let now = Nested { around: around(&put), put: Some(outer(&put)) };
        assert_eq!(told(&now, &["a"], "d"), "a b", "the shortest of now");
        let then = Nested { put: None, ..now };
        let way = |own: &[&str], to: &str| told(&then, own, to);
        assert_eq!(way(&["a"], "d"), "a b c");
        assert_eq!(way(&["a"], "e"), "a b");
        assert_eq!(way(&["a", "x"], "d"), "x", "the shortest");
        assert_eq!(way(&["a", "b"], "d"), "b c");
        assert_eq!(way(&["e"], "d"), "", "no way");
    }
}
