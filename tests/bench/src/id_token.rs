//! ID tokens, judged as an application judges them: signed by a published key with the algorithm that was agreed on, and said by this issuer to this client.

use anyhow::{Context as _, bail};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// What ID tokens are signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Rs256,
    Es256,
}

impl Algorithm {
    pub(crate) const ALL: [Self; 2] = [Self::Rs256, Self::Es256];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
        }
    }
}

/// Who speaks to whom, by what keys.
#[derive(Debug, Clone)]
pub(crate) struct Judge {
    pub(crate) algorithm: Algorithm,
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    /// As published: a JWK Set.
    pub(crate) keys: Value,
}

impl Judge {
    /// An error unless it is right; whom it speaks of.
    pub(crate) fn subject(&self, token: &str) -> anyhow::Result<String> {
        let (signed, signature) = token.rsplit_once('.').context("no signature")?;
        let (head, claims) = signed.split_once('.').context("no claims")?;
        let (head, claims) = (self.head(head)?, read(claims)?);
        let keys = self.keys["keys"].as_array().context("a set of keys")?;
        let of_kid = |key: &&Value| head["kid"].is_null() || key["kid"] == head["kid"];
        let key = keys.iter().find(of_kid).context("a key that is not published")?;
        if !verifies(self.algorithm, key, (signed.as_bytes(), &decoded(signature)?))? {
            bail!("a signature that is not the key's");
        }
        let is_audience = |value: &Value| value == self.client_id.as_str();
        let for_us = claims["aud"]
            .as_array()
            .map_or_else(|| is_audience(&claims["aud"]), |all| all.iter().any(is_audience));
        if claims["iss"] != self.issuer.as_str() || !for_us {
            bail!("an ID token of another issuer, or to another client: {claims}");
        }
        claims["sub"].as_str().map(str::to_owned).context("sub")
    }

    /// Whether at least its head is right, which is cheap.
    pub(crate) fn glance(&self, token: &str) -> anyhow::Result<()> {
        self.head(token.split('.').next().unwrap_or_default()).map(|_| ())
    }

    fn head(&self, text: &str) -> anyhow::Result<Value> {
        let head = read(text)?;
        if head["alg"] != self.algorithm.name() {
            bail!("an ID token by another algorithm: {head}");
        }
        Ok(head)
    }
}

fn decoded(text: &str) -> anyhow::Result<Vec<u8>> {
    Ok(URL_SAFE_NO_PAD.decode(text)?)
}

fn read(text: &str) -> anyhow::Result<Value> {
    Ok(serde_json::from_slice(&decoded(text)?)?)
}

/// A number of a key, without the zero that some write before it.
fn number(key: &Value, name: &str) -> anyhow::Result<Vec<u8>> {
    let bytes = decoded(key[name].as_str().with_context(|| format!("no {name} of a key"))?)?;
    let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    Ok(bytes.get(first..).unwrap_or_default().to_vec())
}

fn verifies(algorithm: Algorithm, key: &Value, (message, signature): (&[u8], &[u8])) -> anyhow::Result<bool> {
    Ok(match algorithm {
        Algorithm::Rs256 => {
            let public = RsaPublicKeyComponents { n: number(key, "n")?, e: number(key, "e")? };
            public.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
        }
        Algorithm::Es256 => {
            let mut point = vec![4];
            for name in ["x", "y"] {
                let bytes = number(key, name)?;
                point.resize(point.len() + 32_usize.saturating_sub(bytes.len()), 0);
                point.extend(bytes);
            }
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).is_ok()
        }
    })
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_of_another_key_issuer_or_client_is_refused() {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let point = pair.public_key().as_ref();
        let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
        let signed = |claims: Value| {
            let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
            let text = format!("{}.{}", part(json!({"alg": "ES256", "kid": "a"})), part(claims));
            let signature = pair.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
            format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
        };
        let judge = Judge {
            algorithm: Algorithm::Es256,
            issuer: "https://a.example".to_owned(),
            client_id: "client".to_owned(),
            keys: json!({"keys": [{"kid": "a", "x": x, "y": y}]}),
        };
        let good = signed(json!({"iss": "https://a.example", "aud": ["client"], "sub": "jane"}));
        assert_eq!(judge.subject(&good).unwrap(), "jane");
        judge.glance(&good).unwrap();
        assert!(
            judge
                .subject(&signed(json!({"iss": "https://b.example", "aud": "client", "sub": "jane"})))
                .is_err()
        );
        assert!(
            judge
                .subject(&signed(json!({"iss": "https://a.example", "aud": "other", "sub": "jane"})))
                .is_err()
        );
        let other = Judge { keys: json!({"keys": [{"kid": "a", "x": y, "y": x}]}), ..judge.clone() };
        assert!(other.subject(&good).is_err());
        let by_rsa = Judge { algorithm: Algorithm::Rs256, ..judge };
        assert!(by_rsa.glance(&good).is_err());
    }
}
