//! A [`Fault`] as each protocol writes it: code, status, body. One table; AWS's codes for each service.

use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use model::fault::{ConflictReason, Fault, FaultKind, OAuthError};
use serde_json::{Value, json};
use wire::error::WireError;
use wire::operation::{Auth, OperationMeta, Protocol};

use crate::dialect::{Dialect, QueryError};

/// What the wire's own refusals are to the domain's vocabulary.
pub(crate) fn from_wire(error: WireError, meta: &OperationMeta) -> Fault {
    match (error, meta.service) {
        (WireError::Serialization(message) | WireError::Validation { message, .. }, "sso-oidc") => {
            Fault::oauth(OAuthError::InvalidRequest, message)
        }
        (
            WireError::Serialization(message),
            "sso-admin" | "identitystore" | "organizations" | "cloudtrail" | "portico",
        ) => Fault::new(FaultKind::Service("SerializationException"), message),
        (WireError::Validation { message, member }, "cloudtrail") => {
            Fault::new(FaultKind::Service(cloudtrail_code(&member)), message)
        }
        (WireError::Serialization(message) | WireError::Validation { message, .. }, _) => {
            Fault::validation(message)
        }
    }
}

/// CloudTrail's model has an error for each member of LookupEvents and none for input as such.
fn cloudtrail_code(member: &str) -> &'static str {
    match member {
        "lookupAttributes" => "InvalidLookupAttributesException",
        "startTime" | "endTime" => "InvalidTimeRangeException",
        "maxResults" => "InvalidMaxResultsException",
        "nextToken" => "InvalidNextTokenException",
        "eventCategory" => "InvalidEventCategoryException",
        _ => "ValidationException",
    }
}

/// The wire's code of a fault, in the words of the operation's service.
pub(crate) fn code(fault: &Fault, meta: &OperationMeta) -> &'static str {
    match (fault.kind(), meta.protocol) {
        (kind, _) if meta.service == "signin" => login(kind).0,
        // Without a signature there is no session token to expire: what expired is what the model names, the assertion.
        (FaultKind::Service(code), Protocol::Query) if meta.auth == Auth::Anonymous => code,
        (FaultKind::Service(code), Protocol::Query) => query_code(code),
        (FaultKind::Service(code), _) => code,
        (FaultKind::OAuth(error), _) => oauth(*error).0,
        (kind, Protocol::Query) => match kind {
            FaultKind::AccessDenied | FaultKind::Forbidden | FaultKind::Unauthorized => "AccessDenied",
            FaultKind::Conflict(_) => "EntityAlreadyExists",
            FaultKind::NotFound(_) => "NoSuchEntity",
            FaultKind::Validation => "ValidationError",
            FaultKind::QuotaExceeded => "LimitExceeded",
            FaultKind::Throttled(_) => "Throttling",
            _ => "ServiceFailure",
        },
        (kind, _) => match (kind, meta.service) {
            (FaultKind::AccessDenied, _) => "AccessDeniedException",
            (FaultKind::Forbidden, _) => "ForbiddenException",
            (FaultKind::Unauthorized, _) => "UnauthorizedException",
            (FaultKind::Conflict(_), _) => "ConflictException",
            (FaultKind::NotFound(_), _) => "ResourceNotFoundException",
            (FaultKind::Validation, "sso" | "sso-oidc") => "InvalidRequestException",
            (FaultKind::Validation, "organizations") => "InvalidInputException",
            (FaultKind::Validation, _) => "ValidationException",
            (FaultKind::QuotaExceeded, _) => "ServiceQuotaExceededException",
            (FaultKind::Throttled(_), "sso") => "TooManyRequestsException",
            // The CLI and SDKs try again after this one. SlowDownException they take for a word of the device flow, and end.
            (FaultKind::Throttled(_), "sso-oidc") if meta.name != "CreateToken" => "TooManyRequestsException",
            (FaultKind::Throttled(_), "sso-oidc") => "SlowDownException",
            (FaultKind::Throttled(_), "organizations") => "TooManyRequestsException",
            (FaultKind::Throttled(_), _) => "ThrottlingException",
            (_, "organizations") => "ServiceException",
            // Where the model has a name for a fault of the server's, that one; else what AWS answers everywhere.
            (FaultKind::Unavailable, "cloudtrail") => "ServiceUnavailableException",
            _ => "InternalServerException",
        },
    }
}

