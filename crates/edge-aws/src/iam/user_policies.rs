//! Policies of users: attached ones and inline ones.

use accounts::{user_policies, users};
use model::cx::Cx;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use policy::require::Action;
use wire::generated::iam::shapes::{
    AttachUserPolicyRequest, DeleteUserPolicyRequest, DetachUserPolicyRequest, GetUserPolicyRequest,
    GetUserPolicyResponse, ListAttachedUserPoliciesRequest, ListAttachedUserPoliciesResponse,
    ListUserPoliciesRequest, ListUserPoliciesResponse, PutUserPolicyRequest,
};
use wire::operation::Nothing;

use crate::app::App;
use crate::iam::words::{attached, below, encoded, limit};

pub(crate) async fn list_attached(
    app: App,
    cx: Cx,
    input: ListAttachedUserPoliciesRequest,
) -> Result<ListAttachedUserPoliciesResponse, Fault> {
    let scope = PageScope::new("ListAttachedUserPolicies", &[&input.user_name]);
    let page = scope.request(limit(input.max_items), input.marker.as_deref(), PAGE_DEFAULT)?;
    let (user, _) =
        users::get(&app.store, &cx, Action("iam:ListAttachedUserPolicies"), Some(&input.user_name))?;
    let found = page.page_of(below(user.managed_policies, input.path_prefix), String::clone);
    let marker = found.next.as_deref().map(|key| scope.encode(key));
    Ok(ListAttachedUserPoliciesResponse {
        attached_policies: Some(found.items.into_iter().map(attached).collect()),
        is_truncated: Some(marker.is_some()),
        marker,
    })
}

pub(crate) async fn list_inline(
    app: App,
    cx: Cx,
    input: ListUserPoliciesRequest,
) -> Result<ListUserPoliciesResponse, Fault> {
    let scope = PageScope::new("ListUserPolicies", &[&input.user_name]);
    let page = scope.request(limit(input.max_items), input.marker.as_deref(), PAGE_DEFAULT)?;
    let (user, _) = users::get(&app.store, &cx, Action("iam:ListUserPolicies"), Some(&input.user_name))?;
    let names = user.inline_policies.into_iter().map(|(name, _)| name).collect();
    let found = page.page_of(names, String::clone);
    let marker = found.next.as_deref().map(|key| scope.encode(key));
    Ok(ListUserPoliciesResponse { policy_names: found.items, is_truncated: Some(marker.is_some()), marker })
}

pub(crate) async fn get_inline(
    app: App,
    cx: Cx,
    input: GetUserPolicyRequest,
) -> Result<GetUserPolicyResponse, Fault> {
    let text = user_policies::inline_policy(&app.store, &cx, &input.user_name, &input.policy_name)?;
    Ok(GetUserPolicyResponse {
        user_name: input.user_name,
        policy_name: input.policy_name,
        policy_document: encoded(&text),
    })
}

pub(crate) async fn attach(app: App, cx: Cx, input: AttachUserPolicyRequest) -> Result<Nothing, Fault> {
    user_policies::attach(&app.store, &cx, &input.user_name, input.policy_arn).await?;
    Ok(Nothing {})
}

pub(crate) async fn detach(app: App, cx: Cx, input: DetachUserPolicyRequest) -> Result<Nothing, Fault> {
    user_policies::detach(&app.store, &cx, &input.user_name, input.policy_arn).await?;
    Ok(Nothing {})
}

pub(crate) async fn put_inline(app: App, cx: Cx, input: PutUserPolicyRequest) -> Result<Nothing, Fault> {
    let policy = (input.policy_name, input.policy_document);
    user_policies::put_inline(&app.store, &cx, &input.user_name, policy).await?;
    Ok(Nothing {})
}

pub(crate) async fn delete_inline(
    app: App,
    cx: Cx,
    input: DeleteUserPolicyRequest,
) -> Result<Nothing, Fault> {
    user_policies::delete_inline(&app.store, &cx, &input.user_name, input.policy_name).await?;
    Ok(Nothing {})
}
