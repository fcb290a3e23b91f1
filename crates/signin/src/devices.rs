//! A person's own devices: registered, named, removed, with the recovery codes for when all are lost and the browsers that are not asked again. Whoever
//! changes them has proved who they are a moment ago, or is made to register one as they sign in.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::cx::Cx;
use model::directory::identity_store::IdentityStoreId;
use model::directory::user::UserId;
use model::entropy::{bytes, uuid};
use model::event::EventHead;
use model::fault::{ConflictReason, Fault, FaultKind, ResourceType};
use model::limits::Mode;
use model::saying::Saying;
use model::secret::Secret;
use model::signin::mfa::{
    CodeKind, DeviceId, DeviceKind, MfaDevice, MfaPolicy, RELAXED_MAX, TOTP_MAX, WEBAUTHN_MAX, device_name,
};
use model::signin::portal_session::PortalSession;
use model::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use store::db::Store;
use store::sealing::Purpose;
use store::signin::mfa_devices::{self, Kept};
use store::signin::one_time_codes;
use store::signin::remembered_browsers::{self, RememberedBrowser};
use store::tx::{Rx, Tx};

use crate::config::Config;
use crate::factors::{code_hash, credentials_of};
use crate::flows::{self, Next, Progress};
use crate::webauthn::{self, Challenge, NewCredential};
use crate::{settings, totp};

/// How long after somebody proved who they are they may change by what they do.
pub const FRESH: Duration = Duration::from_mins(10);
/// How long a secret that is shown to an app may wait for its first code.
const SHOWN: Duration = Duration::from_mins(15);
/// Recovery codes that are made at once.
const RECOVERY_CODES: usize = 10;
/// Browsers that are shown at most.
const BROWSERS_LISTED_MAX: i64 = 200;

/// Who registers a device.
#[derive(Debug, Clone)]
pub enum Enrolee {
    /// Somebody who is signed in.
    Session(Box<PortalSession>),
    /// Somebody who must, before they are.
    Flow(Secret),
}

/// The same, looked up: who it is, and what a challenge is bound to.
struct Enrolling {
    user_id: UserId,
    user_name: String,
    identity_store_id: IdentityStoreId,
    bound_to: String,
}

/// Whether somebody proved who they are a moment ago, by a second factor if they have one.
pub fn is_fresh(session: &PortalSession, has_device: bool, now: Timestamp) -> bool {
    let at = if has_device { session.proofs.mfa_at } else { Some(session.verified_at) };
    at.is_some_and(|at| now.since(at) <= FRESH)
}

/// What somebody must do before they change their devices.
fn not_fresh() -> Fault {
    Fault::say(FaultKind::Forbidden, Saying::NotFresh)
}

fn enrolling(rx: &mut Rx<'_>, cx: &Cx, config: &Config, who: &Enrolee) -> Result<Enrolling, Fault> {
    match who {
        Enrolee::Session(session) => {
            let policy: MfaPolicy = settings::find(rx, &session.user.identity_store_id)?;
            require_own(rx, cx, session, &policy)?;
            Ok(Enrolling {
                user_id: session.user.user_id.clone(),
                user_name: session.user_name.clone(),
                identity_store_id: session.user.identity_store_id.clone(),
                bound_to: session.user.session_id.clone(),
            })
        }
        Enrolee::Flow(token) => {
            let pending = flows::require(rx, cx, config, token)?;
            if pending.next != Next::Device {
                return Err(Fault::say(FaultKind::Forbidden, Saying::NoDeviceAsked));
            }
            Ok(Enrolling {
                user_id: pending.user.id,
                user_name: pending.user.profile.user_name,
                identity_store_id: pending.user.identity_store_id,
                bound_to: pending.flow.workflow_id,
            })
        }
    }
}

/// Refuses who may not change their own devices, or has not proved who they are a moment ago.
fn require_own(rx: &mut Rx<'_>, cx: &Cx, session: &PortalSession, policy: &MfaPolicy) -> Result<(), Fault> {
    if !policy.people_manage {
        return Err(Fault::say(FaultKind::Forbidden, Saying::DevicesManaged));
    }
    if proved_lately(rx, cx, session, policy)? { Ok(()) } else { Err(not_fresh()) }
}

