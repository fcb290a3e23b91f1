//! Groups of users of IAM: what their users may by them.

use crate::accounts::account::AccountId;
use crate::timestamp::Timestamp;

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IamGroup {
    /// Its account.
    pub account_id: AccountId,
    /// Its name, unique in the account without regard to case.
    pub name: String,
    /// `/` or `/…/`.
    pub path: String,
    /// `AGPA` and 17 characters; never reused.
    pub id: String,
    /// Attached managed policies by ARN, AWS's and the account's own.
    pub managed_policies: Vec<String>,
    /// Policies of its own by name: IAM policy documents, as they were given.
    pub inline_policies: Vec<(String, String)>,
    /// When made.
    pub created_at: Timestamp,
}

/// `arn:aws:iam::<account>:group<path><name>`
pub fn group_arn(account: &AccountId, path: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:group{path}{name}")
}

impl IamGroup {
    /// Its ARN.
    pub fn arn(&self) -> String {
        group_arn(&self.account_id, &self.path, &self.name)
    }
}
