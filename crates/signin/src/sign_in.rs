//! Signing in: with a password, which a second factor may follow ([`crate::flows`]), or with a passkey alone. Each step is its own record, all under
//! one AuthWorkflowID. Whatever was wrong, the caller hears the same words after the same work.

use model::caller::{Caller, PortalUser};
use model::cx::Cx;
use model::directory::user::{User, UserId, UserStatus};
use model::entropy::uuid;
use model::event::Outcome;
use model::fault::{Fault, FaultKind};
use model::name_key::name_key;
use model::saying::Saying;
use model::secret::Secret;
use model::signin::mfa::{Method, Proofs};
use store::audit::audit_records;
use store::db::Store;
use store::signin::passwords::Credential;
use store::signin::sign_in_flows::SignInFlow;
use store::signin::{mfa_devices, remembered_browsers};
use store::tx::{Rx, Tx};

use crate::attempts::{DeviceOf, Guess, Whom};
use crate::config::Config;
use crate::flows::{self, FLOW, Grounds, Next, Progress, SignedIn};
use crate::hashing::Hasher;
use crate::required_idps::require_own;
use crate::webauthn::{Answer, Ceremony};
use crate::workflow::Workflow;
use crate::{mailed_codes, notices, sessions};

/// What a person's browser brings along.
#[derive(Debug, Clone, Default)]
pub struct Brought {
    /// The value of the device cookie: see [`SignedIn::device`].
    pub device: Option<String>,
    /// The value of the cookie of a browser that is not asked again: see [`SignedIn::remembered`].
    pub remembered: Option<Secret>,
    /// The id of the session that the browser is in: the new one takes its place.
    pub session: Option<String>,
}

/// What a person gives to sign in.
#[derive(Debug, Clone)]
pub struct PasswordSignIn {
    /// The user name, in any case.
    pub user_name: String,
    /// The password.
    pub password: Secret,
    /// What the browser brings along.
    pub brought: Brought,
}

/// Signs a person in, or as far as their password leads. `Unauthorized` with [`Saying::WrongPassword`] for whatever did not fit, `Throttled` for attempts that come
/// too fast, `Forbidden` for whom the directory's policy keeps out.
pub async fn by_password(
    store: &Store,
    cx: &Cx,
    config: &Config,
    hasher: &Hasher,
    attempt: PasswordSignIn,
) -> Result<Progress, Fault> {
    // Nobody yet, also in a browser where somebody is signed in.
    let cx = &cx.clone().with_caller(Caller::anonymous());
    let mut known = None;
    let result = attempted(store, cx, (config, hasher), (attempt, &mut known)).await;
    say(cx, known.as_ref(), &result);
    result
}

/// Says in the log how a sign-in ended, and counts it. The name that was typed is not said: it may be a password in the wrong field.
fn say(cx: &Cx, known: Option<&Credential>, result: &Result<Progress, Fault>) {
    let user = known.map_or("unknown", |known| known.user_id.as_str());
    let source = &*cx.source_ip;
    let result = match result.as_ref().map_err(Fault::kind) {
        Ok(Progress::SignedIn(_)) => {
            tracing::info!(user, source, "a person signed in");
            "succeeded"
        }
        Ok(Progress::More(_)) => {
            tracing::info!(user, source, "a password was right; more is asked for");
            "more"
        }
        Err(FaultKind::Unauthorized) => {
            let reason = match known {
                None => "nobody has this user name",
                Some(known) if known.status != UserStatus::Enabled => "the person is disabled",
                Some(_) => "the password is wrong",
            };
            tracing::warn!(user, source, reason, "a sign-in failed");
            "refused"
        }
        // Of these there may be any number; they are said together.
        Err(FaultKind::Throttled(_)) => "slowed",
        Err(_) => "failed",
    };
    tracing::trace!(target: model::counted::TARGET, what = "sign_in", result, source);
}

async fn attempted(
    store: &Store,
    cx: &Cx,
    (config, hasher): (&Config, &Hasher),
    (attempt, seen): (PasswordSignIn, &mut Option<Credential>),
) -> Result<Progress, Fault> {
    let steps = Steps::new(cx, config, &attempt);
    // Who must wait costs a look-up: they take no turn at the hasher and no place in the queue of writes.
    let (credential, known) = store.read(|rx| steps.look_up(rx, cx))?;
    seen.clone_from(&credential);
    let admission = if known { hasher.admit().await } else { hasher.admit_stranger().await }?;
    let (guess, credential) = steps.challenge(store, cx, credential).await?;
    let hash = credential.as_ref().and_then(|credential| credential.password_hash.as_deref());
    let right = admission.verify(&attempt.password, hash).await?;
    match credential {
        Some(credential) if right && may_enter(&credential, cx) => {
            steps.succeed(store, cx, guess, credential).await
        }
        known => {
            steps.fail(store, cx, known.as_ref()).await?;
            Err(wrong())
        }
    }
}