fn proved_lately(
    rx: &mut Rx<'_>,
    cx: &Cx,
    session: &PortalSession,
    policy: &MfaPolicy,
) -> Result<bool, Fault> {
    let devices = mfa_devices::list_by_user(rx, &session.user.user_id)?;
    let has_device = devices.iter().any(|kept| policy.allows(kept.device.kind));
    Ok(is_fresh(session, has_device, cx.now))
}

/// Whether the person of a session proved who they are a moment ago, by a second factor if they have one: asked before keys are shown that are
/// good without the session.
pub fn has_proved_lately(store: &Store, cx: &Cx, session: &PortalSession) -> Result<bool, Fault> {
    store.read(|rx| {
        let policy: MfaPolicy = settings::find(rx, &session.user.identity_store_id)?;
        proved_lately(rx, cx, session, &policy)
    })
}

fn require_room(
    rx: &mut Rx<'_>,
    cx: &Cx,
    enrolling: &Enrolling,
    kind: DeviceKind,
) -> Result<Vec<Kept>, Fault> {
    let policy: MfaPolicy = settings::find(rx, &enrolling.identity_store_id)?;
    if !policy.allows(kind) {
        let kind = kind.as_str();
        return Err(Fault::say(FaultKind::Forbidden, Saying::KindNotTaken { kind }));
    }
    let has = mfa_devices::list_by_user(rx, &enrolling.user_id)?;
    let most = match (cx.mode, kind) {
        (Mode::Relaxed, _) => RELAXED_MAX,
        (Mode::Strict, DeviceKind::Totp) => TOTP_MAX,
        (Mode::Strict, DeviceKind::Webauthn) => WEBAUTHN_MAX,
    };
    let count = has.iter().filter(|kept| kept.device.kind == kind).count();
    if count >= most {
        return Err(Fault::say(
            FaultKind::QuotaExceeded,
            Saying::TooManyDevices { most, kind: kind.as_str() },
        ));
    }
    Ok(has)
}

/// The secret for an app, and what must come back with its first code.
#[derive(Debug, Clone)]
pub struct NewTotp {
    /// The secret as a person types it: base32.
    pub secret: Secret,
    /// The address that the QR code shows.
    pub address: Secret,
    /// What must come back. It says nothing to anybody else.
    pub state: Secret,
}

#[derive(Serialize, Deserialize)]
struct SealedTotp {
    secret: Vec<u8>,
    until: i64,
}

/// Makes a secret for an app. Nothing is kept of it until the app's first code comes.
pub fn start_totp(store: &Store, cx: &Cx, config: &Config, who: &Enrolee) -> Result<NewTotp, Fault> {
    let enrolling = store.read(|rx| {
        let enrolling = enrolling(rx, cx, config, who)?;
        require_room(rx, cx, &enrolling, DeviceKind::Totp)?;
        Ok(enrolling)
    })?;
    let secret = bytes::<{ totp::SECRET_BYTES }>(cx.entropy());
    let issuer = format!("Portico {}", config.page_host());
    let sealed = SealedTotp { secret: secret.to_vec(), until: cx.now.plus(SHOWN).micros() };
    let plain = zeroize::Zeroizing::new(serde_json::to_vec(&sealed).map_err(Fault::internal)?);
    let place = format!("totp {}", enrolling.bound_to);
    let state = store.keyring().seal(cx.entropy(), Purpose::Form, &place, &plain)?;
    Ok(NewTotp {
        secret: Secret::new(totp::base32(&secret)),
        address: Secret::new(totp::address(&secret, &enrolling.user_name, &issuer)),
        state: Secret::new(URL_SAFE_NO_PAD.encode(state)),
    })
}

