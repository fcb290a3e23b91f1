//! The headers of every page: nothing inline, nothing framed, nothing cached, nothing sent elsewhere.

use axum::response::{IntoResponse as _, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use model::fault::FaultKind;

use crate::words::language::Language;

/// An HTML page in the language that its visitor asks for. `form_target`: a further origin that this page's form may end up at (an answer to a client on the visitor's own
/// machine); browsers apply `form-action` to redirects too.
pub(crate) fn page(
    (status, language): (StatusCode, Language),
    html: String,
    secure: bool,
    form_target: Option<&str>,
) -> Response {
    let target = form_target.map(|origin| format!(" {origin}")).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'{target}; \
         frame-ancestors 'none'; base-uri 'none'"
    );
    let mut response = (status, html).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    harden(&mut response, secure);
    in_language(response, language)
}

/// Says what language an answer is in, and that it could have been another.
pub(crate) fn in_language(mut response: Response, language: Language) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Language"));
    response
}

/// The headers that any answer to a browser carries. What the answer says of them itself stays.
pub fn harden(response: &mut Response, secure: bool) {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=(), payment=()",
        ),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if secure {
        // Without includeSubDomains: other hosts of the domain are not ours to decide about.
        headers
            .entry(header::STRICT_TRANSPORT_SECURITY)
            .or_insert(HeaderValue::from_static("max-age=31536000"));
    }
}

/// Says how long to wait, where the reason is one that passes by itself.
pub fn retry_after(mut response: Response, why: &FaultKind) -> Response {
    let Some(seconds) = why.retry_after() else { return response };
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    // The one that boto3 and the SDK for JavaScript honour, in milliseconds.
    headers.insert("x-amz-retry-after", HeaderValue::from(u64::from(seconds) * 1_000));
    response
}

/// A redirect after a form or to the sign-in page.
pub fn redirect(to: &str, secure: bool) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(value) = HeaderValue::from_str(to) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    harden(&mut response, secure);
    response
}
