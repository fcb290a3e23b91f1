//! Passkeys and security keys (WebAuthn). The checks of the standard are `webauthn-rs-core`'s; here is what it leaves to its user: whose credential it is,
//! that a challenge is ours, young, of this browser and this purpose, and is answered once.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::id::hex;
use model::saying::{PasskeyTrouble, Saying};
use model::secret::Secret;
use model::timestamp::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use store::sealing::{Keyring, Purpose};
use store::tx::Tx;
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::error::WebauthnError;
use webauthn_rs_core::proto::{
    AuthenticationState, Credential, PublicKeyCredential, RegisterPublicKeyCredential, RegistrationState,
    ResidentKeyRequirement, UserVerificationPolicy,
};

use crate::config::Config;

/// How long a person may take.
const CHALLENGE: Duration = Duration::from_mins(5);
/// Characters of an answer at most; those of real authenticators have a few thousand with an attestation.
const ANSWER_MAX: usize = 32_768;
/// Whose challenges these are, among the assertions that are used once.
const ISSUER: &str = "webauthn";

/// A challenge: what the browser is asked, and what must come back with its answer, sealed.
#[derive(Debug, Clone)]
pub struct Challenge {
    /// The options of `navigator.credentials.create` or `get`, JSON.
    pub options: String,
    /// What must come back. It says nothing to anybody else.
    pub state: Secret,
}

/// What a challenge is for. An answer to one is none to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ceremony {
    /// To sign in, with a passkey alone.
    SignIn,
    /// To go on with a sign-in, or to prove oneself again.
    Factor,
    /// To register a device.
    Register,
}

impl Ceremony {
    const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Factor => "factor",
            Self::Register => "register",
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Sealed<S> {
    state: S,
    until: i64,
}

/// The server, as authenticators know it: the host of its pages, and their one origin.
fn relying_party(config: &Config) -> Result<WebauthnCore, Fault> {
    let origin = config.portal_base_url.parse().map_err(Fault::internal)?;
    let host = config.page_host();
    Ok(WebauthnCore::new_unsafe_experts_only("Portico", &host, vec![origin], CHALLENGE, None, None))
}

fn place(ceremony: Ceremony, bound_to: &str) -> String {
    format!("webauthn {} {bound_to}", ceremony.as_str())
}

fn seal<S: Serialize>(
    keys: &Keyring,
    cx: &Cx,
    (ceremony, bound_to): (Ceremony, &str),
    state: &S,
) -> Result<Secret, Fault> {
    let sealed = Sealed { state, until: cx.now.plus(CHALLENGE).micros() };
    let plain = serde_json::to_vec(&sealed).map_err(Fault::internal)?;
    let sealed = keys.seal(cx.entropy(), Purpose::Form, &place(ceremony, bound_to), &plain)?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(sealed)))
}

/// The state of a challenge, if it is ours, for this and of this browser, and not too old.
fn open<S: DeserializeOwned>(
    keys: &Keyring,
    (ceremony, bound_to): (Ceremony, &str),
    state: &Secret,
    now: Timestamp,
) -> Result<S, Fault> {
    let sealed = URL_SAFE_NO_PAD.decode(state.expose()).ok();
    let plain = sealed.and_then(|sealed| keys.open(Purpose::Form, &place(ceremony, bound_to), &sealed));
    let opened = plain.and_then(|plain| serde_json::from_slice::<Sealed<S>>(&plain).ok());
    match opened {
        Some(opened) if now < Timestamp::from_micros(opened.until) => Ok(opened.state),
        _ => Err(refused(PasskeyTrouble::OldQuestion)),
    }
}

/// What a person is told when an authenticator's answer is not taken.
fn refused(why: PasskeyTrouble) -> Fault {
    Fault::say(FaultKind::Unauthorized, Saying::PasskeyRefused { why })
}

