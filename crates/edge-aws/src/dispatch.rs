//! The one path of every call: verify → decode → check → call → encode → record.

use std::net::IpAddr;
use std::sync::Arc;

use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header, request};
use model::caller::{Caller, Identity};
use model::cx::Cx;
use model::event::{EventHead, EventType, Outcome};
use model::fault::{Fault, FaultKind};
use model::timestamp::Timestamp;
use serde_json::Value;
use sigv4::request::{Request, sha256_hex};
use wire::operation::{Auth, OperationMeta, Protocol};

use crate::app::App;
use crate::caller;
use crate::fault;
use crate::route::Route;

/// A request, read whole.
pub(crate) struct Incoming {
    pub(crate) parts: request::Parts,
    pub(crate) body: Bytes,
    pub(crate) address: IpAddr,
    pub(crate) now: Timestamp,
}

impl Incoming {
    fn query(&self) -> &str {
        self.parts.uri.query().unwrap_or_default()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.parts.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// Serves a call of `route`.
pub(crate) async fn serve(app: &App, route: &Route, incoming: &Incoming) -> Response {
    let meta = route.meta;
    if let Err(wait) = admit(app, meta, incoming) {
        // Nothing of it is read and nothing recorded: there may be any number of them, of any size.
        let cx = context(app, meta, incoming, None, Value::Null);
        log(&cx, meta, &wait);
        return finish(fault::answer(&wait, meta, &cx.request_id), &cx);
    }
    let caller = authenticate(app, meta, incoming);
    let input = caller.is_ok().then(|| decode(meta, incoming));
    let parameters = match &input {
        Some(Ok(input)) => wire::redact::request_parameters(input, meta.input),
        _ => Value::Null,
    };
    let cx = context(app, meta, incoming, caller.as_ref().ok(), parameters);
    let result = match (caller, input) {
        (Err(refused), _) | (_, Some(Err(refused))) => Err(refused),
        (Ok(_), Some(Ok(input))) => route.serve(app.clone(), cx.clone(), input).await,
        (Ok(_), None) => Err(Fault::internal("an input that was never decoded")),
    };
    count_refusal(app, meta, incoming, &result);
    // Nobody is answered without a record, not even who only reads.
    let result = match record(app, meta, &cx, &result).await {
        Ok(()) => result,
        Err(unrecorded) => Err(unrecorded),
    };
    finish(answer(meta, &cx, result), &cx)
}

fn authenticate(app: &App, meta: &OperationMeta, incoming: &Incoming) -> Result<Caller, Fault> {
    match meta.auth {
        Auth::Anonymous => Ok(Caller::anonymous()),
        Auth::Bearer => caller::bearer(app, incoming.header("x-amz-sso_bearer_token"), incoming.now),
        Auth::SigV4 => {
            let headers: Vec<(&str, &[u8])> = incoming
                .parts
                .headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_bytes()))
                .collect();
            // HTTP/2 carries the host in the URI.
            let authority = incoming.parts.uri.authority().map(|authority| authority.as_str().as_bytes());
            let has_host = incoming.parts.headers.contains_key(header::HOST);
            let headers: Vec<_> = headers
                .into_iter()
                .chain(authority.filter(|_| !has_host).map(|value| ("host", value)))
                .collect();
            let body_sha256 = sha256_hex(&incoming.body);
            let request = Request {
                method: incoming.parts.method.as_str(),
                path: incoming.parts.uri.path(),
                query: incoming.query(),
                headers: &headers,
                body_sha256: &body_sha256,
            };
            caller::signed(app, &request, meta, incoming.now)
        }
    }
}

fn decode(meta: &OperationMeta, incoming: &Incoming) -> Result<Value, Fault> {
    let read = match meta.protocol {
        Protocol::AwsJson => wire::aws_json::read(&incoming.body),
        Protocol::RestJson => {
            wire::rest_json::read(incoming.query(), |name| incoming.header(name), &incoming.body, meta.input)
        }
        Protocol::Query => wire::query::Form::parse(&incoming.body).and_then(|form| form.input(meta.input)),
    };
    let input = read.map_err(|error| fault::from_wire(error, meta))?;
    wire::check::check(&input, meta.input).map_err(|error| fault::from_wire(error, meta))?;
    Ok(input)
}

/// What of an operation counts against the address that it comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counted {
    Nothing,
    Calls,
    Refusals,
}

/// What anybody may call is limited by address. CreateToken, by which the tokens of a whole office come, only where it was refused: by codes
/// and secrets that are none, and by polls.
fn counted(meta: &OperationMeta) -> Counted {
    match (meta.auth, meta.name) {
        (Auth::Anonymous, "CreateToken") => Counted::Refusals,
        (Auth::Anonymous, _) => Counted::Calls,
        (Auth::SigV4 | Auth::Bearer, _) => Counted::Nothing,
    }
}

/// Refuses what comes too often from its address.
fn admit(app: &App, meta: &OperationMeta, incoming: &Incoming) -> Result<(), Fault> {
    let (address, now) = (incoming.address, incoming.now);
    let limited = match counted(meta) {
        Counted::Nothing => Ok(()),
        Counted::Calls => app.rates.call(address, now),
        Counted::Refusals => app.rates.try_again(address, now),
    };
    limited.map_err(|seconds| {
        let message = format!("Too many calls from {address}: try again in {seconds} s");
        Fault::new(FaultKind::Throttled(seconds), message)
    })
}

