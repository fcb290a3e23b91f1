//! The canonical request: the one spelling of a request that both sides hash. Rules: AWS's "Create a signed AWS API request". The path
//! is encoded once more, but for S3, the query is sorted after decoding and encoding anew, header values lose
//! surrounding and repeated spaces.

use percent_encoding::percent_decode;

use crate::request::{Request, digits};
use crate::split::split;

/// How a path is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Path {
    /// Dot segments removed, each segment encoded once more than it was sent.
    EncodedAgain,
    /// As it was sent, each segment encoded once: S3's, whose keys may be dots and hold slashes in a row.
    EncodedOnce,
}

/// Writes the canonical request over `signed_headers` (lower case, sorted, separated by `;`, each in the request once), leaving the query parameter
/// `without` out; `body` is what stands for the body: the digits of its SHA-256, or a word of S3's.
pub(crate) fn canonical_request(
    out: &mut Vec<u8>,
    (request, path): (&Request<'_>, Path),
    (signed_headers, without): (&str, Option<&str>),
    body: &[u8],
) {
    out.extend_from_slice(request.method.as_bytes());
    out.push(b'\n');
    match path {
        Path::EncodedAgain => push_path(out, request.path),
        Path::EncodedOnce => push_path_once(out, request.path),
    }
    out.push(b'\n');
    push_query(out, request.query, without);
    out.push(b'\n');
    for name in split(signed_headers, b';') {
        out.extend_from_slice(name.as_bytes());
        out.push(b':');
        if let Some((_, value)) = request.headers.iter().find(|(key, _)| *key == name) {
            push_collapsed(out, value);
        }
        out.push(b'\n');
    }
    out.push(b'\n');
    out.extend_from_slice(signed_headers.as_bytes());
    out.push(b'\n');
    out.extend_from_slice(body);
}

/// Dot segments removed (RFC 3986 §5.2.4), each segment encoded once more than it was sent.
fn push_path(out: &mut Vec<u8>, sent: &str) {
    let mut segments: Vec<&str> = Vec::new();
    for segment in sent.split('/').filter(|segment| !segment.is_empty()) {
        match segment {
            "." => {}
            ".." => {
                segments.pop();
            }
            _ => segments.push(segment),
        }
    }
    for segment in &segments {
        out.push(b'/');
        push_encoded(out, segment.as_bytes());
    }
    if segments.is_empty() || sent.ends_with('/') {
        out.push(b'/');
    }
}

/// Each segment decoded and encoded anew, so that whoever encodes more or less than the other is understood.
fn push_path_once(out: &mut Vec<u8>, sent: &str) {
    if sent.is_empty() {
        out.push(b'/');
    }
    for (at, segment) in sent.split('/').enumerate() {
        if at > 0 {
            out.push(b'/');
        }
        let bytes: Vec<u8> = percent_decode(segment.as_bytes()).collect();
        push_encoded(out, &bytes);
    }
}

fn push_query(out: &mut Vec<u8>, sent: &str, without: Option<&str>) {
    let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = sent
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (reencoded(name), reencoded(value))
        })
        .filter(|(name, _)| without.is_none_or(|without| without.as_bytes() != name))
        .collect();
    pairs.sort();
    for (at, (name, value)) in pairs.iter().enumerate() {
        if at > 0 {
            out.push(b'&');
        }
        out.extend_from_slice(name);
        out.push(b'=');
        out.extend_from_slice(value);
    }
}

/// A plus sign of a query is a space, as whoever reads the parameters has it: signed as another sign, one could stand for the other unnoticed. Signers
/// that begin with a URL (aws4 1.13, aws4fetch 1.0) sign it so.
fn reencoded(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.iter_mut().filter(|byte| **byte == b'+').for_each(|plus| *plus = b' ');
    let bytes: Vec<u8> = percent_decode(&bytes).collect();
    let mut out = Vec::with_capacity(text.len());
    push_encoded(&mut out, &bytes);
    out
}

fn push_encoded(out: &mut Vec<u8>, bytes: &[u8]) {
    for byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(*byte),
            _ => {
                out.push(b'%');
                out.extend(digits(*byte).map(|digit| digit.to_ascii_uppercase()));
            }
        }
    }
}

/// A header value without surrounding white space, runs of spaces as one.
fn push_collapsed(out: &mut Vec<u8>, value: &[u8]) {
    if memchr::memchr2(b' ', b'\t', value).is_none() {
        out.extend_from_slice(value);
        return;
    }
    let mut words = value.split(|byte| matches!(byte, b' ' | b'\t')).filter(|word| !word.is_empty());
    if let Some(first) = words.next() {
        out.extend_from_slice(first);
    }
    for word in words {
        out.push(b' ');
        out.extend_from_slice(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(sent: &str) -> String {
        let mut out = Vec::new();
        push_path(&mut out, sent);
        String::from_utf8(out).unwrap()
    }

    fn query(sent: &str, without: Option<&str>) -> String {
        let mut out = Vec::new();
        push_query(&mut out, sent, without);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn paths_are_encoded_twice_and_lose_dot_segments() {
        assert_eq!(path("/"), "/");
        assert_eq!(path(""), "/");
        assert_eq!(path("/a/./b/../c%20d/"), "/a/c%2520d/");
        assert_eq!(path("/arn%3Aaws"), "/arn%253Aaws");
    }

    #[test]
    fn paths_of_s3_are_encoded_once_and_keep_what_they_have() {
        let path = |sent: &str| {
            let mut out = Vec::new();
            push_path_once(&mut out, sent);
            String::from_utf8(out).unwrap()
        };
        assert_eq!((path(""), path("/")), ("/".to_owned(), "/".to_owned()));
        assert_eq!(path("/books/a/./b/..//c%20d/"), "/books/a/./b/..//c%20d/");
        assert_eq!(path("/books/%7ejane/(1)+%2B"), "/books/~jane/%281%29%2B%2B");
    }

    #[test]
    fn a_plus_sign_of_a_query_is_a_space() {
        assert_eq!(query("a+b=c+d&e=%2B", None), "a%20b=c%20d&e=%2B");
    }

    #[test]
    fn queries_are_sorted_after_decoding() {
        assert_eq!(query("b=2&a=%7e&a=1&c", None), "a=1&a=~&b=2&c=");
        assert_eq!(query("X-Amz-Signature=x&a=1", Some("X-Amz-Signature")), "a=1");
    }
}
