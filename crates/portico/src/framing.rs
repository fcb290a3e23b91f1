//! Messages that another parser on the way could read differently are refused before anybody acts on them, and end their connection: request
//! smuggling needs two opinions about where a request ends or whom it is for. What hyper refuses by itself is not repeated here.

use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderValue, Request, StatusCode, Version, header};

/// The refusal of a request that can be read in two ways; none for every ordinary one.
pub(crate) fn refusal<B>(request: &Request<B>) -> Option<Response> {
    let reason = ambiguity(request)?;
    let mut response = (StatusCode::BAD_REQUEST, format!("{reason}\n")).into_response();
    if request.version() < Version::HTTP_2 {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    Some(response)
}

fn ambiguity<B>(request: &Request<B>) -> Option<&'static str> {
    let headers = request.headers();
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), request.uri().authority()) {
        // RFC 9112 §3.2: version 1.1 names exactly one host.
        (None, None) if request.version() == Version::HTTP_11 => return Some("the request names no host"),
        // RFC 9112 §3.2.2 and RFC 9113 §8.3.1: where the target names the host as well, both are one.
        (Some(host), Some(authority))
            if !host.as_bytes().eq_ignore_ascii_case(authority.as_str().as_bytes()) =>
        {
            return Some("the request names two hosts");
        }
        _ => {}
    }
    if hosts.next().is_some() {
        return Some("the request names its host more than once");
    }
    has_strange_coding(headers).then_some("the request has a transfer coding other than chunked, once")
}

/// RFC 9112 §6.1: no coding but `chunked`, and that once.
fn has_strange_coding(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let first = codings.next();
    codings.next().is_some()
        || first.is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"chunked"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(version: Version, uri: &str, headers: &[(&'static str, &'static str)]) -> Option<&'static str> {
        let mut request = Request::builder().version(version).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        ambiguity(&request.body(()).unwrap())
    }

    #[test]
    fn request_smuggling_what_can_be_read_in_two_ways_is_refused() {
        let (old, one, two) = (Version::HTTP_10, Version::HTTP_11, Version::HTTP_2);
        for (version, uri, headers) in [
            (one, "/", &[][..]),
            (one, "/", &[("host", "a"), ("host", "b")]),
            (one, "/", &[("host", "a"), ("host", "a")]),
            (one, "http://b/", &[("host", "a")]),
            (two, "https://b/", &[("host", "a")]),
            (one, "/", &[("host", "a"), ("transfer-encoding", "chunked, chunked")]),
            (one, "/", &[("host", "a"), ("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")]),
            (one, "/", &[("host", "a"), ("transfer-encoding", "gzip, chunked")]),
        ] {
            assert!(reason(version, uri, headers).is_some(), "{uri} {headers:?}");
        }
        for (version, uri, headers) in [
            (old, "/", &[][..]),
            (one, "/", &[("host", "a")]),
            (one, "http://A/", &[("host", "a")]),
            (two, "https://a/", &[]),
            (two, "https://a/", &[("host", "a")]),
            (one, "/", &[("host", "a"), ("transfer-encoding", "Chunked")]),
        ] {
            assert_eq!(reason(version, uri, headers), None, "{uri} {headers:?}");
        }
    }
}
