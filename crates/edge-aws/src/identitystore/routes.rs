//! The identitystore rows of the dispatch table.

use wire::generated::identitystore::{groups as group, identity_stores as identity_store};
use wire::generated::identitystore::{memberships as membership, users as user};

use crate::identitystore::{groups, identity_stores, memberships, users};
use crate::route::{Route, route, route_written};

/// The rows.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        route::<user::CreateUser, _, _>(users::create),
        route_written::<user::DescribeUser, _, _>(users::describe),
        route::<user::ListUsers, _, _>(users::list),
        route::<user::UpdateUser, _, _>(users::update),
        route::<user::DeleteUser, _, _>(users::delete),
        route::<user::GetUserId, _, _>(users::get_id),
        route::<group::CreateGroup, _, _>(groups::create),
        route::<group::DescribeGroup, _, _>(groups::describe),
        route::<group::ListGroups, _, _>(groups::list),
        route::<group::UpdateGroup, _, _>(groups::update),
        route::<group::DeleteGroup, _, _>(groups::delete),
        route::<group::GetGroupId, _, _>(groups::get_id),
        route::<membership::CreateGroupMembership, _, _>(memberships::create),
        route::<membership::DescribeGroupMembership, _, _>(memberships::describe),
        route::<membership::DeleteGroupMembership, _, _>(memberships::delete),
        route::<membership::GetGroupMembershipId, _, _>(memberships::get_id),
        route_written::<membership::ListGroupMemberships, _, _>(memberships::list),
        route_written::<membership::ListGroupMembershipsForMember, _, _>(memberships::list_for_member),
        route::<membership::IsMemberInGroups, _, _>(memberships::is_member),
        route::<identity_store::DescribeIdentityStore, _, _>(identity_stores::describe),
        route::<identity_store::ListIdentityStores, _, _>(identity_stores::list),
        route::<identity_store::UpdateIdentityStore, _, _>(identity_stores::update),
    ]
}