/// Signature errors have other names in the Query protocol.
fn query_code(code: &'static str) -> &'static str {
    match code {
        "MissingAuthenticationTokenException" => "MissingAuthenticationToken",
        "IncompleteSignatureException" => "IncompleteSignature",
        "InvalidSignatureException" => "SignatureDoesNotMatch",
        "UnrecognizedClientException" => "InvalidClientTokenId",
        "ExpiredTokenException" => "ExpiredToken",
        "MalformedPolicyDocumentException" => "MalformedPolicyDocument",
        other => other,
    }
}

/// The HTTP status. JSON 1.1 binds none to its errors: AWS sends 400 for the caller's faults and 500 for its own.
fn status(fault: &Fault, meta: &OperationMeta) -> StatusCode {
    let code = code(fault, meta);
    if meta.service == "signin" {
        return login(fault.kind()).2;
    }
    let by_kind = match fault.kind() {
        FaultKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        FaultKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        FaultKind::OAuth(error) => oauth(*error).2,
        FaultKind::Forbidden => StatusCode::FORBIDDEN,
        FaultKind::Unauthorized => StatusCode::UNAUTHORIZED,
        FaultKind::NotFound(_) if meta.protocol != Protocol::AwsJson => StatusCode::NOT_FOUND,
        FaultKind::Throttled(_)
            if code == "TooManyRequestsException" && meta.protocol == Protocol::RestJson =>
        {
            StatusCode::TOO_MANY_REQUESTS
        }
        FaultKind::AccessDenied if meta.protocol == Protocol::Query => StatusCode::FORBIDDEN,
        FaultKind::Service(_) if meta.protocol == Protocol::Query => StatusCode::FORBIDDEN,
        _ => StatusCode::BAD_REQUEST,
    };
    let modelled = meta.errors.iter().find(|error| error.code == code && meta.protocol == Protocol::Query);
    modelled.and_then(|error| StatusCode::from_u16(error.status).ok()).unwrap_or(by_kind)
}

/// The code, the `error` by which AWS CLI and SDKs say what to do, and the status: as the model's texts bind them to one another.
const fn login(kind: &FaultKind) -> (&'static str, &'static str, StatusCode) {
    let denied = "AccessDeniedException";
    match kind {
        FaultKind::OAuth(OAuthError::InvalidGrant) => (denied, "AUTHCODE_EXPIRED", StatusCode::UNAUTHORIZED),
        // Never USER_CREDENTIALS_CHANGED: AWS CLI takes it for a new password, whatever it was (2.38.5).
        FaultKind::OAuth(OAuthError::ExpiredToken) | FaultKind::Unauthorized => {
            (denied, "TOKEN_EXPIRED", StatusCode::UNAUTHORIZED)
        }
        FaultKind::AccessDenied | FaultKind::Forbidden => {
            (denied, "INSUFFICIENT_PERMISSIONS", StatusCode::FORBIDDEN)
        }
        FaultKind::Throttled(_) => ("TooManyRequestsError", "INVALID_REQUEST", StatusCode::TOO_MANY_REQUESTS),
        FaultKind::Internal => ("InternalServerException", "server_error", StatusCode::INTERNAL_SERVER_ERROR),
        FaultKind::Unavailable => {
            ("InternalServerException", "server_error", StatusCode::SERVICE_UNAVAILABLE)
        }
        _ => ("ValidationException", "INVALID_REQUEST", StatusCode::BAD_REQUEST),
    }
}

fn oauth(error: OAuthError) -> (&'static str, &'static str, StatusCode) {
    let bad = StatusCode::BAD_REQUEST;
    match error {
        OAuthError::AccessDenied => ("AccessDeniedException", "access_denied", bad),
        OAuthError::AuthorizationPending => ("AuthorizationPendingException", "authorization_pending", bad),
        OAuthError::ExpiredToken => ("ExpiredTokenException", "expired_token", bad),
        OAuthError::InvalidClient => ("InvalidClientException", "invalid_client", StatusCode::UNAUTHORIZED),
        OAuthError::InvalidClientMetadata => {
            ("InvalidClientMetadataException", "invalid_client_metadata", bad)
        }
        OAuthError::InvalidDpopProof => ("InvalidRequestException", "invalid_dpop_proof", bad),
        OAuthError::InvalidGrant => ("InvalidGrantException", "invalid_grant", bad),
        OAuthError::InvalidRedirectUri => ("InvalidRedirectUriException", "invalid_redirect_uri", bad),
        OAuthError::InvalidRequest => ("InvalidRequestException", "invalid_request", bad),
        OAuthError::InvalidScope => ("InvalidScopeException", "invalid_scope", bad),
        OAuthError::SlowDown => ("SlowDownException", "slow_down", bad),
        OAuthError::UnauthorizedClient => ("UnauthorizedClientException", "unauthorized_client", bad),
        OAuthError::UnsupportedGrantType => ("UnsupportedGrantTypeException", "unsupported_grant_type", bad),
    }
}

/// The answer to a fault.
pub(crate) fn answer(fault: &Fault, meta: &OperationMeta, dialect: Dialect, request_id: &str) -> Response {
    let (code, status) = (code(fault, meta), status(fault, meta));
    let body = if dialect == Dialect::RestJson {
        rest_body(fault, meta).to_string().into_bytes()
    } else {
        let sender = !status.is_server_error();
        let error = QueryError { namespace: meta.xml_namespace, code, message: fault.message(), sender };
        dialect.plain_error(&error, &members(fault, meta, request_id), request_id)
    };
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(dialect.content_type()));
    headers.insert(wire::rest_json::ERROR_TYPE, HeaderValue::from_static(code));
    if let Some(seconds) = fault.kind().retry_after() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        // The one that boto3 and the SDK for JavaScript honour, in milliseconds.
        headers.insert("x-amz-retry-after", HeaderValue::from(u64::from(seconds) * 1_000));
    }
    response
}

