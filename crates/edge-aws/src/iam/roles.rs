//! GetRole, ListRoles, ListAttachedRolePolicies, ListRolePolicies, GetRolePolicy.

use accounts::roles;
use model::cx::Cx;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use policy::require::Action;
use wire::generated::iam::shapes::{
    AttachedPermissionsBoundary, AttachedPolicy, GetRolePolicyRequest, GetRolePolicyResponse, GetRoleRequest,
    GetRoleResponse, ListAttachedRolePoliciesRequest, ListAttachedRolePoliciesResponse,
    ListRolePoliciesRequest, ListRolePoliciesResponse, ListRolesRequest, ListRolesResponse, Role,
};
use wire::timestamp::EpochSeconds;

use crate::app::App;

/// IAM hands policy documents out percent-encoded (RFC 3986).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

pub(crate) fn encoded(document: &serde_json::Value) -> String {
    utf8_percent_encode(&document.to_string(), UNRESERVED).to_string()
}

fn shape(role: model::accounts::role::Role) -> Role {
    Role {
        arn: role.arn(),
        path: role.path,
        role_name: role.name.into(),
        role_id: role.role_id,
        create_date: EpochSeconds(role.created_at.epoch_seconds()),
        assume_role_policy_document: Some(encoded(&role.trust_policy)),
        description: role.description,
        max_session_duration: Some(role.max_session_seconds),
        permissions_boundary: role.permissions_boundary.map(|arn| AttachedPermissionsBoundary {
            permissions_boundary_type: Some("Policy".to_owned()),
            permissions_boundary_arn: Some(arn),
        }),
        tags: None,
        role_last_used: None,
        source_role_template: None,
        max_signin_session_duration: None,
    }
}

pub(crate) async fn get(app: App, cx: Cx, input: GetRoleRequest) -> Result<GetRoleResponse, Fault> {
    let role = roles::get(&app.store, &cx, Action("iam:GetRole"), &input.role_name)?;
    Ok(GetRoleResponse { role: shape(role) })
}

pub(crate) async fn list(app: App, cx: Cx, input: ListRolesRequest) -> Result<ListRolesResponse, Fault> {
    let prefix = input.path_prefix.unwrap_or_else(|| "/".to_owned());
    let scope = PageScope::new("ListRoles", &[&prefix]);
    let page =
        scope.request(input.max_items.map(|max| max.min(1_000)), input.marker.as_deref(), PAGE_DEFAULT)?;
    let found = roles::list(&app.store, &cx, &prefix, &page)?;
    let marker = found.next.as_deref().map(|key| scope.encode(key));
    Ok(ListRolesResponse {
        roles: found.items.into_iter().map(shape).collect(),
        is_truncated: Some(marker.is_some()),
        marker,
    })
}

pub(crate) async fn list_attached(
    app: App,
    cx: Cx,
    input: ListAttachedRolePoliciesRequest,
) -> Result<ListAttachedRolePoliciesResponse, Fault> {
    let scope = PageScope::new("ListAttachedRolePolicies", &[&input.role_name]);
    let page = scope.request(input.max_items, input.marker.as_deref(), PAGE_DEFAULT)?;
    let role = roles::get(&app.store, &cx, Action("iam:ListAttachedRolePolicies"), &input.role_name)?;
    let prefix = input.path_prefix.unwrap_or_else(|| "/".to_owned());
    let mut policies = role.managed_policies;
    policies.retain(|arn| policy::managed::path(arn).starts_with(&prefix));
    let found = page.page_of(policies, String::clone);
    let marker = found.next.as_deref().map(|key| scope.encode(key));
    let attached = |arn: String| AttachedPolicy {
        policy_name: Some(policy::managed::name(&arn).to_owned()),
        policy_arn: Some(arn),
    };
    Ok(ListAttachedRolePoliciesResponse {
        attached_policies: Some(found.items.into_iter().map(attached).collect()),
        is_truncated: Some(marker.is_some()),
        marker,
    })
}

pub(crate) async fn list_inline(
    app: App,
    cx: Cx,
    input: ListRolePoliciesRequest,
) -> Result<ListRolePoliciesResponse, Fault> {
    let scope = PageScope::new("ListRolePolicies", &[&input.role_name]);
    let page = scope.request(input.max_items, input.marker.as_deref(), PAGE_DEFAULT)?;
    let role = roles::get(&app.store, &cx, Action("iam:ListRolePolicies"), &input.role_name)?;
    let names = role.inline_policies.into_iter().map(|(name, _)| name).collect();
    let found = page.page_of(names, String::clone);
    let marker = found.next.as_deref().map(|key| scope.encode(key));
    Ok(ListRolePoliciesResponse { policy_names: found.items, is_truncated: Some(marker.is_some()), marker })
}

pub(crate) async fn get_inline(
    app: App,
    cx: Cx,
    input: GetRolePolicyRequest,
) -> Result<GetRolePolicyResponse, Fault> {
    let document = roles::inline_policy(&app.store, &cx, &input.role_name, &input.policy_name)?;
    Ok(GetRolePolicyResponse {
        role_name: input.role_name,
        policy_name: input.policy_name,
        policy_document: encoded(&document),
    })
}
