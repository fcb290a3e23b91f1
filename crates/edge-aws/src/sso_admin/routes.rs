//! sso-admin's rows of the dispatch table.

use wire::generated::sso_admin as operation;

use crate::route::{Route, route};
use crate::sso_admin::{
    access_control_attributes, access_scopes, account_assignments, application_assignments,
    application_providers, application_sessions, applications, authentication_methods, grants, instances,
    permission_set_policies, permission_sets, provisioning, regions, tags, trusted_token_issuers,
};

/// The rows.
pub(crate) fn routes() -> Vec<Route> {
    let mut all = core();
    all.extend(issuers());
    all.extend(policies());
    all.extend(access());
    all.extend(registered());
    all.extend(assigned());
    all.extend(granted());
    all
}

fn assigned() -> Vec<Route> {
    use application_assignments as assignments;
    use operation::application_assignments::{
        CreateApplicationAssignment, DeleteApplicationAssignment, DescribeApplicationAssignment,
        GetApplicationAssignmentConfiguration, ListApplicationAssignments,
        ListApplicationAssignmentsForPrincipal, PutApplicationAssignmentConfiguration,
    };
    use operation::application_sessions::{
        GetApplicationSessionConfiguration, PutApplicationSessionConfiguration,
    };
    vec![
        route::<CreateApplicationAssignment, _, _>(assignments::create),
        route::<DescribeApplicationAssignment, _, _>(assignments::describe),
        route::<DeleteApplicationAssignment, _, _>(assignments::delete),
        route::<ListApplicationAssignments, _, _>(assignments::list),
        route::<ListApplicationAssignmentsForPrincipal, _, _>(assignments::list_for_principal),
        route::<PutApplicationAssignmentConfiguration, _, _>(assignments::put_configuration),
        route::<GetApplicationAssignmentConfiguration, _, _>(assignments::get_configuration),
        route::<PutApplicationSessionConfiguration, _, _>(application_sessions::put),
        route::<GetApplicationSessionConfiguration, _, _>(application_sessions::get),
    ]
}

fn granted() -> Vec<Route> {
    use operation::access_scopes::{
        DeleteApplicationAccessScope, GetApplicationAccessScope, ListApplicationAccessScopes,
        PutApplicationAccessScope,
    };
    use operation::authentication_methods::{
        DeleteApplicationAuthenticationMethod, GetApplicationAuthenticationMethod,
        ListApplicationAuthenticationMethods, PutApplicationAuthenticationMethod,
    };
    use operation::grants::{
        DeleteApplicationGrant, GetApplicationGrant, ListApplicationGrants, PutApplicationGrant,
    };
    vec![
        route::<PutApplicationAccessScope, _, _>(access_scopes::put),
        route::<GetApplicationAccessScope, _, _>(access_scopes::get),
        route::<ListApplicationAccessScopes, _, _>(access_scopes::list),
        route::<DeleteApplicationAccessScope, _, _>(access_scopes::delete),
        route::<PutApplicationAuthenticationMethod, _, _>(authentication_methods::put),
        route::<GetApplicationAuthenticationMethod, _, _>(authentication_methods::get),
        route::<ListApplicationAuthenticationMethods, _, _>(authentication_methods::list),
        route::<DeleteApplicationAuthenticationMethod, _, _>(authentication_methods::delete),
        route::<PutApplicationGrant, _, _>(grants::put),
        route::<GetApplicationGrant, _, _>(grants::get),
        route::<ListApplicationGrants, _, _>(grants::list),
        route::<DeleteApplicationGrant, _, _>(grants::delete),
    ]
}

fn registered() -> Vec<Route> {
    use operation::application_providers::{DescribeApplicationProvider, ListApplicationProviders};
    use operation::applications::{
        CreateApplication, DeleteApplication, DescribeApplication, ListApplications, UpdateApplication,
    };
    vec![
        route::<CreateApplication, _, _>(applications::create),
        route::<DescribeApplication, _, _>(applications::describe),
        route::<ListApplications, _, _>(applications::list),
        route::<UpdateApplication, _, _>(applications::update),
        route::<DeleteApplication, _, _>(applications::delete),
        route::<DescribeApplicationProvider, _, _>(application_providers::describe),
        route::<ListApplicationProviders, _, _>(application_providers::list),
    ]
}

fn core() -> Vec<Route> {
    use operation::instances::{
        CreateInstance, DeleteInstance, DescribeInstance, ListInstances, UpdateInstance,
    };
    use operation::permission_sets::{
        CreatePermissionSet, DeletePermissionSet, DescribePermissionSet, ListPermissionSets,
        UpdatePermissionSet,
    };
    use operation::regions::{AddRegion, DescribeRegion, ListRegions, RemoveRegion};
    use operation::tags::{ListTagsForResource, TagResource, UntagResource};
    vec![
        route::<AddRegion, _, _>(regions::add),
        route::<DescribeRegion, _, _>(regions::describe),
        route::<ListRegions, _, _>(regions::list),
        route::<RemoveRegion, _, _>(regions::remove),
        route::<DescribeInstance, _, _>(instances::describe),
        route::<ListInstances, _, _>(instances::list),
        route::<CreateInstance, _, _>(instances::create),
        route::<DeleteInstance, _, _>(instances::delete),
        route::<UpdateInstance, _, _>(instances::update),
        route::<CreatePermissionSet, _, _>(permission_sets::create),
        route::<DescribePermissionSet, _, _>(permission_sets::describe),
        route::<ListPermissionSets, _, _>(permission_sets::list),
        route::<UpdatePermissionSet, _, _>(permission_sets::update),
        route::<DeletePermissionSet, _, _>(permission_sets::delete),
        route::<TagResource, _, _>(tags::tag),
        route::<UntagResource, _, _>(tags::untag),
        route::<ListTagsForResource, _, _>(tags::list),
    ]
}

