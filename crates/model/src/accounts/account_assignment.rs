//! An account assignment: this principal may use this permission set in this account.

use crate::accounts::account::AccountId;
use crate::accounts::permission_set::PermissionSetId;
use crate::directory::group::GroupId;
use crate::directory::user::UserId;
use crate::id::RequestId;
use crate::timestamp::Timestamp;

/// A user or a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Principal {
    /// A user.
    User(UserId),
    /// A group.
    Group(GroupId),
}

impl Principal {
    /// From the wire's type and id. The model takes hexadecimal digits of either case; ids are kept in lower case.
    pub fn parse(kind: &str, id: &str) -> Result<Self, crate::fault::Fault> {
        match kind {
            "USER" => Ok(Self::User(UserId::parse(id.to_ascii_lowercase())?)),
            "GROUP" => Ok(Self::Group(GroupId::parse(id.to_ascii_lowercase())?)),
            _ => Err(crate::fault::Fault::validation("PrincipalType must be USER or GROUP")),
        }
    }

    /// `USER` or `GROUP`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::User(_) => "USER",
            Self::Group(_) => "GROUP",
        }
    }

    /// The id.
    pub fn id(&self) -> &str {
        match self {
            Self::User(id) => id.as_str(),
            Self::Group(id) => id.as_str(),
        }
    }
}

/// An assignment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccountAssignment {
    /// Where.
    pub account_id: AccountId,
    /// What.
    pub permission_set_id: PermissionSetId,
    /// Who.
    pub principal: Principal,
}

/// How far an asynchronous request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestStatus {
    /// Accepted and durable; the worker has it.
    InProgress,
    /// Done.
    Succeeded,
    /// Failed; the failure reason says why.
    Failed,
}

impl RequestStatus {
    /// The wire word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
        }
    }

    /// From the wire word.
    pub fn parse(value: &str) -> Option<Self> {
        [Self::InProgress, Self::Succeeded, Self::Failed].into_iter().find(|status| status.as_str() == value)
    }
}

/// What an asynchronous request is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestKind {
    /// CreateAccountAssignment.
    CreateAssignment,
    /// DeleteAccountAssignment.
    DeleteAssignment,
    /// ProvisionPermissionSet.
    Provision,
}

impl RequestKind {
    /// The word in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CreateAssignment => "CREATE_ASSIGNMENT",
            Self::DeleteAssignment => "DELETE_ASSIGNMENT",
            Self::Provision => "PROVISION",
        }
    }

    /// From the word in the store.
    pub fn parse(value: &str) -> Option<Self> {
        [Self::CreateAssignment, Self::DeleteAssignment, Self::Provision]
            .into_iter()
            .find(|kind| kind.as_str() == value)
    }
}

/// An asynchronous request and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvisioningRequest {
    /// Its id.
    pub id: RequestId,
    /// What it does.
    pub kind: RequestKind,
    /// How far it is.
    pub status: RequestStatus,
    /// Why it failed.
    pub failure_reason: Option<String>,
    /// The permission set.
    pub permission_set_id: PermissionSetId,
    /// The account; `None` for all provisioned accounts.
    pub account_id: Option<AccountId>,
    /// Who, for assignments.
    pub principal: Option<Principal>,
    /// When it was accepted.
    pub created_at: Timestamp,
}
