//! A trusted token issuer on loopback: it says who it is and publishes a key, and signs whatever a test wants.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::provider::Provider;

/// The issuer.
#[derive(Debug)]
pub struct TokenIssuer {
    /// What it says, and where.
    pub said: Provider,
    pair: EcdsaKeyPair,
    kid: String,
}

fn pair() -> EcdsaKeyPair {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key")
}

impl TokenIssuer {
    /// One that speaks, with a key of its own.
    pub async fn start() -> Self {
        let issuer = Self { said: Provider::start().await, pair: pair(), kid: "one".to_owned() };
        let url = &issuer.said.url;
        let document = format!(
            r#"{{"issuer":"{url}","jwks_uri":"{url}/keys","id_token_signing_alg_values_supported":["ES256"]}}"#
        );
        issuer.said.say("/.well-known/openid-configuration", &document);
        issuer.publish();
        issuer
    }

    fn publish(&self) {
        let point = self.pair.public_key().as_ref();
        let part = |from: usize| URL_SAFE_NO_PAD.encode(point.get(from..from + 32).unwrap_or_default());
        let (kid, x, y) = (&self.kid, part(1), part(33));
        let key = format!(r#"{{"kty":"EC","crv":"P-256","use":"sig","kid":"{kid}","x":"{x}","y":"{y}"}}"#);
        self.said.say("/keys", &format!(r#"{{"keys":[{key}]}}"#));
    }

    /// Another key from now on, which is published.
    pub fn rotate(&mut self, kid: &str) {
        self.pair = pair();
        kid.clone_into(&mut self.kid);
        self.publish();
    }

    /// The same to look at, with a key that nobody publishes.
    pub async fn impostor(kid: &str) -> Self {
        Self { said: Provider::start().await, pair: pair(), kid: kid.to_owned() }
    }

    /// A token of these claims, which are JSON.
    pub fn token(&self, claims: &str) -> String {
        let header = format!(r#"{{"alg":"ES256","kid":"{}","typ":"JWT"}}"#, self.kid);
        jose::jws::signed(&header, claims, |text| {
            self.pair.sign(&SystemRandom::new(), text.as_bytes()).expect("a signature").as_ref().to_vec()
        })
    }
}