fn policies() -> Vec<Route> {
    use operation::permission_set_policies::{
        AttachCustomerManagedPolicyReferenceToPermissionSet, AttachManagedPolicyToPermissionSet,
        DeleteInlinePolicyFromPermissionSet, DeletePermissionsBoundaryFromPermissionSet,
        DetachCustomerManagedPolicyReferenceFromPermissionSet, DetachManagedPolicyFromPermissionSet,
        GetInlinePolicyForPermissionSet, GetPermissionsBoundaryForPermissionSet,
        ListCustomerManagedPolicyReferencesInPermissionSet, ListManagedPoliciesInPermissionSet,
        PutInlinePolicyToPermissionSet, PutPermissionsBoundaryToPermissionSet,
    };
    use permission_set_policies as policies;
    vec![
        route::<AttachManagedPolicyToPermissionSet, _, _>(policies::attach_managed),
        route::<DetachManagedPolicyFromPermissionSet, _, _>(policies::detach_managed),
        route::<ListManagedPoliciesInPermissionSet, _, _>(policies::list_managed),
        route::<AttachCustomerManagedPolicyReferenceToPermissionSet, _, _>(policies::attach_customer),
        route::<DetachCustomerManagedPolicyReferenceFromPermissionSet, _, _>(policies::detach_customer),
        route::<ListCustomerManagedPolicyReferencesInPermissionSet, _, _>(policies::list_customer),
        route::<PutInlinePolicyToPermissionSet, _, _>(policies::put_inline),
        route::<GetInlinePolicyForPermissionSet, _, _>(policies::get_inline),
        route::<DeleteInlinePolicyFromPermissionSet, _, _>(policies::delete_inline),
        route::<PutPermissionsBoundaryToPermissionSet, _, _>(policies::put_boundary),
        route::<GetPermissionsBoundaryForPermissionSet, _, _>(policies::get_boundary),
        route::<DeletePermissionsBoundaryFromPermissionSet, _, _>(policies::delete_boundary),
    ]
}

fn access() -> Vec<Route> {
    use access_control_attributes as attributes;
    use account_assignments as assignments;
    use operation::access_control_attributes::{
        CreateInstanceAccessControlAttributeConfiguration, DeleteInstanceAccessControlAttributeConfiguration,
        DescribeInstanceAccessControlAttributeConfiguration,
        UpdateInstanceAccessControlAttributeConfiguration,
    };
    use operation::account_assignments::{
        CreateAccountAssignment, DeleteAccountAssignment, DescribeAccountAssignmentCreationStatus,
        DescribeAccountAssignmentDeletionStatus, ListAccountAssignmentCreationStatus,
        ListAccountAssignmentDeletionStatus, ListAccountAssignments, ListAccountAssignmentsForPrincipal,
    };
    use operation::provisioning::{
        DescribePermissionSetProvisioningStatus, ListAccountsForProvisionedPermissionSet,
        ListPermissionSetProvisioningStatus, ListPermissionSetsProvisionedToAccount, ProvisionPermissionSet,
    };
    vec![
        route::<CreateInstanceAccessControlAttributeConfiguration, _, _>(attributes::create),
        route::<DescribeInstanceAccessControlAttributeConfiguration, _, _>(attributes::describe),
        route::<UpdateInstanceAccessControlAttributeConfiguration, _, _>(attributes::update),
        route::<DeleteInstanceAccessControlAttributeConfiguration, _, _>(attributes::delete),
        route::<CreateAccountAssignment, _, _>(assignments::create),
        route::<DeleteAccountAssignment, _, _>(assignments::delete),
        route::<DescribeAccountAssignmentCreationStatus, _, _>(assignments::describe_creation),
        route::<DescribeAccountAssignmentDeletionStatus, _, _>(assignments::describe_deletion),
        route::<ListAccountAssignmentCreationStatus, _, _>(assignments::list_creations),
        route::<ListAccountAssignmentDeletionStatus, _, _>(assignments::list_deletions),
        route::<ListAccountAssignments, _, _>(assignments::list),
        route::<ListAccountAssignmentsForPrincipal, _, _>(assignments::list_for_principal),
        route::<ProvisionPermissionSet, _, _>(provisioning::provision),
        route::<DescribePermissionSetProvisioningStatus, _, _>(provisioning::describe_status),
        route::<ListPermissionSetProvisioningStatus, _, _>(provisioning::list_statuses),
        route::<ListAccountsForProvisionedPermissionSet, _, _>(provisioning::list_accounts),
        route::<ListPermissionSetsProvisionedToAccount, _, _>(provisioning::list_permission_sets),
    ]
}

fn issuers() -> Vec<Route> {
    use operation::trusted_token_issuers::{
        CreateTrustedTokenIssuer, DeleteTrustedTokenIssuer, DescribeTrustedTokenIssuer,
        ListTrustedTokenIssuers, UpdateTrustedTokenIssuer,
    };
    use trusted_token_issuers as issuers;
    vec![
        route::<CreateTrustedTokenIssuer, _, _>(issuers::create),
        route::<DescribeTrustedTokenIssuer, _, _>(issuers::describe),
        route::<ListTrustedTokenIssuers, _, _>(issuers::list),
        route::<UpdateTrustedTokenIssuer, _, _>(issuers::update),
        route::<DeleteTrustedTokenIssuer, _, _>(issuers::delete),
    ]
}
