//! IAM's rows of the dispatch table.

use wire::generated::iam::group_policies::{
    AttachGroupPolicy, DeleteGroupPolicy, DetachGroupPolicy, GetGroupPolicy, ListAttachedGroupPolicies,
    ListGroupPolicies, PutGroupPolicy,
};
use wire::generated::iam::iam_groups::{
    AddUserToGroup, CreateGroup, DeleteGroup, GetGroup, ListGroups, RemoveUserFromGroup, UpdateGroup,
};
use wire::generated::iam::oidc_providers::{
    AddClientIDToOpenIDConnectProvider, CreateOpenIDConnectProvider, DeleteOpenIDConnectProvider,
    GetOpenIDConnectProvider, ListOpenIDConnectProviderTags, ListOpenIDConnectProviders,
    RemoveClientIDFromOpenIDConnectProvider, TagOpenIDConnectProvider, UntagOpenIDConnectProvider,
    UpdateOpenIDConnectProviderThumbprint,
};
use wire::generated::iam::policies::{
    CreatePolicy, DeletePolicy, GetPolicy, ListEntitiesForPolicy, ListPolicies, ListPolicyTags, TagPolicy,
    UntagPolicy,
};
use wire::generated::iam::policy_simulation::{
    GetContextKeysForCustomPolicy, GetContextKeysForPrincipalPolicy, SimulateCustomPolicy,
    SimulatePrincipalPolicy,
};
use wire::generated::iam::policy_versions::{
    CreatePolicyVersion, DeletePolicyVersion, GetPolicyVersion, ListPolicyVersions, SetDefaultPolicyVersion,
};
use wire::generated::iam::role_policies::{
    AttachRolePolicy, DeleteRolePolicy, DetachRolePolicy, GetRolePolicy, ListAttachedRolePolicies,
    ListRolePolicies, PutRolePolicy,
};
use wire::generated::iam::roles::{
    CreateRole, DeleteRole, DeleteRolePermissionsBoundary, GetRole, ListInstanceProfilesForRole,
    ListRoleTags, ListRoles, PutRolePermissionsBoundary, TagRole, UntagRole, UpdateAssumeRolePolicy,
    UpdateRole, UpdateRoleDescription,
};
use wire::generated::iam::user_keys::{
    CreateAccessKey, DeleteAccessKey, GetAccessKeyLastUsed, ListAccessKeys, UpdateAccessKey,
};
use wire::generated::iam::user_policies::{
    AttachUserPolicy, DeleteUserPolicy, DetachUserPolicy, GetUserPolicy, ListAttachedUserPolicies,
    ListUserPolicies, PutUserPolicy,
};
use wire::generated::iam::users::{
    CreateUser, DeleteUser, DeleteUserPermissionsBoundary, GetUser, ListGroupsForUser, ListUserTags,
    ListUsers, PutUserPermissionsBoundary, TagUser, UntagUser, UpdateUser,
};

use crate::iam::{
    group_policies, iam_groups, oidc_providers, policies, policy_simulation, policy_versions, role_policies,
    roles, user_keys, user_policies, users,
};
use crate::route::{Route, route};

/// The rows.
pub(crate) fn routes() -> Vec<Route> {
    let mut all = of_roles();
    all.extend(of_users());
    all.extend(of_oidc_providers());
    all
}

/// Of providers whose tokens roles trust.
fn of_oidc_providers() -> Vec<Route> {
    vec![
        route::<CreateOpenIDConnectProvider, _, _>(oidc_providers::create),
        route::<GetOpenIDConnectProvider, _, _>(oidc_providers::get),
        route::<ListOpenIDConnectProviders, _, _>(oidc_providers::list),
        route::<DeleteOpenIDConnectProvider, _, _>(oidc_providers::delete),
        route::<AddClientIDToOpenIDConnectProvider, _, _>(oidc_providers::add_client_id),
        route::<RemoveClientIDFromOpenIDConnectProvider, _, _>(oidc_providers::remove_client_id),
        route::<UpdateOpenIDConnectProviderThumbprint, _, _>(oidc_providers::set_thumbprints),
        route::<TagOpenIDConnectProvider, _, _>(oidc_providers::tag),
        route::<UntagOpenIDConnectProvider, _, _>(oidc_providers::untag),
        route::<ListOpenIDConnectProviderTags, _, _>(oidc_providers::list_tags),
    ]
}

