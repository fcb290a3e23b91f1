//! Key pairs of a provider that is made up, one of each kind, and tokens signed with them.

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
    RSA_PSS_SHA512, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jose::algorithm::{Algorithm, Kind};
use jose::jwks::KeySet;
use jose::jws::signed;
use serde_json::{Value, json};

pub(crate) struct Pairs {
    pub(crate) rsa: RsaKeyPair,
    pub(crate) p256: EcdsaKeyPair,
    p384: EcdsaKeyPair,
    ed: Ed25519KeyPair,
}

const RSA_BEGINS: [u8; 9] = [0x30, 0x82, 1, 10, 2, 0x82, 1, 1, 0];
const RSA_ENDS: [u8; 5] = [2, 3, 1, 0, 1];

/// The provider's.
pub(crate) static OWN: LazyLock<Pairs> = LazyLock::new(Pairs::new);
/// Somebody else's.
pub(crate) static OTHER: LazyLock<Pairs> = LazyLock::new(Pairs::new);
/// The keys that the provider publishes.
pub(crate) static KEYS: LazyLock<KeySet> = LazyLock::new(|| set(&OWN.jwks()));

pub(crate) fn set(jwks: &Value) -> KeySet {
    KeySet::read(jwks.to_string().as_bytes()).unwrap()
}

pub(crate) fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Pairs {
    fn new() -> Self {
        Self {
            rsa: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
            p256: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
            p384: EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap(),
            ed: Ed25519KeyPair::generate().unwrap(),
        }
    }

    pub(crate) fn jwk(&self, kind: Kind) -> Value {
        let point = |crv: &str, key: &EcdsaKeyPair| {
            let point = &key.public_key().as_ref()[1..];
            let (x, y) = point.split_at(point.len() / 2);
            json!({"kty": "EC", "crv": crv, "x": encoded(x), "y": encoded(y)})
        };
        let mut jwk = match kind {
            Kind::Rsa => {
                // An RSAPublicKey of 2048 bits (RFC 8017 A.1.1): both lengths are known.
                let der = self.rsa.public_key().as_ref();
                assert_eq!((&der[..9], &der[265..]), (&RSA_BEGINS[..], &RSA_ENDS[..]));
                json!({"kty": "RSA", "n": encoded(&der[9..265]), "e": encoded(&RSA_ENDS[2..])})
            }
            Kind::P256 => point("P-256", &self.p256),
            Kind::P384 => point("P-384", &self.p384),
            Kind::Ed25519 => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": encoded(self.ed.public_key().as_ref())})
            }
        };
        jwk["kid"] = json!(kind.as_str());
        jwk["use"] = json!("sig");
        jwk
    }

    pub(crate) fn jwks(&self) -> Value {
        let all = [Kind::Rsa, Kind::P256, Kind::P384, Kind::Ed25519];
        json!({"keys": all.map(|kind| self.jwk(kind))})
    }

    pub(crate) fn sign(&self, algorithm: Algorithm, text: &str) -> Vec<u8> {
        let (random, text) = (SystemRandom::new(), text.as_bytes());
        let encoding: &'static dyn aws_lc_rs::signature::RsaEncoding = match algorithm {
            Algorithm::Rs256 => &RSA_PKCS1_SHA256,
            Algorithm::Rs384 => &RSA_PKCS1_SHA384,
            Algorithm::Rs512 => &RSA_PKCS1_SHA512,
            Algorithm::Ps256 => &RSA_PSS_SHA256,
            Algorithm::Ps384 => &RSA_PSS_SHA384,
            Algorithm::Ps512 => &RSA_PSS_SHA512,
            Algorithm::Es256 => return self.p256.sign(&random, text).unwrap().as_ref().to_vec(),
            Algorithm::Es384 => return self.p384.sign(&random, text).unwrap().as_ref().to_vec(),
            Algorithm::EdDsa => return self.ed.sign(text).as_ref().to_vec(),
        };
        let mut signature = vec![0; self.rsa.public_modulus_len()];
        self.rsa.sign(encoding, &random, text, &mut signature).unwrap();
        signature
    }

    /// A token of this header, to which `alg` is added, and this payload.
    pub(crate) fn token(&self, algorithm: Algorithm, header: &Value, payload: &Value) -> String {
        let mut header = header.clone();
        if header.get("alg").is_none() {
            header["alg"] = json!(algorithm.as_str());
        }
        signed(&header.to_string(), &payload.to_string(), |text| self.sign(algorithm, text))
    }

    /// A token as this provider makes it.
    pub(crate) fn issue(&self, algorithm: Algorithm, payload: &Value) -> String {
        self.token(algorithm, &json!({"kid": algorithm.kind().as_str()}), payload)
    }
}
