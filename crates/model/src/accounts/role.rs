//! A role in an account of the local account plane: what provisioning makes, and what role credentials stand for.

use serde_json::Value;

use crate::accounts::account::AccountId;
use crate::accounts::permission_set::PermissionSetId;
use crate::id::string_id;
use crate::timestamp::Timestamp;

string_id!(
    /// 1 to 64 of `[\w+=,.@-]`.
    RoleName,
    "role name (1 to 64 of letters, digits and _+=,.@-)",
    |value: &str| {
        (1..=64).contains(&value.len())
            && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte))
    }
);

/// An IAM role.
#[derive(Debug, Clone, PartialEq)]
pub struct Role {
    /// Its account.
    pub account_id: AccountId,
    /// Its name, unique in the account without regard to case.
    pub name: RoleName,
    /// `/` or `/…/`.
    pub path: String,
    /// `AROA` and 17 characters; never reused.
    pub role_id: String,
    /// What it is for.
    pub description: Option<String>,
    /// Longest session, seconds.
    pub max_session_seconds: i64,
    /// Who may assume it: an IAM policy document.
    pub trust_policy: Value,
    /// Attached managed policies by ARN, AWS's and the account's own.
    pub managed_policies: Vec<String>,
    /// Inline policies by name.
    pub inline_policies: Vec<(String, Value)>,
    /// The permissions boundary, by ARN.
    pub permissions_boundary: Option<String>,
    /// The permission set that it was provisioned from.
    pub permission_set_id: Option<PermissionSetId>,
    /// When made.
    pub created_at: Timestamp,
}

/// Which role it is: what its sessions carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleReference {
    /// Its account.
    pub account_id: AccountId,
    /// Its name.
    pub name: RoleName,
    /// `/` or `/…/`.
    pub path: String,
    /// `AROA` and 17 characters.
    pub role_id: String,
}

impl RoleReference {
    /// `arn:aws:iam::<account>:role<path><name>`
    pub fn arn(&self) -> String {
        role_arn(&self.account_id, &self.path, &self.name)
    }
}

impl Role {
    /// Which role it is.
    pub fn reference(&self) -> RoleReference {
        RoleReference {
            account_id: self.account_id.clone(),
            name: self.name.clone(),
            path: self.path.clone(),
            role_id: self.role_id.clone(),
        }
    }

    /// `arn:aws:iam::<account>:role<path><name>`
    pub fn arn(&self) -> String {
        role_arn(&self.account_id, &self.path, &self.name)
    }
}

/// `arn:aws:iam::<account>:role<path><name>`
pub(crate) fn role_arn(account: &AccountId, path: &str, name: &RoleName) -> String {
    format!("arn:aws:iam::{account}:role{path}{name}")
}
