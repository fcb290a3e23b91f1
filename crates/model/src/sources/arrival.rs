//! Somebody whom an external identity provider sent here: what it says of them, once that is proved. Plain values, whatever the protocol was.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::timestamp::Timestamp;

/// What a provider said of a person, verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// Whom it means: what its settings read that from.
    pub subject: String,
    /// What it calls them itself, NameID or `sub`: a sign-out names it.
    pub called: String,
    /// Its name for the session there.
    pub index: Option<String>,
    /// When the session here has to end.
    pub until: Option<Timestamp>,
    /// Whether it says that a second factor was given.
    pub mfa: bool,
    /// Everything that it said, by name, as texts in their order.
    pub attributes: BTreeMap<String, Vec<String>>,
}

impl Arrival {
    /// The first value of an attribute or claim.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.attributes.get(name)?.first().map(String::as_str).filter(|value| !value.is_empty())
    }

    /// All its values.
    pub fn values(&self, name: &str) -> &[String] {
        self.attributes.get(name).map(Vec::as_slice).unwrap_or_default()
    }
}

/// By which provider a session was begun, and what that calls it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExternalSession {
    /// The provider.
    pub external_idp_id: String,
    /// What it calls the person.
    pub subject: String,
    /// What it calls the session.
    pub index: Option<String>,
}
