//! What can be wrong with a request before any operation sees it.

use std::fmt;

/// A refusal of the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WireError {
    /// The bytes are not what the protocol says: not JSON, a wrong type.
    Serialization(String),
    /// The input breaks constraints of the model.
    Validation {
        /// Lists every broken constraint.
        message: String,
        /// The member of the input, by its wire name in lower case at first, in which the first of them lies.
        member: String,
    },
}

impl WireError {
    /// The text for the caller.
    pub fn message(&self) -> &str {
        match self {
            Self::Serialization(message) | Self::Validation { message, .. } => message,
        }
    }
}

impl fmt::Display for WireError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.message())
    }
}

impl std::error::Error for WireError {}
