//! The device flow (RFC 8628): a program shows a short code, a signed-in person compares it in a browser and decides, the program polls.

use model::caller::Caller;
use model::cx::Cx;
use model::event::{EventHead, Outcome};
use model::fault::{Fault, FaultKind, OAuthError, ResourceType};
use model::limits::{DEVICE_CODE, DEVICE_POLL_INTERVAL_SECONDS};
use model::saying::Saying;
use model::secret::Secret;
use model::signin::oauth::{DeviceAuthorization, DeviceStatus, GrantType, OAuthClient};
use model::signin::portal_session::PortalSession;
use model::timestamp::Timestamp;
use serde_json::json;
use store::db::Store;
use store::signin::device_authorizations::{self, CodeHashes};
use store::tx::{Rx, Tx};

use crate::attempts::Guess;
use crate::clients;
use crate::config::Config;
use crate::sessions;

/// Consonants and digits without the look-alikes 0, 1, I, O and without vowels, so that no word is spelled. 28 characters: eight
/// of them hold 38 bits.
const ALPHABET: &[u8; 28] = b"BCDFGHJKLMNPQRSTVWXZ23456789";
const USER_CODE_CHARACTERS: usize = 8;
/// A poll may come this much before its turn: networks are not clocks.
const POLL_TOLERANCE_MICROS: i64 = 200_000;
/// What a client that polls too fast must wait longer (RFC 8628 §3.5).
const SLOW_DOWN_SECONDS: i64 = 5;
const INTERVAL_SECONDS_MAX: i64 = 300;

/// A device flow that began.
#[derive(Debug, Clone)]
pub struct Started {
    /// `deviceCode`
    pub device_code: Secret,
    /// `userCode`, `XXXX-XXXX`
    pub user_code: String,
    /// `verificationUri`
    pub verification_uri: String,
    /// `verificationUriComplete`
    pub verification_uri_complete: String,
    /// `expiresIn`, seconds
    pub expires_in: i64,
    /// `interval`, seconds
    pub interval: i64,
}

/// What a person decides about.
#[derive(Debug, Clone)]
pub struct DeviceRequest {
    /// The code as it is shown: `XXXX-XXXX`. To be compared with what the program shows.
    pub user_code: String,
    /// What the program calls itself.
    pub client_name: String,
    /// What it asks for.
    pub scopes: Vec<String>,
    /// Where it asked from.
    pub source_ip: String,
    /// When.
    pub started_at: Timestamp,
    /// Until when it waits.
    pub expires_at: Timestamp,
}

/// A person's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The program may act for the person.
    Approve,
    /// It may not.
    Deny,
}

/// StartDeviceAuthorization.
pub async fn start(
    store: &Store,
    cx: &Cx,
    config: &Config,
    (client_id, client_secret): (String, Secret),
    start_url: &str,
) -> Result<Started, Fault> {
    let client = store.read(|rx| clients::authenticate(rx, &client_id, &client_secret, cx.now))?;
    if !client.may(GrantType::DeviceCode) {
        let message = "The client registered without the device code grant.";
        return Err(Fault::oauth(OAuthError::UnauthorizedClient, message));
    }
    config.start_urls.require("startUrl", start_url)?;
    let (device_code, user_code) = (crate::random::token(cx), new_user_code(cx));
    let url = config.device_url();
    let started = Started {
        device_code: device_code.clone(),
        verification_uri_complete: format!("{url}?user_code={user_code}"),
        verification_uri: url,
        user_code: user_code.clone(),
        expires_in: i64::try_from(DEVICE_CODE.as_secs()).unwrap_or(i64::MAX),
        interval: i64::from(DEVICE_POLL_INTERVAL_SECONDS),
    };
    cx.event().respond(json!({
        "deviceCode": model::event::HIDDEN, "userCode": model::event::HIDDEN, "verificationUri": started.verification_uri,
        "verificationUriComplete": model::event::HIDDEN, "expiresIn": started.expires_in, "interval": started.interval,
    }));
    store
        .write(cx, move |tx, cx| {
            let codes = CodeHashes {
                device_code: tx.keyring().hash_token(device_code.expose()),
                user_code: tx.keyring().hash_token(&user_code),
            };
            let new = DeviceAuthorization {
                client_id: client.id.clone(),
                source_ip: cx.source_ip.to_string(),
                status: DeviceStatus::Pending,
                session_id: None,
                interval_seconds: i64::from(DEVICE_POLL_INTERVAL_SECONDS),
                last_polled_at: Timestamp::default(),
                created_at: cx.now,
                expires_at: cx.now.plus(DEVICE_CODE),
            };
            device_authorizations::insert(tx, &codes, &new)
        })
        .await?;
    Ok(started)
}

/// What the code that a signed-in person typed or followed means. Wrong codes are counted against the person.
pub async fn look_up(
    store: &Store,
    cx: &Cx,
    session: &PortalSession,
    user_code: &str,
) -> Result<DeviceRequest, Fault> {
    let (session, typed) = (session.clone(), user_code.to_owned());
    store
        .maintain(cx, move |tx, cx| Ok(waiting(tx, cx, &session, &typed)?.map(|(request, _)| request)))
        .await?
        .ok_or_else(no_such_code)
}

