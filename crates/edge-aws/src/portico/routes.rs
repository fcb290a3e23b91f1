//! The portico rows of the dispatch table.

use wire::generated::portico::{
    access as reach, access_keys as key, account_bootstraps as bootstrap, account_connections as connection,
    account_drifts as drift, application_providers as provider, assignment_batches as batch,
    assignments as assignment, attribute_precedence as precedence, bearer_tokens as token,
    connected_sessions as connected, directories as source_directory, directory_syncs as directory_sync,
    expiring_credentials as expiring, expiry_notices as notice, external_idp_certificates as idp_certificate,
    external_idps as idp, external_links as link, invitations as invitation, member_groups as nesting,
    mfa_devices as device, names as name, oidc_applications as oidc, oidc_clients as oidc_client,
    organization_connections as organization, organization_syncs as organization_sync, overviews as overview,
    owners as owner, passwords as password, portal_settings as portal, provisioning_tenants as tenant,
    provisionings as provisioning, request_authorization as asked, rosters as roster,
    saml_applications as saml, saml_certificates as saml_certificate, search as found,
    service_users as service_user, sessions as session, simulation as simulated, summaries as summary,
    unused_access as unused, user_sign_ins as sign_in, user_sources as source, users as user,
    users_without_mfa_device as unguarded,
};

use crate::portico::{
    access, access_keys, account_bootstraps, account_connections, account_drifts, application_providers,
    assignment_batches, assignments, attribute_precedence, bearer_tokens, connected_sessions, directories,
    directory_syncs, expiring_credentials, expiry_notices, external_idp_certificates, external_idps,
    external_links, invitations, member_groups, mfa_devices, names, oidc_applications, oidc_clients,
    organization_connections, organization_syncs, overviews, owners, passwords, portal_settings,
    provisioning_tenants, provisionings, request_authorization, rosters, saml_applications,
    saml_certificates, search, service_users, sessions, simulation, summaries, unused_access, user_sign_ins,
    user_sources, users, users_without_mfa_device,
};
use crate::route::{Route, route, route_written};

/// The rows.
pub(crate) fn routes() -> Vec<Route> {
    let mut all = administration();
    all.extend(identity_providers());
    all.extend(read_directories());
    all.extend(saml_identity_provider());
    all.extend(openid_provider());
    all.extend(connected_accounts());
    all
}

/// Those of accounts that are somewhere else.
fn connected_accounts() -> Vec<Route> {
    vec![
        route::<connection::CreateAccountConnection, _, _>(account_connections::create),
        route::<connection::DescribeAccountConnection, _, _>(account_connections::describe),
        route::<connection::ListAccountConnections, _, _>(account_connections::list),
        route::<connection::UpdateAccountConnection, _, _>(account_connections::update),
        route::<connection::DeleteAccountConnection, _, _>(account_connections::delete),
        route::<connection::TestAccountConnection, _, _>(account_connections::test),
        route::<provisioning::DescribeProvisioning, _, _>(provisionings::describe),
        route::<provisioning::PauseProvisioning, _, _>(provisionings::pause),
        route::<provisioning::ResumeProvisioning, _, _>(provisionings::resume),
        route::<provisioning::CancelProvisioning, _, _>(provisionings::cancel),
        route::<bootstrap::GetAccountBootstrap, _, _>(account_bootstraps::get),
        route::<connected::RevokeUserRoleSessions, _, _>(connected_sessions::revoke),
        route::<drift::DetectAccountDrift, _, _>(account_drifts::detect),
        route::<drift::DescribeAccountDrift, _, _>(account_drifts::describe),
        route::<drift::ListAccountDriftFindings, _, _>(account_drifts::list),
        route::<drift::RepairAccountDriftFinding, _, _>(account_drifts::repair),
        route::<drift::AcceptAccountDriftFinding, _, _>(account_drifts::accept),
        route::<organization::CreateOrganizationConnection, _, _>(organization_connections::create),
        route::<organization::DescribeOrganizationConnection, _, _>(organization_connections::describe),
        route::<organization::ListOrganizationConnections, _, _>(organization_connections::list),
        route::<organization::UpdateOrganizationConnection, _, _>(organization_connections::update),
        route::<organization::DeleteOrganizationConnection, _, _>(organization_connections::delete),
        route::<organization_sync::StartOrganizationSync, _, _>(organization_syncs::start),
        route::<organization_sync::ListOrganizationSyncChanges, _, _>(organization_syncs::list_changes),
    ]
}

