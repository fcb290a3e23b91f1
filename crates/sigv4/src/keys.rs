//! Signing keys: derived from a secret for one day, Region and service, and kept for as long as they are asked for.

use std::sync::Arc;

use aws_lc_rs::hmac;
use quick_cache::sync::Cache;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// Keys kept at most.
const KEPT_MAX: usize = 8_192;

/// A bounded cache of signing keys, by what signatures name: an access key id and a scope. Each is bound to the secret that it was derived from, so
/// that a secret that changed, on this server or another, never meets an old key.
#[derive(Debug)]
pub struct SigningKeys(Cache<Box<str>, Arc<Kept>>);

/// A signing key and its secret. Both are wiped when they go: the key by AWS-LC.
struct Kept {
    secret: Zeroizing<Box<[u8]>>,
    key: hmac::Key,
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Kept")
    }
}

impl Default for SigningKeys {
    fn default() -> Self {
        Self(Cache::new(KEPT_MAX))
    }
}

impl SigningKeys {
    /// The HMAC of `text` with the signing key of `credential`, which is `ID/DAY/REGION/SERVICE/aws4_request` and whose secret is `secret`.
    pub(crate) fn sign(&self, credential: &str, secret: &str, text: &[u8]) -> hmac::Tag {
        let kept = self.0.get(credential).filter(|kept| bool::from(kept.secret.ct_eq(secret.as_bytes())));
        let kept = kept.unwrap_or_else(|| {
            let key = derive(secret, credential);
            let kept = Arc::new(Kept { secret: Zeroizing::new(secret.as_bytes().into()), key });
            self.0.insert(credential.into(), kept.clone());
            kept
        });
        hmac::sign(&kept.key, text)
    }
}

/// `HMAC(HMAC(HMAC(HMAC("AWS4" + secret, day), region), service), "aws4_request")`: every part of the credential but the id is signed with the key
/// that came of those before it.
fn derive(secret: &str, credential: &str) -> hmac::Key {
    let start = Zeroizing::new([b"AWS4", secret.as_bytes()].concat());
    let mut key = hmac::Key::new(hmac::HMAC_SHA256, &start);
    for part in credential.split('/').skip(1) {
        key = hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&key, part.as_bytes()).as_ref());
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_changed_never_meets_an_old_key() {
        let keys = SigningKeys::default();
        let credential = "AKIDEXAMPLE/20261124/us-east-1/sso/aws4_request";
        let sign = |secret: &str| keys.sign(credential, secret, b"text").as_ref().to_vec();
        let fresh = |secret: &str| hmac::sign(&derive(secret, credential), b"text").as_ref().to_vec();
        for secret in ["one", "another", "one", "one", "", "on"] {
            assert_eq!(sign(secret), fresh(secret), "{secret}");
        }
        assert_ne!(sign("one"), sign("another"));
    }

    #[test]
    fn each_id_and_scope_has_its_own_key() {
        let keys = SigningKeys::default();
        let sign = |credential: &str| keys.sign(credential, "secret", b"text").as_ref().to_vec();
        let one = sign("A/20261124/us-east-1/sso/aws4_request");
        for other in ["A/20261125/us-east-1/sso/aws4_request", "A/20261124/us-east-1/iam/aws4_request"] {
            assert_ne!(sign(other), one, "{other}");
        }
        assert_eq!(sign("A/20261124/us-east-1/sso/aws4_request"), one);
        assert_eq!(sign("B/20261124/us-east-1/sso/aws4_request"), one, "an id is no part of what is derived");
    }
}
