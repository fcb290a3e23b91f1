//! Secrets at rest. One root key, kept outside the database, yields a key for each purpose (HKDF-SHA-256): AES-256-GCM keys
//! that seal what must be read again, and HMAC keys that hash tokens which only ever need to be recognised.
//!
//! A sealed value is `version (1) ‖ nonce (12) ‖ ciphertext ‖ tag (16)`; its associated data names the column and the row, so that
//! sealed values cannot be swapped between rows.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::hmac;
use model::entropy::{Entropy, bytes};
use model::fault::Fault;
use zeroize::Zeroizing;

const VERSION: u8 = 1;

/// A purpose that a key is for. Each has a key of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Secret access keys.
    AccessKey,
    /// Session tokens of role credentials.
    SessionToken,
    /// Private signing keys.
    SigningKey,
    /// Codes, client secrets, session cookies: recognised, never read.
    Token,
    /// Access and refresh tokens: what they say is signed.
    Bearer,
    /// The value by which an instance knows its root key.
    KeyCheck,
    /// Secrets that an app of six digits shares.
    MfaSecret,
    /// CSRF tokens and other short-lived values in forms.
    Form,
    /// What letters say, until they are sent.
    Letter,
    /// Secrets that external identity providers gave us.
    ClientSecret,
    /// Passwords by which we are somebody in a directory.
    DirectoryPassword,
    /// Secrets of the keys by which connected accounts are reached.
    AccountSecret,
    /// Whom an application acts for, as it hands it to STS.
    IdentityContext,
    /// Why a call was refused, until who administers the caller reads it.
    AuthorizationMessage,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::AccessKey => b"portico/access-key",
            Self::SessionToken => b"portico/session-token",
            Self::SigningKey => b"portico/signing-key",
            Self::Token => b"portico/token",
            Self::Bearer => b"portico/bearer",
            Self::KeyCheck => b"portico/key-check",
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

/// The root key's children.
pub struct Keyring {
    access_key: LessSafeKey,
    session_token: LessSafeKey,
    signing_key: LessSafeKey,
    key_check: LessSafeKey,
    mfa_secret: LessSafeKey,
    form_seal: LessSafeKey,
    letter: LessSafeKey,
    client_secret: LessSafeKey,
    directory_password: LessSafeKey,
    account_secret: LessSafeKey,
    identity_context: LessSafeKey,
    authorization_message: LessSafeKey,
    token: hmac::Key,
    bearer: hmac::Key,
    form: hmac::Key,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Keyring(…)")
    }
}

struct Length;

impl KeyType for Length {
    fn len(&self) -> usize {
        32
    }
}

fn derive(root: &[u8; 32], purpose: Purpose) -> Result<Zeroizing<[u8; 32]>, Fault> {
    let mut key = Zeroizing::new([0; 32]);
    Salt::new(HKDF_SHA256, b"portico")
        .extract(root)
        .expand(&[purpose.label()], Length)
        .and_then(|okm| okm.fill(key.as_mut()))
        .map_err(|_| Fault::internal("key derivation failed"))?;
    Ok(key)
}

fn aead(root: &[u8; 32], purpose: Purpose) -> Result<LessSafeKey, Fault> {
    let key = derive(root, purpose)?;
    UnboundKey::new(&AES_256_GCM, key.as_ref())
        .map(LessSafeKey::new)
        .map_err(|_| Fault::internal("not an AES-256 key"))
}

impl Keyring {
    /// The keyring of a root key of 32 random bytes.
    pub fn new(root: &[u8; 32]) -> Result<Self, Fault> {
        let mac = |purpose| derive(root, purpose).map(|key| hmac::Key::new(hmac::HMAC_SHA256, key.as_ref()));
        Ok(Self {
            access_key: aead(root, Purpose::AccessKey)?,
            session_token: aead(root, Purpose::SessionToken)?,
            signing_key: aead(root, Purpose::SigningKey)?,
            key_check: aead(root, Purpose::KeyCheck)?,
            mfa_secret: aead(root, Purpose::MfaSecret)?,
            form_seal: aead(root, Purpose::Form)?,
            letter: aead(root, Purpose::Letter)?,
            client_secret: aead(root, Purpose::ClientSecret)?,
            directory_password: aead(root, Purpose::DirectoryPassword)?,
            account_secret: aead(root, Purpose::AccountSecret)?,
            identity_context: aead(root, Purpose::IdentityContext)?,
            authorization_message: aead(root, Purpose::AuthorizationMessage)?,
            token: mac(Purpose::Token)?,
            bearer: mac(Purpose::Bearer)?,
            form: mac(Purpose::Form)?,
        })
    }

