//! Signed tokens of a provider (RFC 7515, RFC 7519, RFC 8725): the payload comes out of one that a key of the provider signed, and out of no other.
//! What the payload says, and whether it is for us, is not judged here.

use serde_json::{Map, Value};
use thiserror::Error;

use crate::algorithm::Algorithm;
use crate::json::{object, shown};
use crate::jwk::KID_MAX;
use crate::jwks::KeySet;
use crate::jws::Compact;

/// Characters of a token at most. One that names its holder's two hundred groups has about 12,000.
pub const LENGTH_MAX: usize = 65_536;
/// How many keys are asked about one signature at most.
const TRIES_MAX: usize = 8;

/// Members of a header that would have a token bring its own key, or its address (RFC 7515 §4.1.2, §4.1.3, §4.1.5, §4.1.6), or that change how it
/// is read (§4.1.11; RFC 7797 §3). OpenID Connect Core §2 wants none of the first four.
const NEVER: [&str; 6] = ["jku", "jwk", "x5u", "x5c", "crit", "b64"];

/// What a token must be.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'r> {
    /// The algorithms that are allowed.
    pub algorithms: &'r [Algorithm],
    /// What its `typ` may be if it has one, in lower case and without `application/` (RFC 7515 §4.1.9).
    pub types: &'r [&'r str],
}

/// The payload of a token whose signature holds.
#[derive(Debug, Clone)]
pub struct Verified {
    payload: Map<String, Value>,
    algorithm: Algorithm,
}

/// Why a token is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum JwtError {
    /// Too long.
    #[error("the token has {length} characters, {max} at most: have the provider put less into it")]
    Length {
        /// How long it is.
        length: usize,
        /// How long it may be.
        max: usize,
    },
    /// No compact JWS.
    #[error("the token is no compact JWS: three parts of base64url without padding, between dots")]
    Form,
    /// A JWE.
    #[error("the token is encrypted (JWE): switch encryption of tokens off for this client at the provider")]
    Encrypted,
    /// A part is no object.
    #[error("the token's {part} is not acceptable JSON: {why}")]
    Part {
        /// `header` or `payload`.
        part: &'static str,
        /// What is wrong.
        why: String,
    },
    /// A header that brings a key, the address of one, or an extension.
    #[error(
        "the token's header has the member {0}, which is never followed: the keys of a provider come from its jwks_uri alone"
    )]
    Header(&'static str),
    /// A token of another kind.
    #[error("the token's typ is {found}, not {wanted}: it is a token for something else")]
    Type {
        /// What it says.
        found: String,
        /// What it may say.
        wanted: String,
    },
    /// No signature, or one that anybody could make.
    #[error(
        "the token's alg is {0}, which proves nothing about who made it: set an algorithm with a key pair (such as RS256) for this client at the provider"
    )]
    Unsigned(String),
    /// An algorithm that is not allowed.
    #[error("the token's alg is {found}; allowed for this provider are {allowed}")]
    Algorithm {
        /// What it says.
        found: String,
        /// What it may say.
        allowed: String,
    },
    /// A key that the provider does not publish.
    #[error("the token names the key {0}, which is not in the provider's key set")]
    UnknownKey(String),
    /// A key that is for something else.
    #[error(
        "the token names the key {id} and the algorithm {algorithm}, but of this key the provider's key set says: {why}"
    )]
    UnfitKey {
        /// The `kid`.
        id: String,
        /// The token's algorithm.
        algorithm: &'static str,
        /// What is known of the key.
        why: String,
    },
    /// No `kid`, and no key that could be meant.
    #[error("the token names no key, and the provider's key set has none for {0}")]
    NoKey(&'static str),
    /// More keys than are tried.
    #[error(
        "the token could be signed by any of {count} keys of the provider's key set; {max} are tried at most: each key must have a kid of its own, and tokens must name it"
    )]
    Ambiguous {
        /// How many could be meant.
        count: usize,
        /// How many are tried.
        max: usize,
    },
    /// The signature is not that of the key.
    #[error("the token's signature does not hold under the provider's key: somebody else made or altered it")]
    Signature,
}

