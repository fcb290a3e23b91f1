//! SimulatePrincipalPolicy and SimulateCustomPolicy, and the condition keys that policies ask for.

use accounts::policy_simulation::{self, Answer, Named, PolicySimulation, Source};
use model::access::Context;
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::limits::PAGE_DEFAULT;
use model::page::{Page, PageScope};
use policy::value::is_of_type;
use wire::generated::iam::shapes::{
    ContextEntry, EvaluationResult, GetContextKeysForCustomPolicyRequest, GetContextKeysForPolicyResponse,
    GetContextKeysForPrincipalPolicyRequest, OrganizationsDecisionDetail, PermissionsBoundaryDecisionDetail,
    SimulateCustomPolicyRequest, SimulatePolicyResponse, SimulatePrincipalPolicyRequest, Statement,
};

use crate::app::App;
use crate::iam::words::limit;
use crate::portico::simulation::word;
use crate::sts::sessions::unsupported;

fn invalid(message: String) -> Fault {
    Fault::new(FaultKind::Service("InvalidInput"), message)
}

/// Condition keys by name, each of the type that it is said to be of.
fn context(entries: Option<Vec<ContextEntry>>) -> Result<Context, Fault> {
    let mut context = Context::new();
    for entry in entries.unwrap_or_default() {
        let missing = |member: &str| invalid(format!("ContextEntries: {member} is missing"));
        let name = entry.context_key_name.ok_or_else(|| missing("ContextKeyName"))?;
        let kind = entry.context_key_type.ok_or_else(|| missing("ContextKeyType"))?;
        let values = entry.context_key_values.unwrap_or_default();
        let of = kind.strip_suffix("List");
        if of.is_none() && values.len() != 1 {
            let count = values.len();
            return Err(invalid(format!(
                "ContextEntries: {name} has {count} values; of the type {kind} it must have one"
            )));
        }
        if let Some(wrong) = values.iter().find(|value| !is_of_type(of.unwrap_or(&kind), value)) {
            return Err(invalid(format!("ContextEntries: {name} has {wrong}, which is no {kind}")));
        }
        if context.keys().any(|known| known.eq_ignore_ascii_case(&name)) {
            return Err(invalid(format!("ContextEntries names {name} twice")));
        }
        context.insert(name, values);
    }
    Ok(context)
}

/// The one boundary that there may be.
fn boundary(given: Option<Vec<String>>) -> Result<Option<String>, Fault> {
    let mut given = given.unwrap_or_default();
    match given.len() {
        0 | 1 => Ok(given.pop()),
        count => {
            Err(invalid(format!("PermissionsBoundaryPolicyInputList has {count} policies; it may have one")))
        }
    }
}

fn resources(given: Option<Vec<String>>) -> Vec<String> {
    given.filter(|arns| !arns.is_empty()).unwrap_or_else(|| vec!["*".to_owned()])
}

fn statement(of: Named) -> Statement {
    let kind = match of.source {
        Source::None => "none",
        Source::User => "user",
        Source::Group => "group",
        Source::Role => "role",
        Source::AwsManaged => "aws-managed",
        Source::UserManaged => "user-managed",
        // The model has no word for it.
        Source::ServiceControl => "none",
    };
    Statement {
        source_policy_id: Some(of.id),
        source_policy_type: Some(kind.to_owned()),
        start_position: None,
        end_position: None,
    }
}

fn result(answer: Answer) -> EvaluationResult {
    EvaluationResult {
        eval_action_name: answer.action,
        eval_resource_name: Some(answer.resource),
        eval_decision: word(&answer.decision),
        matched_statements: Some(answer.matched.into_iter().map(statement).collect()),
        missing_context_values: Some(answer.missing),
        permissions_boundary_decision_detail: answer.within_boundary.map(|allowed| {
            PermissionsBoundaryDecisionDetail { allowed_by_permissions_boundary: Some(allowed) }
        }),
        organizations_decision_detail: answer
            .within_organization
            .map(|allowed| OrganizationsDecisionDetail { allowed_by_organizations: Some(allowed) }),
        ..EvaluationResult::default()
    }
}

