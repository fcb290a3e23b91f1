//! Signing in with a password: challenge, verification, session. Each step is its own record, all under one AuthWorkflowID
//! (aws-capabilities §3.1). Whatever was wrong, the caller hears the same words after the same work.

use model::caller::{Caller, PortalUser};
use model::cx::Cx;
use model::directory::identity_store::IdentityStoreId;
use model::directory::user::{UserId, UserStatus};
use model::entropy::uuid;
use model::event::{EventHead, HIDDEN, Outcome};
use model::fault::{Fault, FaultKind};
use model::name_key::name_key;
use model::secret::Secret;
use model::signin::portal_session::PortalSession;
use store::db::Store;
use store::signin::passwords::Credential;
use store::tx::Rx;

use crate::attempts::{DeviceOf, Guess};
use crate::config::Config;
use crate::hashing::Hasher;
use crate::sessions;

/// What every failed sign-in says.
pub const WRONG: &str = "Wrong user name or password.";

/// What a person gives to sign in.
#[derive(Debug, Clone)]
pub struct PasswordSignIn {
    /// The user name, in any case.
    pub user_name: String,
    /// The password.
    pub password: Secret,
    /// The value of the device cookie, if the browser has one: see [`SignedIn::device`].
    pub device: Option<String>,
    /// The id of the session that the browser is in, if it is in one: the new one takes its place.
    pub brought: Option<String>,
}

/// A new session.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The session.
    pub session: PortalSession,
    /// Its cookie value: given out here and never again.
    pub token: Secret,
    /// A value for a long-lived cookie that marks the device as known to this user. It opens nothing.
    pub device: Secret,
}

/// Signs a person in. `Unauthorized` with [`WRONG`] for whatever did not fit, `Throttled` for attempts that come too fast.
pub async fn by_password(
    store: &Store,
    cx: &Cx,
    config: &Config,
    hasher: &Hasher,
    attempt: PasswordSignIn,
) -> Result<SignedIn, Fault> {
    // Nobody yet, also in a browser where somebody is signed in.
    let cx = &cx.clone().with_caller(Caller::anonymous());
    let mut known = None;
    let result = attempted(store, cx, (config, hasher), (attempt, &mut known)).await;
    say(cx, known.as_ref(), &result);
    result
}

/// Says in the log how a sign-in ended, and counts it. The name that was typed is not said: it may be a password in the wrong field.
fn say(cx: &Cx, known: Option<&Credential>, result: &Result<SignedIn, Fault>) {
    let user = known.map_or("unknown", |known| known.user_id.as_str());
    let source = &*cx.source_ip;
    let result = match result.as_ref().map_err(Fault::kind) {
        Ok(_) => {
            tracing::info!(user, source, "a person signed in");
            "succeeded"
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
) -> Result<SignedIn, Fault> {
    let flow = Flow::new(cx, config, &attempt);
    // Who must wait costs a look-up: they take no turn at the hasher and no place in the queue of writes.
    let (credential, known) = store.read(|rx| flow.look_up(rx, cx))?;
    seen.clone_from(&credential);
    let admission = if known { hasher.admit().await } else { hasher.admit_stranger().await }?;
    let (guess, credential) = flow.challenge(store, cx, credential).await?;
    let hash = credential.as_ref().and_then(|credential| credential.password_hash.as_deref());
    let right = admission.verify(&attempt.password, hash).await?;
    match credential {
        Some(credential) if right && credential.status == UserStatus::Enabled => {
            flow.succeed(store, cx, guess, credential).await
        }
        known => {
            flow.fail(store, cx, known.as_ref()).await?;
            Err(wrong())
        }
    }
}

fn wrong() -> Fault {
    Fault::new(FaultKind::Unauthorized, WRONG)
}

/// One sign-in on its way.
#[derive(Debug, Clone)]
struct Flow {
    workflow_id: String,
    identity_store_id: IdentityStoreId,
    login_to: String,
    key: String,
    /// The device cookie, not yet believed.
    device: Option<String>,
    brought: Option<String>,
}

impl Flow {
    fn new(cx: &Cx, config: &Config, attempt: &PasswordSignIn) -> Self {
        Self {
            workflow_id: uuid(cx.entropy()).to_string(),
            identity_store_id: config.identity_store_id.clone(),
            login_to: config.portal_url(),
            key: name_key(&attempt.user_name),
            device: attempt.device.clone(),
            brought: attempt.brought.clone(),
        }
    }

    /// The call seen as one of the three steps.
    fn step(&self, cx: &Cx, name: &'static str, known: Option<&Credential>, success: bool) -> Cx {
        let step = cx.with_event(EventHead::of_service("signin.amazonaws.com", name));
        let event = step.event();
        event.add("AuthWorkflowID", self.workflow_id.as_str());
        event.add("CredentialType", "PASSWORD");
        // A name that is nobody's may be a password typed into the wrong field.
        event.add("UserName", known.map_or(HIDDEN, |known| &known.user_name));
        if let Some(known) = known {
            event.name_user(&known.user_name);
        }
        event.detail(name, if success { "Success" } else { "Failure" });
        step
    }

    /// Whose name it is, and whether the attempt comes from a browser or an address where they were before. Refuses what comes too soon.
    fn look_up(&self, rx: &mut Rx<'_>, cx: &Cx) -> Result<(Option<Credential>, bool), Fault> {
        let credential = store::signin::passwords::find_credential(rx, &self.identity_store_id, &self.key)?;
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
        let device = self.device.as_deref().and_then(|token| device_of.known(rx.keyring(), token, cx.now));
        let guess = Guess::password(rx.keyring(), &self.key, &cx.source_ip, device.as_deref(), near);
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
        let flow = self.clone();
        store
            .write(&step, move |tx, cx| {
                let (guess, _) = flow.guess(tx, cx, credential.as_ref())?;
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
    ) -> Result<SignedIn, Fault> {
        let user = PortalUser {
            user_id: credential.user_id.clone(),
            user_name: credential.user_name.clone(),
            identity_store_id: self.identity_store_id.clone(),
            account_id: cx.owner.clone(),
            session_id: uuid(cx.entropy()).to_string(),
        };
        let token = crate::random::token(cx);
        let verified = self.step(cx, "CredentialVerification", Some(&credential), true);
        let verified = verified.with_caller(Caller::portal_user(user.clone()));
        let authenticated = self.step(cx, "UserAuthentication", Some(&credential), true);
        let authenticated = authenticated.with_caller(Caller::portal_user(user.clone()));
        authenticated.event().add("LoginTo", self.login_to.as_str());
        authenticated.event().add("DeviceEnrollmentRequired", "false");
        let password_hash = credential.password_hash.as_deref().unwrap_or_default();
        let device_of = DeviceOf { user: &self.key, password_hash };
        let device = device_of.token(store.keyring(), cx);
        let (flow, secret) = (self.clone(), token.clone());
        let session = store
            .write(&authenticated, move |tx, cx| {
                let known =
                    store::signin::passwords::find_credential(tx, &flow.identity_store_id, &flow.key)?;
                if known.as_ref() != Some(&credential) {
                    // Disabled, renamed or given another password while this one was verified.
                    return Err(wrong());
                }
                let session = sessions::begin(tx, cx, &secret, &user, flow.brought.as_deref())?;
                guess.was_right(tx)?;
                store::audit::audit_records::insert(tx, &verified.record(Outcome::Success))?;
                Ok(session)
            })
            .await?;
        Ok(SignedIn { session, token, device })
    }
}
