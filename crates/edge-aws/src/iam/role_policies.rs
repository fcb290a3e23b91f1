//! Policies of roles: attached ones and inline ones.

use accounts::{role_policies, roles};
use model::cx::Cx;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use policy::require::Action;
use wire::generated::iam::shapes::{
    AttachRolePolicyRequest, DeleteRolePolicyRequest, DetachRolePolicyRequest, GetRolePolicyRequest,
    GetRolePolicyResponse, ListAttachedRolePoliciesRequest, ListAttachedRolePoliciesResponse,
    ListRolePoliciesRequest, ListRolePoliciesResponse, PutRolePolicyRequest,
};
use wire::operation::Nothing;

use crate::app::App;
use crate::iam::words::{attached, below, encoded, limit};

pub(crate) async fn list_attached(
    app: App,
    cx: Cx,
    input: ListAttachedRolePoliciesRequest,
) -> Result<ListAttachedRolePoliciesResponse, Fault> {
    let scope = PageScope::new("ListAttachedRolePolicies", &[&input.role_name]);
    let page = scope.request(limit(input.max_items), input.marker.as_deref(), PAGE_DEFAULT)?;
    let role = roles::get(&app.store, &cx, Action("iam:ListAttachedRolePolicies"), &input.role_name)?;
    let found = page.page_of(below(role.managed_policies, input.path_prefix), String::clone);
    let marker = found.next.as_deref().map(|key| scope.encode(key));
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
    let page = scope.request(limit(input.max_items), input.marker.as_deref(), PAGE_DEFAULT)?;
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
    let document = role_policies::inline_policy(&app.store, &cx, &input.role_name, &input.policy_name)?;
    Ok(GetRolePolicyResponse {
        role_name: input.role_name,
        policy_name: input.policy_name,
        policy_document: encoded(&document.to_string()),
    })
}

pub(crate) async fn attach(app: App, cx: Cx, input: AttachRolePolicyRequest) -> Result<Nothing, Fault> {
    role_policies::attach(&app.store, &cx, &input.role_name, input.policy_arn).await?;
    Ok(Nothing {})
}

pub(crate) async fn detach(app: App, cx: Cx, input: DetachRolePolicyRequest) -> Result<Nothing, Fault> {
    role_policies::detach(&app.store, &cx, &input.role_name, input.policy_arn).await?;
    Ok(Nothing {})
}

pub(crate) async fn put_inline(app: App, cx: Cx, input: PutRolePolicyRequest) -> Result<Nothing, Fault> {
    let policy = (input.policy_name, input.policy_document.as_str());
    role_policies::put_inline(&app.store, &cx, &input.role_name, policy).await?;
    Ok(Nothing {})
}

pub(crate) async fn delete_inline(
    app: App,
    cx: Cx,
    input: DeleteRolePolicyRequest,
) -> Result<Nothing, Fault> {
    role_policies::delete_inline(&app.store, &cx, &input.role_name, input.policy_name).await?;
    Ok(Nothing {})
}
