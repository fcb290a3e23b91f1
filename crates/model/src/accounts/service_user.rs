//! Users of IAM: programs that call with keys of their own, and the keys. Those of the account that owns the instance are its service users.

use crate::accounts::account::AccountId;
use crate::accounts::organizational_unit::UnitPath;
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
        user_arn(account, "/", self.as_str())
    }
}

/// `arn:aws:iam::<account>:user<path><name>`
pub fn user_arn(account: &AccountId, path: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:user{path}{name}")
}

/// The name of the inline policy that a service user is given; users of IAM may have others beside it.
pub const SERVICE_POLICY: &str = "inline";

/// A program that calls with keys of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceUser {
    /// Its account.
    pub account_id: AccountId,
    /// Its name, unique in the account without regard to case.
    pub name: ServiceUserName,
    /// `AIDA` and 17 characters; never reused.
    pub id: String,
    /// What it is for.
    pub description: Option<String>,
    /// `/` or `/…/`.
    pub path: String,
    /// Attached managed policies by ARN, AWS's and the account's own.
    pub managed_policies: Vec<String>,
    /// Policies of its own by name: IAM policy documents, as they were given.
    pub inline_policies: Vec<(String, String)>,
    /// The permissions boundary, by ARN.
    pub permissions_boundary: Option<String>,
    /// When made.
    pub created_at: Timestamp,
}

impl ServiceUser {
    /// Its ARN.
    pub fn arn(&self) -> String {
        user_arn(&self.account_id, &self.path, self.name.as_str())
    }

    /// The policy that it was given as a service user.
    pub fn service_policy(&self) -> Option<&String> {
        self.inline_policies.iter().find(|(name, _)| name == SERVICE_POLICY).map(|(_, text)| text)
    }
}

/// Where the account of a user stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Where it lies in the organization.
    pub account_path: UnitPath,
    /// Whether it administers the organization's instance for the management account.
    pub is_delegated: bool,
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

/// For what a key was last used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastUse {
    /// When, to about an hour.
    pub at: Timestamp,
    /// Which service was called, as requests to it are signed. Not known of uses that an older program noted.
    pub service: Option<String>,
    /// For which Region the call was signed.
    pub region: Option<String>,
}
