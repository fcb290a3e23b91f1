//! What an account is to hold for a permission set.

use model::accounts::account::AccountId;
use model::accounts::permission_set::{CustomerManagedPolicyReference, PermissionSet, PermissionsBoundary};
use serde_json::Value;

/// A permission set with everything that its role is made of, and where.
#[derive(Debug, Clone)]
pub struct RoleSpec<'a> {
    /// The account.
    pub account_id: &'a AccountId,
    /// The instance's primary Region: part of the role's path outside us-east-1.
    pub region: &'a str,
    /// The permission set.
    pub permission_set: &'a PermissionSet,
    /// AWS managed policies, by ARN.
    pub managed_policies: &'a [String],
    /// Customer managed policies, by name and path in the account.
    pub customer_policies: &'a [CustomerManagedPolicyReference],
    /// The inline policy.
    pub inline_policy: Option<&'a Value>,
    /// The permissions boundary.
    pub boundary: Option<&'a PermissionsBoundary>,
}