fn may_enter(credential: &Credential, cx: &Cx) -> bool {
    credential.status == UserStatus::Enabled && credential.expires_at.is_none_or(|until| cx.now < until)
}

fn wrong() -> Fault {
    Fault::say(FaultKind::Unauthorized, Saying::WrongPassword)
}

/// One sign-in with a password on its way.
#[derive(Debug, Clone)]
struct Steps {
    workflow: Workflow,
    config: Config,
    user_name: String,
    key: String,
    brought: Brought,
}

impl Steps {
    fn new(cx: &Cx, config: &Config, attempt: &PasswordSignIn) -> Self {
        Self {
            workflow: Workflow::new(cx, config),
            config: config.clone(),
            user_name: attempt.user_name.clone(),
            key: name_key(&attempt.user_name),
            brought: attempt.brought.clone(),
        }
    }

    fn step(&self, cx: &Cx, name: &'static str, known: Option<&Credential>, success: bool) -> Cx {
        let user_name = known.map(|known| known.user_name.as_str());
        self.workflow.step(cx, name, (Method::Password.as_str(), user_name), success)
    }

    fn find(&self, rx: &mut Rx<'_>) -> Result<Option<Credential>, Fault> {
        let store = &self.config.identity_store_id;
        Ok(store::signin::passwords::find_credential(rx, store, &self.key)?)
    }

    /// Whose name it is, and whether the attempt comes from a browser or an address where they were before. Refuses what comes too soon.
    fn look_up(&self, rx: &mut Rx<'_>, cx: &Cx) -> Result<(Option<Credential>, bool), Fault> {
        require_own(rx, &self.config.identity_store_id, &self.user_name)?;
        let credential = self.find(rx)?;
        let (guess, known) = self.guess(rx, cx, credential.as_ref())?;
        guess.check(rx, cx.now)?;
        Ok((credential, known))
    }

    /// The counters of the attempt, and whether it comes from a browser that the user signed in with or an address where they have a session.
    fn guess(&self, rx: &mut Rx<'_>, cx: &Cx, known: Option<&Credential>) -> Result<(Guess, bool), Fault> {
        // Asked for nobody too: the work must not tell whether there is such a user.
        let user = known.map_or_else(|| UserId::trusted(""), |known| known.user_id.clone());
        let near = store::signin::portal_sessions::is_from_source(rx, &user, &cx.source_ip, cx.now)?;
        let password_hash = known.and_then(|known| known.password_hash.as_deref()).unwrap_or_default();
        let device_of = DeviceOf { user: &self.key, password_hash };
        let device = self.brought.device.as_deref();
        let device = device.and_then(|token| device_of.known(rx.keyring(), token, cx.now));
        let whom = Whom { user: &self.key, unlocks: known.map_or(0, |known| known.unlocks) };
        let guess = Guess::password(rx.keyring(), whom, &cx.source_ip, device.as_deref(), near);
        Ok((guess, near || device.is_some()))
    }

    /// Refuses what comes too soon, counts the attempt, and records the challenge.
    async fn challenge(
        &self,
        store: &Store,
        cx: &Cx,
        credential: Option<Credential>,
    ) -> Result<(Guess, Option<Credential>), Fault> {
        let step = self.step(cx, "CredentialChallenge", credential.as_ref(), true);
        let steps = self.clone();
        store
            .write(&step, move |tx, cx| {
                let (guess, _) = steps.guess(tx, cx, credential.as_ref())?;
                guess.reserve(tx, cx.now)?;
                Ok((guess, credential.clone()))
            })
            .await
    }

    async fn fail(&self, store: &Store, cx: &Cx, known: Option<&Credential>) -> Result<(), Fault> {
        let step = self.step(cx, "CredentialVerification", known, false);
        store.write(&step, |_, _| Ok(())).await
    }