/// Shows the secret of [`start_totp`] again, after a first code that was wrong.
pub fn shown_totp(
    store: &Store,
    cx: &Cx,
    config: &Config,
    (who, state): (&Enrolee, &Secret),
) -> Result<NewTotp, Fault> {
    let enrolling = store.read(|rx| enrolling(rx, cx, config, who))?;
    let secret = open_totp(store, cx, &enrolling, state)?;
    let issuer = format!("Portico {}", config.page_host());
    Ok(NewTotp {
        secret: Secret::new(totp::base32(&secret)),
        address: Secret::new(totp::address(&secret, &enrolling.user_name, &issuer)),
        state: state.clone(),
    })
}

fn open_totp(store: &Store, cx: &Cx, enrolling: &Enrolling, state: &Secret) -> Result<Vec<u8>, Fault> {
    let sealed = URL_SAFE_NO_PAD.decode(state.expose()).ok();
    let place = format!("totp {}", enrolling.bound_to);
    let plain = sealed.and_then(|sealed| store.keyring().open(Purpose::Form, &place, &sealed));
    plain
        .and_then(|plain| serde_json::from_slice::<SealedTotp>(&plain).ok())
        .filter(|opened| cx.now < Timestamp::from_micros(opened.until))
        .map(|opened| opened.secret)
        .ok_or_else(|| Fault::invalid(Saying::SecretOutdated))
}

/// Registers an app by its first code.
pub async fn add_totp(
    store: &Store,
    cx: &Cx,
    config: &Config,
    who: &Enrolee,
    (state, code, name): (&Secret, &Secret, &str),
) -> Result<Progress, Fault> {
    let enrolling = store.read(|rx| enrolling(rx, cx, config, who))?;
    let secret = open_totp(store, cx, &enrolling, state)?;
    let name = device_name(if name.trim().is_empty() { "Authenticator app" } else { name })?;
    let digits = totp::digits(code.expose());
    let step =
        totp::step_of(&secret, &digits, cx.now, -1).ok_or_else(|| Fault::invalid(Saying::WrongFirstCode))?;
    let id = DeviceId::trusted(uuid(cx.entropy()).to_string());
    let sealed = store.keyring().seal(cx.entropy(), Purpose::MfaSecret, id.as_str(), &secret)?;
    let kept = Kept {
        device: new_device(cx, id, &enrolling, (DeviceKind::Totp, name)),
        sealed_secret: Some(sealed),
        credential: None,
        last_step: step,
    };
    add(store, cx, config, (who, "CompleteVirtualMfaDeviceRegistration"), (kept, None)).await
}

/// Asks for a new passkey or security key.
pub fn start_webauthn(store: &Store, cx: &Cx, config: &Config, who: &Enrolee) -> Result<Challenge, Fault> {
    let (enrolling, has) = store.read(|rx| {
        let enrolling = enrolling(rx, cx, config, who)?;
        let has = require_room(rx, cx, &enrolling, DeviceKind::Webauthn)?;
        Ok((enrolling, has))
    })?;
    let named = (enrolling.bound_to.as_str(), enrolling.user_id.as_str(), enrolling.user_name.as_str());
    webauthn::ask_new(store.keyring(), cx, config, named, &credentials_of(has.iter())?)
}

/// Registers a passkey or security key by its answer.
pub async fn add_webauthn(
    store: &Store,
    cx: &Cx,
    config: &Config,
    who: &Enrolee,
    (state, answer, name): (&Secret, &str, &str),
) -> Result<Progress, Fault> {
    let enrolling = store.read(|rx| enrolling(rx, cx, config, who))?;
    let name = device_name(if name.trim().is_empty() { "Passkey" } else { name })?;
    let new = NewCredential::judged(store.keyring(), cx, config, &enrolling.bound_to, (state, answer))?;
    let id = DeviceId::trusted(uuid(cx.entropy()).to_string());
    let kept = Kept {
        device: new_device(cx, id, &enrolling, (DeviceKind::Webauthn, name)),
        sealed_secret: None,
        credential: Some(new.kept.clone()),
        last_step: 0,
    };
    add(store, cx, config, (who, "CompleteWebAuthnDeviceRegistration"), (kept, Some(new))).await
}

fn new_device(cx: &Cx, id: DeviceId, enrolling: &Enrolling, (kind, name): (DeviceKind, String)) -> MfaDevice {
    let user_id = enrolling.user_id.clone();
    MfaDevice { id, user_id, kind, name, created_at: cx.now, last_used_at: Some(cx.now) }
}

