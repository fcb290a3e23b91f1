//! The secrets and keys of an application that speaks OpenID Connect: its own, by which it proves that it is itself, and ours, by which it knows what it is told.

use crate::timestamp::Timestamp;

/// A client secret, without what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSecret {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// When it ends by itself, if it does.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to about a day.
    pub last_used_at: Option<Timestamp>,
}

/// A key that signs what an application is told, without its private part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcKey {
    /// Its id: `kid`.
    pub id: String,
    /// What it signs with.
    pub algorithm: super::oidc_application::SigningAlgorithm,
    /// The public key as a JSON Web Key, as it is published.
    pub public_key: String,
    /// From when on it signs; it is published before, so that whoever keeps the set for a while knows it by then.
    pub signs_from: Timestamp,
}
