//! AttachPolicy, DetachPolicy, and what is attached to what.

use accounts::policy_attachments;
use model::accounts::service_control_policy::ServiceControlPolicyId;
use model::cx::Cx;
use model::fault::Fault;
use model::limits::ORGANIZATIONS_PAGE_MAX;
use model::page::PageScope;
use wire::generated::organizations::shapes::{
    AttachPolicyRequest, DetachPolicyRequest, ListPoliciesForTargetRequest, ListPoliciesForTargetResponse,
    ListTargetsForPolicyRequest, ListTargetsForPolicyResponse, PolicyTargetSummary,
};
use wire::operation::Nothing;

use crate::app::App;
use crate::organizations::pages::limit;
use crate::organizations::policies::summary;

pub(crate) async fn attach(app: App, cx: Cx, input: AttachPolicyRequest) -> Result<Nothing, Fault> {
    let id = ServiceControlPolicyId::parse(input.policy_id)?;
    policy_attachments::attach(&app.store, &cx, id, input.target_id).await?;
    Ok(Nothing {})
}

pub(crate) async fn detach(app: App, cx: Cx, input: DetachPolicyRequest) -> Result<Nothing, Fault> {
    let id = ServiceControlPolicyId::parse(input.policy_id)?;
    policy_attachments::detach(&app.store, &cx, id, input.target_id).await?;
    Ok(Nothing {})
}

pub(crate) async fn list_policies(
    app: App,
    cx: Cx,
    input: ListPoliciesForTargetRequest,
) -> Result<ListPoliciesForTargetResponse, Fault> {
    let scope = PageScope::new("ListPoliciesForTarget", &[&input.target_id, &input.filter]);
    let page =
        scope.request(Some(limit(input.max_results)), input.next_token.as_deref(), ORGANIZATIONS_PAGE_MAX)?;
    let asked = (input.target_id.as_str(), input.filter.as_str());
    let (found, organization) = policy_attachments::of_target(&app.store, &cx, asked, &page)?;
    let policies = found.items.into_iter().map(|policy| summary(policy, &organization));
    Ok(ListPoliciesForTargetResponse {
        policies: Some(policies.collect()),
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
    })
}

pub(crate) async fn list_targets(
    app: App,
    cx: Cx,
    input: ListTargetsForPolicyRequest,
) -> Result<ListTargetsForPolicyResponse, Fault> {
    let scope = PageScope::new("ListTargetsForPolicy", &[&input.policy_id]);
    let page =
        scope.request(Some(limit(input.max_results)), input.next_token.as_deref(), ORGANIZATIONS_PAGE_MAX)?;
    let id = ServiceControlPolicyId::parse(input.policy_id)?;
    let (found, organization) = policy_attachments::targets(&app.store, &cx, &id, &page)?;
    let target = |target: policy_attachments::Target| PolicyTargetSummary {
        arn: Some(organization.arn_of(&target.id)),
        target_id: Some(target.id),
        name: Some(target.name),
        r#type: Some(target.kind.to_owned()),
    };
    Ok(ListTargetsForPolicyResponse {
        targets: Some(found.items.into_iter().map(target).collect()),
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
    })
}
