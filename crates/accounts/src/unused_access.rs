//! Unused access, as IAM Access Analyzer calls it: what somebody could have used for so many days and did not. Looked for person by person in the order of their
//! ids, and no further than one page takes. Never says of anything that it was unused before it was known what is used.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use model::accounts::account_assignment::Principal;
use model::cx::Cx;
use model::directory::group::GroupId;
use model::directory::identity_store::IdentityStoreId;
use model::directory::user::{UserId, UserStatus};
use model::fault::Fault;
use model::instances::instance::InstanceId;
use model::page::{Page, PageRequest};
use model::timestamp::Timestamp;
use policy::require::Action;
use store::accounts::access::Place;
use store::accounts::access_uses::{self, Dated};
use store::db::Store;
use store::directory::rosters;
use store::tx::Rx;

use crate::access_uses::{DAY, day_of, tracked_since};
use crate::instance::guarded;

/// Rows that one page looks at, about. It may end there, short, and another follows.
const LOOKS_MAX: usize = 1_500;
/// People that are read at once.
const PEOPLE: i64 = 64;
/// Places of one of them that are read at once.
const PLACES: usize = 64;

/// What somebody can use and did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusedAccess {
    /// Who.
    pub user_id: UserId,
    /// Where and what.
    pub place: Place,
    /// The person themselves, if they are assigned it, and each of their groups that is, by id.
    pub granted_by: Vec<Principal>,
    /// Since when anything of that grants it.
    pub granted_at: Timestamp,
    /// When they last used it, as far as that is known.
    pub last_accessed_at: Option<Timestamp>,
}

/// Unused access, and since when it is known what is used.
#[derive(Debug)]
pub struct Found {
    /// A page of it; it may hold fewer than were asked for, and more follow.
    pub page: Page<UnusedAccess>,
    /// Since when.
    pub tracked_since: Timestamp,
}

/// ListUnusedAccess: what was not used for `age`.
pub fn list(
    store: &Store,
    cx: &Cx,
    (instance_id, age): (&InstanceId, Duration),
    page: &PageRequest,
) -> Result<Found, Fault> {
    store.read(|rx| {
        let instance = guarded(rx, cx, Action("portico:ListUnusedAccess"), instance_id)?;
        page_of(rx, &instance.identity_store_id, cx.now.minus(age), page)
    })
}

/// What could be used at `cutoff` and was not used since.
pub(crate) fn page_of(
    rx: &mut Rx<'_>,
    at: &IdentityStoreId,
    cutoff: Timestamp,
    page: &PageRequest,
) -> Result<Found, Fault> {
    let tracked_since = tracked_since(rx)?;
    if tracked_since > cutoff {
        return Ok(Found { page: Page::default(), tracked_since });
    }
    let walk = Walk { rx, cutoff, want: page.limit + 1, looks: 0, groups: HashMap::new(), found: Vec::new() };
    Ok(Found { page: walk.people(at, page)?, tracked_since })
}

/// The key of a row.
fn key(row: &UnusedAccess) -> String {
    place_key(&row.user_id, &row.place)
}

fn place_key(user: &UserId, (account, set): &Place) -> String {
    format!("{user} {account} {set}")
}

/// Behind everything of a person, before everybody else.
fn behind(user: &UserId) -> String {
    format!("{user}~")
}

/// Who grants a place, and since when.
type Granted = (Vec<Principal>, Timestamp);

struct Walk<'r, 'c> {
    rx: &'r mut Rx<'c>,
    cutoff: Timestamp,
    /// One more than the page has room for, to learn whether another follows.
    want: usize,
    looks: usize,
    /// The first places of groups: the same for each of their members.
    groups: HashMap<GroupId, Arc<[Dated]>>,
    found: Vec<UnusedAccess>,
}

impl Walk<'_, '_> {
    const fn is_tired(&self) -> bool {
        self.looks >= LOOKS_MAX
    }

