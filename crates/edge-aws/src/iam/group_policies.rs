//! Policies of groups: attached ones and inline ones.

use accounts::iam_groups;
use model::cx::Cx;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use policy::require::Action;
use wire::generated::iam::shapes::{
    AttachGroupPolicyRequest, DeleteGroupPolicyRequest, DetachGroupPolicyRequest, GetGroupPolicyRequest,
    GetGroupPolicyResponse, ListAttachedGroupPoliciesRequest, ListAttachedGroupPoliciesResponse,
    ListGroupPoliciesRequest, ListGroupPoliciesResponse, PutGroupPolicyRequest,
};
use wire::operation::Nothing;

use crate::app::App;
use crate::iam::words::{attached, below, encoded, limit};

pub(crate) async fn list_attached(
    app: App,
    cx: Cx,
    input: ListAttachedGroupPoliciesRequest,
) -> Result<ListAttachedGroupPoliciesResponse, Fault> {
    let scope = PageScope::new("ListAttachedGroupPolicies", &[&input.group_name]);
    let page = scope.request(limit(input.max_items), input.marker.as_deref(), PAGE_DEFAULT)?;
    let group = iam_groups::get(&app.store, &cx, Action("iam:ListAttachedGroupPolicies"), &input.group_name)?;
    let found = page.page_of(below(group.managed_policies, input.path_prefix), String::clone);
    let marker = found.next.as_deref().map(|key| scope.encode(key));
    Ok(ListAttachedGroupPoliciesResponse {
        attached_policies: Some(found.items.into_iter().map(attached).collect()),
        is_truncated: Some(marker.is_some()),
        marker,
    })
}

pub(crate) async fn list_inline(
    app: App,
    cx: Cx,
    input: ListGroupPoliciesRequest,
) -> Result<ListGroupPoliciesResponse, Fault> {
    let scope = PageScope::new("ListGroupPolicies", &[&input.group_name]);
    let page = scope.request(limit(input.max_items), input.marker.as_deref(), PAGE_DEFAULT)?;
    let group = iam_groups::get(&app.store, &cx, Action("iam:ListGroupPolicies"), &input.group_name)?;
    let names = group.inline_policies.into_iter().map(|(name, _)| name).collect();
    let found = page.page_of(names, String::clone);
    let marker = found.next.as_deref().map(|key| scope.encode(key));
    Ok(ListGroupPoliciesResponse { policy_names: found.items, is_truncated: Some(marker.is_some()), marker })
}

pub(crate) async fn get_inline(
    app: App,
    cx: Cx,
    input: GetGroupPolicyRequest,
) -> Result<GetGroupPolicyResponse, Fault> {
    let text = iam_groups::inline_policy(&app.store, &cx, &input.group_name, &input.policy_name)?;
    Ok(GetGroupPolicyResponse {
        group_name: input.group_name,
        policy_name: input.policy_name,
        policy_document: encoded(&text),
    })
}

pub(crate) async fn attach(app: App, cx: Cx, input: AttachGroupPolicyRequest) -> Result<Nothing, Fault> {
    iam_groups::attach(&app.store, &cx, &input.group_name, input.policy_arn).await?;
    Ok(Nothing {})
}

pub(crate) async fn detach(app: App, cx: Cx, input: DetachGroupPolicyRequest) -> Result<Nothing, Fault> {
    iam_groups::detach(&app.store, &cx, &input.group_name, input.policy_arn).await?;
    Ok(Nothing {})
}

pub(crate) async fn put_inline(app: App, cx: Cx, input: PutGroupPolicyRequest) -> Result<Nothing, Fault> {
    let policy = (input.policy_name, input.policy_document);
    iam_groups::put_inline(&app.store, &cx, &input.group_name, policy).await?;
    Ok(Nothing {})
}

pub(crate) async fn delete_inline(
    app: App,
    cx: Cx,
    input: DeleteGroupPolicyRequest,
) -> Result<Nothing, Fault> {
    iam_groups::delete_inline(&app.store, &cx, &input.group_name, input.policy_name).await?;
    Ok(Nothing {})
}
