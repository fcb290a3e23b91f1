//! A policy that an account has of its own: AWS calls it customer managed. Knows nothing of what documents mean.

use crate::accounts::account::AccountId;
use crate::id::string_id;
use crate::timestamp::Timestamp;

string_id!(
    /// 1 to 128 of `[\w+=,.@-]`.
    PolicyName,
    "policy name (1 to 128 of letters, digits and _+=,.@-)",
    |value: &str| {
        (1..=128).contains(&value.len())
            && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte))
    }
);

/// A customer managed policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Its account.
    pub account_id: AccountId,
    /// Its name, unique in the account without regard to case.
    pub name: PolicyName,
    /// `/` or `/…/`.
    pub path: String,
    /// `ANPA` and 17 characters; never reused.
    pub policy_id: String,
    /// What it is for; never changes.
    pub description: Option<String>,
    /// The number of the version that counts.
    pub default_version: i64,
    /// The number of the newest version that it ever had.
    pub last_version: i64,
    /// When made.
    pub created_at: Timestamp,
    /// When its newest version was made.
    pub updated_at: Timestamp,
}

impl Policy {
    /// `arn:aws:iam::<account>:policy<path><name>`
    pub fn arn(&self) -> String {
        arn(&self.account_id, &self.path, self.name.as_str())
    }
}

/// A version of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyVersion {
    /// Its number, from 1.
    pub number: i64,
    /// The document, as it was written.
    pub document: String,
    /// When made.
    pub created_at: Timestamp,
}

/// `arn:aws:iam::<account>:policy<path><name>`
pub fn arn(account: &AccountId, path: &str, name: &str) -> String {
    format!("{}{}{name}", arn_prefix(account), path.trim_start_matches('/'))
}

/// What the ARNs of an account's own policies begin with.
pub fn arn_prefix(account: &AccountId) -> String {
    format!("arn:aws:iam::{account}:policy/")
}

/// The account and name of the ARN of a customer managed policy.
pub fn parse_arn(arn: &str) -> Option<(AccountId, &str)> {
    let (account, rest) = arn.strip_prefix("arn:aws:iam::")?.split_once(":policy/")?;
    Some((AccountId::parse(account).ok()?, rest.rsplit('/').next()?))
}

/// The id of a version: `v1`.
pub fn version_id(number: i64) -> String {
    format!("v{number}")
}

/// The number of a version's id.
pub fn version_number(id: &str) -> Option<i64> {
    let digits = id.strip_prefix('v')?;
    let sane = !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| sane)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_says_account_and_name_and_a_version_its_number() {
        let account = AccountId::trusted("111122223333");
        for path in ["/", "/team/", "/team/of/five/"] {
            let arn = arn(&account, path, "ours");
            assert_eq!(arn, format!("arn:aws:iam::111122223333:policy{path}ours"));
            assert_eq!(parse_arn(&arn), Some((account.clone(), "ours")));
        }
        for other in ["arn:aws:iam::aws:policy/X", "arn:aws:iam::111122223333:role/x", "ours", ""] {
            assert_eq!(parse_arn(other), None, "{other}");
        }
        assert_eq!((version_id(12).as_str(), version_number("v12")), ("v12", Some(12)));
        for wrong in ["v0", "v01", "1", "v", "v-1", "v+1", "v99999999999999999999"] {
            assert_eq!(version_number(wrong), None, "{wrong}");
        }
    }
}
