//! Signing in: with a password, which a second factor may follow ([`crate::flows`]). With a passkey alone: [`crate::passkey_sign_in`]. Each step is its own record, all under
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
use model::signin::directory_answer::{AskedDirectory, DirectoryAnswer};
use model::signin::mfa::{Method, Proofs};
use model::sources::directory::Lockout;
use store::audit::audit_records;
use store::db::Store;
use store::signin::passwords::Credential;
use store::signin::remembered_browsers;
use store::signin::sign_in_flows::SignInFlow;
use store::tx::{Rx, Tx};

use crate::attempts::{DeviceOf, Guess, Whom};
use crate::config::Config;
use crate::flows::{self, FLOW, Grounds, Next, Progress, SignedIn};
use crate::hashing::{Admission, Hasher};
use crate::required_idps::{require_own, required};
use crate::workflow::Workflow;
use crate::{directories, mailed_codes, notices, sessions};

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

/// How far a sign-in came by itself.
#[derive(Debug)]
pub enum Begun {
    /// As far as the password leads.
    Here(Progress),
    /// A directory has to be asked about the password.
    There(Box<Asking>),
}

/// Signs a person in, or as far as their password leads; whom a directory is asked about it refuses. `Unauthorized` with [`Saying::WrongPassword`] for whatever did not fit,
/// `Throttled` for attempts that come too fast, `Forbidden` for whom the directory's policy keeps out.
pub async fn by_password(
    store: &Store,
    cx: &Cx,
    config: &Config,
    hasher: &Hasher,
    attempt: PasswordSignIn,
) -> Result<Progress, Fault> {
    match begin(store, cx, config, hasher, attempt).await? {
        Begun::Here(progress) => Ok(progress),
        Begun::There(_) => Err(wrong()),
    }
}

/// [`by_password`], which leaves off where a directory has to be asked.
pub async fn begin(
    store: &Store,
    cx: &Cx,
    config: &Config,
    hasher: &Hasher,
    attempt: PasswordSignIn,
) -> Result<Begun, Fault> {
    // Nobody yet, also in a browser where somebody is signed in.
    let cx = &cx.clone().with_caller(Caller::anonymous());
    let mut known = None;
    let result = match attempted(store, cx, (config, hasher), (attempt, &mut known)).await {
        Ok(Begun::There(asking)) => return Ok(Begun::There(asking)),
        Ok(Begun::Here(progress)) => Ok(progress),
        Err(fault) => Err(fault),
    };
    say(cx, known.as_ref(), &result);
    result.map(Begun::Here)
}

/// A sign-in that waits for what a directory says of the password.
#[derive(Debug)]
pub struct Asking {
    asked: AskedDirectory,
    steps: Steps,
    guess: Guess,
    credential: Credential,
    /// From a browser or an address where they were before.
    is_known: bool,
    admission: Option<Admission>,
}

impl Asking {
    /// Of whom, and which directory.
    pub const fn asked(&self) -> &AskedDirectory {
        &self.asked
    }

    /// The work that a password of ours costs, beside the directory's: how long somebody waits must not tell whose password it is.
    pub async fn work(&mut self, password: &Secret) -> Result<(), Fault> {
        match self.admission.take() {
            Some(admission) => admission.verify(password, None).await.map(|_| ()),
            None => Ok(()),
        }
    }

