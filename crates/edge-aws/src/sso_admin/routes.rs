//! sso-admin's rows of the dispatch table.

use wire::generated::sso_admin as operation;

use crate::route::{Route, route};
use crate::sso_admin::{
    account_assignments, instances, permission_set_policies, permission_sets, provisioning, tags,
};

/// The rows.
pub(crate) fn routes() -> Vec<Route> {
    let mut all = core();
    all.extend(policies());
    all.extend(access());
    all
}

fn core() -> Vec<Route> {
    use operation::instances::{DescribeInstance, ListInstances, UpdateInstance};
    use operation::permission_sets::{
        CreatePermissionSet, DeletePermissionSet, DescribePermissionSet, ListPermissionSets,
        UpdatePermissionSet,
    };
    use operation::tags::{ListTagsForResource, TagResource, UntagResource};
    vec![
        route::<DescribeInstance, _, _>(instances::describe),
        route::<ListInstances, _, _>(instances::list),
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
    use account_assignments as assignments;
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
