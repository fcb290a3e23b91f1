//! Service control policies: what the organization lets the accounts under its root, in a unit, or one account do at most. They allow nothing by themselves.

use crate::id::string_id;

/// The only type of policies that there is here, in the wire's word.
pub const SERVICE_CONTROL_POLICY: &str = "SERVICE_CONTROL_POLICY";

string_id!(
    /// `p-` and eight or more of `[0-9a-zA-Z_]`.
    ServiceControlPolicyId,
    "policy id",
    |value: &str| value.strip_prefix("p-").is_some_and(|own| {
        (8..=128).contains(&own.len())
            && own.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
);

impl ServiceControlPolicyId {
    /// AWS's own policy, which allows everything and is attached to whatever is new.
    pub const FULL_ACCESS: &'static str = "p-FullAWSAccess";

    /// Whether the policy is AWS's: nobody changes it.
    pub fn is_aws_managed(&self) -> bool {
        self.0 == Self::FULL_ACCESS
    }
}

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceControlPolicy {
    /// `p-…`
    pub id: ServiceControlPolicyId,
    /// 1 to 128 characters, unique in the organization.
    pub name: String,
    /// What it is for: 512 characters at most.
    pub description: String,
    /// What it says: a JSON text.
    pub content: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_from_others() {
        for good in ["p-FullAWSAccess", "p-0a1b2c3d", "p-Under_score"] {
            assert_eq!(ServiceControlPolicyId::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "p-", "p-1234567", "q-12345678", "p-1234567!", &format!("p-{}", "x".repeat(129))] {
            assert!(ServiceControlPolicyId::parse(bad).is_err(), "{bad}");
        }
    }
}
