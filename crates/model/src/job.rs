//! Asynchronous work as a row: written in the same transaction as the intent, taken by the worker, gone when done.

use std::time::Duration;

use crate::timestamp::Timestamp;

/// Whose jobs they are. Each queue has a worker of its own: nobody's assignment waits for a mail server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// What is done here.
    Work,
    /// Letters.
    Mail,
}

impl Queue {
    /// What all lanes of the queue lie between. Those of letters begin with a sign with which no other begins.
    pub const fn lanes(self) -> (&'static str, &'static str) {
        match self {
            Self::Work => ("", "~"),
            Self::Mail => ("~", "\u{7f}"),
        }
    }

    /// No job of the queue is claimed or put off for longer. A time further ahead comes from a clock that was wrong, and would hold a job up
    /// until then.
    pub const fn ahead_max(self) -> Duration {
        match self {
            Self::Work => Duration::from_secs(120),
            Self::Mail => Duration::from_secs(2_400),
        }
    }
}

/// What a job does. The payload is the id of the row that describes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobKind {
    /// Carry out a provisioning request (create or delete an assignment, provision a permission set).
    Provisioning,
    /// Carry out what a batch of assignments comes to in one account.
    AssignmentBatch,
    /// Complete an account's creation.
    CreateAccount,
    /// Write to somebody who forgot their password.
    ForgottenPassword,
    /// Deliver a letter.
    Mail,
}

impl JobKind {
    /// The word in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provisioning => "PROVISIONING",
            Self::AssignmentBatch => "ASSIGNMENT_BATCH",
            Self::CreateAccount => "CREATE_ACCOUNT",
            Self::ForgottenPassword => "FORGOTTEN_PASSWORD",
            Self::Mail => "MAIL",
        }
    }

    /// Whose it is.
    pub const fn queue(self) -> Queue {
        match self {
            Self::Provisioning | Self::AssignmentBatch | Self::CreateAccount | Self::ForgottenPassword => {
                Queue::Work
            }
            Self::Mail => Queue::Mail,
        }
    }

    /// From the word in the store.
    pub fn parse(value: &str) -> Option<Self> {
        [Self::Provisioning, Self::AssignmentBatch, Self::CreateAccount, Self::ForgottenPassword, Self::Mail]
            .into_iter()
            .find(|kind| kind.as_str() == value)
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
