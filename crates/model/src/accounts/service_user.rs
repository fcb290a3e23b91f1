//! Programs that call with keys of their own, and the keys.

use crate::accounts::account::AccountId;
use crate::id::string_id;
use crate::timestamp::Timestamp;

/// Keys of one holder at most, so that one can take the place of another (IAM's quota).
pub const ACCESS_KEYS_MAX: usize = 2;

string_id!(
    /// 1 to 64 of `[\w+=,.@-]`, as IAM names users.
    ServiceUserName,
    "service user name (1 to 64 of letters, digits and _+=,.@-)",
    |value: &str| {
        (1..=64).contains(&value.len())
            && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte))
    }
);

impl ServiceUserName {
    /// `arn:aws:iam::<account>:user/<name>`
    pub fn arn(&self, account: &AccountId) -> String {
        format!("arn:aws:iam::{account}:user/{self}")
    }
}

/// A program that calls with keys of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceUser {
    /// The account that owns the instance.
    pub account_id: AccountId,
    /// Its name, unique in the account without regard to case.
    pub name: ServiceUserName,
    /// `AIDA` and 17 characters; never reused.
    pub id: String,
    /// What it is for.
    pub description: Option<String>,
    /// AWS managed policies, by ARN.
    pub managed_policies: Vec<String>,
    /// A policy of its own: an IAM policy document, as it was given.
    pub inline_policy: Option<String>,
    /// When made.
    pub created_at: Timestamp,
}

impl ServiceUser {
    /// Its ARN.
    pub fn arn(&self) -> String {
        self.name.arn(&self.account_id)
    }
}

/// A long-lived key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// `AKIA…`
    pub id: String,
    /// Whether it opens anything.
    pub active: bool,
    /// When made.
    pub created_at: Timestamp,
    /// When it was last used, to about an hour.
    pub last_used_at: Option<Timestamp>,
}
