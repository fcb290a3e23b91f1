//! The parts of a request that a signature covers.

use aws_lc_rs::digest::{SHA256, digest};

use crate::error::Error;

/// The head of a request as it came over the wire: nothing decoded, nothing normalised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request<'a> {
    /// The method.
    pub method: &'a str,
    /// The path as sent.
    pub path: &'a str,
    /// The query string as sent, without `?`; empty when there is none.
    pub query: &'a str,
    /// Every header: lower-case name and value, in order, repeated where they were repeated.
    pub headers: &'a [(&'a str, &'a [u8])],
}

impl<'a> Request<'a> {
    /// The one header of this name; refused when it is there more than once or is not UTF-8.
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
    sha256_digits(bytes).iter().copied().map(char::from).collect()
}

/// The digits of [`sha256_hex`].
pub(crate) fn sha256_digits(bytes: &[u8]) -> [u8; 64] {
    let mut out = [0; 64];
    for (to, byte) in out.as_chunks_mut().0.iter_mut().zip(digest(&SHA256, bytes).as_ref()) {
        *to = digits(*byte);
    }
    out
}

/// Two lower-case hexadecimal digits.
pub(crate) const fn digits(byte: u8) -> [u8; 2] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    [DIGITS[(byte >> 4) as usize], DIGITS[(byte & 15) as usize]]
}
