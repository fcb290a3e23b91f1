//! An authenticator made of software, to answer as real ones do and as attackers would: ES256, attestation `none`, bytes by hand (WebAuthn level 2, §6).

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use signin::webauthn::Challenge;

/// What an answer says, each part of which an attacker may say otherwise.
#[derive(Debug, Clone)]
pub(crate) struct Says {
    pub(crate) origin: String,
    pub(crate) rp_id: String,
    pub(crate) verified: bool,
    pub(crate) counter: u32,
    /// Instead of the challenge that was asked.
    pub(crate) challenge: Option<String>,
    pub(crate) handle: Option<String>,
}

impl Default for Says {
    fn default() -> Self {
        Self {
            origin: "http://localhost:8765".to_owned(),
            rp_id: "localhost".to_owned(),
            verified: true,
            counter: 1,
            challenge: None,
            handle: None,
        }
    }
}

pub(crate) struct Authenticator {
    key: EcdsaKeyPair,
    id: Vec<u8>,
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A byte string of CBOR, up to 65,535 bytes.
fn cbor_bytes(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap().to_be_bytes();
    [&[0x59], length.as_slice(), bytes].concat()
}

impl Authenticator {
    pub(crate) fn new(id: &str) -> Self {
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        Self { key: EcdsaKeyPair::generate(algorithm).unwrap(), id: id.as_bytes().to_vec() }
    }

    fn data(says: &Says, attested: &[u8]) -> Vec<u8> {
        let flags = 1 | if says.verified { 4 } else { 0 } | if attested.is_empty() { 0 } else { 0x40 };
        let hash = digest(&SHA256, says.rp_id.as_bytes());
        [hash.as_ref(), &[flags], &says.counter.to_be_bytes(), attested].concat()
    }

    fn client_data(kind: &str, options: &Value, says: &Says) -> Vec<u8> {
        let asked = options["publicKey"]["challenge"].as_str().unwrap();
        let challenge = says.challenge.as_deref().unwrap_or(asked);
        json!({"type": kind, "challenge": challenge, "origin": says.origin, "crossOrigin": false})
            .to_string()
            .into_bytes()
    }

    /// The answer to `navigator.credentials.create`.
    pub(crate) fn create(&self, challenge: &Challenge, says: &Says) -> String {
        let options: Value = serde_json::from_str(&challenge.options).unwrap();
        let point = self.key.public_key().as_ref();
        let (x, y) = (&point[1..33], &point[33..65]);
        // {1: 2, 3: -7, -1: 1, -2: x, -3: y}
        let key = [&[0xA5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32], x, &[0x22, 0x58, 32], y].concat();
        let length = u16::try_from(self.id.len()).unwrap().to_be_bytes();
        let attested = [[0; 16].as_slice(), &length, &self.id, &key].concat();
        let data = Self::data(says, &attested);
        let object = [
            &[0xA3, 0x63],
            b"fmt".as_slice(),
            &[0x64],
            b"none",
            &[0x67],
            b"attStmt",
            &[0xA0, 0x68],
            b"authData",
            &cbor_bytes(&data),
        ]
        .concat();
        let client_data = Self::client_data("webauthn.create", &options, says);
        json!({"id": text(&self.id), "rawId": text(&self.id), "type": "public-key", "extensions": {},
               "response": {"attestationObject": text(&object), "clientDataJSON": text(&client_data), "transports": null}})
        .to_string()
    }

    /// The answer to `navigator.credentials.get`.
    pub(crate) fn get(&self, challenge: &Challenge, says: &Says) -> String {
        let options: Value = serde_json::from_str(&challenge.options).unwrap();
        let client_data = Self::client_data("webauthn.get", &options, says);
        let data = Self::data(says, &[]);
        let signed = [data.as_slice(), digest(&SHA256, &client_data).as_ref()].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        json!({"id": text(&self.id), "rawId": text(&self.id), "type": "public-key", "extensions": {},
               "response": {"authenticatorData": text(&data), "clientDataJSON": text(&client_data),
                            "signature": text(signature.as_ref()),
                            "userHandle": says.handle.as_ref().map(|handle| text(handle.as_bytes()))}})
        .to_string()
    }
}
