//! Logout tokens (OpenID Connect Back-Channel Logout 1.0 §2.4, §2.6): the provider says that somebody signed out there. Whether a token came before is
//! not known here: the caller remembers [`LogoutToken::id`] until [`LogoutToken::remember_until`].

use serde_json::Value;

use crate::algorithm::Algorithm;
use crate::jwks::KeySet;
use crate::jwt::{Rules, verify};
use crate::openid::claims::{ClaimError, Claims};
use crate::openid::common::{Clock, audience, issuer, name};
use crate::openid::refusal::Refusal;

/// The event that a logout token tells.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// How long ago a logout token may be made, in seconds, besides what is allowed for clocks. The standard recommends that it end after two minutes
/// (§2.4, `exp`); a provider that has to send it again makes it so old.
pub const AGE_MAX: u64 = 300;

/// What a logout token must be. [`AGE_MAX`] bounds its age.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'e> {
    /// The provider's issuer.
    pub issuer: &'e str,
    /// The client that it tells.
    pub client_id: &'e str,
    /// The algorithms that are allowed, as for ID tokens.
    pub algorithms: &'e [Algorithm],
    /// Now, in seconds since the epoch.
    pub now: i64,
    /// How far the provider's clock may be off, in seconds.
    pub skew: u64,
}

/// A logout token that holds. At least one of `subject` and `session` is there: without a session, all sessions of the subject end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutToken {
    /// Its `jti`, unique within the issuer.
    pub id: String,
    /// Who signed out.
    pub subject: Option<String>,
    /// Which of their sessions at the provider ended.
    pub session: Option<String>,
    /// When it was made, in seconds since the epoch.
    pub issued_at: i64,
    /// From then on it would be refused as too old.
    pub remember_until: i64,
}

impl LogoutToken {
    /// Judges a logout token.
    pub fn verify(token: &str, keys: &KeySet, expected: &Expected<'_>) -> Result<Self, Refusal> {
        // §2.4: the type is recommended; many providers leave it out or write JWT.
        let rules = Rules { algorithms: expected.algorithms, types: &["logout+jwt", "jwt"] };
        let claims = Claims::new(verify(token, keys, &rules)?.into_payload());
        let clock = Clock { now: expected.now, skew: expected.skew };
        issuer(&claims, expected.issuer)?;
        audience(&claims, expected.client_id)?;
        if claims.has("nonce") {
            return Err(Refusal::NotLogout);
        }
        if !claims.object_of("events")?.get(EVENT).is_some_and(Value::is_object) {
            return Err(Refusal::NoLogout(EVENT));
        }
        let issued_at = clock.issued_at(&claims, AGE_MAX)?;
        // Providers older than the final standard leave it out; the age bounds such a token all the same.
        if let Some(expires_at) = claims.time_of("exp")? {
            clock.before(expires_at)?;
        }
        let id = name(&claims, "jti")?.ok_or(ClaimError::Missing("jti"))?;
        let (subject, session) = (name(&claims, "sub")?, name(&claims, "sid")?);
        if subject.is_none() && session.is_none() {
            return Err(Refusal::Nobody);
        }
        let window = i64::try_from(AGE_MAX.saturating_add(expected.skew)).unwrap_or(i64::MAX);
        let remember_until = issued_at.saturating_add(window).saturating_add(1);
        Ok(Self { id, subject, session, issued_at, remember_until })
    }
}