/// Decides, in the name of the session's person. An approval lets the program that shows the code have tokens of this session.
pub async fn decide(
    store: &Store,
    cx: &Cx,
    session: &PortalSession,
    user_code: &str,
    decision: Decision,
) -> Result<DeviceRequest, Fault> {
    let step = decision_step(cx, session, decision);
    let (session, typed) = (session.clone(), user_code.to_owned());
    store
        .maintain(&step, move |tx, cx| {
            let Some((request, client)) = waiting(tx, cx, &session, &typed)? else {
                return Ok(None);
            };
            if sessions::live(tx, &session.user.session_id, cx.now)?.is_none() {
                return Err(Fault::say(FaultKind::Unauthorized, Saying::SessionEnded));
            }
            let hash = tx.keyring().hash_token(&request.user_code);
            let status = match decision {
                Decision::Approve => DeviceStatus::Approved,
                Decision::Deny => DeviceStatus::Denied,
            };
            if !device_authorizations::decide(tx, &hash, status, &session, cx.now)? {
                return Ok(None);
            }
            cx.event().detail("clientId", client.id.as_str());
            cx.event().detail("clientName", client.name.as_str());
            store::audit::audit_records::insert(tx, &cx.record(Outcome::Success))?;
            Ok(Some(request))
        })
        .await?
        .ok_or_else(no_such_code)
}

/// [`decide`] with [`Decision::Approve`].
pub async fn approve(
    store: &Store,
    cx: &Cx,
    session: &PortalSession,
    user_code: &str,
) -> Result<DeviceRequest, Fault> {
    decide(store, cx, session, user_code, Decision::Approve).await
}

/// [`decide`] with [`Decision::Deny`].
pub async fn deny(
    store: &Store,
    cx: &Cx,
    session: &PortalSession,
    user_code: &str,
) -> Result<DeviceRequest, Fault> {
    decide(store, cx, session, user_code, Decision::Deny).await
}

/// A person's decision about a client is an event of its own. AWS documents none for it; the name is ours.
pub(crate) fn decision_step(cx: &Cx, session: &PortalSession, decision: Decision) -> Cx {
    let named = cx.clone().with_caller(Caller::portal_user(session.user.clone()));
    let step = named.with_event(EventHead::of_service("sso.amazonaws.com", "AuthorizeClient"));
    step.event().detail("decision", if decision == Decision::Approve { "approve" } else { "deny" });
    step
}

fn no_such_code() -> Fault {
    Fault::say(FaultKind::NotFound(ResourceType::Other), Saying::UnknownUserCode)
}

/// The pending request of a typed code, and its client. A wrong code counts as a guess of the person: `None`, to be committed.
fn waiting(
    tx: &mut Tx<'_>,
    cx: &Cx,
    session: &PortalSession,
    typed: &str,
) -> Result<Option<(DeviceRequest, OAuthClient)>, Fault> {
    let guess = Guess::signed_in(tx.keyring(), "user-code", session.user.user_id.as_str());
    guess.check(tx, cx.now)?;
    let found = match canonical(typed) {
        Some(user_code) => pending(tx, cx.now, user_code)?,
        None => None,
    };
    if found.is_none() {
        guess.reserve(tx, cx.now)?;
    }
    Ok(found)
}

fn pending(
    rx: &mut Rx<'_>,
    now: Timestamp,
    user_code: String,
) -> Result<Option<(DeviceRequest, OAuthClient)>, Fault> {
    let hash = rx.keyring().hash_token(&user_code);
    let found = device_authorizations::find_by_user_code(rx, &hash)?
        .filter(|found| found.status == DeviceStatus::Pending && now < found.expires_at);
    let Some(found) = found else { return Ok(None) };
    let Some((client, _)) = store::signin::oauth_clients::find(rx, &found.client_id)? else {
        return Ok(None);
    };
    let request = DeviceRequest {
        user_code,
        client_name: client.name.clone(),
        scopes: client.scopes.clone(),
        source_ip: found.source_ip,
        started_at: found.created_at,
        expires_at: found.expires_at,
    };
    Ok(Some((request, client)))
}

/// What a poll finds.
#[derive(Debug)]
pub(crate) enum Poll {
    /// The person of this session approved; the code is spent.
    Approved(Box<PortalSession>),
    /// Not (yet); what was noted of the poll must be committed.
    Refused(Fault),
}

/// A device code that this client was given and has not used, and its hash.
pub(crate) fn known(
    rx: &mut Rx<'_>,
    client: &OAuthClient,
    device_code: &Secret,
) -> Result<([u8; 32], DeviceAuthorization), Fault> {
    let hash = rx.keyring().hash_token(device_code.expose());
    let found = device_authorizations::find(rx, &hash)?.filter(|found| found.client_id == client.id);
    let found = found.ok_or_else(|| {
        let message = "The device code is not known, was used, or is another client's.";
        Fault::oauth(OAuthError::InvalidGrant, message)
    })?;
    Ok((hash, found))
}

