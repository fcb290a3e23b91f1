//! What a source says of somebody of whom several speak.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::timestamp::Timestamp;

/// Values by the path of their attribute.
pub type Values = BTreeMap<String, Value>;

/// A source of a person.
#[derive(Debug, Clone, PartialEq)]
pub struct UserSource {
    /// What external ids that it gives have as their issuer; empty for what is said here.
    pub source: String,
    /// Since when it speaks of them.
    pub linked_at: Timestamp,
    /// What it says.
    pub said: Values,
}
