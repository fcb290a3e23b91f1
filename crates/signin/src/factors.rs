//! Second factors: what a person gives is held against what is kept of them. All kinds are guessed at together ([`Guess::factor`]): who tries codes
//! of one kind waits before they try another.

use model::caller::Caller;
use model::cx::Cx;
use model::entropy::uuid;
use model::event::Outcome;
use model::fault::{Fault, FaultKind};
use model::limits::KNOWN_BROWSER;
use model::saying::{Saying, Seconds};
use model::secret::Secret;
use model::signin::mfa::{CodeKind, DeviceKind, Method};
use store::audit::audit_records;
use store::db::Store;
use store::sealing::Purpose;
use store::signin::mfa_devices::{self, Kept};
use store::signin::one_time_codes;
use store::signin::remembered_browsers::{self, RememberedBrowser};
use store::tx::Tx;
use webauthn_rs_core::proto::Credential;

use crate::attempts::{CODES_WAIT, Guess, Whom};
use crate::config::Config;
use crate::flows::{self, Next, Pending, Progress};
use crate::webauthn::{self, Answer, Ceremony, Challenge};
use crate::workflow::Workflow;
use crate::{mailed_codes, totp};

/// What a person gives.
#[derive(Debug, Clone)]
pub enum Proof {
    /// The digits that an app shows.
    Totp(Secret),
    /// A recovery code, or one that an administrator gave.
    Code(Secret),
    /// A code that was mailed.
    Mailed(Secret),
    /// What an authenticator answered, and what came with its question.
    Webauthn {
        /// The sealed state.
        state: Secret,
        /// The answer, JSON.
        answer: String,
    },
}

impl Proof {
    const fn method(&self) -> Method {
        match self {
            Self::Totp(_) => Method::Totp,
            Self::Code(_) => Method::RecoveryCode,
            Self::Mailed(_) => Method::EmailOtp,
            Self::Webauthn { .. } => Method::Webauthn,
        }
    }
}

/// The keyed hash of a code, whatever stands between its letters.
pub(crate) fn code_hash(keys: &store::sealing::Keyring, user_id: &str, code: &str) -> [u8; 32] {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    keys.hash_token(&format!("one-time-code {user_id} {}", plain.to_ascii_lowercase()))
}

pub(crate) fn credentials_of<'k>(kept: impl Iterator<Item = &'k Kept>) -> Result<Vec<Credential>, Fault> {
    kept.filter_map(|kept| kept.credential.as_deref())
        .map(|text| serde_json::from_str(text).map_err(Fault::internal))
        .collect()
}

/// The question for the person's passkeys and security keys; `None` when they have none.
pub fn ask(store: &Store, cx: &Cx, config: &Config, pending: &Pending) -> Result<Option<Challenge>, Fault> {
    let credentials = credentials_of(pending.devices_of(DeviceKind::Webauthn))?;
    if credentials.is_empty() {
        return Ok(None);
    }
    let bound_to = pending.flow.workflow_id.as_str();
    webauthn::ask_one_of(store.keyring(), cx, config, bound_to, credentials).map(Some)
}

/// Holds what a person gives against what is kept. `remember`: the browser is not asked again. `Unauthorized` when it does not fit, `Throttled` when
/// it comes too soon.
pub async fn prove(
    store: &Store,
    cx: &Cx,
    config: &Config,
    (flow, proof): (&Secret, Proof),
    remember: bool,
) -> Result<Progress, Fault> {
    let cx = &cx.clone().with_caller(Caller::anonymous());
    let pending = store.read(|rx| flows::require(rx, cx, config, flow))?;
    if pending.next != Next::Factor {
        return Ok(Progress::More(flow.clone()));
    }
    let name = Some(pending.user.profile.user_name.as_str());
    let workflow = Workflow::again(config, pending.flow.workflow_id.clone());
    let method = proof.method();
    let whom = Whom { user: pending.flow.user_id.as_str(), unlocks: pending.unlocks };
    let guess = Guess::factor(store.keyring(), whom, &cx.source_ip);
    let challenge = workflow.step(cx, "CredentialChallenge", (method.as_str(), name), true);
    let reserved = guess.clone();
    store.write(&challenge, move |tx, cx| reserved.reserve(tx, cx.now)).await?;
    let tried = try_proof(store, cx, config, (flow, &pending, &proof, remember), guess).await;
    if let Err(refused) = &tried
        && matches!(refused.kind(), FaultKind::Unauthorized)
    {
        let failed = workflow.step(cx, "CredentialVerification", (method.as_str(), name), false);
        store.write(&failed, |_, _| Ok(())).await?;
        let (user, source) = (pending.flow.user_id.as_str(), &*cx.source_ip);
        tracing::warn!(user, source, method = method.as_str(), "a second factor was wrong");
    }
    tried
}

/// Mails another code for a sign-in that waits for one. `Throttled` when too many were sent a moment ago.
pub async fn mail_again(store: &Store, cx: &Cx, config: &Config, flow: &Secret) -> Result<Progress, Fault> {
    let cx = &cx.clone().with_caller(Caller::anonymous());
    let (flow, config) = (flow.clone(), config.clone());
    store
        .maintain(cx, move |tx, cx| {
            let pending = flows::require(tx, cx, &config, &flow)?;
            let waits = pending.next == Next::Factor && pending.by_mail();
            if waits && !mailed_codes::send_in(tx, cx, &config, (&pending.flow.user_id, &pending.hash))? {
                let wait = u32::try_from(CODES_WAIT.as_secs()).unwrap_or(u32::MAX);
                let saying = Saying::TooManyMailedCodes { seconds: Seconds(wait) };
                return Err(Fault::say(FaultKind::Throttled(wait), saying));
            }
            Ok(Progress::More(flow.clone()))
        })
        .await
}