/// What is asked, as a text: a marker goes on with the same questions alone.
fn question(asked: &PolicySimulation) -> String {
    let PolicySimulation { policies, boundary, actions, resources, context } = asked;
    serde_json::json!([policies, boundary, actions, resources, context]).to_string()
}

fn answered(found: Page<Answer>, scope: &PageScope) -> SimulatePolicyResponse {
    let marker = found.next.as_deref().map(|key| scope.encode(key));
    SimulatePolicyResponse {
        evaluation_results: Some(found.items.into_iter().map(result).collect()),
        is_truncated: Some(marker.is_some()),
        marker,
    }
}

pub(crate) async fn custom(
    _app: App,
    cx: Cx,
    input: SimulateCustomPolicyRequest,
) -> Result<SimulatePolicyResponse, Fault> {
    unsupported(&[
        ("OrderedOrganizationPolicyInputList", input.ordered_organization_policy_input_list.is_some()),
        ("ResourcePolicy", input.resource_policy.is_some()),
        ("ResourceOwner", input.resource_owner.is_some()),
        ("CallerArn", input.caller_arn.is_some()),
        ("ResourceHandlingOption", input.resource_handling_option.is_some()),
    ])?;
    let asked = PolicySimulation {
        policies: input.policy_input_list,
        boundary: boundary(input.permissions_boundary_policy_input_list)?,
        actions: input.action_names,
        resources: resources(input.resource_arns),
        context: context(input.context_entries)?,
    };
    let scope = PageScope::new("SimulateCustomPolicy", &[&question(&asked)]);
    let page = scope.request(limit(input.max_items), input.marker.as_deref(), PAGE_DEFAULT)?;
    Ok(answered(policy_simulation::custom(&cx, &asked, &page)?, &scope))
}

pub(crate) async fn principal(
    app: App,
    cx: Cx,
    input: SimulatePrincipalPolicyRequest,
) -> Result<SimulatePolicyResponse, Fault> {
    unsupported(&[
        ("PolicyExclusionList", input.policy_exclusion_list.is_some()),
        ("ResourcePolicy", input.resource_policy.is_some()),
        ("ResourceOwner", input.resource_owner.is_some()),
        ("CallerArn", input.caller_arn.is_some()),
        ("ResourceHandlingOption", input.resource_handling_option.is_some()),
    ])?;
    let asked = PolicySimulation {
        policies: input.policy_input_list.unwrap_or_default(),
        boundary: boundary(input.permissions_boundary_policy_input_list)?,
        actions: input.action_names,
        resources: resources(input.resource_arns),
        context: context(input.context_entries)?,
    };
    let scope = PageScope::new("SimulatePrincipalPolicy", &[&input.policy_source_arn, &question(&asked)]);
    let page = scope.request(limit(input.max_items), input.marker.as_deref(), PAGE_DEFAULT)?;
    let found = policy_simulation::principal(&app.store, &cx, &input.policy_source_arn, &asked, &page)?;
    Ok(answered(found, &scope))
}

pub(crate) async fn keys_of_custom(
    _app: App,
    cx: Cx,
    input: GetContextKeysForCustomPolicyRequest,
) -> Result<GetContextKeysForPolicyResponse, Fault> {
    let keys = policy_simulation::keys_of_custom(&cx, &input.policy_input_list)?;
    Ok(GetContextKeysForPolicyResponse { context_key_names: Some(keys) })
}

pub(crate) async fn keys_of_principal(
    app: App,
    cx: Cx,
    input: GetContextKeysForPrincipalPolicyRequest,
) -> Result<GetContextKeysForPolicyResponse, Fault> {
    let policies = input.policy_input_list.unwrap_or_default();
    let keys = policy_simulation::keys_of_principal(&app.store, &cx, &input.policy_source_arn, &policies)?;
    Ok(GetContextKeysForPolicyResponse { context_key_names: Some(keys) })
}
