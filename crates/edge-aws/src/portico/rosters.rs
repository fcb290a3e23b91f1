//! ListMembersInGroup and ListGroupsForUser: who is in a group, and in which groups somebody is, by name.

use directory::rosters;
use model::cx::Cx;
use model::directory::group::GroupId;
use model::directory::membership::MembershipId;
use model::directory::user::UserId;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use store::directory::memberships::Which;
use store::directory::rosters::{InGroup, UserNames};
use wire::generated::portico::shapes::{
    GroupOfUser, ListGroupsForUserRequest, ListGroupsForUserResponse, ListMembersInGroupRequest,
    ListMembersInGroupResponse, MemberInGroup,
};

use crate::app::App;
use crate::identitystore::ids;

/// Which memberships are listed.
const fn which(include_nested: Option<bool>) -> Which {
    match include_nested {
        Some(true) => Which::All,
        _ => Which::Own,
    }
}

/// Whether somebody made it, where others may be listed too.
fn is_direct(which: Which, id: &MembershipId) -> Option<bool> {
    (which == Which::All).then(|| id.follows().is_none())
}

/// The word for it in a token: the same pages follow each other.
const fn word(which: Which) -> &'static str {
    match which {
        Which::All => "nested",
        Which::Own => "",
    }
}

fn member(which: Which, (membership, names): (MembershipId, UserNames)) -> MemberInGroup {
    MemberInGroup {
        is_direct: is_direct(which, &membership),
        membership_id: membership.into(),
        user_id: names.id.into(),
        user_name: names.user_name,
        display_name: names.display_name,
        user_status: names.status.as_str().to_owned(),
    }
}

/// A group that somebody is in.
pub(crate) fn group(one: InGroup) -> GroupOfUser {
    GroupOfUser {
        group_id: one.group_id.into(),
        display_name: one.group_name,
        membership_id: one.id.into(),
        is_direct: None,
    }
}

pub(crate) async fn members(
    app: App,
    cx: Cx,
    input: ListMembersInGroupRequest,
) -> Result<ListMembersInGroupResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let of = GroupId::from_reference(&input.group_id)?;
    let which = which(input.include_nested);
    let scope = PageScope::new("ListMembersInGroup", &[at.id().as_str(), of.as_str(), word(which)]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = rosters::members_in_group(&app.store, &cx, &at, (&of, which), &page)?;
    Ok(ListMembersInGroupResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        members: found.items.into_iter().map(|one| member(which, one)).collect(),
    })
}

pub(crate) async fn groups(
    app: App,
    cx: Cx,
    input: ListGroupsForUserRequest,
) -> Result<ListGroupsForUserResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let of = UserId::from_reference(&input.user_id)?;
    let which = which(input.include_nested);
    let scope = PageScope::new("ListGroupsForUser", &[at.id().as_str(), of.as_str(), word(which)]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = rosters::groups_for_user(&app.store, &cx, &at, (&of, which), &page)?;
    Ok(ListGroupsForUserResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        groups: found
            .items
            .into_iter()
            .map(|one| GroupOfUser { is_direct: is_direct(which, &one.id), ..group(one) })
            .collect(),
    })
}
