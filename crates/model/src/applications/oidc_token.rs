//! What an application that speaks OpenID Connect is given: for a person who signed in a code, once, and a family of tokens for it; for itself a token.

use crate::applications::application::ApplicationId;
use crate::directory::user::UserId;
use crate::signin::oauth::FamilyId;
use crate::timestamp::Timestamp;

/// A code on its way through a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcCode {
    /// For which application.
    pub application_id: ApplicationId,
    /// Where it was sent.
    pub redirect_uri: String,
    /// The S256 challenge, if the application gave one.
    pub code_challenge: Option<String>,
    /// What the ID token gives back.
    pub nonce: Option<String>,
    /// What was granted.
    pub scopes: Vec<String>,
    /// The person.
    pub user_id: UserId,
    /// The session that they signed in with.
    pub session_id: String,
    /// The thumbprint of the key that must be proved to exchange it, if one was named.
    pub key: Option<String>,
    /// What it was exchanged for, if it was.
    pub family_id: Option<FamilyId>,
    /// When it was given.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A family of tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcTokenFamily {
    /// Its id.
    pub id: FamilyId,
    /// Whose it is.
    pub application_id: ApplicationId,
    /// The person.
    pub user_id: UserId,
    /// The session that it hangs on.
    pub session_id: String,
    /// What its tokens are good for.
    pub scopes: Vec<String>,
    /// The thumbprint of the key that its tokens are bound to, if they are.
    pub key: Option<String>,
    /// When the person had proved who they are.
    pub auth_time: Timestamp,
    /// When the first were given.
    pub created_at: Timestamp,
    /// When the last one ends.
    pub expires_at: Timestamp,
    /// How often its refresh token was exchanged.
    pub generation: i64,
    /// When that was, the last time first.
    pub exchanged_at: Vec<Timestamp>,
}

/// An access token of an application's own, which is nobody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcClientToken {
    /// Its id.
    pub id: FamilyId,
    /// Whose it is.
    pub application_id: ApplicationId,
    /// What it is good for.
    pub scopes: Vec<String>,
    /// The thumbprint of the key that it is bound to, if it is.
    pub key: Option<String>,
    /// When it was given.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}
