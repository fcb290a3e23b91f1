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
use store::directory::memberships::Which;
use store::directory::{groups, member_groups, memberships, users};
use store::error::StoreError;
use store::tx::{Rx, Tx};

use crate::gate::enter;
use crate::groups::{NewGroup, insert_in, save_in};
use crate::memberships::NewMembership;
use crate::ownership::{self, Source};
use crate::principals::{self, PrincipalId as _, arn, changed, whose};
use crate::provisioning::{Called, Meant, call_in, given};
use crate::{profile, uniqueness};
use policy::gate::{ALL_MEMBERSHIPS, Gate};

/// Members that a record names at most: a change may be of thousands.
const TOUCHED_MAX: usize = 100;
/// Members that are read at once where all of them must be.
const READ_AT_ONCE: usize = 1_000;

/// A member as a provider names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamedMember {
    /// A user.
    User(UserId),
    /// A group.
    Group(GroupId),
    /// The one that has this id.
    Either(UserId, GroupId),
}

impl NamedMember {
    fn user(&self) -> Option<&UserId> {
        match self {
            Self::User(id) | Self::Either(id, _) => Some(id),
            Self::Group(_) => None,
        }
    }

    fn group(&self) -> Option<&GroupId> {
        match self {
            Self::Group(id) | Self::Either(_, id) => Some(id),
            Self::User(_) => None,
        }
    }
}

/// What becomes of the members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MembersChange {
    /// These are in it.
    Add(Vec<NamedMember>),
    /// These are not.
    Remove(Vec<NamedMember>),
    /// These are in it and nobody else.
    Only(Vec<NamedMember>),
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

/// The groups that are members of a group themselves, by id.
pub fn members_of(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    group: &GroupId,
) -> Result<Vec<GroupId>, Fault> {
    beside(store, cx, at, (group, member_groups::of_group))
}

/// The groups that a group is a member of itself, by id.
pub fn groups_of(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    member: &GroupId,
) -> Result<Vec<GroupId>, Fault> {
    beside(store, cx, at, (member, member_groups::groups_of))
}

