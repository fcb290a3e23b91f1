//! What an identity provider does to groups: see [`crate::provisioning`]. A change of members costs what is changed, not what the group holds.

use std::collections::{BTreeSet, HashSet};

use model::cx::Cx;
use model::directory::group::{Group, GroupId};
use model::directory::identity_store_ref::IdentityStoreRef;
use model::directory::user::UserId;
use model::fault::Fault;
use model::page::PageRequest;
use store::db::Store;
use store::directory::external_ids::Holder;
use store::directory::{memberships, users};
use store::tx::Tx;

use crate::gate::enter;
use crate::groups::{NewGroup, insert_in, save_in};
use crate::memberships::NewMembership;
use crate::ownership::{self, Source};
use crate::principals::{self, PrincipalId as _, arn, changed, whose};
use crate::provisioning::{Called, Meant, call_in, given};
use crate::{profile, uniqueness};
use policy::gate::Gate;

/// Members that a record names at most: a change may be of thousands.
const TOUCHED_MAX: usize = 100;
/// Members that are read at once where all of them must be.
const READ_AT_ONCE: usize = 1_000;

/// What becomes of the members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MembersChange {
    /// These are in it.
    Add(Vec<UserId>),
    /// These are not.
    Remove(Vec<UserId>),
    /// These are in it and nobody else.
    Only(Vec<UserId>),
}

/// A group as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupChange {
    /// Its name.
    pub display_name: String,
    /// Its id at the provider.
    pub external_id: Option<String>,
    /// One after another.
    pub members: Vec<MembersChange>,
}

/// Makes a group with its members.
pub async fn create(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    (change, issuer): (GroupChange, String),
) -> Result<Group, Fault> {
    let gate = Gate::own("identitystore:CreateGroup", vec![]);
    let instance = store.glance(|rx| enter(gate, rx, cx, at))?;
    let new = NewGroup {
        id: Some(GroupId::fresh(cx)),
        external_ids: given(&issuer, change.external_id),
        ..NewGroup::new(instance.identity_store_id, change.display_name, None)
    };
    store
        .write(cx, move |tx, cx| {
            let group = insert_in(tx, cx, new.clone())?;
            ownership::own_in(tx, cx, whose(&group), &issuer)?;
            for members in &change.members {
                apply_in(tx, cx, &group, members)?;
            }
            changed(cx, &group);
            Ok(group)
        })
        .await
}

/// Makes a group what `with` says that it should be, by what it is without its members.
pub async fn change(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    meant: Meant<GroupId>,
    with: impl Fn(&Group) -> Result<GroupChange, Fault> + Send + 'static,
) -> Result<Group, Fault> {
    let gate = Gate::own("identitystore:UpdateGroup", arn(&meant.id));
    let Meant { id, revision, issuer } = meant;
    let by = Source(Some(issuer.clone()));
    principals::on_one(store, cx, (gate, at), (&id, revision), move |tx, cx, group: Group| {
        ownership::require_in(tx, cx, whose(&group), &by)?;
        let change = with(&group)?;
        let group = become_in(tx, cx, group, (change, &issuer))?;
        changed(cx, &group);
        Ok(group)
    })
    .await
}

fn become_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    group: Group,
    (change, issuer): (GroupChange, &str),
) -> Result<Group, Fault> {
    let mut is_changed = false;
    for members in &change.members {
        is_changed |= apply_in(tx, cx, &group, members)?;
    }
    let called = Called { holder: Holder::Group, held: &group.external_ids, issuer, id: change.external_id };
    let external_ids = call_in(tx, &group, called)?;
    is_changed |= external_ids.is_some();
    if change.display_name != group.display_name {
        profile::check_group(&change.display_name, group.description.as_deref())?;
        uniqueness::group(tx, &group.identity_store_id, Some(&group.id), &change.display_name)?;
        is_changed = true;
    }
    if !is_changed {
        return Ok(group);
    }
    let external_ids = external_ids.unwrap_or(group.external_ids);
    save_in(tx, cx, Group { display_name: change.display_name, external_ids, ..group })
}

/// Whether anybody came or went.
fn apply_in(tx: &mut Tx<'_>, cx: &Cx, group: &Group, change: &MembersChange) -> Result<bool, Fault> {
    match change {
        MembersChange::Add(users) => add(tx, cx, group, users),
        MembersChange::Remove(users) => remove(tx, cx, group, users),
        MembersChange::Only(users) => {
            let wanted: HashSet<&UserId> = users.iter().collect();
            let superfluous: Vec<UserId> =
                all_of(tx, &group.id)?.into_iter().filter(|user| !wanted.contains(user)).collect();
            let is_less = remove(tx, cx, group, &superfluous)?;
            Ok(add(tx, cx, group, users)? || is_less)
        }
    }
}

fn add(tx: &mut Tx<'_>, cx: &Cx, group: &Group, wanted: &[UserId]) -> Result<bool, Fault> {
    let wanted: BTreeSet<&UserId> = wanted.iter().collect();
    let existing = users::existing(tx, &group.identity_store_id, wanted.iter().copied())?;
    if let Some(missing) = wanted.iter().find(|user| !existing.contains(**user)) {
        return Err(Fault::validation(format!("members: there is no user {missing}")));
    }
    let there = memberships::members_among(tx, &group.id, wanted.iter().copied())?;
    let mut is_changed = false;
    for (at, user) in wanted.into_iter().filter(|user| !there.contains(*user)).enumerate() {
        let new = NewMembership::new(group.identity_store_id.clone(), group.id.clone(), user.clone());
        crate::memberships::insert_known_in(tx, cx, new)?;
        if at < TOUCHED_MAX {
            cx.event().touch("AWS::IdentityStore::User", user.arn());
        }
        is_changed = true;
    }
    Ok(is_changed)
}

fn remove(tx: &mut Tx<'_>, cx: &Cx, group: &Group, unwanted: &[UserId]) -> Result<bool, Fault> {
    let there = memberships::members_among(tx, &group.id, unwanted)?;
    let there: BTreeSet<UserId> = there.into_iter().collect();
    for (at, user) in there.iter().enumerate() {
        memberships::delete(tx, &group.id, user, cx.now)?;
        if at < TOUCHED_MAX {
            cx.event().touch("AWS::IdentityStore::User", user.arn());
        }
    }
    Ok(!there.is_empty())
}

/// Everybody in the group.
fn all_of(tx: &mut Tx<'_>, group: &GroupId) -> Result<Vec<UserId>, Fault> {
    let mut members = Vec::new();
    let mut page = PageRequest::first(READ_AT_ONCE);
    loop {
        let next =
            memberships::page_by_group(tx, group, &page, |row| members.push(UserId::trusted(row.user_id)))?;
        match next {
            Some(after) => page.after = Some(after),
            None => return Ok(members),
        }
    }
}
