//! Signature Version 4, the client's side (AWS, "Create a signed AWS API request"), for requests to `POST /`.

use std::time::SystemTime;

use aws_lc_rs::{digest, hmac};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::http;

/// A key, and where it signs for.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) secret: String,
    /// The session token of temporary credentials.
    pub(crate) session_token: Option<String>,
    /// What `Host` says.
    pub(crate) host: String,
}

/// The head of a signed request.
#[derive(Debug, Clone)]
pub(crate) struct Signed {
    pub(crate) headers: Vec<(&'static str, String)>,
    /// The SHA-256 of the body.
    pub(crate) payload: String,
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0'));
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn sha256(text: &str) -> String {
    hex(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}

/// Now, as `X-Amz-Date` writes it.
#[expect(clippy::disallowed_methods, reason = "a client signs for the present")]
pub(crate) fn date() -> String {
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    OffsetDateTime::from(SystemTime::now()).format(&format).unwrap_or_default()
}

impl Key {
    /// A signed call of a JSON 1.1 operation: `target` is what `X-Amz-Target` says.
    pub(crate) fn call(&self, service: &str, target: &str, body: &str) -> Vec<u8> {
        let signed = self.signed(service, target, body);
        let headers: Vec<(&str, &str)> =
            signed.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        http::request("POST", "/", &headers, body)
    }

    /// The head of such a call.
    pub(crate) fn signed(&self, service: &str, target: &str, body: &str) -> Signed {
        const TYPE: &str = "application/x-amz-json-1.1";
        let (token_name, token_line) = match &self.session_token {
            Some(token) => ("x-amz-security-token;", format!("x-amz-security-token:{token}\n")),
            None => ("", String::new()),
        };
        let signed = format!("content-type;host;x-amz-date;{token_name}x-amz-target");
        let (date, payload) = (date(), sha256(body));
        let day = date.get(..8).unwrap_or_default();
        let scope = format!("{day}/us-east-1/{service}/aws4_request");
        let canonical = format!(
            "POST\n/\n\ncontent-type:{TYPE}\nhost:{}\nx-amz-date:{date}\n{token_line}x-amz-target:{target}\n\n{signed}\n{}",
            self.host, payload
        );
        let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", sha256(&canonical));
        let mut key = format!("AWS4{}", self.secret).into_bytes();
        for part in [day, "us-east-1", service, "aws4_request", &to_sign] {
            let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), part.as_bytes());
            key = mac.as_ref().to_vec();
        }
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={signed}, Signature={}",
            self.id,
            hex(&key)
        );
        let mut headers = vec![
            ("host", self.host.clone()),
            ("accept-encoding", "identity".to_owned()),
            ("user-agent", "aws-sdk-bench/1.0 lang/rust".to_owned()),
            ("x-amz-target", target.to_owned()),
            ("content-type", TYPE.to_owned()),
            ("x-amz-date", date),
            ("authorization", authorization),
        ];
        headers.extend(self.session_token.clone().map(|token| ("x-amz-security-token", token)));
        Signed { headers, payload }
    }
}