    /// Goes on with what the directory said.
    pub async fn answered(self, store: &Store, cx: &Cx, answer: DirectoryAnswer) -> Result<Progress, Fault> {
        let cx = &cx.clone().with_caller(Caller::anonymous());
        let Self { mut steps, guess, credential, is_known, .. } = self;
        let result = match answer {
            DirectoryAnswer::Welcome if credential.status == UserStatus::Enabled => {
                steps.succeed(store, cx, guess, credential.clone()).await
            }
            DirectoryAnswer::MustChange { .. } if credential.status == UserStatus::Enabled => {
                steps.must_change = true;
                steps.succeed(store, cx, guess, credential.clone()).await
            }
            DirectoryAnswer::Welcome | DirectoryAnswer::MustChange { .. } => {
                let why = ("DISABLED_HERE", "The person is disabled here, until the next run lets them in");
                steps.refuse(store, cx, (&credential, why, None)).await.and(Err(wrong()))
            }
            DirectoryAnswer::Refused { reason, said, told } => {
                // What is told proves the password: the directory counts no wrong one.
                let was_right = Some(guess).filter(|_| told.is_some());
                steps.refuse(store, cx, (&credential, (reason, &said), was_right)).await?;
                Err(told.map_or_else(wrong, |told| Fault::say(FaultKind::Unauthorized, told)))
            }
            DirectoryAnswer::Away { said, may_have_heard } => {
                let not_asked = Some(guess).filter(|_| !may_have_heard);
                steps.refuse(store, cx, (&credential, ("AWAY", &said), not_asked)).await?;
                // Of no other name than those of its people would it be said.
                let told = if is_known { Saying::DirectoryAway } else { Saying::WrongPassword };
                Err(Fault::say(FaultKind::Unauthorized, told))
            }
        };
        say(cx, Some(&credential), &result);
        result
    }
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
) -> Result<Begun, Fault> {
    let mut steps = Steps::new(cx, config, &attempt);
    // Who must wait costs a look-up: they take no turn at the hasher and no place in the queue of writes.
    let (credential, known) = store.read(|rx| steps.look_up(rx, cx))?;
    seen.clone_from(&credential);
    let admission = if known { hasher.admit().await } else { hasher.admit_stranger().await }?;
    let (guess, may_ask) = steps.challenge(store, cx, credential.clone()).await?;
    if let (Some(asked), Some(credential)) = (steps.directory.clone(), &credential) {
        if !may_ask {
            admission.verify(&attempt.password, None).await?;
            let why = ("NOT_ASKED", "Another wrong password from strangers could lock the account there");
            return steps.refuse(store, cx, (credential, why, None)).await.and(Err(wrong()));
        }
        let (credential, admission) = (credential.clone(), Some(admission));
        let asking = Asking { asked, steps, guess, credential, is_known: known, admission };
        return Ok(Begun::There(Box::new(asking)));
    }
    let hash = credential.as_ref().and_then(|credential| credential.password_hash.as_deref());
    let right = admission.verify(&attempt.password, hash).await?;
    match credential {
        Some(credential) if right && may_enter(&credential, cx) => {
            steps.succeed(store, cx, guess, credential).await.map(Begun::Here)
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
    /// The directory that is asked about the password, if one is.
    directory: Option<AskedDirectory>,
    /// How few guesses it takes.
    lockout: Option<Lockout>,
    /// Whether it wants another password first.
    must_change: bool,
}

impl Steps {
    fn new(cx: &Cx, config: &Config, attempt: &PasswordSignIn) -> Self {
        Self {
            workflow: Workflow::new(cx, config),
            config: config.clone(),
            user_name: attempt.user_name.clone(),
            key: name_key(&attempt.user_name),
            brought: attempt.brought.clone(),
            directory: None,
            lockout: None,
            must_change: false,
        }
    }

    fn step(&self, cx: &Cx, name: &'static str, known: Option<&Credential>, success: bool) -> Cx {
        let user_name = known.map(|known| known.user_name.as_str());
        let step = self.workflow.step(cx, name, (Method::Password.as_str(), user_name), success);
        if let Some(asked) = &self.directory {
            step.event().add("DirectoryId", asked.directory_id.as_str());
        }
        step
    }

    fn find(&self, rx: &mut Rx<'_>) -> Result<Option<Credential>, Fault> {
        let store = &self.config.identity_store_id;
        Ok(store::signin::passwords::find_credential(rx, store, &self.key)?)
    }

    /// Whose name it is, and whether the attempt comes from a browser or an address where they were before. Refuses what comes too soon.
    fn look_up(&mut self, rx: &mut Rx<'_>, cx: &Cx) -> Result<(Option<Credential>, bool), Fault> {
        let store = self.config.identity_store_id.clone();
        require_own(rx, &store, &self.user_name)?;
        let mut credential = self.find(rx)?;
        if credential.is_none() {
            let name = directories::called(rx, &store, &self.user_name)?;
            // Who must come by a provider is by their other names nobody: those tell who there is.
            if let Some(name) = name
                && required(rx, &store, &name)?.is_none()
            {
                self.key = name_key(&name);
                credential = self.find(rx)?;
            }
        }
        if let Some(credential) = &credential {
            let (asked, lockout) = directories::of(rx, &credential.user_id)?.unzip();
            (self.directory, self.lockout) = (asked, lockout);
        }
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
        let mut guess = Guess::password(rx.keyring(), whom, &cx.source_ip, device.as_deref(), near);
        let is_known = near || device.is_some();
        if let Some(lockout) = self.lockout {
            guess = guess.of_directory(rx.keyring(), whom, (lockout, is_known));
        }
        Ok((guess, is_known))
    }

    /// Refuses what comes too soon, counts the attempt, and records the challenge; whether a directory may be asked.
    async fn challenge(
        &self,
        store: &Store,
        cx: &Cx,
        credential: Option<Credential>,
    ) -> Result<(Guess, bool), Fault> {
        let step = self.step(cx, "CredentialChallenge", credential.as_ref(), true);
        let steps = self.clone();
        store
            .write(&step, move |tx, cx| {
                let (guess, _) = steps.guess(tx, cx, credential.as_ref())?;
                guess.reserve(tx, cx.now)?;
                let may_ask = guess.pass_on(tx, cx.now)?;
                Ok((guess, may_ask))
            })
            .await
    }

    async fn fail(&self, store: &Store, cx: &Cx, known: Option<&Credential>) -> Result<(), Fault> {
        let step = self.step(cx, "CredentialVerification", known, false);
        store.write(&step, |_, _| Ok(())).await
    }

    /// The same with what a directory said. `not_guessed`: it counts no wrong password for it.
    async fn refuse(
        &self,
        store: &Store,
        cx: &Cx,
        (credential, (reason, said), not_guessed): (&Credential, (&str, &str), Option<Guess>),
    ) -> Result<(), Fault> {
        let step = self.step(cx, "CredentialVerification", Some(credential), false);
        step.event().detail("directoryReason", reason);
        step.event().detail("directorySaid", said);
        store
            .write(&step, move |tx, _| not_guessed.as_ref().map_or(Ok(()), |guess| guess.was_no_guess(tx)))
            .await
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
            let mut grounds = Grounds::read(tx, cx, &steps.config, &user)?;
            grounds.must_change |= steps.must_change;
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
                    must_change: steps.must_change,
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