    async fn succeed(
        &self,
        store: &Store,
        cx: &Cx,
        guess: Guess,
        credential: Credential,
    ) -> Result<Progress, Fault> {
        let user = PortalUser {
            user_id: credential.user_id.clone(),
            user_name: credential.user_name.clone(),
            identity_store_id: self.config.identity_store_id.clone(),
            account_id: cx.owner.clone(),
            session_id: uuid(cx.entropy()).to_string(),
        };
        let signed_in = cx.clone().with_caller(Caller::portal_user(user.clone()));
        let verified = self.step(&signed_in, "CredentialVerification", Some(&credential), true);
        let password = Method::Password.as_str();
        let authenticated = self.workflow.authenticated(&signed_in, password, &credential.user_name);
        let password_hash = credential.password_hash.clone().unwrap_or_default();
        let device_of = DeviceOf { user: &self.key, password_hash: &password_hash };
        let device = device_of.token(store.keyring(), cx);
        let (steps, token) = (self.clone(), crate::random::token(cx));
        let change = move |tx: &mut Tx<'_>, cx: &Cx| {
            if steps.find(tx)?.as_ref() != Some(&credential) {
                // Disabled, renamed or given another password while this one was verified.
                return Err(wrong());
            }
            guess.was_right(tx)?;
            audit_records::insert(tx, &verified.record(Outcome::Success))?;
            let proofs = Proofs { methods: vec![Method::Password], mfa_at: None };
            let known_browser = steps.knows_browser(tx, cx, &user.user_id)?;
            // Nobody is told of devices without mail.
            let known_device = !steps.config.mails || steps.guess(tx, cx, Some(&credential))?.1;
            let grounds = Grounds::read(tx, cx, &steps.config, &user)?;
            let next = grounds.next(&proofs, known_browser)?;
            if next != Next::Done {
                let flow = SignInFlow {
                    user_id: user.user_id.clone(),
                    workflow_id: steps.workflow.id.clone(),
                    password_hash: password_hash.clone(),
                    methods: proofs.methods,
                    mfa_at: None,
                    known_browser,
                    known_device,
                    brought: steps.brought.session.clone(),
                    session_id: None,
                    created_at: cx.now,
                    expires_at: cx.now.plus(FLOW),
                };
                let hash = flows::begin(tx, &token, &flow)?;
                if next == Next::Factor && grounds.by_mail {
                    mailed_codes::send_in(tx, cx, &steps.config, (&user.user_id, &hash))?;
                }
                return Ok(Progress::More(token.clone()));
            }
            notices::sign_in_in(tx, &signed_in, &steps.config, known_device)?;
            let brought = steps.brought.session.as_deref();
            let session = sessions::begin(tx, cx, &token, &user, (&proofs, brought))?;
            audit_records::insert(tx, &authenticated.record(Outcome::Success))?;
            let (token, device) = (Some(token.clone()), Some(device.clone()));
            Ok(Progress::SignedIn(Box::new(SignedIn { session, token, device, remembered: None })))
        };
        store.maintain(cx, change).await
    }

    /// Whether the browser is one that the user has remembered.
    fn knows_browser(&self, tx: &mut Tx<'_>, cx: &Cx, user: &UserId) -> Result<bool, Fault> {
        let Some(token) = &self.brought.remembered else { return Ok(false) };
        let hash = tx.keyring().hash_token(token.expose());
        let Some(browser) = remembered_browsers::find(tx, user, &hash, cx.now)? else { return Ok(false) };
        remembered_browsers::touch(tx, &browser, cx.now)?;
        Ok(true)
    }
}

/// What a passkey gives to sign in.
#[derive(Debug, Clone)]
pub struct PasskeySignIn {
    /// What came with the question, sealed for this browser.
    pub state: Secret,
    /// The authenticator's answer, JSON.
    pub answer: String,
    /// The value that the question was bound to: the cookie of the page.
    pub bound_to: String,
    /// What the browser brings along.
    pub brought: Brought,
}

