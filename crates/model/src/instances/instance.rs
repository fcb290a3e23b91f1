//! An instance of the identity center: the root of permission sets, assignments and one identity store.

use crate::accounts::account::AccountId;
use crate::directory::identity_store::IdentityStoreId;
use crate::id::string_id;
use crate::timestamp::Timestamp;

string_id!(
    /// `ssoins-` (or `ins-`) and sixteen of `[a-zA-Z0-9-.]`.
    InstanceId,
    "instance id",
    |value: &str| {
        value.strip_prefix("sso").unwrap_or(value).strip_prefix("ins-").is_some_and(|rest| {
            rest.len() == 16 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.')
        })
    }
);

impl InstanceId {
    /// `arn:aws:sso:::instance/<id>`
    pub fn arn(&self) -> String {
        format!("arn:aws:sso:::instance/{self}")
    }

    /// From an instance ARN; `None` when it is not one.
    pub fn from_arn(arn: &str) -> Option<Self> {
        Self::parse(arn.strip_prefix("arn:aws:sso:::instance/")?).ok()
    }
}

/// An instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Its id.
    pub id: InstanceId,
    /// The account that owns it: the organization's management account, or the one account that it is for.
    pub owner: AccountId,
    /// Its identity store.
    pub identity_store_id: IdentityStoreId,
    /// Its name, when one was given.
    pub name: Option<String>,
    /// The primary Region.
    pub region: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// How far an instance is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstanceStatus {
    /// Asked for.
    CreateInProgress,
    /// In use.
    Active,
    /// Ended for everybody, while what it held is cleared away.
    DeleteInProgress,
}

impl InstanceStatus {
    /// The wire word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CreateInProgress => "CREATE_IN_PROGRESS",
            Self::Active => "ACTIVE",
            Self::DeleteInProgress => "DELETE_IN_PROGRESS",
        }
    }

    /// From the wire word.
    pub fn parse(value: &str) -> Option<Self> {
        let all = [Self::CreateInProgress, Self::Active, Self::DeleteInProgress];
        all.into_iter().find(|status| status.as_str() == value)
    }
}
