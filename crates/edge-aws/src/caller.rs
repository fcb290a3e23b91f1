//! Who calls: a verified signature or a bearer token becomes a [`Caller`]. Everything about the request that says so is untrusted until
//! it has passed here.

use std::time::Duration;

use model::caller::Caller;
use model::fault::{Fault, FaultKind};
use model::limits::{CLOCK_SKEW, STS_CLOCK_SKEW};
use model::secret::Secret;
use model::timestamp::Timestamp;
use sigv4::error::Error;
use sigv4::presented::{Expected, Presented};
use sigv4::request::Request;
use wire::operation::OperationMeta;

use crate::app::App;

/// The Region for which calls of AWS's global endpoints are signed.
const GLOBAL_REGION: &str = "us-east-1";

/// The key of a signature: its secret, and whose it is.
struct Key {
    secret: Secret,
    caller: Caller,
}

/// The caller of a signed request.
pub(crate) fn signed(
    app: &App,
    request: &Request<'_>,
    meta: &OperationMeta,
    now: Timestamp,
) -> Result<Caller, Fault> {
    let presented = Presented::parse(request).map_err(|error| refused(&error))?;
    let key = find(app, &presented, now)?;
    let regions = [&*app.surroundings.region, GLOBAL_REGION];
    let regions = if is_global(meta) { &regions } else { regions.split_at(1).0 };
    presented
        .verify(request, key.secret.expose(), &app.signing_keys, expected(meta, regions, now))
        .map_err(|error| refused(&error))?;
    Ok(key.caller)
}

/// Whether a request claims a key that there is, of a date that is near. No proof: that takes the whole body. It is what a body must bring with
/// it to be read beyond what anybody may send.
pub(crate) fn may_be_somebody(app: &App, request: &Request<'_>, now: Timestamp) -> bool {
    let Ok(presented) = Presented::parse(request) else { return false };
    let skew = i64::try_from(STS_CLOCK_SKEW.as_secs()).unwrap_or(i64::MAX);
    presented.is_near(now.seconds(), skew) && find(app, &presented, now).is_ok()
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

fn find(app: &App, presented: &Presented, now: Timestamp) -> Result<Key, Fault> {
    let id = presented.access_key_id.as_str();
    match &presented.session_token {
        None => {
            let found = app.store.read(|rx| store::access_keys::find_active(rx, id))?;
            let (account_id, secret) = found.ok_or_else(unrecognized)?;
            Ok(Key { secret, caller: Caller::root(account_id, id) })
        }
        Some(token) => {
            let (secret, caller) = accounts::role_sessions::open(&app.store, id, token, now)?;
            Ok(Key { secret, caller })
        }
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
    let token = Secret::new(token);
    let user = app.store.read(|rx| signin::tokens::caller_for(rx, &token, now))?;
    user.map(Caller::portal_user).ok_or_else(refused)
}