fn count_refusal(app: &App, meta: &OperationMeta, incoming: &Incoming, result: &Result<Vec<u8>, Fault>) {
    let blameless = |fault: &Fault| matches!(fault.kind(), FaultKind::Internal | FaultKind::Unavailable);
    if counted(meta) == Counted::Refusals && result.as_ref().is_err_and(|fault| !blameless(fault)) {
        app.rates.refused(incoming.address, incoming.now);
    }
}

fn context(
    app: &App,
    meta: &OperationMeta,
    incoming: &Incoming,
    caller: Option<&Caller>,
    parameters: Value,
) -> Cx {
    let head = EventHead {
        source: meta.event_source.to_owned(),
        name: meta.name.to_owned(),
        read_only: meta.read_only,
        event_type: if meta.service == "sso" { EventType::AwsServiceEvent } else { EventType::AwsApiCall },
        request_parameters: if meta.service == "sso" { Value::Null } else { parameters },
    };
    let caller = caller.cloned().unwrap_or_else(Caller::anonymous);
    let mut cx = Cx::new(&app.surroundings, caller, incoming.now, head);
    cx.source_ip = incoming.address.to_string().into();
    cx.user_agent = user_agent(&incoming.parts.headers);
    cx
}

/// The `User-Agent`, cut to what a record needs.
fn user_agent(headers: &HeaderMap) -> Arc<str> {
    let text = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.get(..text.len().min(1_024)).unwrap_or_default().into()
}

/// Sees to it that the call is recorded, unless its change took the record with it.
async fn record(
    app: &App,
    meta: &OperationMeta,
    cx: &Cx,
    result: &Result<Vec<u8>, Fault>,
) -> Result<(), Fault> {
    if cx.event().is_recorded() {
        return Ok(());
    }
    let record = match result {
        Ok(_) => cx.record(Outcome::Success),
        Err(fault) => {
            log(cx, meta, fault);
            cx.record(Outcome::Failure { code: fault::code(fault, meta), message: fault.message() })
        }
    };
    let countless = result.as_ref().err().is_some_and(|fault| {
        *fault.kind() == FaultKind::Unavailable || matches!(cx.caller.identity, Identity::Anonymous)
    });
    if countless {
        app.recorder.record_or_drop(record);
        return Ok(());
    }
    app.recorder.record(record).await
}

fn log(cx: &Cx, meta: &OperationMeta, fault: &Fault) {
    let (operation, request_id) = (meta.name, &*cx.request_id);
    match fault.kind() {
        FaultKind::Internal => {
            tracing::error!(operation, request_id, context = fault.context(), "internal fault");
        }
        FaultKind::Unavailable => {
            tracing::warn!(operation, request_id, context = fault.context(), "unavailable");
        }
        _ => tracing::debug!(operation, request_id, %fault, "refused"),
    }
}

fn answer(meta: &OperationMeta, cx: &Cx, result: Result<Vec<u8>, Fault>) -> Response {
    let body = match result {
        Ok(body) => body,
        Err(fault) => return fault::answer(&fault, meta, &cx.request_id),
    };
    let content_type = match meta.protocol {
        Protocol::AwsJson => wire::aws_json::CONTENT_TYPE,
        Protocol::RestJson => wire::rest_json::CONTENT_TYPE,
        Protocol::Query => wire::xml::CONTENT_TYPE,
    };
    let mut response = Response::new(body.into());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// The headers of every answer.
pub(crate) fn finish(mut response: Response, cx: &Cx) -> Response {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&cx.request_id) {
        headers.insert("x-amzn-requestid", id);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// The answer to a call that no operation serves.
pub(crate) fn unknown(app: &App, protocol: Protocol) -> Response {
    let (code, text) = match protocol {
        Protocol::Query => ("InvalidAction", "The action or version is not one that this server serves."),
        Protocol::AwsJson | Protocol::RestJson => (
            "UnknownOperationException",
            "The operation is not one that this server serves: see docs/compat.",
        ),
    };
    unserved(app, protocol, StatusCode::BAD_REQUEST, (code, text))
}

/// The answer to a request that never reaches an operation: as the protocol writes it, with the headers of every answer.
pub(crate) fn unserved(
    app: &App,
    protocol: Protocol,
    status: StatusCode,
    (code, text): (&'static str, &str),
) -> Response {
    let cx = Cx::new(&app.surroundings, Caller::anonymous(), app.clock.now(), EventHead::default());
    let (content_type, body) = match protocol {
        Protocol::Query => (wire::xml::CONTENT_TYPE, wire::xml::error("", code, text, true, &cx.request_id)),
        Protocol::AwsJson => (wire::aws_json::CONTENT_TYPE, wire::aws_json::error(code, text, &[])),
        Protocol::RestJson => (wire::rest_json::CONTENT_TYPE, wire::aws_json::error(code, text, &[])),
    };
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(wire::rest_json::ERROR_TYPE, HeaderValue::from_static(code));
    finish(response, &cx)
}
