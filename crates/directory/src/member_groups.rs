//! Groups within groups: AddMemberGroup, RemoveMemberGroup, ListGroupsInGroup, ListGroupsForGroup. Whoever is in a group is in every group that it is
//! within, wherever that counts: for access, for policies, for what AWS's operations answer. AWS has nothing of it, so that strict mode refuses new ones.

use std::collections::BTreeSet;

use model::cx::Cx;
use model::directory::group::{Group, GroupId};
use model::directory::identity_store::IdentityStoreId;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::directory::member_group::{AROUND_MAX, MemberGroup, NestingKey, WITHIN_MAX};
use model::fault::{Fault, ResourceType};
use model::limits::Mode;
use model::page::{Page, PageRequest};
use policy::gate::{ALL_GROUPS, Gate, not_found};
use store::db::Store;
use store::directory::member_groups::{self, Concerned, Nested};
use store::error::StoreError;
use store::tx::{Rx, Tx};

use crate::gate::enter;
use crate::memberships::require_own_in;
use crate::principals::require_exists;

/// AddMemberGroup: `member` is in `group` from now on, and with it whoever is in it.
pub async fn add(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    group: &GroupId,
    member: &GroupId,
) -> Result<(), Fault> {
    change(store, cx, ("portico:AddMemberGroup", at), (group, member), |tx, cx, store_id, (group, member)| {
        require_exists::<Group>(tx, store_id, group)?;
        require_exists::<Group>(tx, store_id, member)?;
        require_own_in(tx, cx, store_id, group)?;
        if member_groups::is_member(tx, group, member)? {
            return Err(Fault::conflict(format!(
                "The group {member} is a member of the group {group} already"
            )));
        }
        insert_in(tx, cx, store_id, (group, member))
    })
    .await
}

/// RemoveMemberGroup: `member` is in `group` no more, unless by another group within it.
pub async fn remove(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    group: &GroupId,
    member: &GroupId,
) -> Result<(), Fault> {
    change(store, cx, ("portico:RemoveMemberGroup", at), (group, member), |tx, cx, store_id, (group, member)| {
        require_exists::<Group>(tx, store_id, group)?;
        require_own_in(tx, cx, store_id, group)?;
        if member_groups::delete(tx, group, member, cx.now)? {
            return Ok(());
        }
        if !member_groups::is_within(tx, member, group)? {
            return Err(not_found(ResourceType::Group, member.as_str()));
        }
        Err(Fault::conflict(format!(
            "The group {member} is no member of the group {group} itself, but of a group within it: ListGroupsForGroup tells of which"
        )))
    })
    .await
}

async fn change(
    store: &Store,
    cx: &Cx,
    (action, at): (&'static str, &IdentityStoreRef),
    (group, member): (&GroupId, &GroupId),
    with: impl Fn(&mut Tx<'_>, &Cx, &IdentityStoreId, (&GroupId, &GroupId)) -> Result<(), Fault> + Send + 'static,
) -> Result<(), Fault> {
    let gate = Gate::own(action, vec![group.arn(), member.arn()]);
    let store_id = store.glance(|rx| enter(gate, rx, cx, at))?.identity_store_id;
    let (group, member) = (group.clone(), member.clone());
    store
        .write(cx, move |tx, cx| {
            with(tx, cx, &store_id, (&group, &member))?;
            cx.event().touch("AWS::IdentityStore::Group", group.arn());
            cx.event().touch("AWS::IdentityStore::Group", member.arn());
            Ok(())
        })
        .await
}

/// Puts a group into another inside a transaction: both are there and not yet together. No policy is asked and no event named, as
/// [`crate::users::insert_in`].
pub fn insert_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    store_id: &IdentityStoreId,
    (group, member): (&GroupId, &GroupId),
) -> Result<(), Fault> {
    if cx.mode == Mode::Strict {
        return Err(Fault::validation(
            "A group cannot be a member of a group: AWS has no nested groups, and strict mode has what AWS has",
        ));
    }
    if group == member || member_groups::is_within(tx, group, member)? {
        return Err(Fault::validation(format!(
            "The group {member} cannot be a member of the group {group}, which is within it: a group is never within itself"
        )));
    }
    let concerned = member_groups::concerned(tx, group, member)?;
    require_room(tx, &concerned)?;
    let new = MemberGroup {
        identity_store_id: store_id.clone(),
        group_id: group.clone(),
        member_group_id: member.clone(),
        created_at: cx.now,
        created_by: cx.caller.arn(),
    };
    member_groups::insert(tx, &new, &concerned, || NestingKey::fresh(cx.entropy()))
}

/// Refuses what would put more into a group, or a group into more, than is bounded.
fn require_room(rx: &mut Rx<'_>, Concerned { inner, outer }: &Concerned) -> Result<(), Fault> {
    for group in outer {
        let there = member_groups::within(rx, group)?;
        let all: BTreeSet<&GroupId> = there.iter().chain(inner).collect();
        if all.len() > WITHIN_MAX {
            return Err(Fault::quota(format!(
                "The group {group} would have {} groups within it: at most {WITHIN_MAX}, over however many others",
                all.len()
            )));
        }
    }
    for group in inner {
        let there = member_groups::around(rx, group)?;
        let all: BTreeSet<&GroupId> = there.iter().chain(outer).collect();
        if all.len() > AROUND_MAX {
            return Err(Fault::quota(format!(
                "The group {group} would be within {} groups: at most {AROUND_MAX}, over however many others",
                all.len()
            )));
        }
    }
    Ok(())
}

/// ListGroupsInGroup: the groups within a group, over however many others, by id.
pub fn list_within(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    group: &GroupId,
    page: &PageRequest,
) -> Result<Page<Nested>, Fault> {
    list(store, cx, ("portico:ListGroupsInGroup", at), group, |rx| {
        member_groups::page_within(rx, group, page)
    })
}

/// ListGroupsForGroup: the groups that a group is within, likewise.
pub fn list_around(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    group: &GroupId,
    page: &PageRequest,
) -> Result<Page<Nested>, Fault> {
    list(store, cx, ("portico:ListGroupsForGroup", at), group, |rx| {
        member_groups::page_around(rx, group, page)
    })
}

fn list(
    store: &Store,
    cx: &Cx,
    (action, at): (&'static str, &IdentityStoreRef),
    group: &GroupId,
    page: impl FnOnce(&mut Rx<'_>) -> Result<Page<Nested>, StoreError>,
) -> Result<Page<Nested>, Fault> {
    let gate = Gate::own(action, vec![ALL_GROUPS.to_owned(), group.arn()]);
    store.read(|rx| {
        let store_id = enter(gate, rx, cx, at)?.identity_store_id;
        require_exists::<Group>(rx, &store_id, group)?;
        Ok(page(rx)?)
    })
}