async fn try_proof(
    store: &Store,
    cx: &Cx,
    config: &Config,
    (flow, pending, proof, remember): (&Secret, &Pending, &Proof, bool),
    guess: Guess,
) -> Result<Progress, Fault> {
    let answer = match proof {
        Proof::Webauthn { state, answer } => {
            let bound = (Ceremony::Factor, pending.flow.workflow_id.as_str());
            Some(Answer::read(store.keyring(), cx, bound, (state, answer))?)
        }
        Proof::Totp(_) | Proof::Code(_) | Proof::Mailed(_) => None,
    };
    let (flow, proof, config) = (flow.clone(), proof.clone(), config.clone());
    let (session_token, browser_token) = (crate::random::token(cx), crate::random::token(cx));
    store
        .maintain(cx, move |tx, cx| {
            let mut pending = flows::require(tx, cx, &config, &flow)?;
            let method = fits(tx, cx, &config, (&pending, &proof, answer.as_ref()))?;
            let method = method.ok_or_else(|| Fault::say(FaultKind::Unauthorized, Saying::WrongCode))?;
            guess.was_right(tx)?;
            let name = pending.user.profile.user_name.clone();
            let workflow = Workflow::again(&config, pending.flow.workflow_id.clone());
            let user = flows::portal_user(cx, &pending.user, String::new());
            let verified = cx.clone().with_caller(Caller::portal_user(user));
            let verified =
                workflow.step(&verified, "CredentialVerification", (method.as_str(), Some(&name)), true);
            audit_records::insert(tx, &verified.record(Outcome::Success))?;
            pending.flow.methods.push(method);
            pending.flow.mfa_at = Some(cx.now);
            let remembered = (remember && !pending.is_again()).then(|| browser_token.clone());
            if let Some(token) = &remembered {
                remember_browser(tx, cx, &pending, token)?;
            }
            let progress = flows::advance(tx, cx, &config, &pending, (&flow, &session_token))?;
            Ok(match progress {
                Progress::SignedIn(mut signed_in) => {
                    signed_in.remembered = remembered;
                    Progress::SignedIn(signed_in)
                }
                more @ Progress::More(_) => more,
            })
        })
        .await
}

/// The method that fits; it is used up.
fn fits(
    tx: &mut Tx<'_>,
    cx: &Cx,
    config: &Config,
    (pending, proof, answer): (&Pending, &Proof, Option<&Answer>),
) -> Result<Option<Method>, Fault> {
    let user = &pending.flow.user_id;
    match proof {
        Proof::Totp(code) => totp_fits(tx, cx, pending, code),
        Proof::Code(code) => {
            let hash = code_hash(tx.keyring(), user.as_str(), code.expose());
            for (kind, method) in
                [(CodeKind::Recovery, Method::RecoveryCode), (CodeKind::Bypass, Method::Bypass)]
            {
                if one_time_codes::take(tx, (user, kind), &hash, cx.now)? {
                    return Ok(Some(method));
                }
            }
            Ok(None)
        }
        Proof::Mailed(code) => {
            let fits = pending.by_mail() && mailed_codes::take(tx, cx, (user, &pending.hash), code)?;
            Ok(fits.then_some(Method::EmailOtp))
        }
        Proof::Webauthn { .. } => {
            let Some(answer) = answer else { return Ok(None) };
            let kept = mfa_devices::find_by_credential(tx, answer.credential_id())?
                .filter(|kept| kept.device.user_id == *user && pending.policy.allows(kept.device.kind));
            let Some((kept, credential)) = kept.and_then(|kept| Some((kept.device, kept.credential?))) else {
                return Ok(None);
            };
            let (credential, _) = answer.judge(tx, config, (user.as_str(), &credential))?;
            mfa_devices::use_credential(tx, &kept.id, &credential, cx.now)?;
            Ok(Some(Method::Webauthn))
        }
    }
}

fn totp_fits(tx: &mut Tx<'_>, cx: &Cx, pending: &Pending, code: &Secret) -> Result<Option<Method>, Fault> {
    let digits = totp::digits(code.expose());
    for kept in pending.devices_of(DeviceKind::Totp) {
        let Some(secret) = open_secret(tx.keyring(), kept) else { continue };
        if let Some(step) = totp::step_of(&secret, &digits, cx.now, kept.last_step)
            && mfa_devices::use_step(tx, &kept.device.id, step, cx.now)?
        {
            return Ok(Some(Method::Totp));
        }
    }
    Ok(None)
}

/// The secret that an app of this device has.
fn open_secret(keys: &store::sealing::Keyring, kept: &Kept) -> Option<zeroize::Zeroizing<Vec<u8>>> {
    keys.open(Purpose::MfaSecret, kept.device.id.as_str(), kept.sealed_secret.as_deref()?)
}

fn remember_browser(tx: &mut Tx<'_>, cx: &Cx, pending: &Pending, token: &Secret) -> Result<(), Fault> {
    let hash = tx.keyring().hash_token(token.expose());
    let browser = RememberedBrowser {
        id: uuid(cx.entropy()).to_string(),
        source_ip: cx.source_ip.to_string(),
        user_agent: cx.user_agent.chars().take(512).collect(),
        created_at: cx.now,
        last_used_at: cx.now,
        expires_at: cx.now.plus(KNOWN_BROWSER),
    };
    remembered_browsers::insert(tx, &pending.flow.user_id, &hash, &browser)
}