/// CreateToken with a device code, for an authenticated client.
pub(crate) fn poll(
    tx: &mut Tx<'_>,
    now: Timestamp,
    client: &OAuthClient,
    device_code: &Secret,
) -> Result<Poll, Fault> {
    let refused = |error, message: &str| Ok(Poll::Refused(Fault::oauth(error, message)));
    let (hash, found) = known(tx, client, device_code)?;
    if now >= found.expires_at {
        return refused(OAuthError::ExpiredToken, "The device code has expired. Start again.");
    }
    match found.status {
        DeviceStatus::Denied => refused(OAuthError::AccessDenied, "The request was denied."),
        DeviceStatus::Approved => {
            device_authorizations::delete(tx, &hash)?;
            match sessions::live(tx, found.session_id.as_deref().unwrap_or_default(), now)? {
                Some(session) => Ok(Poll::Approved(Box::new(session))),
                None => refused(OAuthError::AccessDenied, "The sign-in session that approved has ended."),
            }
        }
        DeviceStatus::Pending => {
            let (fault, turn, interval) = wait(&found, now);
            device_authorizations::set_polled(tx, &hash, turn, interval)?;
            Ok(Poll::Refused(fault))
        }
    }
}

/// What a poll hears while nobody has decided, the turn that it takes, and the interval from now on. A poll that comes early takes the next turn
/// in advance: AWS CLI 2.38 polls twice within a tenth of a second when it begins. One that comes before a turn taken in advance is
/// the second early one, and slows its client down.
fn wait(found: &DeviceAuthorization, now: Timestamp) -> (Fault, Timestamp, i64) {
    let turns = |count: i64| found.last_polled_at.micros().saturating_add(count.saturating_mul(1_000_000));
    if now.micros().saturating_add(POLL_TOLERANCE_MICROS) >= turns(0) {
        let turn = turns(found.interval_seconds);
        let on_time = now.micros().saturating_add(POLL_TOLERANCE_MICROS) >= turn;
        let pending = Fault::oauth(OAuthError::AuthorizationPending, "The request waits for a person.");
        return (pending, if on_time { now } else { Timestamp::from_micros(turn) }, found.interval_seconds);
    }
    let slower = found.interval_seconds.saturating_add(SLOW_DOWN_SECONDS).min(INTERVAL_SECONDS_MAX);
    let message = format!("Polling too fast. Wait {slower} seconds between polls.");
    let turn = now.micros().saturating_add(slower.saturating_mul(1_000_000));
    (Fault::oauth(OAuthError::SlowDown, message), Timestamp::from_micros(turn), slower)
}

fn new_user_code(cx: &Cx) -> String {
    let mut code = String::with_capacity(USER_CODE_CHARACTERS + 1);
    let mut drawn = 0;
    while drawn < USER_CODE_CHARACTERS {
        let [byte] = model::entropy::bytes::<1>(cx.entropy());
        // Bytes beyond the last whole multiple of 28 would favour some characters: draw again.
        if usize::from(byte) >= 256 / ALPHABET.len() * ALPHABET.len() {
            continue;
        }
        if let Some(letter) = ALPHABET.get(usize::from(byte) % ALPHABET.len()) {
            if drawn == USER_CODE_CHARACTERS / 2 {
                code.push('-');
            }
            code.push(char::from(*letter));
            drawn += 1;
        }
    }
    code
}

/// The code as it was given out, from what a person typed: any case, with or without hyphen or spaces.
fn canonical(typed: &str) -> Option<String> {
    if typed.len() > 64 {
        return None;
    }
    let letters: Vec<u8> = typed
        .bytes()
        .filter(|byte| !matches!(byte, b'-' | b' '))
        .map(|byte| byte.to_ascii_uppercase())
        .collect();
    if letters.len() != USER_CODE_CHARACTERS || !letters.iter().all(|letter| ALPHABET.contains(letter)) {
        return None;
    }
    let mut code = String::from_utf8(letters).ok()?;
    code.insert(USER_CODE_CHARACTERS / 2, '-');
    Some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_code_is_read_as_people_type() {
        for typed in ["BCDF-2345", "bcdf-2345", "bcdf2345", " BCDF 2345 "] {
            assert_eq!(canonical(typed).as_deref(), Some("BCDF-2345"), "{typed}");
        }
        for typed in
            ["", "BCDF-234", "BCDF-23456", "BCDF-2340", "ACDF-2345", "BCDF\u{2011}2345", &"-".repeat(100)]
        {
            assert_eq!(canonical(typed), None, "{typed}");
        }
    }

    #[test]
    fn the_code_holds_at_least_38_bits() {
        let distinct: std::collections::BTreeSet<_> = ALPHABET.iter().collect();
        assert_eq!(distinct.len(), 28);
        assert!(28_u64.pow(8) >= 1 << 38);
    }
}
