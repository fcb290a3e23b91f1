//! The one path of every call: verify → decode → check → call → encode → record.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request};
use jsontext::Json;
use model::brief;
use model::caller::Caller;
use model::cx::Cx;
use model::event::{EventHead, EventType, Outcome};
use model::fault::{Fault, FaultKind, OAuthError};
use model::timestamp::Timestamp;
use wire::check::Strangers;
use wire::input::Taking;
use wire::operation::{Auth, OperationMeta, Protocol};
use wire::query::Form;

use crate::app::App;
use crate::caller;
use crate::dialect::{Dialect, QueryError};
use crate::fault;
use crate::route::{Asked, Given, Route};

/// The header that names the request, by which its record is found.
static REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// Room for the headers of an answer, those that the listener adds among them.
const ANSWER_HEADERS: usize = 6;

/// A request, read whole.
pub(crate) struct Incoming {
    pub(crate) parts: request::Parts,
    pub(crate) body: Bytes,
    pub(crate) address: IpAddr,
    /// The address as records have it.
    pub(crate) source: Arc<str>,
    /// Whether the caller's side of the connection is known to be TLS.
    pub(crate) secure: bool,
    pub(crate) now: Timestamp,
    /// The parameters of a call of the Query protocol.
    pub(crate) form: Option<Form>,
}

impl Incoming {
    pub(crate) fn query(&self) -> &str {
        self.parts.uri.query().unwrap_or_default()
    }

    /// What a header says; nothing where it was sent more than once, since nobody can say which one is meant.
    fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.parts.headers.get_all(name).iter();
        let first = values.next()?;
        values.next().map_or_else(|| first.to_str().ok(), |_| None)
    }
}

/// Serves a call of `route`.
pub(crate) async fn serve(app: &App, route: &Route, incoming: &Incoming) -> Response {
    let meta = route.meta;
    let dialect = Dialect::new(meta.protocol, &incoming.parts.headers);
    if let Err(wait) = admit(app, meta, incoming) {
        // Nothing of it is read, and it is counted rather than recorded: there may be any number of them, of any size.
        let cx = context(app, meta, incoming, None, Json::default());
        log(&cx, meta, &wait);
        app.recorder.tally(&cx, Outcome::Failure { code: fault::code(&wait, meta), message: wait.message() });
        return finish(fault::answer(&wait, meta, dialect, &cx.request_id), &cx);
    }
    let caller = authenticate(app, meta, incoming);
    let asked = caller.is_ok().then(|| decode(route, incoming));
    let (parameters, asked) = match asked {
        Some(Ok(mut asked)) => (std::mem::take(&mut asked.shown), Some(Ok(asked))),
        other => (Json::default(), other),
    };
    let cx = context(app, meta, incoming, caller.as_ref().ok(), parameters);
    let result = match (caller, asked) {
        (Err(refused), _) | (_, Some(Err(refused))) => Err(refused),
        (Ok(_), Some(Ok(asked))) => asked.serve(app.clone(), cx.clone(), dialect).await,
        (Ok(_), None) => Err(Fault::internal("an input that was never decoded")),
    };
    count_refusal(app, meta, incoming, &result);
    // Nobody is answered without a record, not even who only reads.
    let result = match record(app, meta, &cx, &result).await {
        Ok(()) => result,
        Err(unrecorded) => Err(unrecorded),
    };
    let result =
        result.map_err(|fault| accounts::authorization_messages::with_message(&app.store, &cx, fault));
    finish(answer(meta, &cx, dialect, result), &cx)
}

fn authenticate(app: &App, meta: &OperationMeta, incoming: &Incoming) -> Result<Caller, Fault> {
    match meta.auth {
        Auth::Anonymous => Ok(Caller::anonymous()),
        Auth::Bearer => caller::bearer(app, incoming.header("x-amz-sso_bearer_token"), incoming.now),
        Auth::SigV4 => caller::signed(app, (&incoming.parts, &incoming.body), meta, incoming.now),
    }
}

fn decode(route: &Route, incoming: &Incoming) -> Result<Asked, Fault> {
    let meta = route.meta;
    let given = match meta.protocol {
        Protocol::AwsJson => Ok(Given::Json(Cow::Borrowed(&*incoming.body))),
        Protocol::RestJson => {
            let header = |name: &str| incoming.header(name);
            wire::rest_json::read(incoming.query(), header, &incoming.body, meta.input).map(Given::Json)
        }
        Protocol::Query => {
            let read = incoming.form.as_ref().map_or_else(
                || Form::parse(&incoming.body).and_then(|form| form.input(meta.input)),
                |form| form.input(meta.input),
            );
            read.map(Given::Value)
        }
    };
    let strangers = match meta.service {
        "sso-oidc" | "signin" => Strangers::Dropped,
        _ => Strangers::Refused,
    };
    // The portal's records are of the service's own events, which show no parameters.
    let how = Taking { strangers, shows: meta.service != "sso" };
    given.and_then(|given| route.read(given, how)).map_err(|error| fault::from_wire(error, meta))
}

/// What of an operation counts against the address that it comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counted {
    Nothing,
    Calls,
    Refusals,
}