/// Of users and groups.
fn of_users() -> Vec<Route> {
    vec![
        route::<CreateUser, _, _>(users::create),
        route::<GetUser, _, _>(users::get),
        route::<ListUsers, _, _>(users::list),
        route::<UpdateUser, _, _>(users::update),
        route::<DeleteUser, _, _>(users::delete),
        route::<TagUser, _, _>(users::tag),
        route::<UntagUser, _, _>(users::untag),
        route::<ListUserTags, _, _>(users::list_tags),
        route::<PutUserPermissionsBoundary, _, _>(users::put_boundary),
        route::<DeleteUserPermissionsBoundary, _, _>(users::delete_boundary),
        route::<ListGroupsForUser, _, _>(users::list_groups),
        route::<ListAttachedUserPolicies, _, _>(user_policies::list_attached),
        route::<AttachUserPolicy, _, _>(user_policies::attach),
        route::<DetachUserPolicy, _, _>(user_policies::detach),
        route::<ListUserPolicies, _, _>(user_policies::list_inline),
        route::<GetUserPolicy, _, _>(user_policies::get_inline),
        route::<PutUserPolicy, _, _>(user_policies::put_inline),
        route::<DeleteUserPolicy, _, _>(user_policies::delete_inline),
        route::<CreateAccessKey, _, _>(user_keys::create),
        route::<ListAccessKeys, _, _>(user_keys::list),
        route::<UpdateAccessKey, _, _>(user_keys::update),
        route::<DeleteAccessKey, _, _>(user_keys::delete),
        route::<GetAccessKeyLastUsed, _, _>(user_keys::last_used),
        route::<CreateGroup, _, _>(iam_groups::create),
        route::<GetGroup, _, _>(iam_groups::get),
        route::<ListGroups, _, _>(iam_groups::list),
        route::<UpdateGroup, _, _>(iam_groups::update),
        route::<DeleteGroup, _, _>(iam_groups::delete),
        route::<AddUserToGroup, _, _>(iam_groups::add_user),
        route::<RemoveUserFromGroup, _, _>(iam_groups::remove_user),
        route::<ListAttachedGroupPolicies, _, _>(group_policies::list_attached),
        route::<AttachGroupPolicy, _, _>(group_policies::attach),
        route::<DetachGroupPolicy, _, _>(group_policies::detach),
        route::<ListGroupPolicies, _, _>(group_policies::list_inline),
        route::<GetGroupPolicy, _, _>(group_policies::get_inline),
        route::<PutGroupPolicy, _, _>(group_policies::put_inline),
        route::<DeleteGroupPolicy, _, _>(group_policies::delete_inline),
    ]
}

/// Of roles and managed policies.
fn of_roles() -> Vec<Route> {
    vec![
        route::<GetRole, _, _>(roles::get),
        route::<ListRoles, _, _>(roles::list),
        route::<CreateRole, _, _>(roles::create),
        route::<DeleteRole, _, _>(roles::delete),
        route::<UpdateRole, _, _>(roles::update),
        route::<UpdateRoleDescription, _, _>(roles::set_description),
        route::<UpdateAssumeRolePolicy, _, _>(roles::set_trust),
        route::<PutRolePermissionsBoundary, _, _>(roles::put_boundary),
        route::<DeleteRolePermissionsBoundary, _, _>(roles::delete_boundary),
        route::<TagRole, _, _>(roles::tag),
        route::<UntagRole, _, _>(roles::untag),
        route::<ListRoleTags, _, _>(roles::list_tags),
        route::<ListInstanceProfilesForRole, _, _>(roles::list_instance_profiles),
        route::<ListAttachedRolePolicies, _, _>(role_policies::list_attached),
        route::<AttachRolePolicy, _, _>(role_policies::attach),
        route::<DetachRolePolicy, _, _>(role_policies::detach),
        route::<ListRolePolicies, _, _>(role_policies::list_inline),
        route::<GetRolePolicy, _, _>(role_policies::get_inline),
        route::<PutRolePolicy, _, _>(role_policies::put_inline),
        route::<DeleteRolePolicy, _, _>(role_policies::delete_inline),
        route::<GetPolicy, _, _>(policies::get),
        route::<ListPolicies, _, _>(policies::list),
        route::<CreatePolicy, _, _>(policies::create),
        route::<DeletePolicy, _, _>(policies::delete),
        route::<ListEntitiesForPolicy, _, _>(policies::list_entities),
        route::<TagPolicy, _, _>(policies::tag),
        route::<UntagPolicy, _, _>(policies::untag),
        route::<ListPolicyTags, _, _>(policies::list_tags),
        route::<SimulatePrincipalPolicy, _, _>(policy_simulation::principal),
        route::<SimulateCustomPolicy, _, _>(policy_simulation::custom),
        route::<GetContextKeysForPrincipalPolicy, _, _>(policy_simulation::keys_of_principal),
        route::<GetContextKeysForCustomPolicy, _, _>(policy_simulation::keys_of_custom),
        route::<GetPolicyVersion, _, _>(policy_versions::get),
        route::<ListPolicyVersions, _, _>(policy_versions::list),
        route::<CreatePolicyVersion, _, _>(policy_versions::create),
        route::<DeletePolicyVersion, _, _>(policy_versions::delete),
        route::<SetDefaultPolicyVersion, _, _>(policy_versions::set_default),
    ]
}
