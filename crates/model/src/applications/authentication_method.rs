//! How whoever acts for an application proves that they may: by AWS credentials, and a policy that says whose.

use serde_json::Value;

/// A kind of proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthenticationMethodType {
    /// AWS credentials.
    Iam,
}

impl AuthenticationMethodType {
    /// The wire word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Iam => "IAM",
        }
    }

    /// From the wire word.
    pub fn parse(value: &str) -> Option<Self> {
        (value == Self::Iam.as_str()).then_some(Self::Iam)
    }
}

/// An authentication method.
#[derive(Debug, Clone, PartialEq)]
pub enum AuthenticationMethod {
    /// By AWS credentials.
    Iam {
        /// Who may act, as it was written; read by `policy` as an actor policy.
        actor_policy: Value,
    },
}

impl AuthenticationMethod {
    /// Its kind.
    pub const fn kind(&self) -> AuthenticationMethodType {
        match self {
            Self::Iam { .. } => AuthenticationMethodType::Iam,
        }
    }
}
