//! The device flow (RFC 8628): a program shows a short code, a signed-in person compares it in a browser and decides, the program polls. What a person decides about a code of an application
//! is here too, since nobody knows of a typed code whose it is, and wrong ones are counted together; how those begin and are polled is `applications`'s.

use model::applications::application::Application;
use model::caller::Caller;
use model::cx::Cx;
use model::event::{EventHead, Outcome};
use model::fault::{Fault, FaultKind, OAuthError, ResourceType};
use model::limits::{DEVICE_CODE, DEVICE_POLL_INTERVAL_SECONDS};
use model::saying::Saying;
use model::secret::Secret;
use model::signin::device_codes::{canonical, new_user_code, wait};
use model::signin::oauth::{DeviceAuthorization, DeviceStatus, GrantType, OAuthClient};
use model::signin::portal_session::PortalSession;
use model::timestamp::Timestamp;
use serde_json::json;
use store::applications::{application_access, applications, oidc_devices};
use store::db::Store;
use store::signin::device_authorizations::{self, CodeHashes};
use store::tx::{Rx, Tx};

use crate::attempts::Guess;
use crate::clients;
use crate::config::Config;
use crate::sessions;

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
    /// Whether it is an application that an administrator registered, and that is told who its person is; else a program that acts for them.
    pub is_application: bool,
}

/// Whose request it is.
enum Asker {
    /// A program that registered itself.
    Program(OAuthClient),
    /// An application that speaks OpenID Connect.
    Application(Application),
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
    let (device_code, user_code) = (crate::random::token(cx), new_user_code(cx.entropy()));
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
            let Some((request, asker)) = waiting(tx, cx, &session, &typed)? else {
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
            if !decided(tx, cx, (&asker, &hash), (status, &session))? {
                return Ok(None);
            }
            store::audit::audit_records::insert(tx, &cx.record(Outcome::Success))?;
            Ok(Some(request))
        })
        .await?
        .ok_or_else(no_such_code)
}

/// Writes what was decided; false where nothing waits any more. Who may not use an application signs in nowhere by its code.
fn decided(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (asker, hash): (&Asker, &[u8; 32]),
    (status, session): (DeviceStatus, &PortalSession),
) -> Result<bool, Fault> {
    let event = cx.event();
    match asker {
        Asker::Program(client) => {
            event.detail("clientId", client.id.as_str());
            event.detail("clientName", client.name.as_str());
            device_authorizations::decide(tx, hash, status, session, cx.now)
        }
        Asker::Application(application) => {
            let arn = application.arn().to_string();
            event.touch("AWS::SSO::Application", arn.as_str());
            event.detail("application_arn", arn);
            event.detail("application_name", application.name.as_str());
            let is_refused = status == DeviceStatus::Approved
                && !application_access::may_use(tx, &session.user.user_id, &application.id)?;
            if is_refused {
                let application = application.name.clone();
                return Err(Fault::say(FaultKind::Forbidden, Saying::ApplicationNotAssigned { application }));
            }
            oidc_devices::decide(tx, hash, (status, &session.user.session_id), cx.now)
        }
    }
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

/// The pending request of a typed code, and whose it is. A wrong code counts as a guess of the person: `None`, to be committed.
fn waiting(
    tx: &mut Tx<'_>,
    cx: &Cx,
    session: &PortalSession,
    typed: &str,
) -> Result<Option<(DeviceRequest, Asker)>, Fault> {
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
) -> Result<Option<(DeviceRequest, Asker)>, Fault> {
    let hash = rx.keyring().hash_token(&user_code);
    let found = device_authorizations::find_by_user_code(rx, &hash)?
        .filter(|found| found.status == DeviceStatus::Pending && now < found.expires_at);
    let Some(found) = found else { return of_application(rx, (&hash, now), user_code) };
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
        is_application: false,
    };
    Ok(Some((request, Asker::Program(client))))
}

/// The same where an application gave the code.
fn of_application(
    rx: &mut Rx<'_>,
    (hash, now): (&[u8; 32], Timestamp),
    user_code: String,
) -> Result<Option<(DeviceRequest, Asker)>, Fault> {
    let found = oidc_devices::find_by_user_code(rx, hash)?
        .filter(|found| found.status == DeviceStatus::Pending && now < found.expires_at);
    let Some(found) = found else { return Ok(None) };
    let Some(application) = applications::find(rx, &found.application_id)? else { return Ok(None) };
    let request = DeviceRequest {
        user_code,
        client_name: application.name.clone(),
        scopes: found.scopes,
        source_ip: found.source_ip,
        started_at: found.created_at,
        expires_at: found.expires_at,
        is_application: true,
    };
    Ok(Some((request, Asker::Application(application))))
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
            let (fault, turn, interval) = wait((found.last_polled_at, found.interval_seconds), now);
            device_authorizations::set_polled(tx, &hash, turn, interval)?;
            Ok(Poll::Refused(fault))
        }
    }
}
