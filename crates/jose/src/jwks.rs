//! The set of keys that a provider publishes (RFC 7517 §5), read from what its `jwks_uri` answers. Who fetches it, and how often, is not known here.

use serde_json::{Map, Value};
use thiserror::Error;

use crate::algorithm::Algorithm;
use crate::json::{object, shown};
use crate::jwk::{Key, NoKey};

/// Bytes of a set at most. With chains of certificates beside the keys, the largest that providers publish have about 25,000.
pub const BYTES_MAX: usize = 262_144;
/// Keys of a set at most, those that are passed over among them.
pub const KEYS_MAX: usize = 64;
/// How many of the reasons why keys were passed over an error tells.
const REASONS_SHOWN: usize = 3;

/// The keys of a provider. `passed_over` are those that verify nothing here: for encryption, of kinds and curves that are not known, or not well
/// made (RFC 7517 §5: such keys do not make the others unusable).
#[derive(Debug, Clone)]
pub struct KeySet {
    keys: Vec<Key>,
    passed_over: Vec<PassedOver>,
}

/// A key that was passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedOver {
    /// Its `kid`, if it has one.
    pub id: Option<String>,
    /// Why, as a sentence's end: "its use is …".
    pub why: String,
}

/// Why a set is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SetError {
    /// No JSON object, too long, too deep, or with a member given twice.
    #[error("what the provider's jwks_uri answers is no JSON Web Key Set: {0}")]
    Json(String),
    /// `keys` is no array.
    #[error(
        "what the provider's jwks_uri answers has no array \"keys\": is it the address of a JSON Web Key Set?"
    )]
    NoKeys,
    /// Too many keys.
    #[error("the provider's key set has {count} keys, {max} at most: have old keys removed at the provider")]
    TooMany {
        /// How many it has.
        count: usize,
        /// How many it may have.
        max: usize,
    },
    /// A private key is published.
    #[error(
        "the provider's key set publishes the private part ({member}) of the key {id}: whoever reads it can sign in as anybody; the provider must replace this key"
    )]
    Private {
        /// The `kid` of the key, as people may see it.
        id: String,
        /// The member that gives it away.
        member: &'static str,
    },
    /// Nothing in it verifies a token.
    #[error("no key of the provider's key set can verify a token{0}")]
    Unusable(String),
}

impl KeySet {
    /// Reads a set.
    pub fn read(json: &[u8]) -> Result<Self, SetError> {
        let set = object(json, BYTES_MAX).map_err(SetError::Json)?;
        let Some(Value::Array(entries)) = set.get("keys") else { return Err(SetError::NoKeys) };
        if entries.len() > KEYS_MAX {
            return Err(SetError::TooMany { count: entries.len(), max: KEYS_MAX });
        }
        let mut read = Self { keys: Vec::new(), passed_over: Vec::new() };
        for entry in entries {
            read.take(entry)?;
        }
        if read.keys.is_empty() {
            return Err(SetError::Unusable(read.reasons()));
        }
        Ok(read)
    }

    fn take(&mut self, entry: &Value) -> Result<(), SetError> {
        let none = Map::new();
        let jwk = entry.as_object().unwrap_or(&none);
        let id = jwk.get("kid").and_then(Value::as_str);
        match Key::read(jwk) {
            Ok(key) => self.keys.push(key),
            Err(NoKey::Private(member)) => {
                return Err(SetError::Private { id: shown(id.unwrap_or_default()), member });
            }
            Err(NoKey::PassedOver(why)) => {
                self.passed_over.push(PassedOver { id: id.map(str::to_owned), why });
            }
        }
        Ok(())
    }

    /// The keys that may verify tokens, in their order.
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// The others.
    pub fn passed_over(&self) -> &[PassedOver] {
        &self.passed_over
    }

    /// The keys that a token may mean: those of its `kid` (each of them, if several have it), or all, if it names none; of these the ones that fit.
    pub(crate) fn meant(&self, id: Option<&str>, algorithm: Algorithm) -> Vec<&Key> {
        let is_meant = |key: &&Key| id.is_none_or(|id| key.id() == Some(id)) && key.fits(algorithm);
        self.keys.iter().filter(is_meant).collect()
    }

    /// What is known of a `kid` that no fitting key has.
    pub(crate) fn about(&self, id: &str) -> Option<String> {
        if let Some(key) = self.keys.iter().find(|key| key.id() == Some(id)) {
            let own = key.algorithm().map(|own| format!(" for {}", own.as_str())).unwrap_or_default();
            return Some(format!("it is an {} key{own}", key.kind().as_str()));
        }
        self.passed_over.iter().find(|key| key.id.as_deref() == Some(id)).map(|key| key.why.clone())
    }

    fn reasons(&self) -> String {
        let mut text = String::new();
        for (position, key) in self.passed_over.iter().take(REASONS_SHOWN).enumerate() {
            text.push_str(if position == 0 { ": of the key " } else { "; of the key " });
            text.push_str(&shown(key.id.as_deref().unwrap_or_default()));
            text.push_str(", ");
            text.push_str(&key.why);
        }
        text
    }
}
