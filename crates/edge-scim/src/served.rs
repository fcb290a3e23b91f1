//! The one path of every request: who calls → body → what is asked → record → answer. Before it is known who calls, nothing of the body is read and
//! nothing is said of what there is.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, header, request};
use model::brief;
use model::caller::Caller;
use model::client_address::{OverTls, client_address, is_secure};
use model::cx::Cx;
use model::event::{EventHead, EventType, HIDDEN};
use model::fault::{Fault, FaultKind};
use model::limits::BODY_BYTES_MAX;
use model::sources::provisioning_tenant::TenantId;
use model::timestamp::Timestamp;
use percent_encoding::percent_decode_str;
use scim::error::Error;
use scim::listing::Given;
use scim::resource;
use serde_json::{Map, Value, json};
use sources::tokens::{self, Presented};
use zeroize::Zeroize as _;

use crate::answer::Answer;
use crate::asked::Asked;
use crate::op::{Op, Versions};
use crate::password::Body;
use crate::refused::Refused;
use crate::state::Scim;
use crate::{bulk, calls, strict};

/// CloudTrail's source of SCIM.
const SOURCE: &str = "identitystore-scim.amazonaws.com";
/// How long a body may take to come.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// What a proxy says of whom it speaks for.
static FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
static FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Serves a request of a tenant.
pub(crate) async fn serve(scim: Scim, tenant: String, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let now = scim.clock.now();
    let asked = Asked::of(&parts.method, &segments(parts.uri.path()));
    let presented = bearer(&parts.headers)
        .ok_or_else(|| Fault::new(FaultKind::Unauthorized, "A bearer token is missing"))
        .and_then(|token| tokens::authenticate(&scim.store, &tenant, token, now));
    let presented = match presented {
        Ok(presented) => presented,
        Err(fault) => {
            let parameters = json!({ "tenantId": brief::text(&tenant, 64) });
            let cx = context(&scim, &parts, (&asked, Caller::anonymous(), now), parameters);
            return finish(&scim, &cx, &asked, Err(fault.into())).await;
        }
    };
    note_use(&scim, &presented, now);
    let read = if asked.has_body() { read(body).await.map(Some) } else { Ok(None) };
    let parameters =
        parameters(&tenant, &asked, read.as_ref().ok().and_then(Option::as_ref).map(|body| &body.0));
    let cx = context(&scim, &parts, (&asked, presented.caller.clone(), now), parameters);
    let op = Op {
        issuer: TenantId::trusted(tenant.as_str()).issuer(&scim.surroundings.region),
        base: format!("{}/{tenant}/scim/v2", scim.base_url),
        given: Given::of_pairs(pairs(parts.uri.query().unwrap_or_default())),
        versions: Versions {
            wanted: text(&parts.headers, &header::IF_MATCH),
            unwanted: text(&parts.headers, &header::IF_NONE_MATCH),
        },
        at: presented.at,
        scim: scim.clone(),
        cx: cx.clone(),
    };
    let result = match read {
        // Apart: what an operation needs room for is not kept with every request.
        Ok(body) => Box::pin(call(&op, &asked, body.unwrap_or_default())).await,
        Err(error) => Err(error.into()),
    };
    finish(&scim, &cx, &asked, result).await
}

/// Does what is asked.
async fn call(op: &Op, asked: &Asked, body: Body) -> Result<Answer, Refused> {
    if op.is_strict() {
        strict::require_served(asked)?;
    }
    if *asked == Asked::Bulk { bulk::run(op, &body.0).await } else { calls::single(op, asked, body).await }
}

/// Records what was done, unless its change took the record along, and answers.
async fn finish(scim: &Scim, cx: &Cx, asked: &Asked, result: Result<Answer, Refused>) -> Response {
    let result = match calls::record(scim, cx, asked, &result).await {
        Ok(()) => result,
        Err(unrecorded) => Err(unrecorded.into()),
    };
    result.unwrap_or_else(|refused| refused.answer(cx)).into_response(&cx.request_id)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (first, more) = (values.next()?, values.next());
    let (scheme, token) = first.to_str().ok().filter(|_| more.is_none())?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Has it written, beside the call, that a token is used. If it cannot be, the next use says it.
fn note_use(scim: &Scim, presented: &Presented, now: Timestamp) {
    if !presented.is_to_be_noted {
        return;
    }
    let caller = Caller::service(scim.surroundings.owner.clone());
    let cx = Cx::new(&scim.surroundings, caller, now, EventHead::default());
    let (store, id) = (scim.store.clone(), presented.token_id.clone());
    tokio::spawn(async move {
        if let Err(fault) = tokens::note_use(&store, &cx, id).await {
            tracing::debug!(%fault, "the use of a token is not written");
        }
    });
}

/// A body within bounds of size and time, parsed.
async fn read(body: axum::body::Body) -> Result<Body, Error> {
    let came = tokio::time::timeout(BODY_TIMEOUT, to_bytes(body, BODY_BYTES_MAX)).await;
    let came = came.map_err(|_| Error::new(408, "the request body did not arrive in time"))?;
    let bytes = came.map_err(|_| {
        Error::new(413, format!("the request body is larger than {BODY_BYTES_MAX} bytes, or was cut off"))
    })?;
    let parsed = resource::parse(&bytes).map(Body);
    if let Ok(mut bytes) = bytes.try_into_mut() {
        bytes.as_mut().zeroize();
    }
    parsed
}

/// What a record shows of a request: as AWS, whatever somebody sent of people is hidden.
fn parameters(tenant: &str, asked: &Asked, body: Option<&Map<String, Value>>) -> Value {
    let mut shown = json!({ "tenantId": tenant });
    if let Some(id) = asked.id() {
        shown["id"] = brief::text(id, 64).into();
    }
    if let Some(body) = body {
        let members =
            body.keys().take(64).map(|name| (brief::text(name, 128).to_owned(), Value::from(HIDDEN)));
        shown["httpBody"] = Value::Object(members.collect());
    }
    shown
}

fn context(
    scim: &Scim,
    parts: &request::Parts,
    (asked, caller, now): (&Asked, Caller, Timestamp),
    shown: Value,
) -> Cx {
    let head = EventHead {
        source: SOURCE.into(),
        name: asked.name().into(),
        read_only: asked.is_read_only(),
        event_type: EventType::AwsApiCall,
        request_parameters: shown.into(),
    };
    let mut cx = Cx::new(&scim.surroundings, caller, now, head);
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let over_tls = parts.extensions.get::<OverTls>().is_some_and(|tls| tls.0);
    if let Some(peer) = peer {
        let values = |name| parts.headers.get_all(name).iter().map(HeaderValue::as_bytes);
        let address = client_address(peer, values(&FORWARDED_FOR), &scim.trusted_proxies);
        cx.source_ip = address.to_string().into();
        cx.secure_transport =
            Some(is_secure(peer, over_tls, values(&FORWARDED_PROTO), &scim.trusted_proxies));
    }
    let agent = text(&parts.headers, &header::USER_AGENT).unwrap_or_default();
    cx.user_agent = Arc::from(brief::text(&agent, 1_024));
    cx
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// What follows the tenant's address, segment by segment. A slash at the end says nothing.
pub(crate) fn segments(path: &str) -> Vec<String> {
    let mut segments: Vec<String> = path
        .trim_start_matches('/')
        .split('/')
        .skip(3)
        .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
        .collect();
    if segments.last().is_some_and(String::is_empty) {
        segments.pop();
    }
    segments
}

fn pairs(query: &str) -> Vec<(String, String)> {
    let decoded = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, text)| (decoded(name), decoded(text)))
        .collect()
}
