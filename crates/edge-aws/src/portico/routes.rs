//! The portico rows of the dispatch table.

use wire::generated::portico::{
    access as reach, access_keys as key, assignment_batches as batch, assignments as assignment,
    invitations as invitation, mfa_devices as device, names as name, overviews as overview,
    passwords as password, portal_settings as portal, rosters as roster, search as found,
    service_users as service_user, sessions as session, simulation as simulated, users as user,
};

use crate::portico::{
    access, access_keys, assignment_batches, assignments, invitations, mfa_devices, names, overviews,
    passwords, portal_settings, rosters, search, service_users, sessions, simulation, users,
};
use crate::route::{Route, route, route_written};

/// The rows.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        route::<found::SearchUsers, _, _>(search::users),
        route::<found::SearchGroups, _, _>(search::groups),
        route::<found::SearchAccounts, _, _>(search::accounts),
        route::<user::EnableUser, _, _>(users::enable),
        route::<user::DisableUser, _, _>(users::disable),
        route::<user::UnlockUser, _, _>(users::unlock),
        route::<password::UpdatePassword, _, _>(passwords::update),
        route::<password::GetPasswordPolicy, _, _>(passwords::get_policy),
        route::<password::PutPasswordPolicy, _, _>(passwords::put_policy),
        route::<password::RequirePasswordChange, _, _>(passwords::require_change),
        route::<device::ListMfaDevicesForUser, _, _>(mfa_devices::list),
        route::<device::UpdateMfaDeviceForUser, _, _>(mfa_devices::update),
        route::<device::DeleteMfaDeviceForUser, _, _>(mfa_devices::delete),
        route::<device::CreateMfaBypassForUser, _, _>(mfa_devices::create_bypass),
        route::<device::GetMfaDeviceManagementForDirectory, _, _>(mfa_devices::get_policy),
        route::<device::PutMfaDeviceManagementForDirectory, _, _>(mfa_devices::put_policy),
        route::<session::GetSessionSettings, _, _>(sessions::get_settings),
        route::<session::PutSessionSettings, _, _>(sessions::put_settings),
        route::<portal::GetPortalSettings, _, _>(portal_settings::get),
        route::<portal::PutPortalSettings, _, _>(portal_settings::put),
        route::<service_user::CreateServiceUser, _, _>(service_users::create),
        route::<service_user::DescribeServiceUser, _, _>(service_users::describe),
        route::<service_user::ListServiceUsers, _, _>(service_users::list),
        route::<service_user::DeleteServiceUser, _, _>(service_users::delete),
        route::<service_user::AttachManagedPolicyToServiceUser, _, _>(service_users::attach),
        route::<service_user::DetachManagedPolicyFromServiceUser, _, _>(service_users::detach),
        route::<service_user::PutInlinePolicyToServiceUser, _, _>(service_users::put_inline),
        route::<service_user::DeleteInlinePolicyFromServiceUser, _, _>(service_users::delete_inline),
        route::<key::CreateAccessKey, _, _>(access_keys::create),
        route::<key::ListAccessKeys, _, _>(access_keys::list),
        route::<key::UpdateAccessKey, _, _>(access_keys::update),
        route::<key::DeleteAccessKey, _, _>(access_keys::delete),
        route::<batch::BatchCreateAccountAssignments, _, _>(assignment_batches::create),
        route::<batch::BatchDeleteAccountAssignments, _, _>(assignment_batches::delete),
        route::<batch::DescribeBatch, _, _>(assignment_batches::describe),
        route::<batch::PreviewAccountAssignments, _, _>(assignment_batches::preview),
        route::<assignment::ListAssignments, _, _>(assignments::list),
        route::<name::GetNames, _, _>(names::get),
        route_written::<reach::ListEffectiveAccess, _, _>(access::list),
        route::<simulated::SimulateAccess, _, _>(simulation::simulate),
        route::<overview::ListAccountsWithRoles, _, _>(overviews::accounts_with_roles),
        route::<overview::ListPermissionSetsWithDetails, _, _>(overviews::permission_sets),
        route::<overview::ListUsersWithGroups, _, _>(overviews::users),
        route::<overview::ListGroupsWithMembers, _, _>(overviews::groups),
        route::<roster::ListMembersInGroup, _, _>(rosters::members),
        route::<roster::ListGroupsForUser, _, _>(rosters::groups),
        route::<session::ListSessions, _, _>(sessions::list),
        route::<session::BatchDeleteSession, _, _>(sessions::batch_delete),
        route::<invitation::CreateInvitation, _, _>(invitations::create),
        route::<invitation::ListInvitations, _, _>(invitations::list),
        route::<invitation::DeleteInvitation, _, _>(invitations::delete),
    ]
}
