//! Pages of who reaches what, put together from what each principal is assigned and who is in which group. Every source is read in the order of
//! its keys from where the page before ended, and no further than the page needs: so a page costs the same wherever it is, and holds no more than
//! itself. Knows nothing of who asks.

use std::collections::BTreeMap;

use model::accounts::account::AccountId;
use model::accounts::account_assignment::Principal;
use model::accounts::permission_set::PermissionSetId;
use model::directory::group::GroupId;
use model::directory::user::UserId;
use model::fault::Fault;
use model::page::{Page, PageRequest};
use store::accounts::access::{self, Moment, Place, Span};
use store::tx::Rx;

/// Sources that one page looks into, about: a list of places where nobody is would have no end otherwise. The page ends there, short, and another
/// follows.
const LOOKS_MAX: usize = 500;
/// Permission sets of an account, or accounts of a permission set, that are read at once.
const PLACES: i64 = 64;
/// Behind every id: the key of a place that was looked through.
const END: &str = "~";

/// A role that a person can use.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Access {
    /// Who.
    pub user_id: UserId,
    /// Where.
    pub account_id: AccountId,
    /// What.
    pub permission_set_id: PermissionSetId,
    /// The person themselves, if they are assigned it, and then each of their groups that is, by id.
    pub granted_by: Vec<Principal>,
}

/// A page in the making.
pub(crate) struct Looking<'r, 'c, 'p> {
    rx: &'r mut Rx<'c>,
    moment: Moment,
    page: &'p PageRequest,
    looks: usize,
}

/// By whom something is granted: directly, or by a group.
type By = Option<GroupId>;

/// The first rows of several sources together, each with what grants it.
fn merged<K: Ord + Clone>(
    want: usize,
    sources: impl IntoIterator<Item = By>,
    mut read: impl FnMut(Option<&GroupId>, Option<&K>) -> Result<Vec<K>, Fault>,
) -> Result<BTreeMap<K, Vec<By>>, Fault> {
    let mut found: BTreeMap<K, Vec<By>> = BTreeMap::new();
    for by in sources {
        // Behind the last one that there is room for nothing is wanted any more.
        let upto = if found.len() < want { None } else { found.last_key_value().map(|(key, _)| key.clone()) };
        for key in read(by.as_ref(), upto.as_ref())? {
            let granted = found.entry(key).or_default();
            if granted.last() != Some(&by) {
                granted.push(by.clone());
            }
        }
        while found.len() > want {
            found.pop_last();
        }
    }
    Ok(found)
}

fn row(user: &UserId, (account, set): Place, by: Vec<By>) -> Access {
    let principal = |by: By| by.map_or_else(|| Principal::User(user.clone()), Principal::Group);
    let granted_by = by.into_iter().map(principal).collect();
    Access { user_id: user.clone(), account_id: account, permission_set_id: set, granted_by }
}

/// Who of a person and their groups is assigned a place: the person first.
pub(crate) fn assigned(
    rx: &mut Rx<'_>,
    moment: Moment,
    (user, groups): (&UserId, &[GroupId]),
    place: &Place,
) -> Result<Vec<Principal>, Fault> {
    let principals = groups.iter().map(GroupId::as_str).chain([user.as_str()]);
    let assigned = access::among(rx, moment, place, principals)?;
    let has = |id: &str| assigned.iter().any(|assigned| assigned == id);
    let direct = has(user.as_str()).then(|| Principal::User(user.clone()));
    let by_groups = groups.iter().filter(|group| has(group.as_str())).cloned().map(Principal::Group);
    Ok(direct.into_iter().chain(by_groups).collect())
}

/// The key of a row in a list by place.
fn key(row: &Access, name: impl Fn(&Place) -> String) -> String {
    format!("{} {}", name(&(row.account_id.clone(), row.permission_set_id.clone())), row.user_id)
}

impl<'r, 'c, 'p> Looking<'r, 'c, 'p> {
    pub(crate) const fn new(rx: &'r mut Rx<'c>, moment: Moment, page: &'p PageRequest) -> Self {
        Self { rx, moment, page, looks: 0 }
    }

