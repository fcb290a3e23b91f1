//! Memberships of users in groups. A group holds users only, never groups. Who is in a group is for its owner to say, whoever the members are.

use std::collections::BTreeMap;

use model::cx::Cx;
use model::directory::group::{Group, GroupId};
use model::directory::identity_store::IdentityStoreId;
use model::directory::membership::{Membership, MembershipId};
use model::directory::user::{User, UserId};
use model::entropy::uuid_by_time;
use model::fault::{ConflictReason, Fault, FaultKind, ResourceType};
use model::page::PageRequest;
use serde_json::json;
use store::db::Store;
use store::directory::external_ids::Holder;
use store::directory::memberships::{MembershipRow, Which};
use store::tx::{Rx, Tx};

use crate::gate::enter;
use crate::ownership::{self, Source, Whose};
use crate::principals::{missing, require_exists};
use model::directory::identity_store_ref::IdentityStoreRef;
use policy::gate::{ALL_GROUPS, ALL_MEMBERSHIPS, ALL_USERS, Gate, not_found};

/// A membership to be made.
#[derive(Debug, Clone)]
pub struct NewMembership {
    /// Where.
    pub identity_store_id: IdentityStoreId,
    /// Its id; `None` for a fresh one.
    pub id: Option<MembershipId>,
    /// The group.
    pub group_id: GroupId,
    /// The member.
    pub user_id: UserId,
}

impl NewMembership {
    /// A membership with a fresh id.
    pub fn new(identity_store_id: IdentityStoreId, group_id: GroupId, user_id: UserId) -> Self {
        Self { identity_store_id, id: None, group_id, user_id }
    }
}

fn fresh_id(cx: &Cx) -> MembershipId {
    MembershipId::trusted(uuid_by_time(cx.entropy(), cx.now).to_string())
}

fn find(rx: &mut Rx<'_>, store_id: &IdentityStoreId, id: &MembershipId) -> Result<Membership, Fault> {
    store::directory::memberships::find(rx, store_id, id)?
        .ok_or_else(|| not_found(ResourceType::GroupMembership, id.as_str()))
}

/// The group and the user of a membership, which a caller who names the membership must be allowed too (Service Authorization Reference);
/// of one that is not there any group and any user, so that who is allowed some cannot tell it from another's.
fn ends(rx: &mut Rx<'_>, at: &IdentityStoreRef, id: &MembershipId) -> Result<Vec<String>, Fault> {
    let found = store::directory::memberships::find(rx, at.id(), id)?;
    Ok(found.map_or_else(
        || vec![ALL_GROUPS.to_owned(), ALL_USERS.to_owned()],
        |membership| vec![membership.group_id.arn(), membership.user_id.arn()],
    ))
}

/// CreateGroupMembership.
pub async fn create(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    group: &GroupId,
    user: &UserId,
) -> Result<Membership, Fault> {
    let gate = Gate::own("identitystore:CreateGroupMembership", vec![group.arn(), user.arn()]);
    let store_id = store.glance(|rx| enter(gate, rx, cx, at))?.identity_store_id;
    let new =
        NewMembership { id: Some(fresh_id(cx)), ..NewMembership::new(store_id, group.clone(), user.clone()) };
    store
        .write(cx, move |tx, cx| {
            require_own_in(tx, cx, &new.identity_store_id, &new.group_id)?;
            let membership = insert_in(tx, cx, new.clone())?;
            changed(cx, &membership);
            cx.event().respond(json!({
                "identityStoreId": membership.identity_store_id, "membershipId": membership.id,
                "membershipArn": membership.id.arn(),
            }));
            Ok(membership)
        })
        .await
}

/// Refuses a change of who is in a group that is another's.
pub(crate) fn require_own_in(
    rx: &mut Rx<'_>,
    cx: &Cx,
    store_id: &IdentityStoreId,
    group: &GroupId,
) -> Result<(), Fault> {
    let whose = Whose { holder: Holder::Group, store_id, id: group.as_str() };
    ownership::require_in(rx, cx, whose, &Source::of(cx))
}

