//! A permission set: what a role of the same name may do in each account that it is provisioned to.

use std::time::Duration;

use crate::id::string_id;
use crate::instance::InstanceId;
use crate::timestamp::Timestamp;

string_id!(
    /// `ps-` and sixteen of `[a-zA-Z0-9-./]`.
    PermissionSetId,
    "permission set id",
    |value: &str| {
        value.strip_prefix("ps-").is_some_and(|rest| {
            rest.len() == 16 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-./".contains(&byte))
        })
    }
);

/// A permission set's ARN: `arn:aws:sso:::permissionSet/<instance>/<permission set>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PermissionSetArn {
    /// The instance.
    pub instance_id: InstanceId,
    /// The permission set.
    pub id: PermissionSetId,
}

impl PermissionSetArn {
    /// From its text; `None` when it is not one.
    pub fn parse(arn: &str) -> Option<Self> {
        let (instance, id) = arn.strip_prefix("arn:aws:sso:::permissionSet/")?.split_once('/')?;
        Some(Self { instance_id: InstanceId::parse(instance).ok()?, id: PermissionSetId::parse(id).ok()? })
    }
}

impl std::fmt::Display for PermissionSetArn {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "arn:aws:sso:::permissionSet/{}/{}", self.instance_id, self.id)
    }
}

/// A permission set, without its policies and tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionSet {
    /// The id.
    pub id: PermissionSetId,
    /// The instance.
    pub instance_id: InstanceId,
    /// 1 to 32 of `[\w+=,.@-]`, unique in the instance, never changed.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// How long role credentials live: 1 to 12 hours.
    pub session_duration: Duration,
    /// Where the console opens.
    pub relay_state: Option<String>,
    /// Counts up with every change of what a provisioned role would be; compared with the revision that an account has.
    pub revision: i64,
    /// When made.
    pub created_at: Timestamp,
}

impl PermissionSet {
    /// The ARN.
    pub fn arn(&self) -> PermissionSetArn {
        PermissionSetArn { instance_id: self.instance_id.clone(), id: self.id.clone() }
    }
}

/// A customer managed policy, named by what it is called in each account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CustomerManagedPolicyReference {
    /// 1 to 128 characters.
    pub name: String,
    /// `/` or `/…/`.
    pub path: String,
}

/// The one permissions boundary of a permission set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PermissionsBoundary {
    /// An AWS managed policy, by ARN.
    ManagedPolicyArn(String),
    /// A customer managed policy, by name and path.
    CustomerManaged(CustomerManagedPolicyReference),
}
