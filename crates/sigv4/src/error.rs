//! Why a signature is refused, in AWS's codes and words.

use std::fmt;

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// There is no signature at all.
    Missing,
    /// The signature's parts are missing, doubled or malformed.
    Incomplete(String),
    /// The signature is of another time, Region or service, or does not match.
    Invalid(String),
}

impl Error {
    /// The mismatch itself.
    pub(crate) fn mismatch() -> Self {
        Self::Invalid(
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and \
             signing method. Consult the service documentation for details."
                .to_owned(),
        )
    }

    /// AWS's code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing => "MissingAuthenticationTokenException",
            Self::Incomplete(_) => "IncompleteSignatureException",
            Self::Invalid(_) => "InvalidSignatureException",
        }
    }

    /// AWS's words.
    pub fn message(&self) -> &str {
        match self {
            Self::Missing => "Missing Authentication Token",
            Self::Incomplete(message) | Self::Invalid(message) => message,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.code(), self.message())
    }
}

impl std::error::Error for Error {}
