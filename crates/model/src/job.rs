//! Asynchronous work as a row: written in the same transaction as the intent, taken by the worker, gone when done.

use crate::timestamp::Timestamp;

/// What a job does. The payload is the id of the row that describes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobKind {
    /// Carry out a provisioning request (create or delete an assignment, provision a permission set).
    Provisioning,
    /// Complete an account's creation.
    CreateAccount,
}

impl JobKind {
    /// The word in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provisioning => "PROVISIONING",
            Self::CreateAccount => "CREATE_ACCOUNT",
        }
    }

    /// From the word in the store.
    pub fn parse(value: &str) -> Option<Self> {
        [Self::Provisioning, Self::CreateAccount].into_iter().find(|kind| kind.as_str() == value)
    }
}

/// A job as the worker takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Sorts by time of enqueueing.
    pub id: String,
    /// What to do.
    pub kind: JobKind,
    /// Jobs of one lane run one after another, in order: the account, for provisioning.
    pub lane: String,
    /// The id of the row that describes the work.
    pub subject: String,
    /// How often it was tried before.
    pub attempts: i64,
    /// When it may run.
    pub run_at: Timestamp,
}
