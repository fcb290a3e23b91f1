//! Organizations' rows of the dispatch table.

use wire::generated::organizations::accounts::{
    CloseAccount, CreateAccount, DescribeAccount, DescribeCreateAccountStatus, ListAccounts,
    ListAccountsForParent, ListCreateAccountStatus,
};
use wire::generated::organizations::delegated_administrators::{
    DeregisterDelegatedAdministrator, ListDelegatedAdministrators, ListDelegatedServicesForAccount,
    RegisterDelegatedAdministrator,
};
use wire::generated::organizations::organizational_units::{
    CreateOrganizationalUnit, DeleteOrganizationalUnit, DescribeOrganizationalUnit, MoveAccount,
    UpdateOrganizationalUnit,
};
use wire::generated::organizations::organizations::{
    DescribeOrganization, ListAWSServiceAccessForOrganization, ListChildren,
    ListOrganizationalUnitsForParent, ListParents, ListRoots,
};
use wire::generated::organizations::policies::{
    CreatePolicy, DeletePolicy, DescribePolicy, ListPolicies, UpdatePolicy,
};
use wire::generated::organizations::policy_attachments::{
    AttachPolicy, DetachPolicy, ListPoliciesForTarget, ListTargetsForPolicy,
};
use wire::generated::organizations::policy_types::{DisablePolicyType, EnablePolicyType};
use wire::generated::organizations::tags::{ListTagsForResource, TagResource, UntagResource};

use crate::organizations::{
    accounts, delegated_administrators, organizational_units, organizations, policies, policy_attachments,
    policy_types, tags,
};
use crate::route::{Route, route};

/// The rows.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        route::<DescribeOrganization, _, _>(organizations::describe),
        route::<ListRoots, _, _>(organizations::list_roots),
        route::<ListOrganizationalUnitsForParent, _, _>(organizations::list_units),
        route::<ListParents, _, _>(organizations::list_parents),
        route::<ListChildren, _, _>(organizations::list_children),
        route::<ListAWSServiceAccessForOrganization, _, _>(organizations::list_service_access),
        route::<RegisterDelegatedAdministrator, _, _>(delegated_administrators::register),
        route::<DeregisterDelegatedAdministrator, _, _>(delegated_administrators::deregister),
        route::<ListDelegatedAdministrators, _, _>(delegated_administrators::list),
        route::<ListDelegatedServicesForAccount, _, _>(delegated_administrators::list_services),
        route::<CreatePolicy, _, _>(policies::create),
        route::<DescribePolicy, _, _>(policies::describe),
        route::<UpdatePolicy, _, _>(policies::update),
        route::<DeletePolicy, _, _>(policies::delete),
        route::<ListPolicies, _, _>(policies::list),
        route::<AttachPolicy, _, _>(policy_attachments::attach),
        route::<DetachPolicy, _, _>(policy_attachments::detach),
        route::<ListPoliciesForTarget, _, _>(policy_attachments::list_policies),
        route::<ListTargetsForPolicy, _, _>(policy_attachments::list_targets),
        route::<EnablePolicyType, _, _>(policy_types::enable),
        route::<DisablePolicyType, _, _>(policy_types::disable),
        route::<TagResource, _, _>(tags::tag),
        route::<UntagResource, _, _>(tags::untag),
        route::<ListTagsForResource, _, _>(tags::list),
        route::<ListAccounts, _, _>(accounts::list),
        route::<ListAccountsForParent, _, _>(accounts::list_for_parent),
        route::<DescribeAccount, _, _>(accounts::describe),
        route::<CreateAccount, _, _>(accounts::create),
        route::<CloseAccount, _, _>(accounts::close),
        route::<DescribeCreateAccountStatus, _, _>(accounts::describe_creation),
        route::<ListCreateAccountStatus, _, _>(accounts::list_creations),
        route::<CreateOrganizationalUnit, _, _>(organizational_units::create),
        route::<DescribeOrganizationalUnit, _, _>(organizational_units::describe),
        route::<UpdateOrganizationalUnit, _, _>(organizational_units::update),
        route::<DeleteOrganizationalUnit, _, _>(organizational_units::delete),
        route::<MoveAccount, _, _>(organizational_units::move_account),
    ]
}
