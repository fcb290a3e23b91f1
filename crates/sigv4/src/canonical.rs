//! The canonical request: the one spelling of a request that both sides hash. Rules: AWS's "Create a signed AWS API request". The path
//! is encoded once more (every service but S3), the query is sorted after decoding and encoding anew, header values lose
//! surrounding and repeated spaces.

use percent_encoding::percent_decode;

use crate::request::{Request, hex};

/// The canonical request over `signed_headers` (lower case, sorted), leaving the query parameter `without` out.
pub(crate) fn canonical_request(
    request: &Request<'_>,
    signed_headers: &[&str],
    without: Option<&str>,
) -> String {
    let mut out = String::with_capacity(512);
    out.push_str(request.method);
    out.push('\n');
    out.push_str(&path(request.path));
    out.push('\n');
    out.push_str(&query(request.query, without));
    out.push('\n');
    for name in signed_headers {
        out.push_str(name);
        out.push(':');
        let values = request.headers.iter().filter(|(key, _)| key == name);
        for (at, (_, value)) in values.enumerate() {
            if at > 0 {
                out.push(',');
            }
            push_collapsed(&mut out, value);
        }
        out.push('\n');
    }
    out.push('\n');
    out.push_str(&signed_headers.join(";"));
    out.push('\n');
    out.push_str(request.body_sha256);
    out
}

/// Dot segments removed (RFC 3986 §5.2.4), each segment encoded once more than it was sent.
fn path(sent: &str) -> String {
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
    if segments.is_empty() {
        return "/".to_owned();
    }
    let mut out = String::with_capacity(sent.len() + 16);
    for segment in &segments {
        out.push('/');
        push_encoded(&mut out, segment.as_bytes());
    }
    if sent.ends_with('/') {
        out.push('/');
    }
    out
}

fn query(sent: &str, without: Option<&str>) -> String {
    let mut pairs: Vec<(String, String)> = sent
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (reencode(name), reencode(value))
        })
        .filter(|(name, _)| without != Some(name.as_str()))
        .collect();
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

fn reencode(text: &str) -> String {
    let bytes: Vec<u8> = percent_decode(text.as_bytes()).collect();
    let mut out = String::with_capacity(text.len());
    push_encoded(&mut out, &bytes);
    out
}

fn push_encoded(out: &mut String, bytes: &[u8]) {
    for byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(*byte));
            }
            _ => {
                out.push('%');
                out.push_str(&hex(&[*byte]).to_ascii_uppercase());
            }
        }
    }
}

/// A header value without surrounding white space, runs of spaces as one. Bytes that are no UTF-8 become U+FFFD, so that they can
/// match no signature over the real ones.
fn push_collapsed(out: &mut String, value: &[u8]) {
    let text = String::from_utf8_lossy(value);
    let mut words = text.split([' ', '\t']).filter(|word| !word.is_empty());
    if let Some(first) = words.next() {
        out.push_str(first);
    }
    for word in words {
        out.push(' ');
        out.push_str(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
