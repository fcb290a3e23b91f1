//! What an application may ask for, and from whom.

use crate::applications::application::ApplicationArn;
use crate::id::string_id;
use crate::instances::instance::InstanceId;

string_id!(
    /// One to three words with colons between them, each of 1 to 50 of `[A-Za-z0-9_]`.
    ScopeName,
    "scope",
    |value: &str| {
        let mut words = value.split(':');
        let is_word = |word: &str| {
            (1..=50).contains(&word.len())
                && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        words.by_ref().take(3).all(is_word) && words.next().is_none()
    }
);

impl ScopeName {
    /// What leads to the accounts of a person: tokens with it are good at the portal's API.
    pub const ACCOUNT_ACCESS: &'static str = "sso:account:access";
}

/// To whom a token of a scope may be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScopeTarget {
    /// The instance itself.
    Instance(InstanceId),
    /// Another application.
    Application(ApplicationArn),
}

impl ScopeTarget {
    /// From its ARN; `None` when it is of nothing that can be a target.
    pub fn parse(arn: &str) -> Option<Self> {
        InstanceId::from_arn(arn)
            .map(Self::Instance)
            .or_else(|| ApplicationArn::parse(arn).map(Self::Application))
    }
}

impl std::fmt::Display for ScopeTarget {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Instance(id) => out.write_str(&id.arn()),
            Self::Application(arn) => arn.fmt(out),
        }
    }
}

/// A scope of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessScope {
    /// Which.
    pub scope: ScopeName,
    /// To whom its tokens may be given; empty where that was not said: to nobody else.
    pub authorized_targets: Vec<ScopeTarget>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_one_to_three_words() {
        for good in ["openid", "sso:account:access", "a:b", &"x".repeat(50)] {
            assert!(ScopeName::parse(good).is_ok(), "{good}");
        }
        for bad in ["", ":", "a:", "a:b:c:d", "a-b", "a b", &"x".repeat(51)] {
            assert!(ScopeName::parse(bad).is_err(), "{bad}");
        }
    }
}
