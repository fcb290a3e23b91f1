//! Refusals: the kit's and the domain's, each as SCIM says it, in the one table for it. In strict mode the body is AWS's (with `schema`, in the
//! singular, and two members of its own).

use http::StatusCode;
use model::cx::Cx;
use model::fault::{ConflictReason, Fault, FaultKind};
use model::limits::Mode;
use scim::error::{Error, ScimType};
use serde_json::json;

use crate::answer::Answer;

/// A refusal.
#[derive(Debug, Clone)]
pub(crate) enum Refused {
    /// By the protocol.
    Scim(Error),
    /// By the domain.
    Domain(Fault),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Scim(error)
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::Domain(fault)
    }
}

/// The words that a fault can carry for what the kit refused within a transaction.
const WORDS: [ScimType; 9] = [
    ScimType::InvalidFilter,
    ScimType::TooMany,
    ScimType::Uniqueness,
    ScimType::Mutability,
    ScimType::InvalidSyntax,
    ScimType::InvalidPath,
    ScimType::NoTarget,
    ScimType::InvalidValue,
    ScimType::InvalidVers,
];

/// What the kit refuses while the domain waits for an answer.
pub(crate) fn fault(error: Error) -> Fault {
    let fault = Fault::validation(error.detail);
    match error.scim_type {
        Some(word) => fault.with_reason(word.as_str()),
        None => fault,
    }
}

impl Refused {
    /// As the protocol says it.
    pub(crate) fn error(&self) -> Error {
        let fault = match self {
            Self::Scim(error) => return error.clone(),
            Self::Domain(fault) => fault,
        };
        let said = |status: u16, scim_type: Option<ScimType>| Error {
            status,
            scim_type,
            detail: fault.message().to_owned(),
        };
        match fault.kind() {
            FaultKind::Validation => {
                let word =
                    fault.reason().and_then(|reason| WORDS.into_iter().find(|word| word.as_str() == reason));
                said(400, word.or(Some(ScimType::InvalidValue)))
            }
            FaultKind::QuotaExceeded => said(400, Some(ScimType::TooMany)),
            FaultKind::Unauthorized => said(401, None),
            FaultKind::AccessDenied | FaultKind::Forbidden => said(403, None),
            FaultKind::NotFound(_) => said(404, None),
            FaultKind::Conflict(ConflictReason::Uniqueness) => said(409, Some(ScimType::Uniqueness)),
            FaultKind::Conflict(ConflictReason::ConcurrentModification) => said(412, None),
            FaultKind::Conflict(ConflictReason::State) => said(409, None),
            FaultKind::Throttled(_) => said(429, None),
            FaultKind::Unavailable => said(503, None),
            FaultKind::Internal | FaultKind::OAuth(_) | FaultKind::Service(_) => {
                Error::new(500, "The server failed; its log says why by the id of the request")
            }
        }
    }

    /// The word that records have for it.
    pub(crate) fn code(&self) -> &'static str {
        match self.error().status {
            401 => "UnauthorizedException",
            403 => "AccessDeniedException",
            404 => "ResourceNotFoundException",
            409 | 412 => "ConflictException",
            429 => "ThrottlingException",
            status if status >= 500 => "InternalServerException",
            _ => "ValidationException",
        }
    }

    /// The sentence.
    pub(crate) fn message(&self) -> String {
        self.error().detail
    }

    /// As it is answered.
    pub(crate) fn answer(&self, cx: &Cx) -> Answer {
        let error = self.error();
        let body = match cx.mode {
            Mode::Relaxed => error.body(),
            Mode::Strict => json!({
                "schema": [scim::error::SCHEMA], "detail": error.detail, "status": error.status.to_string(),
                "exceptionRequestId": &*cx.request_id, "timeStamp": cx.now.rfc3339().replace('T', " ").trim_end_matches('Z'),
            }),
        };
        let retry_after = match self {
            Self::Domain(fault) => fault.kind().retry_after(),
            Self::Scim(_) => None,
        };
        let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Answer { status, body: Some(body), retry_after, ..Answer::default() }
    }
}

/// Whether it is the server's own failure, which the log must explain.
pub(crate) fn log(refused: &Refused, operation: &str, request_id: &str) {
    match refused {
        Refused::Domain(fault) if *fault.kind() == FaultKind::Internal => {
            tracing::error!(operation, request_id, context = fault.context(), "internal fault");
        }
        Refused::Domain(fault) if *fault.kind() == FaultKind::Unavailable => {
            tracing::warn!(operation, request_id, context = fault.context(), "unavailable");
        }
        other => tracing::debug!(operation, request_id, refused = other.message(), "refused"),
    }
}
