//! Policies of the organization: CreatePolicy, DescribePolicy, UpdatePolicy, DeletePolicy, ListPolicies.

use accounts::service_control_policies::{self, NewPolicy, PolicyChange};
use model::accounts::organization::Organization;
use model::accounts::service_control_policy::{
    SERVICE_CONTROL_POLICY, ServiceControlPolicy, ServiceControlPolicyId,
};
use model::cx::Cx;
use model::fault::Fault;
use model::limits::ORGANIZATIONS_PAGE_MAX;
use model::page::PageScope;
use wire::generated::organizations::shapes::{
    CreatePolicyRequest, CreatePolicyResponse, DeletePolicyRequest, DescribePolicyRequest,
    DescribePolicyResponse, ListPoliciesRequest, ListPoliciesResponse, Policy, PolicySummary,
    UpdatePolicyRequest, UpdatePolicyResponse,
};
use wire::operation::Nothing;

use crate::app::App;
use crate::organizations::pages::limit;
use crate::organizations::tags;

/// A policy as lists have it.
pub(crate) fn summary(policy: ServiceControlPolicy, organization: &Organization) -> PolicySummary {
    PolicySummary {
        arn: Some(organization.arn_of(policy.id.as_str())),
        aws_managed: Some(policy.id.is_aws_managed()),
        id: Some(policy.id.into()),
        name: Some(policy.name),
        description: Some(policy.description),
        r#type: Some(SERVICE_CONTROL_POLICY.to_owned()),
    }
}

fn shape((mut policy, organization): (ServiceControlPolicy, Organization)) -> Policy {
    let content = std::mem::take(&mut policy.content);
    Policy { policy_summary: Some(summary(policy, &organization)), content: Some(content) }
}

pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: CreatePolicyRequest,
) -> Result<CreatePolicyResponse, Fault> {
    let new = NewPolicy {
        tags: tags::read(input.tags.unwrap_or_default())?,
        name: input.name,
        description: input.description,
        content: input.content,
        kind: input.r#type,
    };
    let made = service_control_policies::create(&app.store, &cx, new).await?;
    Ok(CreatePolicyResponse { policy: Some(shape(made)) })
}

pub(crate) async fn describe(
    app: App,
    cx: Cx,
    input: DescribePolicyRequest,
) -> Result<DescribePolicyResponse, Fault> {
    let id = ServiceControlPolicyId::parse(input.policy_id)?;
    let found = service_control_policies::describe(&app.store, &cx, &id)?;
    Ok(DescribePolicyResponse { policy: Some(shape(found)) })
}

pub(crate) async fn update(
    app: App,
    cx: Cx,
    input: UpdatePolicyRequest,
) -> Result<UpdatePolicyResponse, Fault> {
    let id = ServiceControlPolicyId::parse(input.policy_id)?;
    let change = PolicyChange { name: input.name, description: input.description, content: input.content };
    let changed = service_control_policies::update(&app.store, &cx, id, change).await?;
    Ok(UpdatePolicyResponse { policy: Some(shape(changed)) })
}

pub(crate) async fn delete(app: App, cx: Cx, input: DeletePolicyRequest) -> Result<Nothing, Fault> {
    let id = ServiceControlPolicyId::parse(input.policy_id)?;
    service_control_policies::delete(&app.store, &cx, id).await?;
    Ok(Nothing {})
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListPoliciesRequest,
) -> Result<ListPoliciesResponse, Fault> {
    let scope = PageScope::new("organizations:ListPolicies", &[&input.filter]);
    let page =
        scope.request(Some(limit(input.max_results)), input.next_token.as_deref(), ORGANIZATIONS_PAGE_MAX)?;
    let (found, organization) = service_control_policies::list(&app.store, &cx, &input.filter, &page)?;
    let policies = found.items.into_iter().map(|policy| summary(policy, &organization));
    Ok(ListPoliciesResponse {
        policies: Some(policies.collect()),
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
    })
}
