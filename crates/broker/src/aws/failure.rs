//! Why a call of somebody else's IAM, STS or Organizations failed, in words for an administrator: where, which call, which error; and whether the same call may
//! succeed later. Knows nothing of jobs.

use std::error::Error as StdError;
use std::fmt;

use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use model::accounts::account::AccountId;
use model::accounts::organization::OrganizationId;

use crate::aws::pace::THROTTLED;

/// What is said of an error at most: it is somebody else's text.
const SAID_MAX: usize = 400;
/// Errors that pass beside those of throttling (IAM and STS API references, "Common Errors"; what botocore tries again).
const PASSING: [&str; 7] = [
    "ServiceFailure",
    "ServiceUnavailable",
    "InternalFailure",
    "ConcurrentModification",
    "EntityTemporarilyUnmodifiable",
    // Somebody made it, or hung something on it, since we looked: another try reads again.
    "EntityAlreadyExists",
    "DeleteConflict",
];

/// Where something is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In an account.
    Account(AccountId),
    /// In an organization.
    Organization(OrganizationId),
}

impl From<&AccountId> for Place {
    fn from(account: &AccountId) -> Self {
        Self::Account(account.clone())
    }
}

impl From<&Place> for Place {
    fn from(place: &Place) -> Self {
        place.clone()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) => write!(out, "Account {id}"),
            Self::Organization(id) => write!(out, "Organization {id}"),
        }
    }
}

/// A call that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Where.
    pub place: Place,
    /// Which call: `iam:CreateRole`.
    pub call: &'static str,
    /// The error's code; nothing where there was no answer that could be read.
    pub code: Option<String>,
    /// What was said.
    pub said: String,
    /// Whether it may succeed later.
    pub passes: bool,
}

impl Failure {
    /// One that no call of theirs is behind: what we found there is not as it must be.
    pub(crate) fn found(place: impl Into<Place>, call: &'static str, said: String) -> Self {
        Self { place: place.into(), call, code: None, said, passes: false }
    }

    /// From what the SDK says.
    pub(crate) fn of<E>(
        place: impl Into<Place>,
        call: &'static str,
        error: &SdkError<E, HttpResponse>,
    ) -> Self
    where
        E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
    {
        let status = error.raw_response().map(|response| response.status().as_u16());
        let code = error.code().map(str::to_owned);
        let said = match (error, error.message()) {
            (_, Some(message)) => message.to_owned(),
            (SdkError::ServiceError(_), None) => {
                format!("answered {} without an error that could be read", status.unwrap_or_default())
            }
            _ => innermost(error),
        };
        let unanswered = match error {
            SdkError::TimeoutError(_) => true,
            // What we do not send, to an address that is not allowed for one, we will not send later.
            SdkError::DispatchFailure(why) => !why.is_user(),
            _ => false,
        };
        let busy = status.is_some_and(|status| status >= 500 || status == 429);
        let passes = busy
            || unanswered
            || code.as_deref().is_some_and(|code| THROTTLED.contains(&code) || PASSING.contains(&code));
        Self { place: place.into(), call, code, said: short(&said), passes }
    }

    /// Whether the error's code is this.
    pub(crate) fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// Whether what was asked about is not there.
    pub(crate) fn is_absent(&self) -> bool {
        self.is("NoSuchEntity") || self.is("NoSuchEntityException")
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {} failed", self.place, self.call)?;
        match &self.code {
            Some(code) => write!(out, " with {code}: {}", self.said),
            None => write!(out, ": {}", self.said),
        }
    }
}

impl StdError for Failure {}

/// The last of the causes: what the connection says.
fn innermost(error: &dyn StdError) -> String {
    let mut last = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    last.to_string()
}

/// One line, and not a long one.
fn short(text: &str) -> String {
    text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).take(SAID_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_account_call_and_error_in_one_line() {
        let mut failure = Failure {
            place: Place::from(&AccountId::trusted("111122223333")),
            call: "iam:CreateRole",
            code: Some("AccessDenied".to_owned()),
            said: short("not\nallowed"),
            passes: false,
        };
        assert_eq!(
            failure.to_string(),
            "Account 111122223333: iam:CreateRole failed with AccessDenied: not allowed"
        );
        failure.code = None;
        assert_eq!(failure.to_string(), "Account 111122223333: iam:CreateRole failed: not allowed");
        assert_eq!(short(&"x".repeat(5_000)).len(), SAID_MAX);
    }
}