fn judged(error: &WebauthnError) -> Fault {
    let why = match error {
        WebauthnError::InvalidRPOrigin
        | WebauthnError::InvalidRPIDHash
        | WebauthnError::CredentialCrossOrigin => PasskeyTrouble::OtherSite,
        WebauthnError::UserNotVerified => PasskeyTrouble::NotVerified,
        WebauthnError::UserNotPresent => PasskeyTrouble::NotPresent,
        WebauthnError::MismatchedChallenge => PasskeyTrouble::OtherQuestion,
        WebauthnError::CredentialPossibleCompromise => PasskeyTrouble::Copied,
        WebauthnError::CredentialNotFound => PasskeyTrouble::Unknown,
        _ => PasskeyTrouble::Unsound,
    };
    refused(why).with_context(format!("{error:?}"))
}

fn read<T: DeserializeOwned>(answer: &str) -> Result<T, Fault> {
    if answer.len() > ANSWER_MAX {
        return Err(refused(PasskeyTrouble::TooLong));
    }
    serde_json::from_str(answer).map_err(|error| refused(PasskeyTrouble::Unreadable).with_context(error))
}

/// A person's handle at their authenticators: the bytes of their id, which says nothing to others.
fn handle(user_id: &str) -> Vec<u8> {
    user_id.as_bytes().to_vec()
}

/// Asks for a passkey of anybody: the answer says whose it is. It must check its person, for it stands alone.
pub fn ask_anybody(keys: &Keyring, cx: &Cx, config: &Config, bound_to: &str) -> Result<Challenge, Fault> {
    ask(keys, cx, config, (Ceremony::SignIn, bound_to, UserVerificationPolicy::Required), Vec::new())
}

/// Asks for one of these credentials, as a second factor.
pub(crate) fn ask_one_of(
    keys: &Keyring,
    cx: &Cx,
    config: &Config,
    bound_to: &str,
    credentials: Vec<Credential>,
) -> Result<Challenge, Fault> {
    let how = (Ceremony::Factor, bound_to, UserVerificationPolicy::Preferred);
    ask(keys, cx, config, how, credentials)
}

fn ask(
    keys: &Keyring,
    cx: &Cx,
    config: &Config,
    (ceremony, bound_to, policy): (Ceremony, &str, UserVerificationPolicy),
    credentials: Vec<Credential>,
) -> Result<Challenge, Fault> {
    let party = relying_party(config)?;
    let asked = party
        .new_challenge_authenticate_builder(credentials, Some(policy))
        .map(|asked| asked.allow_backup_eligible_upgrade(true))
        .and_then(|asked| party.generate_challenge_authenticate(asked))
        .map_err(Fault::internal);
    let (options, mut state) = asked?;
    // Whose they are is looked up again when the answer comes.
    state.set_allowed_credentials(Vec::new());
    Ok(Challenge {
        options: serde_json::to_string(&options).map_err(Fault::internal)?,
        state: seal(keys, cx, (ceremony, bound_to), &state)?,
    })
}

/// An answer that is read, and not judged yet.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    answer: PublicKeyCredential,
    state: AuthenticationState,
    state_hash: String,
    until: Timestamp,
}

impl Answer {
    /// Reads the answer to a challenge of this browser.
    pub(crate) fn read(
        keys: &Keyring,
        cx: &Cx,
        (ceremony, bound_to): (Ceremony, &str),
        (state, answer): (&Secret, &str),
    ) -> Result<Self, Fault> {
        let opened: AuthenticationState = open(keys, (ceremony, bound_to), state, cx.now)?;
        Ok(Self {
            answer: read(answer)?,
            state: opened,
            state_hash: hex(&keys.hash_token(state.expose())),
            until: cx.now.plus(CHALLENGE),
        })
    }

    /// The credential that answered.
    pub(crate) fn credential_id(&self) -> &[u8] {
        self.answer.raw_id.as_slice()
    }

    /// Whether the answer says that it is of this person, or does not say whose it is.
    fn is_of(&self, user_id: &str) -> bool {
        self.answer.get_user_unique_id().is_none_or(|given| given == handle(user_id))
    }

