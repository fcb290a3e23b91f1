//! Signing in with a passkey alone. Of whom a directory owns it is asked first whether they may: a passkey is Portico's, who may enter is not.

use model::caller::Caller;
use model::cx::Cx;
use model::directory::user::{User, UserStatus};
use model::entropy::uuid;
use model::event::Outcome;
use model::fault::{Fault, FaultKind};
use model::saying::Saying;
use model::secret::Secret;
use model::signin::directory_answer::{AskedDirectory, DirectoryAnswer};
use model::signin::mfa::{Method, Proofs};
use store::audit::audit_records;
use store::db::Store;
use store::signin::mfa_devices;
use store::tx::Tx;

use crate::attempts::Guess;
use crate::config::Config;
use crate::flows::{self, Grounds, Progress, SignedIn};
use crate::required_idps::require_own;
use crate::sign_in::{Brought, device};
use crate::webauthn::{Answer, Ceremony};
use crate::workflow::Workflow;
use crate::{directories, notices, sessions};

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

/// Whose directory is to be asked whether they may sign in at all, before [`by_passkey_of`]: whom the passkey is of is not proved yet.
pub fn asks(store: &Store, cx: &Cx, attempt: &PasskeySignIn) -> Result<Option<AskedDirectory>, Fault> {
    let cx = &cx.clone().with_caller(Caller::anonymous());
    let bound = (Ceremony::SignIn, attempt.bound_to.as_str());
    let answer = Answer::read(store.keyring(), cx, bound, (&attempt.state, &attempt.answer))?;
    let guess = Guess::passkey(store.keyring(), &cx.source_ip);
    store.read(|rx| {
        guess.check(rx, cx.now)?;
        let Some(kept) = mfa_devices::find_by_credential(rx, answer.credential_id())? else {
            return Ok(None);
        };
        Ok(directories::of(rx, &kept.device.user_id)?.map(|(asked, _)| asked))
    })
}

/// Signs a person in by a passkey that checked them, of whom their directory says this: something they have and something they know or are, so that no
/// second factor is asked for. Where [`asks`] names no directory, nobody stands against it.
pub async fn by_passkey_of(
    store: &Store,
    cx: &Cx,
    config: &Config,
    (attempt, standing): (PasskeySignIn, DirectoryAnswer),
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
        Some(user) => {
            let allowed = allowed(&standing);
            let with = (answer, attempt.brought, allowed);
            enter(store, cx, config, (&workflow, user, guess), with).await
        }
        None => Err(wrong()),
    };
    if let Err(refused) = &entered
        && matches!(refused.kind(), FaultKind::Unauthorized)
    {
        let failed = workflow.step(cx, "CredentialVerification", of, false);
        match &standing {
            DirectoryAnswer::Refused { reason, said, .. } | DirectoryAnswer::MustChange { reason, said } => {
                failed.event().detail("directoryReason", *reason);
                failed.event().detail("directorySaid", said.as_str());
            }
            DirectoryAnswer::Away { said, .. } => failed.event().detail("directorySaid", said.as_str()),
            DirectoryAnswer::Welcome => {}
        }
        store.write(&failed, |_, _| Ok(())).await?;
        let source = &*cx.source_ip;
        tracing::warn!(source, reason = refused.context().unwrap_or_default(), "a passkey was refused");
    }
    entered
}

/// Whether a directory lets somebody in who proved themselves, and what they are told otherwise: it is they, so that it helps.
fn allowed(standing: &DirectoryAnswer) -> Result<(), Saying> {
    match standing {
        DirectoryAnswer::Welcome => Ok(()),
        DirectoryAnswer::Refused { .. } | DirectoryAnswer::MustChange { .. } => {
            Err(Saying::DirectoryAccountOff)
        }
        DirectoryAnswer::Away { .. } => Err(Saying::DirectoryAway),
    }
}

async fn enter(
    store: &Store,
    cx: &Cx,
    config: &Config,
    (workflow, user, guess): (&Workflow, User, Guess),
    (answer, brought, allowed): (Answer, Brought, Result<(), Saying>),
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
        // Only now that it is they.
        if let Err(told) = &allowed {
            return Err(Fault::say(FaultKind::Unauthorized, told.clone()));
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
