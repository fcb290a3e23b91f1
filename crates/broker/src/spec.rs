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
    /// How the role is called where the account is somewhere else.
    pub naming: Option<Naming<'a>>,
}

/// How a role is called in an account that is somewhere else.
#[derive(Debug, Clone, Copy)]
pub struct Naming<'a> {
    /// Its path; as at AWS where nothing is said.
    pub path: Option<&'a str>,
    /// What its name begins with.
    pub prefix: &'a str,
    /// What its suffix depends on in strict mode. A name must be the same however often it is tried to make the role: nothing there is known by another.
    pub seed: &'a str,
}
