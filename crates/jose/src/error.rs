//! Why a token is refused. Each text names the part, the rule and, where it helps who made it, the value; none holds a secret.

use thiserror::Error;

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Error {
    /// Not three parts of base64url, or too long.
    #[error("it must be a compact JWS: three parts of base64url between dots, of at most {max} characters")]
    Form {
        /// Characters at most.
        max: usize,
    },
    /// A part is no JSON object of the members that it must have.
    #[error("its {part} does not hold what it must: {why}")]
    Part {
        /// `header` or `payload`.
        part: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// A member has a value that it may not have.
    #[error("its {member} must be {wanted}")]
    Member {
        /// The member.
        member: &'static str,
        /// What it may be.
        wanted: String,
    },
    /// Made too long ago, or too far ahead.
    #[error(
        "its iat is {seconds} s {side} this server's time, {max} s at most: is the clock of this machine right?"
    )]
    Time {
        /// How far it is off.
        seconds: u64,
        /// `before` or `after`.
        side: &'static str,
        /// How far it may be.
        max: u64,
    },
    /// The signature is not that of the key.
    #[error("its signature does not hold under the key in its header")]
    Signature,
}