/// What anybody may call is limited by address. CreateToken and CreateOAuth2Token, by which the tokens of a whole office come, only where they were
/// refused: by codes and secrets that are none, and by polls.
fn counted(meta: &OperationMeta) -> Counted {
    match (meta.auth, meta.name) {
        (Auth::Anonymous, "CreateToken" | "CreateOAuth2Token") => Counted::Refusals,
        (Auth::Anonymous, _) => Counted::Calls,
        (Auth::SigV4 | Auth::Bearer, _) => Counted::Nothing,
    }
}

/// Refuses what comes too often from its address.
fn admit(app: &App, meta: &OperationMeta, incoming: &Incoming) -> Result<(), Fault> {
    let (address, now) = (incoming.address, incoming.now);
    let limited = match counted(meta) {
        Counted::Nothing => Ok(()),
        Counted::Calls => app.rates.keep(address, now, incoming.body.len()),
        Counted::Refusals => app.rates.try_again(address, now),
    };
    limited.map_err(|seconds| {
        tracing::trace!(target: model::counted::TARGET, what = "call", result = "slowed", source = %address);
        let message = format!("Too many calls from {address}: try again in {seconds} s");
        Fault::new(FaultKind::Throttled(seconds), message)
    })
}

fn count_refusal(app: &App, meta: &OperationMeta, incoming: &Incoming, result: &Result<Vec<u8>, Fault>) {
    if counted(meta) != Counted::Refusals {
        return;
    }
    match result.as_ref().map_err(Fault::kind) {
        Ok(_) | Err(FaultKind::Internal | FaultKind::Unavailable) => {
            app.rates.was_right(incoming.address, incoming.now);
        }
        // An office that signs in by device codes polls with codes that are good.
        Err(FaultKind::OAuth(OAuthError::AuthorizationPending)) => {
            app.rates.was_early(incoming.address, incoming.now);
        }
        Err(_) => {}
    }
}

fn context(
    app: &App,
    meta: &OperationMeta,
    incoming: &Incoming,
    caller: Option<&Caller>,
    parameters: Json,
) -> Cx {
    let head = EventHead {
        source: meta.event_source.into(),
        name: meta.name.into(),
        read_only: meta.read_only,
        event_type: if meta.service == "sso" { EventType::AwsServiceEvent } else { EventType::AwsApiCall },
        request_parameters: parameters,
    };
    let caller = caller.cloned().unwrap_or_else(Caller::anonymous);
    let mut cx = Cx::new(&app.surroundings, caller, incoming.now, head);
    cx.source_ip = incoming.source.clone();
    cx.user_agent = text(&incoming.parts.headers, header::USER_AGENT);
    cx.referer = text(&incoming.parts.headers, header::REFERER);
    cx.secure_transport = Some(incoming.secure);
    cx
}

/// What a header says, cut to what a record needs.
fn text(headers: &HeaderMap, name: HeaderName) -> Arc<str> {
    let text = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    brief::text(text, 1_024).into()
}

/// Sees to it that the call is recorded, unless its change took the record with it.
pub(crate) async fn record(
    app: &App,
    meta: &OperationMeta,
    cx: &Cx,
    result: &Result<Vec<u8>, Fault>,
) -> Result<(), Fault> {
    if cx.event().is_recorded() {
        return Ok(());
    }
    match result {
        Ok(_) => app.recorder.record(cx.record(Outcome::Success).to_keep()).await,
        Err(fault) => {
            log(cx, meta, fault);
            let outcome = Outcome::Failure { code: fault::code(fault, meta), message: fault.message() };
            app.recorder.tally(cx, outcome);
            Ok(())
        }
    }
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

fn answer(meta: &OperationMeta, cx: &Cx, dialect: Dialect, result: Result<Vec<u8>, Fault>) -> Response {
    let body = match result {
        Ok(body) => body,
        Err(fault) => return fault::answer(&fault, meta, dialect, &cx.request_id),
    };
    let mut response = Response::new(body.into());
    *response.headers_mut() = HeaderMap::with_capacity(ANSWER_HEADERS);
    let content_type = HeaderValue::from_static(dialect.content_type());
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    response
}

/// The headers of every answer.
pub(crate) fn finish(mut response: Response, cx: &Cx) -> Response {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&cx.request_id) {
        headers.insert(&REQUEST_ID, id);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// The answer to a call that no operation serves.
pub(crate) fn unknown(app: &App, dialect: Dialect) -> Response {
    let (code, text) = match dialect {
        Dialect::QueryXml | Dialect::QueryJson => {
            ("InvalidAction", "The action or version is not one that this server serves.")
        }
        Dialect::AwsJson | Dialect::RestJson => (
            "UnknownOperationException",
            "The operation is not one that this server serves: see docs/compat.",
        ),
    };
    unserved(app, dialect, StatusCode::BAD_REQUEST, (code, text))
}

/// The answer to a request that never reaches an operation: as the dialect writes it, with the headers of every answer.
pub(crate) fn unserved(
    app: &App,
    dialect: Dialect,
    status: StatusCode,
    (code, message): (&'static str, &str),
) -> Response {
    let cx = Cx::new(&app.surroundings, Caller::anonymous(), app.clock.now(), EventHead::default());
    let error = QueryError { namespace: "", code, message, sender: true };
    let mut response = Response::new(dialect.plain_error(&error, &[], &cx.request_id).into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(dialect.content_type()));
    headers.insert(wire::rest_json::ERROR_TYPE, HeaderValue::from_static(code));
    finish(response, &cx)
}
