//! AWS accounts: their ids and what Organizations says of them.

use serde::{Deserialize, Serialize};

use crate::accounts::organizational_unit::UnitPath;
use crate::id::string_id;
use crate::timestamp::Timestamp;

string_id!(
    /// A 12-digit account id.
    AccountId,
    "account id (12 digits)",
    |value: &str| value.len() == 12 && value.bytes().all(|byte| byte.is_ascii_digit())
);

impl AccountId {
    /// The ARN by which IAM policies name the account in sso-admin actions: `arn:aws:sso:::account/<id>`.
    pub fn sso_arn(&self) -> String {
        format!("arn:aws:sso:::account/{self}")
    }
}

/// The life of an account in its organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccountState {
    /// Usable.
    Active,
    /// Suspended: no access is issued.
    Suspended,
}

impl AccountState {
    /// The wire word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
        }
    }

    /// From the wire word.
    pub fn parse(value: &str) -> Option<Self> {
        [Self::Active, Self::Suspended].into_iter().find(|state| state.as_str() == value)
    }
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// 12 digits.
    pub id: AccountId,
    /// 1 to 50 characters.
    pub name: String,
    /// The root user's address, unique in the organization.
    pub email: String,
    /// Usable or not.
    pub state: AccountState,
    /// `CREATED` for accounts made here, `INVITED` for accounts declared.
    pub joined_method: String,
    /// When it joined.
    pub joined_at: Timestamp,
    /// Where it lies in the organization.
    pub path: UnitPath,
}
