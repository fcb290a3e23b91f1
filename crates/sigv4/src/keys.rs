//! Signing keys: derived from a secret for one day, Region and service, and kept for as long as they are asked for.

use aws_lc_rs::hmac;
use quick_cache::sync::Cache;
use zeroize::Zeroizing;

/// Keys kept at most.
const KEPT_MAX: usize = 8_192;

/// A bounded cache of signing keys. An entry is bound to the secret itself, so a changed secret never meets an old key.
#[derive(Debug)]
pub struct SigningKeys {
    pepper: hmac::Key,
    keys: Cache<[u8; 32], hmac::Key>,
}

impl SigningKeys {
    /// An empty cache. `pepper`: random bytes of this process, so that cache keys say nothing of the secrets.
    pub fn new(pepper: &[u8; 32]) -> Self {
        Self { pepper: hmac::Key::new(hmac::HMAC_SHA256, pepper), keys: Cache::new(KEPT_MAX) }
    }

    pub(crate) fn get(&self, secret: &str, day: &str, region: &str, service: &str) -> hmac::Key {
        let mut name = hmac::Context::with_key(&self.pepper);
        for part in [secret, day, region, service] {
            name.update(&(part.len() as u64).to_be_bytes());
            name.update(part.as_bytes());
        }
        let tag = name.sign();
        let mut id = [0; 32];
        id.copy_from_slice(tag.as_ref());
        if let Some(key) = self.keys.get(&id) {
            return key;
        }
        let key = derive(secret, day, region, service);
        self.keys.insert(id, key.clone());
        key
    }
}

/// `HMAC(HMAC(HMAC(HMAC("AWS4" + secret, day), region), service), "aws4_request")`.
pub(crate) fn derive(secret: &str, day: &str, region: &str, service: &str) -> hmac::Key {
    let start = Zeroizing::new(format!("AWS4{secret}"));
    let mut key = hmac::Key::new(hmac::HMAC_SHA256, start.as_bytes());
    for part in [day, region, service, "aws4_request"] {
        key = hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&key, part.as_bytes()).as_ref());
    }
    key
}
