//! What an application was given for a person: a family of tokens, of which the refresh token in force changes and all else stays.

use crate::applications::application::ApplicationId;
use crate::applications::trusted_token_issuer::TrustedTokenIssuerId;
use crate::directory::identity_store::IdentityStoreId;
use crate::directory::user::UserId;
use crate::signin::oauth::FamilyId;
use crate::timestamp::Timestamp;

/// A family of tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationTokenFamily {
    /// Its id: CloudTrail's `credentialId` of what is done with it.
    pub id: FamilyId,
    /// Whose it is.
    pub application_id: ApplicationId,
    /// The issuer whose token began it, if one did.
    pub issuer_id: Option<TrustedTokenIssuerId>,
    /// The family whose token was exchanged for it, if one was.
    pub parent_id: Option<FamilyId>,
    /// The session at the portal that it hangs on, if on one.
    pub session_id: Option<String>,
    /// The person's store.
    pub identity_store_id: IdentityStoreId,
    /// The person.
    pub user_id: UserId,
    /// What its tokens are good for.
    pub scopes: Vec<String>,
    /// When the first were given.
    pub created_at: Timestamp,
    /// When the last one ends.
    pub expires_at: Timestamp,
    /// How often its refresh token was exchanged.
    pub generation: i64,
    /// When that was, the last time first.
    pub exchanged_at: Vec<Timestamp>,
}