/// Those of what is here.
fn administration() -> Vec<Route> {
    vec![
        route::<found::SearchUsers, _, _>(search::users),
        route::<found::SearchGroups, _, _>(search::groups),
        route::<found::SearchAccounts, _, _>(search::accounts),
        route::<provider::SearchApplicationProviders, _, _>(application_providers::search),
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
        route::<asked::AuthorizeRequest, _, _>(request_authorization::authorize),
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

/// Those of what we are to applications that speak OpenID Connect.
fn openid_provider() -> Vec<Route> {
    vec![
        route::<oidc::PutApplicationOidcConfiguration, _, _>(oidc_applications::put),
        route::<oidc::GetApplicationOidcConfiguration, _, _>(oidc_applications::get),
        route::<oidc::RotateApplicationOidcKey, _, _>(oidc_applications::rotate),
        route::<oidc_client::CreateApplicationClientSecret, _, _>(oidc_clients::create),
        route::<oidc_client::ListApplicationClientSecrets, _, _>(oidc_clients::list),
        route::<oidc_client::DeleteApplicationClientSecret, _, _>(oidc_clients::delete),
    ]
}

/// Those of applications that speak SAML.
fn saml_identity_provider() -> Vec<Route> {
    vec![
        route::<saml::PutApplicationSamlConfiguration, _, _>(saml_applications::put),
        route::<saml::GetApplicationSamlConfiguration, _, _>(saml_applications::get),
        route::<saml::ImportApplicationInstanceServiceProviderMetadata, _, _>(saml_applications::import),
        route::<saml_certificate::CreateApplicationInstanceCertificate, _, _>(saml_certificates::create),
        route::<saml_certificate::ListApplicationInstanceCertificates, _, _>(saml_certificates::list),
        route::<saml_certificate::UpdateApplicationInstanceActiveCertificate, _, _>(
            saml_certificates::activate,
        ),
        route::<saml_certificate::DeleteApplicationInstanceCertificate, _, _>(saml_certificates::delete),
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
        route::<source::LinkUsersToSource, _, _>(user_sources::link),
        route::<source::UnlinkUsersFromSource, _, _>(user_sources::unlink),
        route::<source::ListLinkedUsers, _, _>(user_sources::list),
        route::<source::DescribeUserSources, _, _>(user_sources::describe),
        route::<precedence::GetAttributePrecedence, _, _>(attribute_precedence::get),
        route::<precedence::PutAttributePrecedence, _, _>(attribute_precedence::put),
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

/// Those of directories that are read.
fn read_directories() -> Vec<Route> {
    vec![
        route::<source_directory::CreateDirectory, _, _>(directories::create),
        route::<source_directory::DescribeDirectory, _, _>(directories::describe),
        route::<source_directory::ListDirectories, _, _>(directories::list),
        route::<source_directory::UpdateDirectory, _, _>(directories::update),
        route::<source_directory::EnableDirectory, _, _>(directories::enable),
        route::<source_directory::PauseDirectory, _, _>(directories::pause),
        route::<source_directory::DeleteDirectory, _, _>(directories::delete),
        route::<source_directory::TestDirectory, _, _>(directories::test),
        route::<directory_sync::StartDirectorySync, _, _>(directory_syncs::start),
        route::<directory_sync::DescribeDirectorySync, _, _>(directory_syncs::describe),
        route::<directory_sync::ListDirectorySyncs, _, _>(directory_syncs::list),
        route::<directory_sync::ListDirectorySyncChanges, _, _>(directory_syncs::list_changes),
        route::<directory_sync::StopDirectorySync, _, _>(directory_syncs::stop),
        route::<directory_sync::ResolveDirectoryBrake, _, _>(directory_syncs::resolve_brake),
    ]
}