    fn people(mut self, at: &IdentityStoreId, page: &PageRequest) -> Result<Page<UnusedAccess>, Fault> {
        let mut parts = page.after_or_start().splitn(3, ' ').map(str::to_owned);
        let [mut from, account, set] = [(); 3].map(|()| parts.next().unwrap_or_default());
        let mut after = (account, set);
        loop {
            let people = rosters::users(self.rx, at, (&from, PEOPLE))?;
            let is_last = people.len() < usize::try_from(PEOPLE).unwrap_or_default();
            self.looks += 1;
            for person in people {
                let place =
                    if person.id.as_str() == from { std::mem::take(&mut after) } else { Default::default() };
                from = behind(&person.id);
                self.looks += 1;
                if person.status == UserStatus::Enabled
                    && let Some(stopped) = self.places(&person.id, place)?
                {
                    return Ok(Page { items: self.found, next: Some(stopped) });
                }
                if self.found.len() >= self.want {
                    return Ok(page.page(self.found, key));
                }
                if self.is_tired() {
                    return Ok(Page { items: self.found, next: Some(from) });
                }
            }
            if is_last {
                return Ok(Page { items: self.found, next: None });
            }
        }
    }

    /// Looks through what a person reaches after a place; where it stopped, if it grew tired before the end.
    fn places(&mut self, user: &UserId, mut after: (String, String)) -> Result<Option<String>, Fault> {
        let groups = access_uses::joined(self.rx, user)?;
        self.looks += 1 + groups.len();
        loop {
            let places = self.next_places(user, &groups, (&after.0, &after.1))?;
            let (Some((first, _)), Some((last, _))) = (places.first_key_value(), places.last_key_value())
            else {
                return Ok(None);
            };
            let last = last.clone();
            let used: HashMap<Place, Timestamp> =
                access_uses::span(self.rx, user, (first, &last))?.into_iter().collect();
            self.looks += 1 + places.len();
            let is_last = places.len() < PLACES;
            for (place, granted) in places {
                self.judge(user, place, granted, &used);
                if self.found.len() >= self.want {
                    return Ok(None);
                }
            }
            if is_last {
                return Ok(None);
            }
            if self.is_tired() {
                return Ok(Some(place_key(user, &last)));
            }
            after = (last.0.to_string(), last.1.to_string());
        }
    }

    /// Keeps a place that could be used long enough and was not. A use is known to its day, and counts to the end of it.
    fn judge(
        &mut self,
        user: &UserId,
        place: Place,
        (granted_by, granted_at): Granted,
        used: &HashMap<Place, Timestamp>,
    ) {
        let last_accessed_at = used.get(&place).copied();
        let used_until = last_accessed_at.map(|at| day_of(at).plus(DAY));
        if granted_at <= self.cutoff && used_until.is_none_or(|until| until <= self.cutoff) {
            let user_id = user.clone();
            self.found.push(UnusedAccess { user_id, place, granted_by, granted_at, last_accessed_at });
        }
    }

    /// The next places of a person after one, from all who grant them any: each source has its first, so that the first of all are whole.
    fn next_places(
        &mut self,
        user: &UserId,
        groups: &[(GroupId, Timestamp)],
        after: (&str, &str),
    ) -> Result<BTreeMap<Place, Granted>, Fault> {
        let limit = i64::try_from(PLACES).unwrap_or(i64::MAX);
        let mut found: BTreeMap<Place, Granted> = BTreeMap::new();
        let own: Arc<[Dated]> = access_uses::granted(self.rx, user.as_str(), after, limit)?.into();
        self.looks += 1;
        let mut sources = vec![(Principal::User(user.clone()), Timestamp::from_micros(0), own)];
        for (group, joined_at) in groups {
            let rows = if after == ("", "") { self.groups.get(group).cloned() } else { None };
            let rows = match rows {
                Some(rows) => rows,
                None => self.group(group, after, limit)?,
            };
            sources.push((Principal::Group(group.clone()), *joined_at, rows));
        }
        for (by, since, rows) in sources {
            for (place, assigned_at) in rows.iter() {
                let since = since.max(*assigned_at);
                let (all, first) = found.entry(place.clone()).or_insert_with(|| (Vec::new(), since));
                all.push(by.clone());
                *first = since.min(*first);
            }
            while found.len() > PLACES {
                found.pop_last();
            }
        }
        Ok(found)
    }

    fn group(&mut self, group: &GroupId, after: (&str, &str), limit: i64) -> Result<Arc<[Dated]>, Fault> {
        let rows: Arc<[Dated]> = access_uses::granted(self.rx, group.as_str(), after, limit)?.into();
        self.looks += 1 + rows.len();
        if after == ("", "") {
            self.groups.insert(group.clone(), Arc::clone(&rows));
        }
        Ok(rows)
    }
}