    /// The parts of the key that the page begins after; those that are left out are empty.
    fn after<const N: usize>(&self) -> [&'p str; N] {
        let mut parts = self.page.after_or_start().splitn(N, ' ');
        [(); N].map(|()| parts.next().unwrap_or_default())
    }

    /// Rows that are read for a page with so many already: one more than there is room for, to learn whether another page follows.
    const fn want(&self, have: usize) -> usize {
        (self.page.limit + 1).saturating_sub(have)
    }

    const fn is_tired(&self) -> bool {
        self.looks >= LOOKS_MAX
    }

    /// Those who reach a place, after `after`: at most `want`.
    fn people(
        &mut self,
        place: &Place,
        after: &str,
        want: usize,
    ) -> Result<BTreeMap<UserId, Vec<By>>, Fault> {
        let mut groups = access::groups(self.rx, self.moment, place)?;
        groups.sort_unstable();
        self.looks += 2 + groups.len();
        let limit = i64::try_from(want).unwrap_or(i64::MAX);
        let sources = std::iter::once(None).chain(groups.into_iter().map(Some));
        merged(want, sources, |by, upto: Option<&UserId>| {
            let span = Span { after, upto: upto.map(UserId::as_str), limit };
            Ok(match by {
                None => access::direct(self.rx, self.moment, place, &span)?,
                Some(group) => access::members(self.rx, self.moment, group, &span)?,
            })
        })
    }

    /// Where a person reaches anything, after a place.
    fn places(
        &mut self,
        user: &UserId,
        groups: Vec<GroupId>,
        after: (&str, &str),
    ) -> Result<BTreeMap<Place, Vec<By>>, Fault> {
        let want = self.want(0);
        let limit = i64::try_from(want).unwrap_or(i64::MAX);
        let sources = std::iter::once(None).chain(groups.into_iter().map(Some));
        merged(want, sources, |by, upto: Option<&Place>| {
            let upto = upto.map(|(account, set)| (account.as_str(), set.as_str()));
            let span = Span { after: &after, upto: upto.as_ref(), limit };
            let principal = by.map_or(user.as_str(), GroupId::as_str);
            Ok(access::of_principal(self.rx, self.moment, principal, &span)?)
        })
    }

    /// Where a group reaches anything itself, after a place.
    fn places_of(&mut self, group: &GroupId, after: (&str, &str)) -> Result<Vec<Place>, Fault> {
        let limit = i64::try_from(self.want(0)).unwrap_or(i64::MAX);
        let span = Span { after: &after, upto: None, limit };
        let mut places = access::of_principal(self.rx, self.moment, group.as_str(), &span)?;
        places.sort_unstable();
        places.truncate(self.want(0));
        Ok(places)
    }

    /// Adds what a person has in these places, as far as the page has room.
    fn granted(&mut self, user: &UserId, places: &[Place], rows: &mut Vec<Access>) -> Result<(), Fault> {
        let groups = access::groups_of(self.rx, self.moment, user)?;
        for place in places.iter().take(self.want(rows.len())) {
            let granted_by = assigned(self.rx, self.moment, (user, &groups), place)?;
            rows.push(Access { granted_by, ..row(user, place.clone(), Vec::new()) });
        }
        Ok(())
    }

