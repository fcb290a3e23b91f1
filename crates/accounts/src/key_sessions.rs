//! GetSessionToken: temporary credentials that whoever holds a long-lived key makes for themselves. They say no more than which key they come of: what
//! may be done with them is read from its holder at every call, and they end with the key. STS API reference, "GetSessionToken".

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::access::Resource;
use model::caller::{Caller, Identity};
use model::cx::Cx;
use model::entropy::bytes;
use model::event::HIDDEN;
use model::fault::{Fault, FaultKind};
use model::secret::Secret;
use model::timestamp::Timestamp;
use policy::require::{Action, require_not_forbidden};
use serde_json::json;
use store::accounts::access_keys;
use store::db::Store;
use store::sealing::Purpose;
use store::tx::Tx;

use crate::key_claims::Claims;
use crate::key_ids;
use crate::role_sessions::Credentials;
use crate::token_refusals::invalid;

/// A session of a user lives so long if nothing else is asked for, seconds.
const USER_SECONDS: i64 = 43_200;
/// A session of the root lives so long at most, whatever is asked for, seconds.
const ROOT_SECONDS_MAX: i64 = 3_600;

/// GetSessionToken: needs no permission, and can be forbidden.
pub async fn make(store: &Store, cx: &Cx, duration_seconds: Option<i64>) -> Result<Credentials, Fault> {
    let (of, seconds) = match cx.caller.identity() {
        Identity::Root { access_key_id, session: None, .. } => {
            let most = ROOT_SECONDS_MAX;
            (access_key_id.clone(), duration_seconds.map_or(most, |asked| asked.min(most)))
        }
        Identity::User(user) if user.session.is_none() => {
            (user.access_key_id.clone(), duration_seconds.unwrap_or(USER_SECONDS))
        }
        _ => return Err(by_session("GetSessionToken")),
    };
    let lifetime = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    store
        .write(cx, move |tx, cx| {
            let everything = Resource { arn: "*".to_owned(), ..Resource::default() };
            require_not_forbidden(cx, Action("sts:GetSessionToken"), &everything)?;
            // The key may have ended after the call was let in.
            let key = access_keys::find_active(tx, &of)?.ok_or_else(invalid)?;
            let expires_at = Timestamp::from_seconds(cx.now.plus(lifetime).seconds());
            let claims = Claims {
                of: of.clone(),
                secret: STANDARD.encode(bytes::<30>(cx.entropy())),
                issued_at: cx.as_of().micros(),
                expires_at: expires_at.micros(),
            };
            let id = key_ids::access_key_id("ASIA", &key.account_id, cx.entropy());
            let made = credentials(tx, cx, id, &claims)?;
            cx.event().respond(json!({"credentials": {
                "accessKeyId": made.access_key_id,
                "sessionToken": HIDDEN,
                "expiration": made.expires_at.rfc3339(),
            }}));
            Ok(made)
        })
        .await
}

fn credentials(tx: &mut Tx<'_>, cx: &Cx, id: String, claims: &Claims) -> Result<Credentials, Fault> {
    let plain = zeroize::Zeroizing::new(serde_json::to_vec(claims).map_err(Fault::internal)?);
    let sealed = tx.keyring().seal(cx.entropy(), Purpose::SessionToken, &id, &plain)?;
    let (secret_access_key, expires_at) = claims.proof();
    let session_token = Secret::new(STANDARD.encode(sealed));
    Ok(Credentials { access_key_id: id, secret_access_key, session_token, expires_at })
}

/// Refuses what AWS keeps from sessions that were made with a key and without a second factor: IAM altogether, and of STS everything but AssumeRole and
/// GetCallerIdentity; and keys and users by whatever service.
pub fn check_call(caller: &Caller, service: &str, operation: &str) -> Result<(), Fault> {
    if caller.key_session().is_none() {
        return Ok(());
    }
    match (service, operation) {
        ("iam", _) => Err(invalid()),
        ("sts", "AssumeRole" | "GetCallerIdentity") => Ok(()),
        ("sts", _) => Err(by_session(operation)),
        // Portico's own words for the same: a session must not make itself a key that outlives it.
        ("portico", name) if name.contains("AccessKey") || name.contains("ServiceUser") => {
            Err(by_session(name))
        }
        _ => Ok(()),
    }
}

fn by_session(operation: &str) -> Fault {
    Fault::new(FaultKind::AccessDenied, format!("Cannot call {operation} with session credentials"))
}
