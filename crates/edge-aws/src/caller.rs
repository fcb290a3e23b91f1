//! Who calls: a verified signature or a bearer token becomes a [`Caller`]. Everything about the request that says so is untrusted until
//! it has passed here.

use std::sync::Arc;
use std::time::Duration;

use accounts::role_sessions::Opened;
use http::{header, request};
use model::caller::Caller;
use model::fault::{Fault, FaultKind};
use model::limits::{CLOCK_SKEW, STS_CLOCK_SKEW};
use model::timestamp::Timestamp;
use sigv4::error::Error;
use sigv4::presented::{Expected, Presented};
use sigv4::request::Request;
use wire::operation::OperationMeta;

use crate::app::{App, Key};

/// The Region for which calls of AWS's global endpoints are signed.
const GLOBAL_REGION: &str = "us-east-1";

/// The caller of a signed request. What is dear comes last: the key, which is in the database, and the body, which is hashed.
pub(crate) fn signed(
    app: &App,
    (parts, body): (&request::Parts, &[u8]),
    meta: &OperationMeta,
    now: Timestamp,
) -> Result<Caller, Fault> {
    let headers = signable_headers(parts);
    let regions = [&*app.surroundings.region, GLOBAL_REGION];
    let regions = if is_global(meta) { &regions } else { regions.split_at(1).0 };
    let presented = Presented::parse(signable(parts, &headers), expected(meta, regions, now))
        .map_err(|error| refused(&error))?;
    let key = find(app, &presented, now)?;
    presented.verify(body, key.secret(), &app.signing_keys).map_err(|error| refused(&error))?;
    Ok(key.caller().clone())
}

/// Whether a request claims a key that there is, in a scope and at a time that may be. No proof: that takes the whole body. It is what a body must
/// bring with it to be read beyond what anybody may send.
pub(crate) fn may_be_somebody(
    app: &App,
    parts: &request::Parts,
    meta: &OperationMeta,
    now: Timestamp,
) -> bool {
    let headers = signable_headers(parts);
    let regions = [&*app.surroundings.region, GLOBAL_REGION];
    let presented = Presented::parse(signable(parts, &headers), expected(meta, &regions, now));
    presented.is_ok_and(|presented| find(app, &presented, now).is_ok())
}

/// Every header; HTTP/2 carries the host in the URI.
fn signable_headers(parts: &request::Parts) -> Vec<(&str, &[u8])> {
    let has_host = parts.headers.contains_key(header::HOST);
    let authority = parts.uri.authority().map(|authority| ("host", authority.as_str().as_bytes()));
    let mut headers = Vec::with_capacity(parts.headers.len() + 1);
    headers.extend(parts.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())));
    headers.extend(authority.filter(|_| !has_host));
    headers
}

/// What a signature covers.
fn signable<'r>(parts: &'r request::Parts, headers: &'r [(&'r str, &'r [u8])]) -> Request<'r> {
    Request {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        headers,
    }
}

/// Whether AWS has one endpoint of the service for all Regions, whose calls are signed for us-east-1 (STS has one beside the Regions' own).
fn is_global(meta: &OperationMeta) -> bool {
    matches!(meta.signing_name, "iam" | "organizations" | "sts")
}

fn expected<'e>(meta: &'e OperationMeta, regions: &'e [&'e str], now: Timestamp) -> Expected<'e> {
    let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    let (skew, presigned) = match meta.signing_name {
        "sts" => (seconds(STS_CLOCK_SKEW), Some(seconds(STS_CLOCK_SKEW))),
        _ => (seconds(CLOCK_SKEW), None),
    };
    Expected { now: now.seconds(), skew, presigned, regions, service: meta.signing_name }
}

fn refused(error: &Error) -> Fault {
    Fault::new(FaultKind::Service(error.code()), error.message())
}

/// Whom a claim names, and the secret that proves it.
enum Claimed {
    Root(Arc<Key>),
    Role(Arc<Opened>),
}

impl Claimed {
    fn secret(&self) -> &str {
        match self {
            Self::Root(key) => key.secret.expose(),
            Self::Role(opened) => opened.secret.expose(),
        }
    }

    fn caller(&self) -> &Caller {
        match self {
            Self::Root(key) => &key.caller,
            Self::Role(opened) => &opened.caller,
        }
    }
}

fn find(app: &App, presented: &Presented<'_>, now: Timestamp) -> Result<Claimed, Fault> {
    let id = presented.access_key_id();
    match presented.session_token() {
        None => {
            let found = app.known().keys.find(app.store.generations(), id, || {
                let found = app.store.glance(|rx| store::accounts::access_keys::find_active(rx, id))?;
                let key = |(account_id, secret)| Key { secret, caller: Caller::root(account_id, id) };
                Ok(found.map(key).map(Arc::new))
            })?;
            found.map(Claimed::Root).ok_or_else(unrecognized)
        }
        Some(token) => app.known().sessions.open(&app.store, id, token, now).map(Claimed::Role),
    }
}

fn unrecognized() -> Fault {
    Fault::new(
        FaultKind::Service("UnrecognizedClientException"),
        "The security token included in the request is invalid.",
    )
}

/// The caller behind an access token of sso-oidc.
pub(crate) fn bearer(app: &App, token: Option<&str>, now: Timestamp) -> Result<Caller, Fault> {
    let refused = || Fault::new(FaultKind::Unauthorized, "Session token not found or invalid");
    let token = token.filter(|token| !token.is_empty()).ok_or_else(refused)?;
    app.known().tokens.caller_for(&app.store, token, now)?.ok_or_else(refused)
}
