//! What is answered: a status, a body, where the resource is and its version.

use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::Value;

/// The header that names the request, by which its record is found.
static REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// An answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Option<Value>,
    pub(crate) location: Option<String>,
    pub(crate) version: Option<String>,
    /// After how many seconds it may be tried again.
    pub(crate) retry_after: Option<u32>,
}

impl Answer {
    /// 200 with a body.
    pub(crate) fn ok(body: Value) -> Self {
        Self { body: Some(body), ..Self::default() }
    }

    /// 204.
    pub(crate) fn nothing() -> Self {
        Self { status: StatusCode::NO_CONTENT, ..Self::default() }
    }

    /// 304, for who has it already.
    pub(crate) fn unchanged(version: Option<String>) -> Self {
        Self { status: StatusCode::NOT_MODIFIED, version, ..Self::default() }
    }

    /// A resource, with its address and version as it says them itself.
    pub(crate) fn resource(
        status: StatusCode,
        (location, version): (String, Option<String>),
        body: Value,
    ) -> Self {
        Self { status, body: Some(body), location: Some(location), version, retry_after: None }
    }

    /// As it is sent.
    pub(crate) fn into_response(self, request_id: &str) -> Response {
        let mut response = Response::new(self.body.map_or_else(String::new, |body| body.to_string()).into());
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/scim+json"));
        let texts = [
            (header::LOCATION, self.location),
            (header::ETAG, self.version),
            (REQUEST_ID.clone(), Some(request_id.to_owned())),
        ];
        for (name, text) in texts {
            if let Some(value) = text.and_then(|text| HeaderValue::from_str(&text).ok()) {
                headers.insert(name, value);
            }
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        response
    }
}
