//! A key on P-256 and the proofs of possession that it makes, as AWS CLI makes them (RFC 9449).

use std::sync::atomic::{AtomicU32, Ordering};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::timestamp::Timestamp;

/// Whoever holds the key.
#[derive(Debug)]
pub struct Prover {
    key: EcdsaKeyPair,
    made: AtomicU32,
}

impl Default for Prover {
    fn default() -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
        Self { key, made: AtomicU32::new(0) }
    }
}

impl Prover {
    /// A proof of these claims, which are JSON.
    pub fn proof_of(&self, claims: &str) -> String {
        let (x, y) = self.key.public_key().as_ref().split_at(1).1.split_at(32);
        let [x, y] = [x, y].map(|half| URL_SAFE_NO_PAD.encode(half));
        let jwk = format!(r#"{{"kty":"EC","x":"{x}","y":"{y}","crv":"P-256"}}"#);
        let header = format!(r#"{{"typ":"dpop+jwt","alg":"ES256","jwk":{jwk}}}"#);
        jose::jws::signed(&header, claims, |text| {
            self.key.sign(&SystemRandom::new(), text.as_bytes()).expect("a signature").as_ref().to_vec()
        })
    }

    /// A proof for a POST to `url` at `now`, which nobody made before.
    pub fn proof(&self, url: &str, now: Timestamp) -> String {
        let (number, iat) = (self.made.fetch_add(1, Ordering::Relaxed), now.seconds());
        self.proof_of(&format!(r#"{{"htm":"POST","htu":"{url}","iat":{iat},"jti":"proof-{number}"}}"#))
    }
}
