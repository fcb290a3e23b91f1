//! Who calls: a verified signature or a bearer token becomes a [`Caller`]. Everything about the request that says so is untrusted until
//! it has passed here.

use std::sync::Arc;
use std::time::Duration;

use accounts::role_sessions::Opened;
use http::{header, request};
use model::caller::Caller;
use model::cx::Cx;
use model::event::EventHead;
use model::fault::{Fault, FaultKind};
use model::limits::{CLOCK_SKEW, STS_CLOCK_SKEW};
use model::timestamp::Timestamp;
use sigv4::error::Error;
use sigv4::presented::{Expected, Presented};
use sigv4::request::Request;
use store::tx::Rx;
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
    if let Claimed::Key(key) = &key
        && key.is_to_be_noted(now)
    {
        note_use(app, presented.access_key_id(), now);
    }
    Ok(key.caller().clone())
}

/// Has it written, beside the call, that a key is used. If it cannot be, the next use in an hour says it.
fn note_use(app: &App, id: &str, now: Timestamp) {
    let caller = Caller::service(app.surroundings.owner.clone());
    let cx = Cx::new(&app.surroundings, caller, now, EventHead::default());
    let (store, id) = (app.store.clone(), id.to_owned());
    tokio::spawn(async move {
        if let Err(fault) = accounts::access_keys::note_use(&store, &cx, id).await {
            tracing::debug!(%fault, "the use of a key is not written");
        }
    });
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
    Key(Arc<Key>),
    Role(Arc<Opened>),
}

impl Claimed {
    fn secret(&self) -> &str {
        match self {
            Self::Key(key) => key.secret.expose(),
            Self::Role(opened) => opened.secret.expose(),
        }
    }

    fn caller(&self) -> &Caller {
        match self {
            Self::Key(key) => &key.caller,
            Self::Role(opened) => &opened.caller,
        }
    }
}

fn find(app: &App, presented: &Presented<'_>, now: Timestamp) -> Result<Claimed, Fault> {
    let id = presented.access_key_id();
    match presented.session_token() {
        None => {
            let found = app
                .known()
                .keys
                .find(app.store.generations(), id, || Ok(app.store.read(|rx| key(rx, id))?.map(Arc::new)))?;
            found.map(Claimed::Key).ok_or_else(unrecognized)
        }
        Some(token) => app.known().sessions.open(&app.store, id, token, now).map(Claimed::Role),
    }
}

/// The key of this id, and whom it speaks for: an account's root, or a service user as it is now.
fn key(rx: &mut Rx<'_>, id: &str) -> Result<Option<Key>, Fault> {
    let Some(found) = store::accounts::access_keys::find_active(rx, id)? else { return Ok(None) };
    let caller = match &found.service_user_id {
        None => Caller::root(found.account_id, id),
        Some(user) => {
            let Some(user) = store::accounts::service_users::find_by_id(rx, user)? else { return Ok(None) };
            let authority = accounts::session_policies::authority_of_service_user(&user)?;
            Caller::service_user(&user, id, authority)
        }
    };
    Ok(Some(Key::new(found.secret, caller, found.last_used_at)))
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
