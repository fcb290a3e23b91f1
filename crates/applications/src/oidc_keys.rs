//! The keys that sign what applications are told by OpenID Connect. Each application has its own: with one for all, what one is told would be proof to another
//! that looks at the signature and not at the audience. A key that takes another's place is published before it signs; the other one stays published while what it
//! signed may be on its way.

use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair as RsaKeyPair;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jose::algorithm::Algorithm;
use jose::jwks::KeySet;
use jose::jwt::{self, Rules};
use model::applications::application::{ApplicationArn, ApplicationId};
use model::applications::oidc_application::SigningAlgorithm;
use model::applications::oidc_client::OidcKey;
use model::cx::Cx;
use model::entropy::bytes;
use model::fault::Fault;
use model::id::hex;
use model::timestamp::Timestamp;
use policy::require::Action;
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, RsaKeySize};
use serde_json::{Map, Value, json};
use store::applications::oidc_keys;
use store::db::Store;
use store::tx::{Rx, Tx};
use zeroize::Zeroizing;

use crate::applications::KIND;
use crate::gate::guarded;
use crate::oidc_gate::decided;

/// How long a key is published before it signs: twice as long as the set may be kept ([`KEPT`]).
const LEAD: Duration = Duration::from_mins(10);
/// How long others may keep the set.
pub const KEPT: Duration = Duration::from_mins(5);
/// How long a key is published once another signs: an ID token is good for an hour at most, and a sign-out may come with one of that day.
const TAIL: Duration = Duration::from_hours(24);
/// Keys of an application at most.
const KEYS_MAX: usize = 4;

/// A key before it is anybody's. It has no `Debug`.
pub(crate) struct Made {
    id: String,
    algorithm: SigningAlgorithm,
    private_key: Zeroizing<Vec<u8>>,
    public_key: String,
}

/// Makes a key, which takes a while, and nothing that is kept.
pub(crate) async fn make(cx: &Cx, algorithm: SigningAlgorithm) -> Result<Made, Fault> {
    let id = format!("key-{}", hex(&bytes::<8>(cx.entropy())));
    tokio::task::spawn_blocking(move || {
        let pair = match algorithm {
            SigningAlgorithm::Rs256 => KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048),
            SigningAlgorithm::Es256 => KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256),
        };
        let private_key = Zeroizing::new(pair.map_err(Fault::internal)?.serialize_der());
        let public_key = Pair::read(algorithm, &private_key)?.published(&id)?;
        Ok(Made { id, algorithm, private_key, public_key })
    })
    .await
    .map_err(Fault::internal)?
}

impl Made {
    /// Keeps it as an application's, to sign from then on.
    pub(crate) fn keep(
        &self,
        tx: &mut Tx<'_>,
        cx: &Cx,
        (application, signs_from): (&ApplicationId, Timestamp),
    ) -> Result<OidcKey, Fault> {
        let new = OidcKey {
            id: self.id.clone(),
            algorithm: self.algorithm,
            public_key: self.public_key.clone(),
            signs_from,
        };
        oidc_keys::insert(tx, cx, application, (&new, &self.private_key))?;
        Ok(new)
    }
}

enum Pair {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
}

impl Pair {
    fn read(algorithm: SigningAlgorithm, pkcs8: &[u8]) -> Result<Self, Fault> {
        let rejected = |why| Fault::internal(format!("a signing key is none: {why}"));
        Ok(match algorithm {
            SigningAlgorithm::Rs256 => Self::Rsa(RsaKeyPair::from_pkcs8(pkcs8).map_err(rejected)?),
            SigningAlgorithm::Es256 => Self::Ecdsa(
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).map_err(rejected)?,
            ),
        })
    }

    fn sign(&self, text: &[u8]) -> Result<Vec<u8>, Fault> {
        let failed = |_| Fault::internal("an ID token could not be signed");
        let random = SystemRandom::new();
        match self {
            Self::Ecdsa(pair) => Ok(pair.sign(&random, text).map_err(failed)?.as_ref().to_vec()),
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, text, &mut signature).map_err(failed)?;
                Ok(signature)
            }
        }
    }

    /// The public key as a JSON Web Key (RFC 7518 §6).
    fn published(&self, id: &str) -> Result<String, Fault> {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let key = match self {
            Self::Rsa(pair) => {
                let (n, e) = rsa_parts(pair.public_key().as_ref())
                    .ok_or_else(|| Fault::internal("a public RSA key is not as RFC 8017 has it"))?;
                json!({"kty": "RSA", "alg": "RS256", "use": "sig", "kid": id, "n": text(n), "e": text(e)})
            }
            Self::Ecdsa(pair) => {
                // An uncompressed point (SEC 1 §2.3.3): 4, and two coordinates of 32 bytes.
                let point = pair.public_key().as_ref();
                let (x, y) = point
                    .split_first()
                    .and_then(|(_, rest)| rest.split_at_checked(32))
                    .ok_or_else(|| Fault::internal("a public key on P-256 has another length"))?;
                json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": id, "x": text(x), "y": text(y)})
            }
        };
        Ok(key.to_string())
    }
}

/// Modulus and exponent of a public key (RFC 8017 A.1.1: a sequence of two integers, in DER).
fn rsa_parts(der: &[u8]) -> Option<(&[u8], &[u8])> {
    const SEQUENCE: u8 = 0x30;
    const INTEGER: u8 = 0x02;
    let (inside, rest) = element(der, SEQUENCE)?;
    let (n, after) = element(inside, INTEGER)?;
    let (e, end) = element(after, INTEGER)?;
    // A number whose first bit is set has a zero before it, which a JSON Web Key does without.
    let bare = |number: &'_ [u8]| number.iter().take_while(|byte| **byte == 0).count();
    (rest.is_empty() && end.is_empty())
        .then(|| (n.get(bare(n)..), e.get(bare(e)..)))
        .and_then(|(n, e)| Some((n?, e?)))
}

