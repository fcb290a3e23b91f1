//! Sign-ins at a device that has no browser (RFC 8628), for an application that an administrator lets have them: how one begins, and what a poll finds. What the person decides about a
//! code is `signin`'s, which asks about codes of every kind on one page.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::applications::application::ApplicationId;
use model::applications::oidc_application::FurtherGrant;
use model::applications::oidc_device::OidcDevice;
use model::cx::Cx;
use model::entropy::bytes;
use model::event::HIDDEN;
use model::fault::{Fault, OAuthError};
use model::limits::{DEVICE_CODE, DEVICE_POLL_INTERVAL_SECONDS};
use model::secret::Secret;
use model::signin::device_codes::{new_user_code, wait};
use model::signin::oauth::DeviceStatus;
use model::signin::portal_session::PortalSession;
use model::timestamp::Timestamp;
use serde_json::json;
use store::applications::oidc_devices;
use store::db::Store;
use store::signin::device_authorizations::CodeHashes;
use store::signin::portal_sessions;
use store::tx::{Rx, Tx};

use crate::application_access::may_use;
use crate::applications::KIND;
use crate::oidc_addresses::OidcAddresses;
use crate::oidc_clients::{Client, Presented, prove};
use crate::oidc_gate::{require_room, site};
use crate::oidc_sign_ons::scopes;

/// What an application shows its person.
#[derive(Debug, Clone)]
pub struct Started {
    /// `device_code`
    pub device_code: Secret,
    /// `user_code`, `XXXX-XXXX`
    pub user_code: Secret,
    /// `verification_uri`
    pub verification_uri: String,
    /// `expires_in`, seconds
    pub expires_in: u64,
    /// `interval`, seconds
    pub interval: u32,
}

fn require_grant(client: &Client) -> Result<(), Fault> {
    if client.settings.grants(FurtherGrant::DeviceCode) {
        return Ok(());
    }
    let message = "The application may sign in nobody by a code: FurtherGrants does not hold DEVICE_CODE.";
    Err(Fault::oauth(OAuthError::UnauthorizedClient, message))
}

/// Begins one.
pub async fn start(
    store: &Store,
    cx: &Cx,
    at: (&OidcAddresses, &ApplicationId),
    (presented, scope): (Presented, Option<&str>),
) -> Result<Started, Fault> {
    let client = store.read(|rx| prove(rx, cx, at, &presented))?;
    require_grant(&client)?;
    let granted =
        scopes(&client.settings, scope).map_err(|(_, why)| Fault::oauth(OAuthError::InvalidScope, why))?;
    let (ours, id) = (at.0.clone(), at.1.clone());
    let started = Started {
        device_code: Secret::new(URL_SAFE_NO_PAD.encode(bytes::<32>(cx.entropy()))),
        user_code: Secret::new(new_user_code(cx.entropy())),
        verification_uri: ours.device_page(),
        expires_in: DEVICE_CODE.as_secs(),
        interval: DEVICE_POLL_INTERVAL_SECONDS,
    };
    let shown = started.clone();
    store
        .write(cx, move |tx, cx| {
            let client = prove(tx, cx, (&ours, &id), &presented)?;
            client.spend(tx, cx)?;
            require_grant(&client)?;
            let site = site(cx);
            let waiting = oidc_devices::count_living(tx, &id, (&site, cx.now))?;
            require_room(&client.settings, waiting)?;
            let codes = CodeHashes {
                device_code: tx.keyring().hash_token(shown.device_code.expose()),
                user_code: tx.keyring().hash_token(shown.user_code.expose()),
            };
            let new = OidcDevice {
                application_id: id.clone(),
                scopes: granted.clone(),
                source_ip: cx.source_ip.to_string(),
                status: DeviceStatus::Pending,
                session_id: None,
                interval_seconds: i64::from(shown.interval),
                last_polled_at: Timestamp::default(),
                created_at: cx.now,
                expires_at: cx.now.plus(DEVICE_CODE),
            };
            oidc_devices::insert(tx, &codes, (&new, &site))?;
            cx.event().touch(KIND, client.application.arn().to_string());
            cx.event().respond(json!({
                "deviceCode": HIDDEN, "userCode": HIDDEN, "verificationUri": shown.verification_uri,
                "expiresIn": shown.expires_in, "interval": shown.interval,
            }));
            Ok(())
        })
        .await?;
    Ok(started)
}

/// What a poll finds.
pub(crate) enum Poll {
    /// The person of this session approved these scopes; the code is spent.
    Approved(Box<PortalSession>, Vec<String>),
    /// Not (yet); what was noted of the poll must be committed.
    Refused(Fault),
}

fn unknown() -> Fault {
    Fault::oauth(OAuthError::InvalidGrant, "The device code is not known, was used, or is another client's.")
}

/// Refuses a poll for which there is nothing to write: anybody can make a code up.
pub(crate) fn require_known(rx: &mut Rx<'_>, client: &Client, device_code: &Secret) -> Result<(), Fault> {
    require_grant(client)?;
    let hash = rx.keyring().hash_token(device_code.expose());
    let found = oidc_devices::find(rx, &hash)?;
    let is_known = found.is_some_and(|found| found.application_id == client.application.id);
    if is_known { Ok(()) } else { Err(unknown()) }
}

/// A poll of an application that has proved that it is itself.
pub(crate) fn poll(tx: &mut Tx<'_>, cx: &Cx, client: &Client, device_code: &Secret) -> Result<Poll, Fault> {
    let refused = |error, message: &str| Ok(Poll::Refused(Fault::oauth(error, message)));
    require_grant(client)?;
    let id = &client.application.id;
    let hash = tx.keyring().hash_token(device_code.expose());
    let found = oidc_devices::find(tx, &hash)?.filter(|found| found.application_id == *id);
    let Some(found) = found else { return Ok(Poll::Refused(unknown())) };
    if cx.now >= found.expires_at {
        return refused(OAuthError::ExpiredToken, "The device code has expired. Start again.");
    }
    match found.status {
        DeviceStatus::Denied => refused(OAuthError::AccessDenied, "The request was denied."),
        DeviceStatus::Pending => {
            let (fault, turn, interval) = wait((found.last_polled_at, found.interval_seconds), cx.now);
            oidc_devices::set_polled(tx, &hash, turn, interval)?;
            Ok(Poll::Refused(fault))
        }
        DeviceStatus::Approved => {
            oidc_devices::delete(tx, &hash)?;
            let session = portal_sessions::find(tx, found.session_id.as_deref().unwrap_or_default())?
                .filter(|session| session.is_live(cx.now) && !session.is_idle(cx.now));
            match session {
                Some(session) if may_use(tx, id, &session.user.user_id)? => {
                    Ok(Poll::Approved(Box::new(session), found.scopes))
                }
                Some(_) => refused(OAuthError::AccessDenied, "The person may not use the application."),
                None => refused(OAuthError::AccessDenied, "The sign-in session that approved has ended."),
            }
        }
    }
}