/// Finds groups beside one.
type Beside = fn(&mut Rx<'_>, &GroupId) -> Result<Vec<GroupId>, StoreError>;

fn beside(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    (group, find): (&GroupId, Beside),
) -> Result<Vec<GroupId>, Fault> {
    let arns = vec![ALL_MEMBERSHIPS.to_owned(), group.arn()];
    let gate = Gate::shared("identitystore:ListGroupMemberships", arns);
    store.read(|rx| {
        let store_id = enter(gate, rx, cx, at)?.identity_store_id;
        principals::require_exists::<Group>(rx, &store_id, group)?;
        Ok(find(rx, group)?)
    })
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

/// Users and groups, as they are or are to be members.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Members {
    /// Users.
    pub users: BTreeSet<UserId>,
    /// Groups.
    pub groups: BTreeSet<GroupId>,
}

/// Whether anybody came or went.
fn apply_in(tx: &mut Tx<'_>, cx: &Cx, group: &Group, change: &MembersChange) -> Result<bool, Fault> {
    match change {
        MembersChange::Add(named) => {
            let wanted = existing(tx, group, named)?;
            add(tx, cx, group, &wanted)
        }
        MembersChange::Remove(named) => {
            let unwanted = Members {
                users: named.iter().filter_map(NamedMember::user).cloned().collect(),
                groups: named.iter().filter_map(NamedMember::group).cloned().collect(),
            };
            remove(tx, cx, group, &unwanted)
        }
        MembersChange::Only(named) => {
            let (wanted, there) = (existing(tx, group, named)?, all_of(tx, &group.id)?);
            let superfluous = Members {
                users: there.users.difference(&wanted.users).cloned().collect(),
                groups: there.groups.difference(&wanted.groups).cloned().collect(),
            };
            let is_less = remove(tx, cx, group, &superfluous)?;
            Ok(add(tx, cx, group, &wanted)? || is_less)
        }
    }
}

/// Those who are named, who must be there: users before groups, where either is named.
fn existing(tx: &mut Tx<'_>, group: &Group, named: &[NamedMember]) -> Result<Members, Fault> {
    let store = &group.identity_store_id;
    let users = users::existing(tx, store, named.iter().filter_map(NamedMember::user))?;
    let groups = if named.iter().any(|one| one.user().is_none_or(|id| !users.contains(id))) {
        groups::existing(tx, store, named.iter().filter_map(NamedMember::group))?
    } else {
        HashSet::new()
    };
    let mut members = Members::default();
    for one in named {
        if let Some(id) = one.user().filter(|id| users.contains(*id)) {
            members.users.insert(id.clone());
        } else if let Some(id) = one.group().filter(|id| groups.contains(*id)) {
            members.groups.insert(id.clone());
        } else {
            return Err(Fault::validation(match one {
                NamedMember::User(id) => format!("members: there is no user {id}"),
                NamedMember::Group(id) => format!("members: there is no group {id}"),
                NamedMember::Either(id, _) => format!("members: there is no user {id}, and no group"),
            }));
        }
    }
    Ok(members)
}

fn add(tx: &mut Tx<'_>, cx: &Cx, group: &Group, wanted: &Members) -> Result<bool, Fault> {
    let there = memberships::members_among(tx, &group.id, &wanted.users)?;
    let mut is_changed = false;
    for (at, user) in wanted.users.iter().filter(|user| !there.contains(*user)).enumerate() {
        let new = NewMembership::new(group.identity_store_id.clone(), group.id.clone(), user.clone());
        crate::memberships::insert_known_in(tx, cx, new)?;
        if at < TOUCHED_MAX {
            cx.event().touch("AWS::IdentityStore::User", user.arn());
        }
        is_changed = true;
    }
    for member in wanted.groups.difference(&groups_in(tx, group, wanted)?) {
        crate::member_groups::insert_in(tx, cx, &group.identity_store_id, (&group.id, member))?;
        cx.event().touch("AWS::IdentityStore::Group", member.arn());
        is_changed = true;
    }
    Ok(is_changed)
}

fn remove(tx: &mut Tx<'_>, cx: &Cx, group: &Group, unwanted: &Members) -> Result<bool, Fault> {
    let there = memberships::members_among(tx, &group.id, &unwanted.users)?;
    let there: BTreeSet<UserId> = there.into_iter().collect();
    for (at, user) in there.iter().enumerate() {
        memberships::delete(tx, &group.id, user, cx.now)?;
        if at < TOUCHED_MAX {
            cx.event().touch("AWS::IdentityStore::User", user.arn());
        }
    }
    let mut is_changed = !there.is_empty();
    for member in unwanted.groups.intersection(&groups_in(tx, group, unwanted)?) {
        member_groups::delete(tx, &group.id, member, cx.now)?;
        cx.event().touch("AWS::IdentityStore::Group", member.arn());
        is_changed = true;
    }
    Ok(is_changed)
}

/// The groups in the group by themselves, where any are in question.
fn groups_in(tx: &mut Tx<'_>, group: &Group, asked: &Members) -> Result<BTreeSet<GroupId>, Fault> {
    if asked.groups.is_empty() {
        return Ok(BTreeSet::new());
    }
    Ok(member_groups::of_group(tx, &group.id)?.into_iter().collect())
}

/// Everybody and every group in the group by themselves.
pub fn all_of(rx: &mut Rx<'_>, group: &GroupId) -> Result<Members, Fault> {
    let groups = member_groups::of_group(rx, group)?.into_iter().collect();
    let mut members = Members { groups, ..Members::default() };
    let mut page = PageRequest::first(READ_AT_ONCE);
    loop {
        let next = memberships::page_by_group(rx, (group, Which::Own), &page, |row| {
            members.users.insert(UserId::trusted(row.user_id));
        })?;
        match next {
            Some(after) => page.after = Some(after),
            None => return Ok(members),
        }
    }
}