/// Adds a device in one transaction with the record; a sign-in that waited for it goes on.
async fn add(
    store: &Store,
    cx: &Cx,
    config: &Config,
    (who, event): (&Enrolee, &'static str),
    (kept, credential): (Kept, Option<NewCredential>),
) -> Result<Progress, Fault> {
    let step = cx.with_event(EventHead::of_service("sso-directory.amazonaws.com", event));
    let (who, config, session_token) = (who.clone(), config.clone(), crate::random::token(cx));
    store
        .write(&step, move |tx, cx| {
            let enrolling = enrolling(tx, cx, &config, &who)?;
            require_room(tx, cx, &enrolling, kept.device.kind)?;
            if let Some(credential) = &credential {
                credential.use_challenge(tx)?;
                if mfa_devices::find_by_credential(tx, &credential.id)?.is_some() {
                    return Err(Fault::say(
                        FaultKind::Conflict(ConflictReason::State),
                        Saying::RegisteredAlready,
                    ));
                }
            }
            mfa_devices::insert(tx, &kept, credential.as_ref().map(|new| new.id.as_slice()))?;
            let event = cx.event();
            event.name_user(&enrolling.user_name);
            event.touch("AWS::IdentityStore::User", enrolling.user_id.arn());
            event.detail("mfaDeviceId", kept.device.id.as_str());
            event.detail("mfaDeviceType", kept.device.kind.as_str());
            match &who {
                Enrolee::Session(session) => signed_in(tx, cx, session, kept.device.kind),
                Enrolee::Flow(token) => {
                    let mut pending = flows::require(tx, cx, &config, token)?;
                    pending.flow.methods.push(method_of(kept.device.kind));
                    pending.flow.mfa_at = Some(cx.now);
                    flows::advance(tx, cx, &config, &pending, (token, &session_token))
                }
            }
        })
        .await
}

const fn method_of(kind: DeviceKind) -> model::signin::mfa::Method {
    match kind {
        DeviceKind::Webauthn => model::signin::mfa::Method::Webauthn,
        DeviceKind::Totp => model::signin::mfa::Method::Totp,
    }
}

/// Who registers a device has it in hand: the session counts as proved by it.
fn signed_in(tx: &mut Tx<'_>, cx: &Cx, session: &PortalSession, kind: DeviceKind) -> Result<Progress, Fault> {
    let mut proofs = session.proofs.clone();
    if !proofs.methods.contains(&method_of(kind)) {
        proofs.methods.push(method_of(kind));
    }
    proofs.mfa_at = Some(cx.now);
    store::signin::portal_sessions::verify(tx, &session.user.session_id, &proofs, cx.now)?;
    let session = PortalSession { proofs, verified_at: cx.now, ..session.clone() };
    let done = flows::SignedIn { session, token: None, device: None, remembered: None };
    Ok(Progress::SignedIn(Box::new(done)))
}

/// What a person has.
#[derive(Debug, Clone)]
pub struct Own {
    /// The devices.
    pub devices: Vec<MfaDevice>,
    /// Recovery codes that still work.
    pub recovery_codes: u64,
    /// Browsers that are not asked again.
    pub browsers: Vec<RememberedBrowser>,
    /// The policy.
    pub policy: MfaPolicy,
    /// Whether the person proved who they are a moment ago.
    pub fresh: bool,
}

/// The devices of the person who calls.
pub fn list_own(store: &Store, cx: &Cx, session: &PortalSession) -> Result<Own, Fault> {
    let user = &session.user.user_id;
    store.read(|rx| {
        let policy: MfaPolicy = settings::find(rx, &session.user.identity_store_id)?;
        let devices: Vec<MfaDevice> =
            mfa_devices::list_by_user(rx, user)?.into_iter().map(|kept| kept.device).collect();
        let has_device = devices.iter().any(|device| policy.allows(device.kind));
        Ok(Own {
            recovery_codes: one_time_codes::count(rx, (user, CodeKind::Recovery), cx.now)?,
            browsers: remembered_browsers::list_by_user(rx, user, cx.now, BROWSERS_LISTED_MAX)?,
            fresh: is_fresh(session, has_device, cx.now),
            devices,
            policy,
        })
    })
}

/// What a person does to what they have.
#[derive(Debug, Clone)]
pub enum Act {
    /// Gives a device another name.
    Rename(DeviceId, String),
    /// Removes a device.
    Remove(DeviceId),
    /// Forgets a browser.
    Forget(String),
}

impl Act {
    const fn event(&self) -> &'static str {
        match self {
            Self::Rename(..) => "UpdateMfaDeviceForUser",
            Self::Remove(_) => "DeleteMfaDeviceForUser",
            Self::Forget(_) => "DeleteRememberedBrowser",
        }
    }
}

