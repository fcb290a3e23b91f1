//! The canonical request: the one spelling of a request that both sides hash. Rules: AWS's "Create a signed AWS API request". The path
//! is encoded once more (every service but S3), the query is sorted after decoding and encoding anew, header values lose
//! surrounding and repeated spaces.

use percent_encoding::percent_decode;

use crate::request::{Request, digits};
use crate::split::split;

/// Writes the canonical request over `signed_headers` (lower case, sorted, separated by `;`, each in the request once), leaving the query parameter
/// `without` out; `body` is the digits of the body's SHA-256.
pub(crate) fn canonical_request(
    out: &mut Vec<u8>,
    request: &Request<'_>,
    (signed_headers, without): (&str, Option<&str>),
    body: &[u8; 64],
) {
    out.extend_from_slice(request.method.as_bytes());
    out.push(b'\n');
    push_path(out, request.path);
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

fn reencoded(text: &str) -> Vec<u8> {
    let bytes: Vec<u8> = percent_decode(text.as_bytes()).collect();
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
    fn queries_are_sorted_after_decoding() {
        assert_eq!(query("b=2&a=%7e&a=1&c", None), "a=1&a=~&b=2&c=");
        assert_eq!(query("X-Amz-Signature=x&a=1", Some("X-Amz-Signature")), "a=1");
    }
}
