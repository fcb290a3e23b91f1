//! Users with all their groups, and groups with all their members, page by page: what clients would put together from a call for each. A user or
//! group with more of them than a page takes comes again on the next page with the rest: nothing is cut off.

use std::collections::BTreeMap;

use model::cx::Cx;
use model::directory::group::{Group, GroupId};
use model::directory::identity_store::IdentityStoreId;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::directory::membership::MembershipId;
use model::directory::user::{User, UserId};
use model::fault::Fault;
use model::page::{Page, PageRequest};
use policy::gate::{ALL_GROUPS, ALL_MEMBERSHIPS, ALL_USERS, Gate};
use store::db::Store;
use store::directory::memberships::{self, Which};
use store::directory::rosters::{self, GroupNames, InGroup, Member, Range, UserNames};
use store::error::StoreError;
use store::tx::Rx;

use crate::gate::enter;
use crate::principals::require_exists;

/// Memberships of a page at most.
const MEMBERSHIPS_MAX: usize = 1_000;

/// Whose memberships are listed.
trait Whose: Sized {
    type Membership: Of;
    fn id(&self) -> &str;
    fn from(rx: &mut Rx<'_>, store: &IdentityStoreId, from: (&str, i64)) -> Result<Vec<Self>, StoreError>;
    fn memberships(
        rx: &mut Rx<'_>,
        store: &IdentityStoreId,
        range: Range<'_>,
    ) -> Result<Vec<Self::Membership>, StoreError>;
}

/// A page of those whose memberships they are, each with all of them that the page holds.
type Roster<W> = Page<(W, Vec<<W as Whose>::Membership>)>;

/// A membership, by whose it is and by the other.
trait Of {
    fn ids(&self) -> (&str, &str);
}

impl Of for InGroup {
    fn ids(&self) -> (&str, &str) {
        (self.user_id.as_str(), self.group_id.as_str())
    }
}

impl Of for Member {
    fn ids(&self) -> (&str, &str) {
        (self.group_id.as_str(), self.user_id.as_str())
    }
}

impl Whose for UserNames {
    type Membership = InGroup;
    fn id(&self) -> &str {
        self.id.as_str()
    }
    fn from(rx: &mut Rx<'_>, store: &IdentityStoreId, from: (&str, i64)) -> Result<Vec<Self>, StoreError> {
        rosters::users(rx, store, from)
    }
    fn memberships(
        rx: &mut Rx<'_>,
        store: &IdentityStoreId,
        range: Range<'_>,
    ) -> Result<Vec<InGroup>, StoreError> {
        rosters::memberships_by_user(rx, store, range)
    }
}

impl Whose for GroupNames {
    type Membership = Member;
    fn id(&self) -> &str {
        self.id.as_str()
    }
    fn from(rx: &mut Rx<'_>, store: &IdentityStoreId, from: (&str, i64)) -> Result<Vec<Self>, StoreError> {
        rosters::groups(rx, store, from)
    }
    fn memberships(
        rx: &mut Rx<'_>,
        store: &IdentityStoreId,
        range: Range<'_>,
    ) -> Result<Vec<Member>, StoreError> {
        rosters::memberships_by_group(rx, store, range)
    }
}

/// ListUsersWithGroups: by user id, each with its groups by id.
pub fn users_with_groups(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    page: &PageRequest,
) -> Result<Page<(UserNames, Vec<InGroup>)>, Fault> {
    list(store, cx, ("portico:ListUsersWithGroups", at), page)
}

/// ListGroupsWithMembers: by group id, each with its members by user id.
pub fn groups_with_members(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    page: &PageRequest,
) -> Result<Page<(GroupNames, Vec<Member>)>, Fault> {
    list(store, cx, ("portico:ListGroupsWithMembers", at), page)
}

/// ListMembersInGroup: by user id; with those who are in a group within it, if `which` says so.
pub fn members_in_group(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    (group, which): (&GroupId, Which),
    page: &PageRequest,
) -> Result<Page<(MembershipId, UserNames)>, Fault> {
    let arns = vec![ALL_USERS.to_owned(), ALL_MEMBERSHIPS.to_owned(), group.arn()];
    let gate = Gate::own("portico:ListMembersInGroup", arns);
    store.read(|rx| {
        let store_id = enter(gate, rx, cx, at)?.identity_store_id;
        require_exists::<Group>(rx, &store_id, group)?;
        if which == Which::Own {
            return Ok(rosters::members(rx, group, page)?);
        }
        let mut ids = BTreeMap::new();
        let next = memberships::page_by_group(rx, (group, which), page, |row| {
            ids.insert(UserId::trusted(row.user_id), MembershipId::trusted(row.id));
        })?;
        let names = rosters::users_named(rx, &store_id, ids.keys())?;
        let items = names.into_iter().filter_map(|names| Some((ids.remove(&names.id)?, names)));
        Ok(Page { items: items.collect(), next })
    })
}

/// ListGroupsForUser: by group id; with those around a group of theirs, if `which` says so.
pub fn groups_for_user(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    (user, which): (&UserId, Which),
    page: &PageRequest,
) -> Result<Page<InGroup>, Fault> {
    let arns = vec![ALL_GROUPS.to_owned(), ALL_MEMBERSHIPS.to_owned(), user.arn()];
    let gate = Gate::own("portico:ListGroupsForUser", arns);
    store.read(|rx| {
        let store_id = enter(gate, rx, cx, at)?.identity_store_id;
        require_exists::<User>(rx, &store_id, user)?;
        if which == Which::Own {
            return Ok(rosters::groups_of(rx, user, page)?);
        }
        let mut ids = BTreeMap::new();
        let next = memberships::page_by_user(rx, (user, which), page, |row| {
            ids.insert(GroupId::trusted(row.group_id), MembershipId::trusted(row.id));
        })?;
        let names = rosters::groups_named(rx, &store_id, ids.keys())?;
        let items = names.into_iter().filter_map(|GroupNames { id: group_id, display_name, .. }| {
            let id = ids.remove(&group_id)?;
            Some(InGroup { id, user_id: user.clone(), group_id, group_name: display_name })
        });
        Ok(Page { items: items.collect(), next })
    })
}

fn list<W: Whose>(
    store: &Store,
    cx: &Cx,
    (action, at): (&'static str, &IdentityStoreRef),
    page: &PageRequest,
) -> Result<Roster<W>, Fault> {
    let all = [ALL_USERS, ALL_GROUPS, ALL_MEMBERSHIPS].map(str::to_owned);
    let gate = Gate::own(action, all.to_vec());
    store.read(|rx| {
        let store_id = enter(gate, rx, cx, at)?.identity_store_id;
        Ok(whole(rx, &store_id, page)?)
    })
}

/// A page. Its key is whose the last memberships are, and behind it the last of them if there are more.
fn whole<W: Whose>(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    page: &PageRequest,
) -> Result<Roster<W>, StoreError> {
    let key = page.after_or_start();
    let (own, other) = key.split_once(' ').unwrap_or((key, ""));
    // Behind an id, and before the next: no id holds a space.
    let from = if other.is_empty() { format!("{own} ") } else { own.to_owned() };
    let mut found = W::from(rx, store, (&from, page.rows()))?;
    let more = found.len() > page.limit;
    found.truncate(page.limit);
    let (Some(first), Some(last)) = (found.first(), found.last()) else { return Ok(Page::default()) };
    let after = if first.id() == own { (own, other) } else { (first.id(), "") };
    let limit = i64::try_from(MEMBERSHIPS_MAX + 1).unwrap_or(i64::MAX);
    let mut memberships = W::memberships(rx, store, Range { after, upto: last.id(), limit })?;
    let mut next = more.then(|| last.id().to_owned());
    if memberships.len() > MEMBERSHIPS_MAX {
        memberships.truncate(MEMBERSHIPS_MAX);
        if let Some((own, other)) = memberships.last().map(Of::ids) {
            next = Some(format!("{own} {other}"));
            found.retain(|whose| whose.id() <= own);
        }
    }
    let mut memberships = memberships.into_iter().peekable();
    let mut items = Vec::with_capacity(found.len());
    for whose in found {
        let mut own_ones = Vec::new();
        while let Some(one) = memberships.next_if(|membership| membership.ids().0 <= whose.id()) {
            own_ones.push(one);
        }
        // Of whom the page before had all, as it turns out, nothing is said again.
        let is_said = own_ones.is_empty() && !other.is_empty() && whose.id() == own;
        if !is_said {
            items.push((whose, own_ones));
        }
    }
    Ok(Page { items, next })
}
