//! AuthorizeRequest: another service's request, its signature verified as one to us is, and what its signer may do by it.

use accounts::request_authorization::{self, Answer, Asked, Signed};
use model::access::Context;
use model::accounts::account::AccountId;
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use sigv4::request::Request;
use wire::generated::portico::shapes::{
    AuthorizeRequestRequest, AuthorizeRequestResponse, AuthorizedAction, ContextEntry,
    Decision as DecisionShape, RefusedRequest, Signer,
};
use wire::timestamp::EpochSeconds;

use crate::app::App;
use crate::caller::{self, Judged, Received};
use crate::portico::simulation::{context, word};
use crate::sso_admin::ids;

/// S3 hands its callers' bodies on while they come: what stands for the body is declared, and verified by who reads it.
const S3: &str = "s3";

fn answer(answer: Answer) -> DecisionShape {
    DecisionShape {
        action_name: answer.action,
        resource_name: answer.resource,
        decision: word(&answer.decision),
        reason: answer.reason,
    }
}

fn signer(judged: Judged, mut told: Context) -> Signer {
    let caller = &judged.caller;
    let id = told.remove("aws:userid").and_then(|mut values| values.pop());
    Signer {
        arn: caller.arn(),
        account_id: caller.account_id().map(ToString::to_string).unwrap_or_default(),
        principal_id: id.unwrap_or_default(),
        expires_at: judged.expires_at.map(|at| EpochSeconds(at.epoch_seconds())),
        access_key_id: judged.access_key_id,
        context_entries: told
            .into_iter()
            .map(|(key, values)| ContextEntry { context_key_name: key, context_key_values: values })
            .collect(),
    }
}

/// What is said of a request whose signer is not known.
fn refused(fault: &Fault) -> AuthorizeRequestResponse {
    let code = match fault.kind() {
        FaultKind::Service(code) => (*code).to_owned(),
        _ => String::new(),
    };
    AuthorizeRequestResponse {
        refused: Some(RefusedRequest { code, message: fault.message().to_owned() }),
        signer: None,
        declared_payload: None,
        decisions: Vec::new(),
    }
}

pub(crate) async fn authorize(
    app: App,
    cx: Cx,
    input: AuthorizeRequestRequest,
) -> Result<AuthorizeRequestResponse, Fault> {
    let instance = ids::instance(&cx, &input.instance_arn)?;
    let owner = input.resource_account_id.map(AccountId::parse).transpose()?;
    let owner =
        request_authorization::guard(&app.store, &cx, (&instance, &input.signing_name), owner.as_ref())?;
    let given = context(input.context_entries.unwrap_or_default())?;
    request_authorization::check(&given)?;
    if input.signing_name != S3 && input.payload_hash.is_none() {
        return Err(Fault::validation(
            "PayloadHash is missing: it may be left out of requests to s3 alone, which declare it",
        ));
    }
    let names: Vec<(String, String)> =
        input.headers.into_iter().map(|header| (header.name.to_ascii_lowercase(), header.value)).collect();
    let headers: Vec<(&str, &[u8])> =
        names.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let region = input.signing_region.unwrap_or_else(|| app.surroundings.region.to_string());
    let received = Received {
        request: Request {
            method: &input.method,
            path: &input.path,
            query: input.query.as_deref().unwrap_or_default(),
            headers: &headers,
        },
        service: &input.signing_name,
        region: &region,
        payload: input.payload_hash.as_deref(),
        is_s3: input.signing_name == S3,
    };
    cx.event().detail("signingName", input.signing_name.as_str());
    let judged = match caller::received(&app, &received, cx.now) {
        Ok(judged) => judged,
        Err(fault) if matches!(fault.kind(), FaultKind::Service(_)) => {
            cx.event().detail("refused", fault.message());
            return Ok(refused(&fault));
        }
        Err(fault) => return Err(fault),
    };
    let asked = |one: AuthorizedAction| Asked { action: one.action_name, resource: one.resource_name };
    let asked: Vec<Asked> = input.actions.unwrap_or_default().into_iter().map(asked).collect();
    let signed = Signed { signer: &judged.caller, region: &region, owner: owner.as_ref() };
    let (answers, told) = request_authorization::answers(&cx, &signed, (asked, given));
    cx.event().detail("signer", judged.caller.arn());
    cx.event().detail("accessKeyId", judged.access_key_id.as_str());
    let said: Vec<String> = answers
        .iter()
        .map(|answer| format!("{} on {}: {}", answer.action, answer.resource, word(&answer.decision)))
        .collect();
    cx.event().detail("decisions", said);
    Ok(AuthorizeRequestResponse {
        refused: None,
        declared_payload: Some(judged.declared.clone()),
        signer: Some(signer(judged, told)),
        decisions: answers.into_iter().map(answer).collect(),
    })
}
