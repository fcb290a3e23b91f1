//! Who calls: a verified signature or a bearer token becomes a [`Caller`]. Everything about the request that says so is untrusted until
//! it has passed here.

use model::caller::Caller;
use model::fault::{Fault, FaultKind};
use model::secret::Secret;
use model::timestamp::Timestamp;
use sigv4::error::Error;
use sigv4::presented::{Expected, Presented};
use sigv4::request::Request;
use wire::operation::OperationMeta;

use crate::app::App;

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
    let expected = Expected {
        now: now.seconds(),
        skew: i64::try_from(model::limits::CLOCK_SKEW.as_secs()).unwrap_or(300),
        region: &app.surroundings.region,
        service: meta.signing_name,
    };
    presented
        .verify(request, key.secret.expose(), &app.signing_keys, expected)
        .map_err(|error| refused(&error))?;
    Ok(key.caller)
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
