//! Whom an administrator disabled and their source deleted then. A source that brings them again does not let them in again by it.

use crate::directory::user::{ExternalId, UserId};
use crate::timestamp::Timestamp;

/// One who is gone, and stays disabled should they come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptOut {
    /// The id that they had.
    pub user_id: UserId,
    /// The source that owned them.
    pub source: String,
    /// What it called them.
    pub external_id: Option<String>,
    /// Their user name, as names are compared.
    pub user_name_key: String,
    /// Since when it owned them.
    pub owned_since: Timestamp,
    /// When an administrator disabled them.
    pub disabled_here_at: Timestamp,
    /// When the source deleted them.
    pub deleted_at: Timestamp,
}

impl KeptOut {
    /// The id that their source gave them.
    pub fn external(&self) -> Option<ExternalId> {
        let id = self.external_id.clone()?;
        Some(ExternalId { issuer: self.source.clone(), id })
    }
}
