//! What is wrong with bytes that are no LDAP.

/// Bytes that a server sent are not what they must be. Nothing of them is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub &'static str);