    /// Judges the answer by the credential that is kept of this person, and uses the challenge up. The credential as it is to be kept from now on, and
    /// whether it checked its person.
    pub(crate) fn judge(
        &self,
        tx: &mut Tx<'_>,
        config: &Config,
        (user_id, kept): (&str, &str),
    ) -> Result<(String, bool), Fault> {
        let mut credential: Credential = serde_json::from_str(kept).map_err(Fault::internal)?;
        if !self.is_of(user_id) {
            return Err(judged(&WebauthnError::CredentialNotFound));
        }
        let party = relying_party(config)?;
        let result = party
            .authenticate_single_credential(&self.answer, &self.state, &credential)
            .map_err(|error| judged(&error))?;
        if !store::accounts::used_assertions::insert(tx, ISSUER, &self.state_hash, self.until)? {
            return Err(refused(PasskeyTrouble::Answered));
        }
        credential.counter = result.counter();
        credential.backup_state = result.backup_state();
        credential.backup_eligible = result.backup_eligible();
        Ok((serde_json::to_string(&credential).map_err(Fault::internal)?, result.user_verified()))
    }
}

/// Asks for a new credential of a person, none of those that they have.
pub(crate) fn ask_new(
    keys: &Keyring,
    cx: &Cx,
    config: &Config,
    (bound_to, user_id, user_name): (&str, &str, &str),
    has: &[Credential],
) -> Result<Challenge, Fault> {
    let party = relying_party(config)?;
    let exclude = has.iter().map(|credential| credential.cred_id.clone()).collect();
    let asked = party
        .new_challenge_register_builder(&handle(user_id), user_name, user_name)
        .map(|asked| {
            asked
                .user_verification_policy(UserVerificationPolicy::Preferred)
                .exclude_credentials(Some(exclude))
        })
        .and_then(|asked| party.generate_challenge_register(asked))
        .map_err(Fault::internal);
    let (mut options, state) = asked?;
    // One that the authenticator can offer by itself signs in without a name. Where it has no room, another is good too.
    if let Some(selection) = &mut options.public_key.authenticator_selection {
        selection.resident_key = Some(ResidentKeyRequirement::Preferred);
    }
    Ok(Challenge {
        options: serde_json::to_string(&options).map_err(Fault::internal)?,
        state: seal(keys, cx, (Ceremony::Register, bound_to), &state)?,
    })
}

/// A new credential: as it is kept, and its id.
#[derive(Debug, Clone)]
pub(crate) struct NewCredential {
    pub(crate) kept: String,
    pub(crate) id: Vec<u8>,
    state_hash: String,
    until: Timestamp,
}

impl NewCredential {
    /// Judges the answer to [`ask_new`].
    pub(crate) fn judged(
        keys: &Keyring,
        cx: &Cx,
        config: &Config,
        bound_to: &str,
        (state, answer): (&Secret, &str),
    ) -> Result<Self, Fault> {
        let opened: RegistrationState = open(keys, (Ceremony::Register, bound_to), state, cx.now)?;
        let answer: RegisterPublicKeyCredential = read(answer)?;
        let party = relying_party(config)?;
        let credential = party.register_credential(&answer, &opened, None).map_err(|error| judged(&error))?;
        Ok(Self {
            kept: serde_json::to_string(&credential).map_err(Fault::internal)?,
            id: credential.cred_id,
            state_hash: hex(&keys.hash_token(state.expose())),
            until: cx.now.plus(CHALLENGE),
        })
    }

    /// Uses the challenge up.
    pub(crate) fn use_challenge(&self, tx: &mut Tx<'_>) -> Result<(), Fault> {
        if store::accounts::used_assertions::insert(tx, ISSUER, &self.state_hash, self.until)? {
            return Ok(());
        }
        Err(refused(PasskeyTrouble::Answered))
    }
}
