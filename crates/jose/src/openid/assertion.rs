//! A token of a trusted issuer that an application brings to say who its person is (RFC 7523 §3): an ID token or an access token (RFC 9068) that was made for
//! the application. Whether it came before is not known here: the caller remembers [`Assertion::id`] until [`Assertion::remember_until`].

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::algorithm::Algorithm;
use crate::json::object;
use crate::jwks::KeySet;
use crate::jwt::{LENGTH_MAX, Rules, verify};
use crate::openid::claims::{ClaimError, ClaimName, Claims};
use crate::openid::common::{Clock, audience, issuer, name};
use crate::openid::refusal::Refusal;

/// How far ahead a token may end, in seconds, besides what is allowed for clocks (RFC 7523 §3, 4: one that is unreasonably far may be refused). Whoever
/// finds one could use it for so long, and its `jti` is remembered for so long.
pub const AHEAD_MAX: u64 = 86_400;

/// What an assertion must be.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'e> {
    /// The issuer.
    pub issuer: &'e str,
    /// For whom it must be made: one of these must be among its `aud`.
    pub audiences: &'e [String],
    /// The algorithms that are allowed.
    pub algorithms: &'e [Algorithm],
    /// Now, in seconds since the epoch.
    pub now: i64,
    /// How far the issuer's clock may be off, in seconds.
    pub skew: u64,
}

/// An assertion that holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Assertion {
    /// Who it is about, as the issuer calls them.
    pub subject: String,
    /// The first of the expected audiences that it was made for.
    pub audience: String,
    /// Its `jti`, unique within the issuer, if it has one.
    pub id: Option<String>,
    /// When it ends, in seconds since the epoch.
    pub expires_at: i64,
    /// From then on it would be refused as over.
    pub remember_until: i64,
    /// Everything that it says.
    pub claims: Claims,
}

/// Whose a token says that it is. Nothing proves it: it chooses among issuers that the caller trusts already, by whose keys it is then judged.
pub fn claimed_issuer(token: &str) -> Option<String> {
    if token.len() > LENGTH_MAX {
        return None;
    }
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    match object(&payload, LENGTH_MAX).ok()?.get("iss") {
        Some(Value::String(issuer)) => Some(issuer.clone()),
        _ => None,
    }
}

impl Assertion {
    /// Judges a token.
    pub fn verify(token: &str, keys: &KeySet, expected: &Expected<'_>) -> Result<Self, Refusal> {
        let rules = Rules { algorithms: expected.algorithms, types: &["jwt", "at+jwt"] };
        let claims = Claims::new(verify(token, keys, &rules)?.into_payload());
        let clock = Clock { now: expected.now, skew: expected.skew };
        issuer(&claims, expected.issuer)?;
        let made_for = one_of(&claims, expected.audiences)?.to_owned();
        if claims.has("events") {
            return Err(Refusal::Event);
        }
        let expires_at = claims.required_time("exp")?;
        clock.before(expires_at)?;
        clock.not_far(expires_at, AHEAD_MAX)?;
        for claim in ["iat", "nbf"] {
            if let Some(time) = claims.time_of(claim)? {
                clock.age(claim, time)?;
            }
        }
        let skew = i64::try_from(expected.skew).unwrap_or(i64::MAX);
        Ok(Self {
            subject: name(&claims, "sub")?.ok_or(ClaimError::Missing("sub"))?,
            audience: made_for,
            id: name(&claims, "jti")?,
            expires_at,
            remember_until: expires_at.saturating_add(skew).saturating_add(1),
            claims,
        })
    }

    /// A claim that says yes or no; `None` if it is not there.
    pub fn truth(&self, claim: &str) -> Result<Option<bool>, ClaimError> {
        self.claims.truth(&ClaimName::read(claim)?)
    }

    /// The text of a claim, or of one within it, with dots between; `None` if it is not there.
    pub fn text(&self, path: &str) -> Result<Option<&str>, ClaimError> {
        let pointer =
            if path.contains('.') { format!("/{}", path.replace('.', "/")) } else { path.to_owned() };
        self.claims.text(&ClaimName::read(&pointer)?)
    }
}

/// The one of `audiences` that `aud` names.
fn one_of<'a>(claims: &Claims, audiences: &'a [String]) -> Result<&'a str, Refusal> {
    let wanted = || audiences.join(" or ");
    let Some((first, rest)) = audiences.split_first() else {
        return Err(Refusal::Audience { found: String::new(), wanted: wanted() });
    };
    if let Some(one) = std::iter::once(first).chain(rest).find(|one| audience(claims, one).is_ok()) {
        return Ok(one);
    }
    // Says what it has; what it should have is the whole list.
    match audience(claims, first) {
        Err(Refusal::Audience { found, .. }) => Err(Refusal::Audience { found, wanted: wanted() }),
        Err(other) => Err(other),
        Ok(_) => Ok(first),
    }
}
