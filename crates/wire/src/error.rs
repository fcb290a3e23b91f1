//! What can be wrong with a request before any operation sees it.

use std::fmt;

/// A refusal of the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WireError {
    /// The bytes are not what the protocol says: not JSON, a wrong type.
    Serialization(String),
    /// The input breaks constraints of the model; the text lists them all.
    Validation(String),
}

impl WireError {
    /// The text for the caller.
    pub fn message(&self) -> &str {
        match self {
            Self::Serialization(message) | Self::Validation(message) => message,
        }
    }
}

impl fmt::Display for WireError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.message())
    }
}

impl std::error::Error for WireError {}