/// What an element of this tag holds, and what is behind it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (_, rest) = der.split_first().filter(|(first, _)| **first == tag)?;
    let (length, rest) = rest.split_first()?;
    let (length, rest) = match usize::from(*length) {
        short @ 0..=0x7f => (short, rest),
        long @ (0x81 | 0x82) => {
            let (digits, rest) = rest.split_at_checked(long - 0x80)?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

/// The key that signs now: the newest whose time has come.
fn signing(keys: Vec<OidcKey>, algorithm: SigningAlgorithm, now: Timestamp) -> Option<OidcKey> {
    let mut of_algorithm = keys.into_iter().filter(|key| key.algorithm == algorithm);
    of_algorithm.find(|key| key.signs_from <= now)
}

/// Whether an application has a key that signs so now.
pub(crate) fn has(
    rx: &mut Rx<'_>,
    id: &ApplicationId,
    (algorithm, now): (SigningAlgorithm, Timestamp),
) -> Result<bool, Fault> {
    Ok(signing(oidc_keys::list(rx, id)?, algorithm, now).is_some())
}

/// A token that says this, signed by the application's key.
pub(crate) fn signed(
    rx: &mut Rx<'_>,
    id: &ApplicationId,
    how: (SigningAlgorithm, Timestamp),
    claims: &Map<String, Value>,
) -> Result<String, Fault> {
    signed_as(rx, id, ("JWT", how), claims)
}

/// The same of a token that says what it is (RFC 8725 §3.11).
pub(crate) fn signed_as(
    rx: &mut Rx<'_>,
    id: &ApplicationId,
    (kind, (algorithm, now)): (&str, (SigningAlgorithm, Timestamp)),
    claims: &Map<String, Value>,
) -> Result<String, Fault> {
    let key = signing(oidc_keys::list(rx, id)?, algorithm, now)
        .ok_or_else(|| Fault::internal(format!("the application {id} has no key that signs")))?;
    let pair = Pair::read(algorithm, &oidc_keys::private(rx, id, &key.id)?)?;
    let header = json!({"alg": algorithm.as_str(), "kid": key.id, "typ": kind}).to_string();
    let payload = serde_json::to_string(claims).map_err(Fault::internal)?;
    let mut outcome = Ok(());
    let token = jose::jws::signed(&header, &payload, |text| match pair.sign(text.as_bytes()) {
        Ok(signature) => signature,
        Err(failed) => {
            outcome = Err(failed);
            Vec::new()
        }
    });
    outcome.map(|()| token)
}

/// The keys that are published (RFC 7517).
pub(crate) fn published(rx: &mut Rx<'_>, id: &ApplicationId) -> Result<Value, Fault> {
    let keys = oidc_keys::list(rx, id)?;
    let keys: Result<Vec<Value>, _> = keys.iter().map(|key| serde_json::from_str(&key.public_key)).collect();
    Ok(json!({ "keys": keys.map_err(Fault::internal)? }))
}

/// What a token of ours says that an application gives back; `None` for one that no key of the application's signed. Whether it is over is not looked at.
pub(crate) fn own(
    rx: &mut Rx<'_>,
    id: &ApplicationId,
    token: &str,
) -> Result<Option<Map<String, Value>>, Fault> {
    let set = published(rx, id)?.to_string();
    let Ok(keys) = KeySet::read(set.as_bytes()) else { return Ok(None) };
    let rules = Rules { algorithms: &[Algorithm::Rs256, Algorithm::Es256], types: &["jwt"] };
    Ok(jwt::verify(token, &keys, &rules).ok().map(jwt::Verified::into_payload))
}

/// RotateApplicationOidcKey: another key signs after a while, and what no token of may be on its way any more goes.
pub async fn rotate(store: &Store, cx: &Cx, arn: &ApplicationArn) -> Result<OidcKey, Fault> {
    const ACTION: Action = Action("portico:RotateApplicationOidcKey");
    // Nobody has a key made who may not.
    let algorithm = store.read(|rx| {
        guarded(rx, cx, ACTION, arn)?;
        Ok(decided(rx, arn)?.settings.signing_algorithm)
    })?;
    let (arn, made) = (arn.clone(), make(cx, algorithm).await?);
    store
        .write(cx, move |tx, cx| {
            guarded(tx, cx, ACTION, &arn)?;
            decided(tx, &arn)?;
            let keys = oidc_keys::list(tx, &arn.id)?;
            if keys.iter().any(|key| cx.now < key.signs_from) {
                return Err(Fault::conflict(
                    "A key is on its way that does not sign yet: rotate again when it does",
                ));
            }
            // The newest first: each signed until the one before it did.
            let mut left = 0;
            for pair in keys.windows(2) {
                if let [newer, older] = pair {
                    if newer.signs_from.plus(TAIL) < cx.now {
                        oidc_keys::delete(tx, &arn.id, &older.id)?;
                    } else {
                        left += 1;
                    }
                }
            }
            if left + 2 > KEYS_MAX {
                return Err(Fault::quota(format!(
                    "An application has at most {KEYS_MAX} keys, and those of the last {} hours are still needed: rotate later",
                    TAIL.as_secs() / 3_600
                )));
            }
            let new = made.keep(tx, cx, (&arn.id, cx.now.plus(LEAD)))?;
            cx.event().touch(KIND, arn.to_string());
            cx.event().respond(json!({ "keyId": new.id, "signsFrom": new.signs_from.rfc3339() }));
            Ok(new)
        })
        .await
}
