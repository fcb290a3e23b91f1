//! The keys by which the ID tokens of applications are signed, and what is published of them. Never the key that roles in accounts trust, nor one that
//! SAML applications do. Of several the newest signs; all are published, so that a key can be replaced while its tokens are on their way.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::cx::Cx;
use model::entropy::bytes;
use model::fault::Fault;
use model::id::hex;
use model::instances::instance::InstanceId;
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_ECDSA_P256_SHA256};
use saml::key::PublicKey;
use serde_json::{Map, Value, json};
use store::db::Store;
use store::instances::signing_keys::{self, SigningKey};
use store::tx::Rx;
use zeroize::Zeroizing;

/// The purpose of the keys.
/// What the keys are for, as the store calls it.
pub const PURPOSE: &str = "application-tokens";

/// Where applications' tokens come from: below the address of the pages.
#[derive(Debug, Clone)]
pub struct TokenIssuer {
    /// The address of the pages, without a slash at its end.
    pub base_url: String,
}

impl TokenIssuer {
    /// What ID tokens say in `iss`.
    pub fn issuer(&self, instance: &InstanceId) -> String {
        format!("{}/identity-center/{instance}", self.base_url)
    }

    /// Where the keys are.
    fn jwks_uri(&self, instance: &InstanceId) -> String {
        format!("{}/keys", self.issuer(instance))
    }
}

/// A key, made if there is none yet.
pub(crate) async fn ensure(store: &Store, cx: &Cx) -> Result<(), Fault> {
    if !store.read(|rx| Ok(signing_keys::certificates(rx, PURPOSE)?))?.is_empty() {
        return Ok(());
    }
    let made = make(cx)?;
    store
        .maintain(cx, move |tx, cx| {
            // Somebody else may have made one meanwhile.
            if signing_keys::certificates(tx, PURPOSE)?.is_empty() {
                signing_keys::insert(tx, cx, PURPOSE, &made)?;
            }
            Ok(())
        })
        .await
}

/// A key that may sign them.
pub fn make(cx: &Cx) -> Result<SigningKey, Fault> {
    let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(Fault::internal)?;
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "Portico application tokens");
    let certificate = params.self_signed(&pair).map_err(Fault::internal)?;
    Ok(SigningKey {
        id: format!("key-{}", hex(&bytes::<8>(cx.entropy()))),
        private_key: Zeroizing::new(pair.serialize_der()),
        certificate: certificate.der().to_vec(),
    })
}

/// A token that says this, signed by the key whose time it is.
pub(crate) fn signed(rx: &mut Rx<'_>, cx: &Cx, claims: &Map<String, Value>) -> Result<String, Fault> {
    let key = signing_keys::signing(rx, PURPOSE, cx.now)?;
    let key = key.ok_or_else(|| Fault::internal("there is no key for applications' tokens"))?;
    let pair = pair(&key)?;
    let header = json!({"alg": "ES256", "kid": key.id, "typ": "JWT"}).to_string();
    let payload = serde_json::to_string(claims).map_err(Fault::internal)?;
    let mut failed = false;
    let token = jose::jws::signed(&header, &payload, |text| {
        let signature = pair.sign(&SystemRandom::new(), text.as_bytes());
        failed = signature.is_err();
        signature.map_or_else(|_| Vec::new(), |signature| signature.as_ref().to_vec())
    });
    if failed { Err(Fault::internal("an application's token could not be signed")) } else { Ok(token) }
}

fn pair(key: &SigningKey) -> Result<EcdsaKeyPair, Fault> {
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &key.private_key)
        .map_err(|rejected| Fault::internal(format!("the signing key {} is none: {rejected}", key.id)))
}

/// The keys that are published (RFC 7517): none where no token was ever signed.
pub fn key_set(store: &Store, instance: &InstanceId) -> Result<Option<Value>, Fault> {
    store.read(|rx| {
        if store::instances::instances::find(rx, instance)?.is_none() {
            return Ok(None);
        }
        let keys = signing_keys::published(rx, PURPOSE)?;
        let keys: Result<Vec<Value>, Fault> = keys.iter().map(published).collect();
        Ok(Some(json!({ "keys": keys? })))
    })
}

/// A key as others read it, by its certificate: whoever asks is nobody, so no private key is opened for the answer.
fn published((id, certificate): &(String, Vec<u8>)) -> Result<Value, Fault> {
    let key = PublicKey::from_certificate(certificate).map_err(Fault::internal)?;
    // A key on P-256 ends in an uncompressed point (RFC 5480 §2.2, SEC 1 §2.3.3): 4, and two coordinates of 32 bytes.
    let (x, y) = key
        .spki()
        .split_last_chunk::<65>()
        .and_then(|(_, point)| point.strip_prefix(&[4]))
        .and_then(|coordinates| coordinates.split_at_checked(32))
        .ok_or_else(|| Fault::internal(format!("the signing key {id} is not on P-256")))?;
    let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
    Ok(json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": id, "x": x, "y": y}))
}

/// What is said of the issuer of ID tokens, as far as whoever verifies them must know it (OpenID Connect Discovery §3, RFC 8414 §2).
pub fn metadata(store: &Store, ours: &TokenIssuer, instance: &InstanceId) -> Result<Option<Value>, Fault> {
    let found = store.read(|rx| Ok(store::instances::instances::find(rx, instance)?))?;
    Ok(found.map(|_| {
        json!({
            "issuer": ours.issuer(instance),
            "jwks_uri": ours.jwks_uri(instance),
            "id_token_signing_alg_values_supported": ["ES256"],
            "subject_types_supported": ["public"],
            "authorization_endpoint": format!("{}/authorize", ours.base_url),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
            "claims_supported": ["sub", "aud", "iss", "iat", "exp", "aws:identity_store_id", "aws:identity_store_arn",
                "aws:instance_arn", "aws:credential_id", "sts:identity_context", "act"],
        })
    }))
}
