//! The portico rows of the dispatch table.

use wire::generated::portico::{
    access as reach, access_keys as key, assignment_batches as batch, assignments as assignment,
    bearer_tokens as token, expiring_credentials as expiring, expiry_notices as notice,
    external_idp_certificates as idp_certificate, external_idps as idp, external_links as link,
    invitations as invitation, member_groups as nesting, mfa_devices as device, names as name,
    overviews as overview, owners as owner, passwords as password, portal_settings as portal,
    provisioning_tenants as tenant, rosters as roster, search as found, service_users as service_user,
    sessions as session, simulation as simulated, summaries as summary, unused_access as unused,
    user_sign_ins as sign_in, users as user, users_without_mfa_device as unguarded,
};

use crate::portico::{
    access, access_keys, assignment_batches, assignments, bearer_tokens, expiring_credentials,
    expiry_notices, external_idp_certificates, external_idps, external_links, invitations, member_groups,
    mfa_devices, names, overviews, owners, passwords, portal_settings, provisioning_tenants, rosters, search,
    service_users, sessions, simulation, summaries, unused_access, user_sign_ins, users,
    users_without_mfa_device,
};
use crate::route::{Route, route, route_written};

/// The rows.
pub(crate) fn routes() -> Vec<Route> {
    let mut all = administration();
    all.extend(identity_providers());
    all
}

/// Those of what is here.
fn administration() -> Vec<Route> {
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
        route::<unused::ListUnusedAccess, _, _>(unused_access::list),
        route::<summary::GetInstanceSummary, _, _>(summaries::get),
        route::<sign_in::DescribeUserSignIn, _, _>(user_sign_ins::describe),
        route::<unguarded::ListUsersWithoutMfaDevice, _, _>(users_without_mfa_device::list),
        route::<simulated::SimulateAccess, _, _>(simulation::simulate),
        route::<overview::ListAccountsWithRoles, _, _>(overviews::accounts_with_roles),
        route::<overview::ListPermissionSetsWithDetails, _, _>(overviews::permission_sets),
        route::<overview::ListUsersWithGroups, _, _>(overviews::users),
        route::<overview::ListGroupsWithMembers, _, _>(overviews::groups),
        route::<roster::ListMembersInGroup, _, _>(rosters::members),
        route::<roster::ListGroupsForUser, _, _>(rosters::groups),
        route::<nesting::AddMemberGroup, _, _>(member_groups::add),
        route::<nesting::RemoveMemberGroup, _, _>(member_groups::remove),
        route::<nesting::ListGroupsInGroup, _, _>(member_groups::list_within),
        route::<nesting::ListGroupsForGroup, _, _>(member_groups::list_around),
        route::<session::ListSessions, _, _>(sessions::list),
        route::<session::BatchDeleteSession, _, _>(sessions::batch_delete),
        route::<invitation::CreateInvitation, _, _>(invitations::create),
        route::<invitation::ListInvitations, _, _>(invitations::list),
        route::<invitation::DeleteInvitation, _, _>(invitations::delete),
    ]
}

/// Those of where people come from.
fn identity_providers() -> Vec<Route> {
    vec![
        route::<tenant::CreateProvisioningTenant, _, _>(provisioning_tenants::create),
        route::<tenant::UpdateProvisioningTenant, _, _>(provisioning_tenants::update),
        route::<tenant::ListProvisioningTenants, _, _>(provisioning_tenants::list),
        route::<tenant::DeleteProvisioningTenant, _, _>(provisioning_tenants::delete),
        route::<token::CreateBearerToken, _, _>(bearer_tokens::create),
        route::<token::ListBearerTokens, _, _>(bearer_tokens::list),
        route::<token::DeleteBearerToken, _, _>(bearer_tokens::delete),
        route::<owner::DescribeOwner, _, _>(owners::describe),
        route::<owner::TakeOwnership, _, _>(owners::take),
        route::<owner::ListOwned, _, _>(owners::list),
        route::<owner::GetOwnedCounts, _, _>(owners::counts),
        route::<expiring::ListExpiringCredentials, _, _>(expiring_credentials::list),
        route::<notice::GetExpiryNotices, _, _>(expiry_notices::get),
        route::<notice::PutExpiryNotices, _, _>(expiry_notices::put),
        route::<idp::CreateExternalIdPConfigurationForDirectory, _, _>(external_idps::create),
        route::<idp::DescribeExternalIdPConfigurationForDirectory, _, _>(external_idps::describe),
        route::<idp::UpdateExternalIdPConfigurationForDirectory, _, _>(external_idps::update),
        route::<idp::EnableExternalIdPConfigurationForDirectory, _, _>(external_idps::enable),
        route::<idp::DisableExternalIdPConfigurationForDirectory, _, _>(external_idps::disable),
        route::<idp::DeleteExternalIdPConfigurationForDirectory, _, _>(external_idps::delete),
        route::<idp::ListExternalIdPConfigurationsForDirectory, _, _>(external_idps::list),
        route::<idp::RefreshExternalIdPMetadata, _, _>(external_idps::refresh),
        route::<idp::GetAWSSPConfigurationForDirectory, _, _>(external_idps::present),
        route::<idp_certificate::ImportExternalIdPCertificate, _, _>(external_idp_certificates::import),
        route::<idp_certificate::ListExternalIdPCertificates, _, _>(external_idp_certificates::list),
        route::<idp_certificate::DeleteExternalIdPCertificate, _, _>(external_idp_certificates::delete),
        route::<link::LinkUserToExternalIdP, _, _>(external_links::link),
        route::<link::UnlinkUserFromExternalIdP, _, _>(external_links::unlink),
    ]
}