    /// Rows place by place: `next` names the places from one on, and `after` is who was given last in the first of them. The key of a row is its
    /// place, as `name` says it, and the person.
    fn by_place(
        &mut self,
        (mut from, mut after): (String, String),
        name: impl Fn(&Place) -> String,
        mut next: impl FnMut(&mut Rx<'_>, &str) -> Result<Vec<Place>, Fault>,
    ) -> Result<Page<Access>, Fault> {
        let mut items: Vec<Access> = Vec::new();
        loop {
            let places = next(self.rx, &from)?;
            self.looks += 1;
            let is_last = places.len() < usize::try_from(PLACES).unwrap_or_default();
            for place in places {
                let at = name(&place);
                // Only the place where the page before ended has anybody who was given already.
                let behind = if at == from { std::mem::take(&mut after) } else { String::new() };
                from.clone_from(&at);
                if behind == END {
                    continue;
                }
                let people = self.people(&place, &behind, self.want(items.len()))?;
                items.extend(people.into_iter().map(|(user, by)| row(&user, place.clone(), by)));
                if items.len() > self.page.limit {
                    return Ok(self.page.page(items, |row| key(row, &name)));
                }
                if self.is_tired() {
                    return Ok(Page { items, next: Some(format!("{at} {END}")) });
                }
            }
            if is_last {
                return Ok(Page { items, next: None });
            }
            // The last of these places has been looked through.
            END.clone_into(&mut after);
        }
    }
}

/// Who reaches a place, by id.
pub(crate) fn of_place(looking: &mut Looking<'_, '_, '_>, place: &Place) -> Result<Page<UserId>, Fault> {
    let [after] = looking.after();
    let people = looking.people(place, after, looking.want(0))?;
    Ok(looking.page.page(people.into_keys().collect(), UserId::to_string))
}

/// What a person reaches, by account and permission set.
pub(crate) fn of_user(looking: &mut Looking<'_, '_, '_>, user: &UserId) -> Result<Page<Access>, Fault> {
    if !access::is_enabled(looking.rx, looking.moment, user)? {
        return Ok(Page::default());
    }
    let groups = access::groups_of(looking.rx, looking.moment, user)?;
    let [account, set] = looking.after();
    let found = looking.places(user, groups, (account, set))?;
    let rows = found.into_iter().map(|(place, by)| row(user, place, by)).collect();
    Ok(looking.page.page(rows, |row| format!("{} {}", row.account_id, row.permission_set_id)))
}

/// Who reaches an account, by permission set and person.
pub(crate) fn of_account(
    looking: &mut Looking<'_, '_, '_>,
    account: &AccountId,
) -> Result<Page<Access>, Fault> {
    let [set, user] = looking.after().map(str::to_owned);
    let moment = looking.moment;
    looking.by_place(
        (set, user),
        |(_, set)| set.to_string(),
        |rx, from| {
            let mut sets = access::sets_in(rx, moment, account, (from, PLACES))?;
            sets.sort_unstable();
            sets.truncate(usize::try_from(PLACES).unwrap_or_default());
            Ok(sets.into_iter().map(|set| (account.clone(), set)).collect())
        },
    )
}

/// Who reaches a permission set, by account and person.
pub(crate) fn of_permission_set(
    looking: &mut Looking<'_, '_, '_>,
    set: &PermissionSetId,
) -> Result<Page<Access>, Fault> {
    let [account, user] = looking.after().map(str::to_owned);
    let moment = looking.moment;
    looking.by_place(
        (account, user),
        |(account, _)| account.to_string(),
        |rx, from| {
            let mut accounts = access::holders(rx, moment, set, (from, PLACES))?;
            accounts.sort_unstable();
            accounts.truncate(usize::try_from(PLACES).unwrap_or_default());
            Ok(accounts.into_iter().map(|account| (account, set.clone())).collect())
        },
    )
}

/// What the members of a group reach by it, by person, account and permission set; each row with everything else that grants it too.
pub(crate) fn of_group(looking: &mut Looking<'_, '_, '_>, group: &GroupId) -> Result<Page<Access>, Fault> {
    let [user, account, set] = looking.after();
    // The same for each member: as many as a page takes.
    let places = looking.places_of(group, ("", ""))?;
    let mut rows = Vec::new();
    if !account.is_empty() {
        let user = UserId::trusted(user);
        let groups = access::groups_of(looking.rx, looking.moment, &user)?;
        if groups.contains(group) && access::is_enabled(looking.rx, looking.moment, &user)? {
            let rest = looking.places_of(group, (account, set))?;
            looking.granted(&user, &rest, &mut rows)?;
        }
    }
    let mut after = user.to_owned();
    while rows.len() <= looking.page.limit && !places.is_empty() {
        let limit = looking.want(rows.len()).div_ceil(places.len());
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let span = Span { after: after.as_str(), upto: None, limit };
        let members = access::members(looking.rx, looking.moment, group, &span)?;
        let Some(last) = members.last() else { break };
        after = last.to_string();
        for member in members {
            looking.granted(&member, &places, &mut rows)?;
        }
    }
    let key = |row: &Access| format!("{} {} {}", row.user_id, row.account_id, row.permission_set_id);
    Ok(looking.page.page(rows, key))
}