impl JwtError {
    /// Whether a newer set of keys could make a difference: worth one look at the `jwks_uri`, not one for each token that a stranger sends.
    pub const fn asks_for_newer_keys(&self) -> bool {
        matches!(self, Self::UnknownKey(_) | Self::UnfitKey { .. } | Self::NoKey(_))
    }
}

impl Verified {
    /// What the token says.
    pub const fn payload(&self) -> &Map<String, Value> {
        &self.payload
    }

    /// The algorithm that it is signed with.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// What the token says, to keep.
    pub fn into_payload(self) -> Map<String, Value> {
        self.payload
    }
}

/// Judges the signature of a token by the keys of its provider.
pub fn verify(token: &str, keys: &KeySet, rules: &Rules<'_>) -> Result<Verified, JwtError> {
    if token.len() > LENGTH_MAX {
        return Err(JwtError::Length { length: token.len(), max: LENGTH_MAX });
    }
    if token.bytes().filter(|byte| *byte == b'.').count() == 4 {
        return Err(JwtError::Encrypted);
    }
    let compact = Compact::parts(token).ok_or(JwtError::Form)?;
    let header = part("header", &compact.header)?;
    if let Some(member) = NEVER.into_iter().find(|member| header.contains_key(*member)) {
        return Err(JwtError::Header(member));
    }
    let algorithm = allowed_algorithm(&header, rules.algorithms)?;
    is_of_type(&header, rules.types)?;
    let id = optional_text(&header, "kid")?;
    let candidates = keys.meant(id, algorithm);
    if candidates.is_empty() {
        return Err(none_meant(keys, id, algorithm));
    }
    if candidates.len() > TRIES_MAX {
        return Err(JwtError::Ambiguous { count: candidates.len(), max: TRIES_MAX });
    }
    let signed = compact.signed.as_bytes();
    if !candidates.iter().any(|key| key.verifies(algorithm, signed, &compact.signature)) {
        return Err(JwtError::Signature);
    }
    // Nothing of the payload is read before it is known who wrote it.
    Ok(Verified { payload: part("payload", &compact.payload)?, algorithm })
}

fn part(part: &'static str, json: &[u8]) -> Result<Map<String, Value>, JwtError> {
    object(json, LENGTH_MAX).map_err(|why| JwtError::Part { part, why })
}

fn allowed_algorithm(header: &Map<String, Value>, allowed: &[Algorithm]) -> Result<Algorithm, JwtError> {
    let name = optional_text(header, "alg")?.unwrap_or_default();
    let bare = name.to_ascii_uppercase();
    if bare == "NONE" || bare.starts_with("HS") || bare.is_empty() {
        return Err(JwtError::Unsigned(shown(name)));
    }
    Algorithm::from_name(name)
        .filter(|algorithm| allowed.contains(algorithm))
        .ok_or_else(|| JwtError::Algorithm { found: shown(name), allowed: Algorithm::list(allowed) })
}

fn is_of_type(header: &Map<String, Value>, types: &[&str]) -> Result<(), JwtError> {
    let Some(found) = optional_text(header, "typ")? else { return Ok(()) };
    let lower = found.to_ascii_lowercase();
    if types.contains(&lower.strip_prefix("application/").unwrap_or(&lower)) {
        return Ok(());
    }
    Err(JwtError::Type { found: shown(found), wanted: types.join(" or ") })
}

fn optional_text<'h>(header: &'h Map<String, Value>, member: &str) -> Result<Option<&'h str>, JwtError> {
    match header.get(member) {
        None => Ok(None),
        Some(Value::String(text)) if member != "kid" || text.len() <= KID_MAX => Ok(Some(text)),
        Some(_) => {
            let why = format!("its {member} must be a string of {KID_MAX} characters at most");
            Err(JwtError::Part { part: "header", why })
        }
    }
}

fn none_meant(keys: &KeySet, id: Option<&str>, algorithm: Algorithm) -> JwtError {
    let Some(id) = id else { return JwtError::NoKey(algorithm.as_str()) };
    match keys.about(id) {
        Some(why) => JwtError::UnfitKey { id: shown(id), algorithm: algorithm.as_str(), why },
        None => JwtError::UnknownKey(shown(id)),
    }
}