    const fn sealer(&self, purpose: Purpose) -> &LessSafeKey {
        match purpose {
            Purpose::AccessKey => &self.access_key,
            Purpose::SessionToken => &self.session_token,
            Purpose::SigningKey => &self.signing_key,
            Purpose::KeyCheck => &self.key_check,
            Purpose::MfaSecret => &self.mfa_secret,
            Purpose::Letter => &self.letter,
            Purpose::ClientSecret => &self.client_secret,
            Purpose::DirectoryPassword => &self.directory_password,
            Purpose::AccountSecret => &self.account_secret,
            Purpose::IdentityContext => &self.identity_context,
            Purpose::AuthorizationMessage => &self.authorization_message,
            Purpose::Token | Purpose::Bearer | Purpose::Form => &self.form_seal,
        }
    }

    /// Seals `plain`; `place` names where it will stand (an id, a row).
    pub fn seal(
        &self,
        entropy: &dyn Entropy,
        purpose: Purpose,
        place: &str,
        plain: &[u8],
    ) -> Result<Vec<u8>, Fault> {
        let nonce = bytes::<NONCE_LEN>(entropy);
        let mut sealed = Vec::with_capacity(1 + NONCE_LEN + plain.len() + 16);
        sealed.push(VERSION);
        sealed.extend_from_slice(&nonce);
        let mut body = Zeroizing::new(plain.to_vec());
        let tag = self
            .sealer(purpose)
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

    /// Opens a private key that is kept at this place: that it does not open is nobody's input.
    pub(crate) fn open_signing_key(&self, place: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
        self.open(Purpose::SigningKey, place, sealed).ok_or_else(|| {
            Fault::internal(format!("the signing key {place} does not open with this root key"))
        })
    }

    /// Opens what [`Self::seal`] sealed for the same purpose and place; `None` for anything else.
    pub fn open(&self, purpose: Purpose, place: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (version, rest) = sealed.split_first()?;
        let (nonce, body) = rest.split_at_checked(NONCE_LEN)?;
        if *version != VERSION {
            return None;
        }
        let mut body = Zeroizing::new(body.to_vec());
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let length = self
            .sealer(purpose)
            .open_in_place(nonce, Aad::from(place.as_bytes()), body.as_mut_slice())
            .ok()?
            .len();
        body.truncate(length);
        Some(body)
    }

    /// The hash by which a token (256 random bits) is found: HMAC-SHA-256 under a key that the database does not hold.
    pub fn hash_token(&self, token: &str) -> [u8; 32] {
        mac(&self.token, &[token])
    }

    /// What makes a bearer token of what it says: nobody without the root key can say anything else.
    pub fn sign_bearer(&self, says: &str) -> [u8; 32] {
        mac(&self.bearer, &[says])
    }

    /// A value that only this server can make from `parts`: CSRF tokens, signed form state.
    pub fn sign_form(&self, parts: &[&str]) -> [u8; 32] {
        mac(&self.form, parts)
    }
}

fn mac(key: &hmac::Key, parts: &[&str]) -> [u8; 32] {
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

#[cfg(test)]
mod tests {
    use model::entropy::SeededEntropy;

    use super::*;

    #[test]
    fn a_sealed_value_opens_only_for_its_purpose_and_place() {
        let keys = Keyring::new(&[7; 32]).unwrap();
        let sealed = keys.seal(&SeededEntropy::new(1), Purpose::AccessKey, "AKIA1", b"secret").unwrap();
        assert_eq!(keys.open(Purpose::AccessKey, "AKIA1", &sealed).unwrap().as_slice(), b"secret");
        assert!(keys.open(Purpose::AccessKey, "AKIA2", &sealed).is_none());
        assert!(keys.open(Purpose::SigningKey, "AKIA1", &sealed).is_none());
        assert!(Keyring::new(&[8; 32]).unwrap().open(Purpose::AccessKey, "AKIA1", &sealed).is_none());
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(keys.open(Purpose::AccessKey, "AKIA1", &altered).is_none(), "byte {at}");
        }
        assert!(keys.open(Purpose::AccessKey, "AKIA1", &sealed[..20]).is_none());
    }

    #[test]
    fn token_hashes_depend_on_the_root_key_and_on_where_parts_end() {
        let keys = Keyring::new(&[7; 32]).unwrap();
        assert_ne!(keys.hash_token("a"), Keyring::new(&[8; 32]).unwrap().hash_token("a"));
        assert_ne!(keys.sign_form(&["ab", "c"]), keys.sign_form(&["a", "bc"]));
        assert_ne!(keys.sign_bearer("a"), Keyring::new(&[8; 32]).unwrap().sign_bearer("a"));
        assert_ne!(
            keys.sign_bearer("a"),
            keys.hash_token("a"),
            "what the database keeps of a code signs nothing"
        );
        assert_ne!(keys.sign_bearer("a"), keys.sign_form(&["a"]));
    }
}