/// Signs a person in by a passkey that checked them: something they have and something they know or are, so that no second factor is asked for.
pub async fn by_passkey(
    store: &Store,
    cx: &Cx,
    config: &Config,
    attempt: PasskeySignIn,
) -> Result<Progress, Fault> {
    let cx = &cx.clone().with_caller(Caller::anonymous());
    let wrong = || Fault::say(FaultKind::Unauthorized, Saying::WrongPasskey);
    let bound = (Ceremony::SignIn, attempt.bound_to.as_str());
    let answer = Answer::read(store.keyring(), cx, bound, (&attempt.state, &attempt.answer))?;
    let guess = Guess::passkey(store.keyring(), &cx.source_ip);
    let workflow = Workflow::new(cx, config);
    let found = store.read(|rx| {
        guess.check(rx, cx.now)?;
        let kept = mfa_devices::find_by_credential(rx, answer.credential_id())?;
        let Some(kept) = kept else { return Ok(None) };
        Ok(store::directory::users::find(rx, &config.identity_store_id, &kept.device.user_id)?)
    })?;
    let user_name = found.as_ref().map(|user| user.profile.user_name.as_str());
    let of = (Method::Webauthn.as_str(), user_name);
    let challenge = workflow.step(cx, "CredentialChallenge", of, true);
    let reserved = guess.clone();
    store.write(&challenge, move |tx, cx| reserved.reserve(tx, cx.now)).await?;
    let entered = match found.clone() {
        Some(user) => enter(store, cx, config, (&workflow, user, guess), (answer, attempt.brought)).await,
        None => Err(wrong()),
    };
    if let Err(refused) = &entered
        && matches!(refused.kind(), FaultKind::Unauthorized)
    {
        let failed = workflow.step(cx, "CredentialVerification", of, false);
        store.write(&failed, |_, _| Ok(())).await?;
        let source = &*cx.source_ip;
        tracing::warn!(source, reason = refused.context().unwrap_or_default(), "a passkey was refused");
    }
    entered
}

/// A new mark for the browser of a person who needs no password, and whether it brought one along, or comes from where they have a session.
pub(crate) fn device(
    tx: &mut Tx<'_>,
    cx: &Cx,
    user: &User,
    brought: Option<&str>,
) -> Result<(Secret, bool), Fault> {
    let password = store::signin::passwords::find(tx, &user.id)?.map(|kept| kept.hash).unwrap_or_default();
    let device_of = DeviceOf { user: &name_key(&user.profile.user_name), password_hash: &password };
    let known = brought.and_then(|token| device_of.known(tx.keyring(), token, cx.now)).is_some();
    let near = store::signin::portal_sessions::is_from_source(tx, &user.id, &cx.source_ip, cx.now)?;
    Ok((device_of.token(tx.keyring(), cx), known || near))
}

async fn enter(
    store: &Store,
    cx: &Cx,
    config: &Config,
    (workflow, user, guess): (&Workflow, User, Guess),
    (answer, brought): (Answer, Brought),
) -> Result<Progress, Fault> {
    let (workflow, config, token) = (workflow.clone(), config.clone(), crate::random::token(cx));
    let change = move |tx: &mut Tx<'_>, cx: &Cx| {
        let wrong = || Fault::say(FaultKind::Unauthorized, Saying::WrongPasskey);
        require_own(tx, &user.identity_store_id, &user.profile.user_name)?;
        let user = store::directory::users::find(tx, &user.identity_store_id, &user.id)?
            .filter(|user| user.status == UserStatus::Enabled)
            .ok_or_else(wrong)?;
        let person = flows::portal_user(cx, &user, uuid(cx.entropy()).to_string());
        let policy = Grounds::read(tx, cx, &config, &person)?.policy;
        let kept = mfa_devices::find_by_credential(tx, answer.credential_id())?
            .filter(|kept| kept.device.user_id == user.id)
            .filter(|kept| policy.passwordless && policy.allows(kept.device.kind))
            .ok_or_else(wrong)?;
        let credential = kept.credential.ok_or_else(wrong)?;
        let (credential, verified) = answer.judge(tx, &config, (user.id.as_str(), &credential))?;
        if !verified {
            return Err(wrong());
        }
        mfa_devices::use_credential(tx, &kept.device.id, &credential, cx.now)?;
        guess.was_right(tx)?;
        let signed_in = cx.clone().with_caller(Caller::portal_user(person.clone()));
        let of = (Method::Webauthn.as_str(), Some(person.user_name.as_str()));
        let verified = workflow.step(&signed_in, "CredentialVerification", of, true);
        audit_records::insert(tx, &verified.record(Outcome::Success))?;
        let (device, known_device) = device(tx, cx, &user, brought.device.as_deref())?;
        notices::sign_in_in(tx, &signed_in, &config, known_device)?;
        let proofs = Proofs { methods: vec![Method::Webauthn], mfa_at: Some(cx.now) };
        let session = sessions::begin(tx, cx, &token, &person, (&proofs, brought.session.as_deref()))?;
        let authenticated = workflow.authenticated(&signed_in, of.0, &person.user_name);
        audit_records::insert(tx, &authenticated.record(Outcome::Success))?;
        let (token, device) = (Some(token.clone()), Some(device));
        Ok(Progress::SignedIn(Box::new(SignedIn { session, token, device, remembered: None })))
    };
    let entered = store.maintain(cx, change).await;
    if entered.is_ok() {
        tracing::info!(source = &*cx.source_ip, "a person signed in with a passkey");
    }
    entered
}
