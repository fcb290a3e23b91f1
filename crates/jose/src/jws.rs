//! The compact form of a JWS (RFC 7515 §3.1): taken apart strictly, so that what is verified is what is read, and written.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;

use crate::error::Error;

/// Characters of a proof at most.
pub(crate) const LENGTH_MAX: usize = 4_096;

/// A token, taken apart. Nothing of it is believed yet.
#[derive(Debug)]
pub(crate) struct Compact<'t> {
    /// What is signed: header and payload as they came.
    pub(crate) signed: &'t str,
    pub(crate) header: Vec<u8>,
    pub(crate) payload: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

impl<'t> Compact<'t> {
    /// Takes a token apart.
    pub(crate) fn parse(token: &'t str) -> Result<Self, Error> {
        let parts = if token.len() > LENGTH_MAX { None } else { Self::parts(token) };
        parts.ok_or(Error::Form { max: LENGTH_MAX })
    }

    /// Takes a token apart whose length the caller has looked at.
    pub(crate) fn parts(token: &'t str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        // Without padding, and with no bit that says nothing: one token has one spelling.
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
        Some(Self {
            signed,
            header: decode(header)?,
            payload: decode(payload)?,
            signature: decode(signature)?,
        })
    }
}

/// A part as the object that it must be. A member given twice that is asked for is refused.
pub(crate) fn read<T: DeserializeOwned>(part: &'static str, json: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(json).map_err(|error| Error::Part { part, why: error.to_string() })
}

/// A token of a header and a payload, which are JSON, signed by `sign`.
pub fn signed(header: &str, payload: &str, sign: impl FnOnce(&str) -> Vec<u8>) -> String {
    let mut token = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let signature = sign(&token);
    token.push('.');
    token.push_str(&URL_SAFE_NO_PAD.encode(signature));
    token
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nothing_else_is() {
        let token = signed(r#"{"alg":"HS256"}"#, "{}", |text| text.as_bytes().to_vec());
        let read = Compact::parse(&token).unwrap();
        assert_eq!(
            (read.header.as_slice(), read.payload.as_slice()),
            (br#"{"alg":"HS256"}"#.as_slice(), b"{}".as_slice())
        );
        assert_eq!(read.signature, read.signed.as_bytes());
        for bad in [
            "",
            ".",
            "..",
            "a.b",
            "e30.e30",
            "e30=.e30.AA",
            "e30.e30.A",
            "e30.e3 0.AA",
            "e30.e30.AA.AA",
            "e30.e30.+/",
        ] {
            let is_empty = bad == "..";
            assert_eq!(Compact::parse(bad).is_ok(), is_empty, "{bad:?}");
        }
        assert!(Compact::parse(&format!("e30.e30.{}", "A".repeat(LENGTH_MAX))).is_err());
    }
}