/// An end of a membership to be that is not there: AWS has sentences of their own for it.
fn absent(what: ResourceType, sentence: &str, id: &str) -> Fault {
    Fault::new(FaultKind::NotFound(what), sentence).with_resource_id(id)
}

/// Adds a membership inside a transaction: no policy is asked and no event named, as [`crate::users::insert_in`].
pub fn insert_in(tx: &mut Tx<'_>, cx: &Cx, new: NewMembership) -> Result<Membership, Fault> {
    if !store::directory::users::exists(tx, &new.identity_store_id, &new.user_id)? {
        return Err(absent(ResourceType::User, "Member does not exist", new.user_id.as_str()));
    }
    if !store::directory::groups::exists(tx, &new.identity_store_id, &new.group_id)? {
        return Err(absent(ResourceType::Group, "Group does not exist", new.group_id.as_str()));
    }
    if !tx.index_decides()
        && store::directory::memberships::find_own_by_pair(tx, &new.group_id, &new.user_id)?.is_some()
    {
        return Err(Fault::new(
            FaultKind::Conflict(ConflictReason::Uniqueness),
            "Member and Group relationship already exists",
        ));
    }
    insert_known_in(tx, cx, new)
}

/// [`insert_in`] of a user and a group that are there, and not yet together.
pub(crate) fn insert_known_in(tx: &mut Tx<'_>, cx: &Cx, new: NewMembership) -> Result<Membership, Fault> {
    let membership = Membership {
        id: new.id.unwrap_or_else(|| fresh_id(cx)),
        identity_store_id: new.identity_store_id,
        group_id: new.group_id,
        user_id: new.user_id,
        created_at: cx.now,
        created_by: cx.caller.arn(),
    };
    store::directory::memberships::insert(tx, &membership)?;
    Ok(membership)
}

/// Says in the event whose membership of what was changed.
fn changed(cx: &Cx, membership: &Membership) {
    cx.event().touch("AWS::IdentityStore::GroupMembership", membership.id.arn());
    cx.event().touch("AWS::IdentityStore::Group", membership.group_id.arn());
    cx.event().touch("AWS::IdentityStore::User", membership.user_id.arn());
}

/// DescribeGroupMembership.
pub fn describe(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    id: &MembershipId,
) -> Result<Membership, Fault> {
    let gate = Gate::shared("identitystore:DescribeGroupMembership", vec![id.arn()]);
    store.read(|rx| {
        let store_id = enter(gate.and_on(ends(rx, at, id)?, id.arn()), rx, cx, at)?.identity_store_id;
        find(rx, &store_id, id)
    })
}

/// DeleteGroupMembership.
pub async fn delete(store: &Store, cx: &Cx, at: &IdentityStoreRef, id: &MembershipId) -> Result<(), Fault> {
    let (at, id) = (at.clone(), id.clone());
    store
        .write(cx, move |tx, cx| {
            let gate = Gate::own("identitystore:DeleteGroupMembership", vec![id.arn()]);
            let store_id = enter(gate.and_on(ends(tx, &at, &id)?, id.arn()), tx, cx, &at)?.identity_store_id;
            let membership = find(tx, &store_id, &id)?;
            require_own_in(tx, cx, &store_id, &membership.group_id)?;
            if let Some((_, direct)) = id.follows() {
                return Err(follows(tx, &store_id, &membership, &direct)?);
            }
            store::directory::memberships::delete(tx, &membership.group_id, &membership.user_id, cx.now)?;
            changed(cx, &membership);
            Ok(())
        })
        .await
}

/// A membership that follows of another is ended by what it follows of.
fn follows(
    rx: &mut Rx<'_>,
    store_id: &IdentityStoreId,
    membership: &Membership,
    direct: &MembershipId,
) -> Result<Fault, Fault> {
    let inner = find(rx, store_id, direct)?.group_id;
    let (user, group) = (&membership.user_id, &membership.group_id);
    Ok(Fault::conflict(format!(
        "The user {user} is no member of the group {group} by themselves, but of the group {inner}, which is within it. Remove the user there \
         (membership {direct}), or take that group out by RemoveMemberGroup of the service portico"
    )))
}

