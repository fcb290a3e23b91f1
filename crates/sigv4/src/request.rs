//! The parts of a request that a signature covers.

use aws_lc_rs::digest::{SHA256, digest};

use crate::error::Error;

/// A request as it came over the wire: nothing decoded, nothing normalised.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The method.
    pub method: &'a str,
    /// The path as sent.
    pub path: &'a str,
    /// The query string as sent, without `?`; empty when there is none.
    pub query: &'a str,
    /// Every header: lower-case name and value, in order, repeated where they were repeated.
    pub headers: &'a [(&'a str, &'a [u8])],
    /// SHA-256 of the body, lower-case hexadecimal.
    pub body_sha256: &'a str,
}

impl<'a> Request<'a> {
    /// The one header of this name; refused when it is there more than once or is not visible ASCII.
    pub(crate) fn single(&self, name: &str) -> Result<Option<&'a str>, Error> {
        let mut values = self.headers.iter().filter(|(key, _)| *key == name).map(|(_, value)| *value);
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() {
            return Err(Error::Incomplete(format!("header '{name}' is given more than once")));
        }
        match std::str::from_utf8(value) {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(Error::Incomplete(format!("header '{name}' is not UTF-8"))),
        }
    }
}

/// SHA-256 as lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(digest(&SHA256, bytes).as_ref())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            out.push(char::from(DIGITS.get(usize::from(digit)).copied().unwrap_or(b'0')));
        }
    }
    out
}
