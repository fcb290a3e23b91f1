//! SimulateAccess.

use accounts::simulation::{self, Answer, Matched, Simulation};
use model::access::{Context, Decision};
use model::accounts::account::AccountId;
use model::cx::Cx;
use model::directory::user::UserId;
use model::fault::Fault;
use policy::evaluate::Layer;
use wire::generated::portico::shapes::{
    ContextEntry, EvaluationResult, MatchedStatement, SimulateAccessRequest, SimulateAccessResponse,
};

use crate::app::App;
use crate::portico::access::{grant, moment};
use crate::sso_admin::ids;

/// Condition keys by name. One that is given twice, in whatever case, has two meanings.
pub(crate) fn context(entries: Vec<ContextEntry>) -> Result<Context, Fault> {
    let mut context = Context::new();
    for entry in entries {
        let name = entry.context_key_name;
        if context.keys().any(|known| known.eq_ignore_ascii_case(&name)) {
            return Err(Fault::validation(format!("ContextEntries names {name} twice")));
        }
        context.insert(name, entry.context_key_values);
    }
    Ok(context)
}

fn matched(one: Matched) -> MatchedStatement {
    let kind = match one.layer {
        Layer::ServiceControl => "SERVICE_CONTROL",
        Layer::Identity => "IDENTITY",
        Layer::Boundary | Layer::Session => "BOUNDARY",
    };
    MatchedStatement {
        source_policy_type: kind.to_owned(),
        source_policy_id: one.policy,
        statement_id: one.statement,
    }
}

/// IAM's word for a decision.
pub(crate) fn word(decision: &Decision) -> String {
    let word = match decision {
        Decision::Allow => "allowed",
        Decision::ExplicitDeny(_) => "explicitDeny",
        Decision::ImplicitDeny => "implicitDeny",
    };
    word.to_owned()
}

fn result(answer: Answer) -> EvaluationResult {
    EvaluationResult {
        eval_action_name: answer.action,
        eval_resource_name: answer.resource,
        eval_decision: word(&answer.decision),
        matched_statements: answer.matched.into_iter().map(matched).collect(),
        missing_context_values: answer.missing,
        reason: answer.reason,
    }
}

pub(crate) async fn simulate(
    app: App,
    cx: Cx,
    input: SimulateAccessRequest,
) -> Result<SimulateAccessResponse, Fault> {
    let instance = ids::instance(&cx, &input.instance_arn)?;
    let asked = Simulation {
        user_id: UserId::from_reference(&input.user_id)?,
        account_id: AccountId::parse(input.account_id)?,
        permission_set: ids::permission_set(&input.permission_set_arn)?,
        actions: input.action_names,
        resources: input.resource_arns.unwrap_or_else(|| vec!["*".to_owned()]),
        context: context(input.context_entries.unwrap_or_default())?,
        at: input.at.map(moment),
    };
    let simulated = simulation::simulate(&app.store, &cx, &instance, &asked)?;
    Ok(SimulateAccessResponse {
        has_access: !simulated.granted_by.is_empty(),
        granted_by: simulated.granted_by.iter().map(grant).collect(),
        evaluation_results: simulated.answers.into_iter().map(result).collect(),
    })
}
