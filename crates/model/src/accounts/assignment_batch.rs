//! A batch of assignments: many created or deleted under one request id, and what became of each.

use serde::{Deserialize, Serialize};

use crate::accounts::account_assignment::{RequestKind, RequestStatus};
use crate::id::RequestId;
use crate::timestamp::Timestamp;

/// What becomes of the good rows of a batch in which others are bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnInvalid {
    /// Nothing is done.
    #[default]
    Fail,
    /// They are done; the bad ones are failures of the batch.
    Skip,
}

impl OnInvalid {
    /// From the wire word.
    pub fn parse(value: &str) -> Option<Self> {
        match value {
            "FAIL" => Some(Self::Fail),
            "SKIP" => Some(Self::Skip),
            _ => None,
        }
    }
}

/// A row of a batch as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowText {
    /// `TargetId`
    pub target_id: String,
    /// `PermissionSetArn`
    pub permission_set_arn: String,
    /// `PrincipalType`
    pub principal_type: String,
    /// `PrincipalId`
    pub principal_id: String,
}

/// A row that came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Which row of the batch, from 0.
    pub index: usize,
    /// As it was written.
    pub row: RowText,
    /// Why.
    pub reason: String,
}

/// A batch and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Its id.
    pub id: RequestId,
    /// What it does: create or delete.
    pub kind: RequestKind,
    /// Rows.
    pub total: usize,
    /// Rows that were done.
    pub succeeded: usize,
    /// Rows that came to nothing, by index.
    pub failures: Vec<Failure>,
    /// When it was accepted.
    pub created_at: Timestamp,
}

impl Batch {
    /// Rows that wait for their turn.
    pub fn in_progress(&self) -> usize {
        self.total.saturating_sub(self.succeeded).saturating_sub(self.failures.len())
    }

    /// How far it is: succeeded only where every row was done.
    pub fn status(&self) -> RequestStatus {
        match (self.in_progress(), self.failures.len()) {
            (0, 0) => RequestStatus::Succeeded,
            (0, _) => RequestStatus::Failed,
            _ => RequestStatus::InProgress,
        }
    }
}
