//! What ID tokens and logout tokens are both asked: who made them, for whom, when. What is particular to one is in its own file.

use crate::json::shown;
use crate::openid::claims::{ClaimError, Claims};
use crate::openid::refusal::Refusal;

/// Characters of a `sub`, `sid` or `jti` at most (OpenID Connect Core §2 says so of `sub`).
const NAME_MAX: usize = 255;

/// A clock, and how far the provider's may be off.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    pub(crate) now: i64,
    pub(crate) skew: u64,
}

impl Clock {
    /// How long ago a time is; refused if it is ahead by more than is allowed for clocks.
    pub(crate) fn age(self, claim: &'static str, time: i64) -> Result<u64, Refusal> {
        let ahead = if time > self.now { time.abs_diff(self.now) } else { 0 };
        if ahead > self.skew {
            return Err(Refusal::Future { claim, seconds: ahead, skew: self.skew });
        }
        Ok(if time < self.now { time.abs_diff(self.now) } else { 0 })
    }

    /// Refuses what was over before now (RFC 7519 §4.1.4), with what is allowed for clocks.
    pub(crate) fn before(self, expires_at: i64) -> Result<(), Refusal> {
        let seconds = expires_at.abs_diff(self.now);
        if expires_at > self.now || seconds < self.skew {
            return Ok(());
        }
        Err(Refusal::Expired { seconds, skew: self.skew })
    }

    /// Refuses what ends further ahead than `max` seconds, with what is allowed for clocks.
    pub(crate) fn not_far(self, expires_at: i64, max: u64) -> Result<(), Refusal> {
        let seconds = if expires_at > self.now { expires_at.abs_diff(self.now) } else { 0 };
        let max = max.saturating_add(self.skew);
        if seconds > max { Err(Refusal::Far { seconds, max }) } else { Ok(()) }
    }

    /// The `iat`: not ahead, and made `max` seconds ago at most.
    pub(crate) fn issued_at(self, claims: &Claims, max: u64) -> Result<i64, Refusal> {
        let issued_at = claims.required_time("iat")?;
        let seconds = self.age("iat", issued_at)?;
        let max = max.saturating_add(self.skew);
        if seconds > max {
            return Err(Refusal::Old { seconds, max });
        }
        if let Some(begins_at) = claims.time_of("nbf")? {
            self.age("nbf", begins_at)?;
        }
        Ok(issued_at)
    }
}

/// The `iss`, to the letter.
pub(crate) fn issuer(claims: &Claims, wanted: &str) -> Result<(), Refusal> {
    let found = claims.required_text("iss")?;
    if found == wanted {
        return Ok(());
    }
    Err(Refusal::Issuer { found: shown(found), wanted: wanted.to_owned() })
}

/// The `aud`, and how many it names.
pub(crate) fn audience(claims: &Claims, client_id: &str) -> Result<usize, Refusal> {
    let found = claims.texts_of("aud")?.ok_or(ClaimError::Missing("aud"))?;
    if found.contains(&client_id) {
        return Ok(found.len());
    }
    Err(Refusal::Audience { found: shown(&found.join(", ")), wanted: client_id.to_owned() })
}

/// A name that a provider gives to something, if it is there.
pub(crate) fn name(claims: &Claims, claim: &'static str) -> Result<Option<String>, Refusal> {
    let Some(text) = claims.text_of(claim)? else { return Ok(None) };
    if (1..=NAME_MAX).contains(&text.len()) && text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Ok(Some(text.to_owned()));
    }
    Err(Refusal::Name(claim))
}
