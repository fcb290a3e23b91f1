//! Asynchronous work as a row: written in the same transaction as the intent, taken by the worker, gone when done.

use std::time::Duration;

use crate::timestamp::Timestamp;

/// Whose jobs they are. Each queue has a worker of its own: nobody's assignment waits for a mail server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// What is done here.
    Work,
    /// What is done in accounts that are somewhere else, which takes as long as they do.
    Connected,
    /// Runs of directories, which take as long as the directories do.
    Directories,
    /// Letters.
    Mail,
    /// What applications are told of sign-outs.
    SignOuts,
}

impl Queue {
    /// What all lanes of the queue lie between. Those of connected accounts, directories, letters and sign-outs begin with a sign with which no other
    /// begins.
    pub const fn lanes(self) -> (&'static str, &'static str) {
        match self {
            Self::Work => ("", "|"),
            Self::Connected => ("|", "}"),
            Self::Directories => ("}", "~"),
            Self::Mail => ("~", "\u{7f}"),
            Self::SignOuts => ("\u{7f}", "\u{80}"),
        }
    }

    /// No job of the queue is claimed or put off for longer. A time further ahead comes from a clock that was wrong, and would hold a job up
    /// until then.
    pub const fn ahead_max(self) -> Duration {
        match self {
            Self::Work => Duration::from_secs(120),
            Self::Connected | Self::Directories => Duration::from_secs(600),
            Self::Mail | Self::SignOuts => Duration::from_secs(2_400),
        }
    }
}

/// What a job does. The payload is the id of the row that describes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobKind {
    /// Carry out a provisioning request (create or delete an assignment, provision a permission set).
    Provisioning,
    /// Carry one out in an account that is somewhere else.
    ConnectedProvisioning,
    /// Look whether an account that is somewhere else is as it should be.
    DriftDetection,
    /// Put right there what such a look found.
    DriftRepair,
    /// Have one trust the keys that the instance signs with.
    ProviderUpdate,
    /// Have a role there say which of its sessions are void.
    SessionRevocation,
    /// Read an organization that accounts here follow.
    OrganizationSync,
    /// Carry out what a batch of assignments comes to in one account.
    AssignmentBatch,
    /// Complete an account's creation.
    CreateAccount,
    /// Make an account instance.
    CreateInstance,
    /// Clear away what an account instance held.
    DeleteInstance,
    /// Make people what their sources say by another order of these.
    AttributePrecedence,
    /// Write to somebody who forgot their password.
    ForgottenPassword,
    /// Read a directory.
    DirectorySync,
    /// Deliver a letter.
    Mail,
    /// Tell an application that speaks OpenID Connect that a session ended.
    OidcLogout,
}

impl JobKind {
    /// The word in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provisioning => "PROVISIONING",
            Self::ConnectedProvisioning => "CONNECTED_PROVISIONING",
            Self::DriftDetection => "DRIFT_DETECTION",
            Self::DriftRepair => "DRIFT_REPAIR",
            Self::ProviderUpdate => "PROVIDER_UPDATE",
            Self::SessionRevocation => "SESSION_REVOCATION",
            Self::OrganizationSync => "ORGANIZATION_SYNC",
            Self::AssignmentBatch => "ASSIGNMENT_BATCH",
            Self::CreateAccount => "CREATE_ACCOUNT",
            Self::CreateInstance => "CREATE_INSTANCE",
            Self::DeleteInstance => "DELETE_INSTANCE",
            Self::AttributePrecedence => "ATTRIBUTE_PRECEDENCE",
            Self::ForgottenPassword => "FORGOTTEN_PASSWORD",
            Self::DirectorySync => "DIRECTORY_SYNC",
            Self::Mail => "MAIL",
            Self::OidcLogout => "OIDC_LOGOUT",
        }
    }

    /// Whose it is.
    pub const fn queue(self) -> Queue {
        match self {
            Self::Provisioning
            | Self::AssignmentBatch
            | Self::CreateAccount
            | Self::CreateInstance
            | Self::DeleteInstance
            | Self::AttributePrecedence
            | Self::ForgottenPassword => Queue::Work,
            Self::ConnectedProvisioning
            | Self::DriftDetection
            | Self::DriftRepair
            | Self::ProviderUpdate
            | Self::SessionRevocation
            | Self::OrganizationSync => Queue::Connected,
            Self::DirectorySync => Queue::Directories,
            Self::Mail => Queue::Mail,
            Self::OidcLogout => Queue::SignOuts,
        }
    }

    /// From the word in the store.
    pub fn parse(value: &str) -> Option<Self> {
        let all = [
            Self::Provisioning,
            Self::ConnectedProvisioning,
            Self::DriftDetection,
            Self::DriftRepair,
            Self::ProviderUpdate,
            Self::SessionRevocation,
            Self::OrganizationSync,
            Self::AssignmentBatch,
            Self::CreateAccount,
            Self::CreateInstance,
            Self::DeleteInstance,
            Self::AttributePrecedence,
            Self::ForgottenPassword,
            Self::DirectorySync,
            Self::Mail,
            Self::OidcLogout,
        ];
        all.into_iter().find(|kind| kind.as_str() == value)
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