/// GetGroupMembershipId.
pub fn get_id(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    group: &GroupId,
    user: &UserId,
) -> Result<MembershipId, Fault> {
    let gate = Gate::shared("identitystore:GetGroupMembershipId", vec![group.arn(), user.arn()]);
    store.read(|rx| {
        let found =
            store::directory::memberships::find_by_pair(rx, group, user)?.map(|membership| membership.id);
        let asked = found.as_ref().map_or_else(|| ALL_MEMBERSHIPS.to_owned(), MembershipId::arn);
        let store_id = enter(gate.and_on(vec![asked], ALL_MEMBERSHIPS), rx, cx, at)?.identity_store_id;
        require_exists::<Group>(rx, &store_id, group)?;
        require_exists::<User>(rx, &store_id, user)?;
        found.ok_or_else(|| not_found(ResourceType::GroupMembership, ""))
    })
}

/// A page of a list: which rows, and what takes each of them.
#[derive(Debug)]
pub struct Listing<'p, W> {
    /// How many, after which.
    pub page: &'p PageRequest,
    /// Of what somebody made, or with what follows too.
    pub which: Which,
    /// Takes each.
    pub with: W,
}

impl<'p, W: FnMut(MembershipRow<'_>)> Listing<'p, W> {
    /// The page of which `with` takes each row, with memberships that follow: as if there were no groups in groups.
    pub const fn new(page: &'p PageRequest, with: W) -> Self {
        Self { page, which: Which::All, with }
    }

    /// The page of those that somebody made.
    pub const fn own(page: &'p PageRequest, with: W) -> Self {
        Self { page, which: Which::Own, with }
    }
}

/// ListGroupMemberships: a group's members, by user id. Answers the key to continue after, when there are more.
pub fn list(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    group: &GroupId,
    Listing { page, which, with }: Listing<'_, impl FnMut(MembershipRow<'_>)>,
) -> Result<Option<String>, Fault> {
    let arns = vec![ALL_MEMBERSHIPS.to_owned(), group.arn()];
    let gate = Gate::shared("identitystore:ListGroupMemberships", arns);
    store.read(|rx| {
        let store_id = enter(gate, rx, cx, at)?.identity_store_id;
        require_exists::<Group>(rx, &store_id, group)?;
        Ok(store::directory::memberships::page_by_group(rx, (group, which), page, with)?)
    })
}

/// ListGroupMembershipsForMember: a user's groups, by group id; likewise.
pub fn list_for_member(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    user: &UserId,
    Listing { page, which, with }: Listing<'_, impl FnMut(MembershipRow<'_>)>,
) -> Result<Option<String>, Fault> {
    let arns = vec![ALL_MEMBERSHIPS.to_owned(), user.arn()];
    let gate = Gate::shared("identitystore:ListGroupMembershipsForMember", arns);
    store.read(|rx| {
        let store_id = enter(gate, rx, cx, at)?.identity_store_id;
        require_exists::<User>(rx, &store_id, user)?;
        Ok(store::directory::memberships::page_by_user(rx, (user, which), page, with)?)
    })
}

/// IsMemberInGroups: for each of `groups`, in their order, whether the user is in it.
pub fn is_member(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    user: &UserId,
    groups: &[GroupId],
) -> Result<Vec<(GroupId, bool)>, Fault> {
    let mut arns = vec![ALL_MEMBERSHIPS.to_owned(), user.arn()];
    arns.extend(groups.iter().map(GroupId::arn));
    let gate = Gate::shared("identitystore:IsMemberInGroups", arns);
    store.read(|rx| {
        let store_id = enter(gate, rx, cx, at)?.identity_store_id;
        require_exists::<User>(rx, &store_id, user)?;
        let mut known = BTreeMap::new();
        for some in groups.chunks(store::directory::memberships::AMONG_MAX) {
            known.extend(store::directory::memberships::among(rx, &store_id, user, some)?);
        }
        if known.values().any(|is_in| !is_in) {
            for group in store::directory::memberships::groups(rx, user)? {
                known.entry(group).and_modify(|is_in| *is_in = true);
            }
        }
        groups
            .iter()
            .map(|group| match known.get(group) {
                Some(is_member) => Ok((group.clone(), *is_member)),
                None => Err(missing::<Group>(group)),
            })
            .collect()
    })
}
