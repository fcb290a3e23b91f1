//! Who calls: a verified signature or a bearer token becomes a [`Caller`]. Everything about the request that says so is untrusted until
//! it has passed here.

use std::sync::Arc;
use std::time::Duration;

use accounts::role_sessions::Opened;
use http::{header, request};
use model::accounts::service_user::LastUse;
use model::caller::Caller;
use model::cx::Cx;
use model::event::EventHead;
use model::fault::{Fault, FaultKind};
use model::limits::{CLOCK_SKEW, STS_CLOCK_SKEW};
use model::timestamp::Timestamp;
use sigv4::error::Error;
use sigv4::presented::{Expected, Presented, UNSIGNED};
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
    note_if_due(app, &key, (presented.access_key_id(), meta.signing_name), now);
    accounts::key_sessions::check_call(key.caller(), meta.service, meta.name)?;
    Ok(key.caller().clone())
}

/// A request that another service received and asks about.
pub(crate) struct Received<'r> {
    pub(crate) request: Request<'r>,
    /// For which service it must be signed.
    pub(crate) service: &'r str,
    /// For which Region.
    pub(crate) region: &'r str,
    /// The SHA-256 of its body, in lower-case hexadecimal.
    pub(crate) payload: Option<&'r str>,
    /// Whether it is signed as S3's are.
    pub(crate) is_s3: bool,
}

/// Who signed it.
pub(crate) struct Judged {
    pub(crate) caller: Caller,
    pub(crate) access_key_id: String,
    /// When its credentials end, if they do.
    pub(crate) expires_at: Option<Timestamp>,
    /// What it declares of its body.
    pub(crate) declared: String,
}

/// Who signed a request that another service received. Its date may lie as far from now as S3 lets it; what is presigned holds for as long as it says.
pub(crate) fn received(app: &App, received: &Received<'_>, now: Timestamp) -> Result<Judged, Fault> {
    let regions = [received.region];
    let skew = i64::try_from(STS_CLOCK_SKEW.as_secs()).unwrap_or(i64::MAX);
    let expected =
        Expected { now: now.seconds(), skew, presigned: None, regions: &regions, service: received.service };
    let presented = Presented::parse(received.request, expected).map_err(|error| refused(&error))?;
    let key = find(app, &presented, now)?;
    let declared = if received.is_s3 {
        presented.verify_s3(key.secret(), &app.signing_keys)
    } else {
        let payload = received.payload.unwrap_or_default();
        presented.verify_digits(payload.as_bytes(), key.secret(), &app.signing_keys).map(|()| payload)
    };
    let declared = declared.map_err(|error| refused(&error))?;
    if let Some(payload) = received.payload
        && payload != declared
        && !UNSIGNED.contains(&declared)
    {
        return Err(refused(&Error::Invalid(
            "The provided 'x-amz-content-sha256' header does not match what was computed.".to_owned(),
        )));
    }
    note_if_due(app, &key, (presented.access_key_id(), received.service), now);
    Ok(Judged {
        caller: key.caller().clone(),
        access_key_id: presented.access_key_id().to_owned(),
        expires_at: match &key {
            Claimed::Key(_) => None,
            Claimed::Role(opened) => Some(opened.expires_at()),
        },
        declared: declared.to_owned(),
    })
}

/// Has it written that a key is used, if that was not written lately.
fn note_if_due(app: &App, claimed: &Claimed, (id, service): (&str, &str), now: Timestamp) {
    if let Claimed::Key(key) = claimed
        && key.is_to_be_noted(now)
    {
        note_use(app, id, service, now);
    }
}

/// Has it written, beside the call, that a key is used. If it cannot be, the next use in an hour says it.
fn note_use(app: &App, id: &str, service: &str, now: Timestamp) {
    let caller = Caller::service(app.surroundings.owner.clone());
    let cx = Cx::new(&app.surroundings, caller, now, EventHead::default());
    let (store, id) = (app.store.clone(), id.to_owned());
    let used = LastUse {
        at: now,
        service: Some(service.to_owned()),
        region: Some(app.surroundings.region.to_string()),
    };
    tokio::spawn(async move {
        if let Err(fault) = accounts::access_keys::note_use(&store, &cx, id, used).await {
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

/// The key of this id, and whom it speaks for as they are now.
fn key(rx: &mut Rx<'_>, id: &str) -> Result<Option<Key>, Fault> {
    let Some(found) = store::accounts::access_keys::find_active(rx, id)? else { return Ok(None) };
    let caller = accounts::key_callers::caller(rx, (&found, id), None)?;
    Ok(caller.map(|caller| Key::new(found.secret, caller, found.last_used_at)))
}

fn unrecognized() -> Fault {
    Fault::new(
        FaultKind::Service("UnrecognizedClientException"),
        "The security token included in the request is invalid.",
    )
}

/// The caller behind an access token of sso-oidc: one that a person got at sign-in, or one that an application got for them.
pub(crate) fn bearer(app: &App, token: Option<&str>, now: Timestamp) -> Result<Caller, Fault> {
    let refused = || Fault::new(FaultKind::Unauthorized, "Session token not found or invalid");
    let token = token.filter(|token| !token.is_empty()).ok_or_else(refused)?;
    if let Some(caller) = app.known().tokens.caller_for(&app.store, token, now)? {
        return Ok(caller);
    }
    applications::application_tokens::portal_caller(&app.store, token, now)?.ok_or_else(refused)
}
