//! What the browser comes back with from the provider (RFC 6749 §4.1.2, RFC 9207): a code, in answer to this browser's question and from the provider
//! that was asked. A browser is led by anybody: nothing of the query is believed before state and issuer fit.

use thiserror::Error;

use crate::form;
use crate::json::shown;
use crate::openid::discovery::Provider;
use crate::openid::refused::{quoted, remedy};
use crate::openid::request::Attempt;
use crate::secret::Secret;

/// Bytes of a query at most.
const LENGTH_MAX: usize = 8_192;
/// Bytes of a code at most.
const CODE_MAX: usize = 4_096;

/// What came, unbelieved. Parameters that are not ours are passed over, as RFC 6749 §4.1.2 wants.
#[derive(Debug, Clone, Default)]
pub struct Callback {
    state: Option<Secret>,
    code: Option<Secret>,
    issuer: Option<String>,
    error: Option<String>,
    description: Option<String>,
}

/// Why a sign-in does not go on.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CallbackError {
    /// Too long.
    #[error("the answer of the provider has {length} bytes, {max} at most")]
    Length {
        /// How long it is.
        length: usize,
        /// How long it may be.
        max: usize,
    },
    /// Not UTF-8.
    #[error("the answer of the provider is no form of UTF-8 text")]
    Form,
    /// A parameter came twice.
    #[error("the answer of the provider has the parameter {0} twice: nobody can say which one counts")]
    Twice(&'static str),
    /// An answer to no question.
    #[error("the answer of the provider has no state: it answers nothing that was asked here")]
    NoState,
    /// An answer to another question.
    #[error(
        "the state of the answer is not that of this sign-in: it was begun elsewhere, or somebody tries to sign this browser in as somebody else"
    )]
    State,
    /// It does not say whose answer it is.
    #[error(
        "the answer has no iss, though the provider says that its answers do (RFC 9207): it may be another provider's"
    )]
    NoIssuer,
    /// Another provider's answer.
    #[error("the answer is of {found}, and {wanted} was asked: one provider's code is not shown to another")]
    Issuer {
        /// What it says.
        found: String,
        /// Who was asked.
        wanted: String,
    },
    /// The provider refuses.
    #[error("the provider answered {said}; {remedy}")]
    Refused {
        /// The code of the error, as it came, at most 64 characters: for those who treat one in particular.
        code: String,
        /// What it said, quoted.
        said: String,
        /// What to do.
        remedy: &'static str,
    },
    /// Code and error at once.
    #[error("the answer of the provider has both a code and an error")]
    Both,
    /// No code.
    #[error(
        "the answer of the provider has neither a code nor an error: it must answer in the query (response_mode query)"
    )]
    NoCode,
    /// A code that cannot be one.
    #[error("the code in the answer of the provider must be 1 to {CODE_MAX} printable ASCII characters")]
    Code,
}

impl Callback {
    /// Reads the query of the address that the browser came back to, without its `?`.
    pub fn read(query: &str) -> Result<Self, CallbackError> {
        if query.len() > LENGTH_MAX {
            return Err(CallbackError::Length { length: query.len(), max: LENGTH_MAX });
        }
        let mut read = Self::default();
        for field in form::fields(query) {
            let (name, value) = field.ok_or(CallbackError::Form)?;
            match name.as_str() {
                "state" => once("state", &mut read.state, Secret::new(value))?,
                "code" => once("code", &mut read.code, Secret::new(value))?,
                "iss" => once("iss", &mut read.issuer, value)?,
                "error" => once("error", &mut read.error, value)?,
                "error_description" => once("error_description", &mut read.description, value)?,
                _ => {}
            }
        }
        Ok(read)
    }

    /// The state, to find the attempt by. That it fits is found out by [`Callback::code`].
    pub fn state(&self) -> Option<&Secret> {
        self.state.as_ref()
    }

    /// The code, if this answers `attempt`, which `provider` was asked with.
    pub fn code(self, attempt: &Attempt, provider: &Provider) -> Result<Secret, CallbackError> {
        let state = self.state.ok_or(CallbackError::NoState)?;
        if !attempt.state.matches(state.expose()) {
            return Err(CallbackError::State);
        }
        match self.issuer {
            Some(found) if found != provider.issuer => {
                return Err(CallbackError::Issuer { found: shown(&found), wanted: provider.issuer.clone() });
            }
            None if provider.answers_with_issuer => return Err(CallbackError::NoIssuer),
            _ => {}
        }
        match (self.code, self.error) {
            (Some(_), Some(_)) => Err(CallbackError::Both),
            (None, None) => Err(CallbackError::NoCode),
            (None, Some(code)) => Err(CallbackError::Refused {
                said: quoted(&code, self.description.as_deref()),
                remedy: remedy(&code),
                code: code.chars().take(64).collect(),
            }),
            (Some(code), None) if is_code(code.expose()) => Ok(code),
            (Some(_), None) => Err(CallbackError::Code),
        }
    }
}

/// RFC 6749 appendix A.11.
fn is_code(code: &str) -> bool {
    (1..=CODE_MAX).contains(&code.len()) && code.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

fn once<T>(name: &'static str, place: &mut Option<T>, value: T) -> Result<(), CallbackError> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(CallbackError::Twice(name)),
    }
}
