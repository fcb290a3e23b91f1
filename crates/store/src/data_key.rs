//! What one key of 32 bytes yields: a key for each purpose (HKDF-SHA-256), AES-256-GCM keys that seal what must be read again and HMAC keys that sign or
//! recognise what is given out. Knows nothing of which key is in use.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::hmac;
use model::entropy::{Entropy, bytes};
use model::fault::Fault;
use zeroize::Zeroizing;

/// What a key is for. Each has a key of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Secret access keys.
    AccessKey,
    /// Session tokens of role credentials.
    SessionToken,
    /// Private signing keys.
    SigningKey,
    /// Secrets that an app of six digits shares.
    MfaSecret,
    /// Short-lived values in forms and cookies.
    Form,
    /// What letters say, until they are sent.
    Letter,
    /// Secrets that external identity providers gave us.
    ClientSecret,
    /// Passwords by which we are somebody in a directory.
    DirectoryPassword,
    /// Secrets of the keys by which connected accounts and organizations are reached.
    AccountSecret,
    /// Whom an application acts for, as it hands it to STS.
    IdentityContext,
    /// Why a call was refused, until who administers the caller reads it.
    AuthorizationMessage,
}

impl Purpose {
    pub(crate) const fn label(self) -> &'static [u8] {
        match self {
            Self::AccessKey => b"portico/access-key",
            Self::SessionToken => b"portico/session-token",
            Self::SigningKey => b"portico/signing-key",
            Self::MfaSecret => b"portico/mfa-secret",
            Self::Form => b"portico/form",
            Self::Letter => b"portico/letter",
            Self::ClientSecret => b"portico/client-secret",
            Self::DirectoryPassword => b"portico/directory-password",
            Self::AccountSecret => b"portico/account-secret",
            Self::IdentityContext => b"portico/identity-context",
            Self::AuthorizationMessage => b"portico/authorization-message",
        }
    }
}

/// A key of which others are made.
pub(crate) type KeyBytes = Zeroizing<[u8; 32]>;

struct Length;

impl KeyType for Length {
    fn len(&self) -> usize {
        32
    }
}

fn derive(key: &[u8; 32], label: &[u8]) -> Result<KeyBytes, Fault> {
    let mut child = Zeroizing::new([0; 32]);
    Salt::new(HKDF_SHA256, b"portico")
        .extract(key)
        .expand(&[label], Length)
        .and_then(|okm| okm.fill(child.as_mut()))
        .map_err(|_| Fault::internal("key derivation failed"))?;
    Ok(child)
}

/// The child of `key` that seals under this label.
pub(crate) fn sealer(key: &[u8; 32], label: &[u8]) -> Result<LessSafeKey, Fault> {
    UnboundKey::new(&AES_256_GCM, derive(key, label)?.as_ref())
        .map(LessSafeKey::new)
        .map_err(|_| Fault::internal("not an AES-256 key"))
}

/// The child of `key` that signs under this label.
pub(crate) fn signer(key: &[u8; 32], label: &[u8]) -> Result<hmac::Key, Fault> {
    derive(key, label).map(|child| hmac::Key::new(hmac::HMAC_SHA256, child.as_ref()))
}

/// `head ‖ nonce (12) ‖ ciphertext ‖ tag (16)`.
pub(crate) fn seal(
    key: &LessSafeKey,
    entropy: &dyn Entropy,
    head: &[u8],
    (place, plain): (&str, &[u8]),
) -> Result<Vec<u8>, Fault> {
    let nonce = bytes::<NONCE_LEN>(entropy);
    let mut sealed = Vec::with_capacity(head.len() + NONCE_LEN + plain.len() + AES_256_GCM.tag_len());
    sealed.extend_from_slice(head);
    sealed.extend_from_slice(&nonce);
    let mut body = Zeroizing::new(plain.to_vec());
    let tag = key
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(place.as_bytes()),
            body.as_mut_slice(),
        )
        .map_err(|_| Fault::internal("sealing failed"))?;
    sealed.extend_from_slice(&body);
    sealed.extend_from_slice(tag.as_ref());
    Ok(sealed)
}

/// What [`seal`] sealed for the same place, its head taken off; `None` for anything else.
pub(crate) fn open(key: &LessSafeKey, place: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, body) = sealed.split_at_checked(NONCE_LEN)?;
    let mut body = Zeroizing::new(body.to_vec());
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let length = key.open_in_place(nonce, Aad::from(place.as_bytes()), body.as_mut_slice()).ok()?.len();
    body.truncate(length);
    Some(body)
}

/// HMAC-SHA-256 of parts.
pub(crate) fn mac(key: &hmac::Key, parts: &[&str]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(key);
    for part in parts {
        // Length first: ("ab", "c") and ("a", "bc") must differ.
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    let tag = context.sign();
    let mut bytes = [0; 32];
    for (to, from) in bytes.iter_mut().zip(tag.as_ref()) {
        *to = *from;
    }
    bytes
}

/// A data key's children.
pub(crate) struct DataKeys {
    access_key: LessSafeKey,
    session_token: LessSafeKey,
    signing_key: LessSafeKey,
    mfa_secret: LessSafeKey,
    form: LessSafeKey,
    letter: LessSafeKey,
    client_secret: LessSafeKey,
    directory_password: LessSafeKey,
    account_secret: LessSafeKey,
    identity_context: LessSafeKey,
    authorization_message: LessSafeKey,
    /// Of access and refresh tokens.
    pub(crate) bearers: hmac::Key,
    /// Of CSRF tokens and form state.
    pub(crate) forms: hmac::Key,
}

impl DataKeys {
    pub(crate) fn new(key: &[u8; 32]) -> Result<Self, Fault> {
        let child = |purpose: Purpose| sealer(key, purpose.label());
        Ok(Self {
            access_key: child(Purpose::AccessKey)?,
            session_token: child(Purpose::SessionToken)?,
            signing_key: child(Purpose::SigningKey)?,
            mfa_secret: child(Purpose::MfaSecret)?,
            form: child(Purpose::Form)?,
            letter: child(Purpose::Letter)?,
            client_secret: child(Purpose::ClientSecret)?,
            directory_password: child(Purpose::DirectoryPassword)?,
            account_secret: child(Purpose::AccountSecret)?,
            identity_context: child(Purpose::IdentityContext)?,
            authorization_message: child(Purpose::AuthorizationMessage)?,
            bearers: signer(key, b"portico/bearer")?,
            forms: signer(key, Purpose::Form.label())?,
        })
    }

    pub(crate) const fn sealer(&self, purpose: Purpose) -> &LessSafeKey {
        match purpose {
            Purpose::AccessKey => &self.access_key,
            Purpose::SessionToken => &self.session_token,
            Purpose::SigningKey => &self.signing_key,
            Purpose::MfaSecret => &self.mfa_secret,
            Purpose::Form => &self.form,
            Purpose::Letter => &self.letter,
            Purpose::ClientSecret => &self.client_secret,
            Purpose::DirectoryPassword => &self.directory_password,
            Purpose::AccountSecret => &self.account_secret,
            Purpose::IdentityContext => &self.identity_context,
            Purpose::AuthorizationMessage => &self.authorization_message,
        }
    }
}