/// Does it. To forget a browser, which only makes signing in harder, nobody proves themselves again.
pub async fn act(store: &Store, cx: &Cx, session: &PortalSession, act: Act) -> Result<(), Fault> {
    let step = cx.with_event(EventHead::of_service("sso-directory.amazonaws.com", act.event()));
    let session = session.clone();
    store
        .write(&step, move |tx, cx| {
            let user = &session.user.user_id;
            cx.event().touch("AWS::IdentityStore::User", user.arn());
            let policy: MfaPolicy = settings::find(tx, &session.user.identity_store_id)?;
            let found = match &act {
                Act::Rename(id, name) => {
                    require_own(tx, cx, &session, &policy)?;
                    cx.event().detail("mfaDeviceId", id.as_str());
                    mfa_devices::rename(tx, user, id, &device_name(name)?)?
                }
                Act::Remove(id) => {
                    require_own(tx, cx, &session, &policy)?;
                    cx.event().detail("mfaDeviceId", id.as_str());
                    remove(tx, user, id)?
                }
                Act::Forget(id) => remembered_browsers::delete(tx, user, id)?,
            };
            if found {
                Ok(())
            } else {
                Err(Fault::say(FaultKind::NotFound(ResourceType::Other), Saying::NoSuchDevice))
            }
        })
        .await
}

/// Removes a device. With the last one the recovery codes go, and with any the browsers that are not asked again: whoever has such a browser proved
/// something that counts no more.
pub(crate) fn remove(tx: &mut Tx<'_>, user: &UserId, id: &DeviceId) -> Result<bool, Fault> {
    let found = mfa_devices::delete(tx, user, id)?;
    if found {
        remembered_browsers::delete_by_user(tx, user)?;
        if mfa_devices::list_by_user(tx, user)?.is_empty() {
            one_time_codes::delete_kind(tx, user, CodeKind::Recovery)?;
        }
    }
    Ok(found)
}

/// Makes recovery codes, which take the place of those before: shown here and never again.
pub async fn make_recovery_codes(
    store: &Store,
    cx: &Cx,
    session: &PortalSession,
) -> Result<Vec<Secret>, Fault> {
    let event = EventHead::of_service("sso-directory.amazonaws.com", "CreateRecoveryCodes");
    let step = cx.with_event(event);
    let codes: Vec<Secret> = (0..RECOVERY_CODES).map(|_| crate::random::readable(cx, 3)).collect();
    let (session, kept) = (session.clone(), codes.clone());
    store
        .write(&step, move |tx, cx| {
            let user = &session.user.user_id;
            let policy: MfaPolicy = settings::find(tx, &session.user.identity_store_id)?;
            require_own(tx, cx, &session, &policy)?;
            if mfa_devices::list_by_user(tx, user)?.is_empty() {
                return Err(Fault::invalid(Saying::DeviceFirst));
            }
            cx.event().touch("AWS::IdentityStore::User", user.arn());
            one_time_codes::delete_kind(tx, user, CodeKind::Recovery)?;
            for code in &kept {
                let hash = code_hash(tx.keyring(), user.as_str(), code.expose());
                one_time_codes::insert(tx, (user, CodeKind::Recovery), &hash, cx.now, None)?;
            }
            Ok(())
        })
        .await?;
    Ok(codes)
}
