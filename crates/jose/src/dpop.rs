//! Proofs of possession (RFC 9449 §4): a request carries a token, signed for this request alone by the key that the refresh token is bound to.
//! Whether a proof was used before is not known here: who verifies one remembers [`Proof::id`] for as long as it could come again.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Number;

use crate::error::Error;
use crate::jws::{self, Compact};
use crate::key::{Jwk, PublicKey};

/// Characters of a `jti` at most.
const ID_MAX: usize = 256;

/// What a proof must be for.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'e> {
    /// The method of the request.
    pub method: &'e str,
    /// The addresses under which the server is reached, each with the path of the request and without a query.
    pub urls: &'e [String],
    /// Now, in seconds since the epoch.
    pub now: i64,
    /// How far the time of the proof may lie from it, either way, in seconds.
    pub skew: u64,
}

/// A proof that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The thumbprint of the key that made it.
    pub thumbprint: String,
    /// Its `jti`.
    pub id: String,
    /// The hash of the access token that it comes with (`ath`), if it says one: SHA-256, base64url.
    pub access_token_hash: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    typ: String,
    alg: String,
    jwk: Jwk,
    /// Extensions that must be understood (RFC 7515 §4.1.11): there are none that are.
    crit: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    iat: Number,
    ath: Option<String>,
}

impl Proof {
    /// Judges a proof (RFC 9449 §4.3, but for what only the caller can know).
    pub fn verify(proof: &str, expected: &Expected<'_>) -> Result<Self, Error> {
        let compact = Compact::parse(proof)?;
        let header: Header = jws::read("header", &compact.header)?;
        let member = |member, wanted: &str| Error::Member { member, wanted: wanted.to_owned() };
        if header.typ != "dpop+jwt" {
            return Err(member("typ", "dpop+jwt"));
        }
        if header.alg != "ES256" {
            return Err(member("alg", "ES256"));
        }
        if header.crit.is_some() {
            return Err(member("crit", "absent"));
        }
        let key = PublicKey::from_jwk(&header.jwk)?;
        if !key.verifies(compact.signed.as_bytes(), &compact.signature) {
            return Err(Error::Signature);
        }
        let claims: Claims = jws::read("payload", &compact.payload)?;
        if !(1..=ID_MAX).contains(&claims.jti.len()) {
            return Err(member("jti", &format!("a text of 1 to {ID_MAX} characters")));
        }
        if claims.htm != expected.method {
            return Err(member("htm", expected.method));
        }
        let asked = normal(&claims.htu);
        if asked.is_none() || !expected.urls.iter().any(|url| normal(url) == asked) {
            return Err(member("htu", &expected.urls.join(" or ")));
        }
        in_time(&claims.iat, expected)?;
        Ok(Self { thumbprint: key.thumbprint(), id: claims.jti, access_token_hash: claims.ath })
    }
}

/// `iat` is a number of seconds that may have a fraction (RFC 7519 §2, NumericDate).
fn in_time(iat: &Number, expected: &Expected<'_>) -> Result<(), Error> {
    let whole = iat.as_i64();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a time beyond any number of seconds is out of the window all the same"
    )]
    let iat = whole.or_else(|| iat.as_f64().map(|seconds| seconds as i64));
    let seconds = iat.map_or(u64::MAX, |iat| iat.abs_diff(expected.now));
    if seconds <= expected.skew {
        return Ok(());
    }
    let side = if iat.is_some_and(|iat| iat < expected.now) { "before" } else { "after" };
    Err(Error::Time { seconds, side, max: expected.skew })
}

/// Scheme, authority and path of an http URL, without query and fragment, so that two spellings of one are the same (RFC 9449 §4.3, RFC 3986 §6.2.2
/// and §6.2.3): scheme and host in lower case, no port where it is the scheme's own. `None` for anything else.
fn normal(url: &str) -> Option<(&'static str, String, &str)> {
    if !url.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let (scheme, rest) = url.split_once("://")?;
    let (scheme, port) = match scheme.to_ascii_lowercase().as_str() {
        "http" => ("http", ":80"),
        "https" => ("https", ":443"),
        _ => return None,
    };
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    let rest = rest.get(..end)?;
    let (authority, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    if authority.is_empty() || authority.contains('@') {
        return None;
    }
    let authority = authority.to_ascii_lowercase();
    let bare = authority.strip_suffix(port).unwrap_or(&authority).to_owned();
    Some((scheme, bare, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_of_an_address_are_one_and_two_addresses_are_two() {
        let same = |one: &str, other: &str| normal(one).is_some() && normal(one) == normal(other);
        for (one, other) in [
            ("https://sso.example.org/v1/token", "HTTPS://SSO.Example.ORG:443/v1/token"),
            ("http://127.0.0.1:8765/v1/token", "http://127.0.0.1:8765/v1/token?a=b#c"),
            ("http://a", "http://a:80/"),
        ] {
            assert!(same(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("https://sso.example.org/v1/token", "http://sso.example.org/v1/token"),
            ("https://sso.example.org/v1/token", "https://sso.example.org/v1/token/"),
            ("https://sso.example.org/v1/token", "https://sso.example.org/V1/token"),
            ("https://sso.example.org/v1/token", "https://sso.example.org:8443/v1/token"),
            ("https://sso.example.org/v1/token", "https://sso.example.org.evil.example/v1/token"),
            ("https://sso.example.org/v1/token", "https://sso.example.org@evil.example/v1/token"),
            ("http://a:443/", "http://a/"),
            ("ftp://a/", "ftp://a/"),
            ("http:///v1/token", "http:///v1/token"),
            ("", ""),
        ] {
            assert!(!same(one, other), "{one} {other}");
        }
    }
}