/// The members that errors of identitystore and Organizations carry beside the message.
fn members(fault: &Fault, meta: &OperationMeta, request_id: &str) -> Vec<(&'static str, Value)> {
    if meta.service == "organizations" {
        return fault.reason().map(|word| ("Reason", json!(word))).into_iter().collect();
    }
    if meta.service != "identitystore" {
        return Vec::new();
    }
    let mut members = vec![("RequestId", json!(request_id))];
    match fault.kind() {
        FaultKind::Conflict(ConflictReason::Uniqueness) => {
            members.push(("Reason", json!("UNIQUENESS_CONSTRAINT_VIOLATION")));
        }
        FaultKind::Conflict(ConflictReason::ConcurrentModification) => {
            members.push(("Reason", json!("CONCURRENT_MODIFICATION")));
        }
        FaultKind::NotFound(kind) => {
            members.extend(kind.as_str().map(|word| ("ResourceType", json!(word))));
            members.extend(fault.resource_id().map(|id| ("ResourceId", json!(id))));
        }
        FaultKind::Throttled(seconds) => members.push(("RetryAfterSeconds", json!(seconds))),
        _ => {}
    }
    members
}

fn rest_body(fault: &Fault, meta: &OperationMeta) -> Value {
    if meta.service == "signin" {
        return json!({ "error": login(fault.kind()).1, "message": fault.message() });
    }
    if meta.service != "sso-oidc" {
        return json!({ "message": fault.message() });
    }
    // What is amiss with a signature is none of OAuth's errors.
    if matches!(fault.kind(), FaultKind::Service(_)) {
        return json!({ "message": fault.message() });
    }
    let error = match fault.kind() {
        FaultKind::OAuth(error) => oauth(*error).1,
        FaultKind::Throttled(_) => "slow_down",
        FaultKind::Validation => "invalid_request",
        FaultKind::AccessDenied => "access_denied",
        _ => "server_error",
    };
    json!({ "error": error, "error_description": fault.message() })
}
