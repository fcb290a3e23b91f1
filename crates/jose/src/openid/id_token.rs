//! ID tokens (OpenID Connect Core §2, §3.1.3.7): who signed in at the provider, for us, now, in answer to this one question. Which person that is
//! here is not known.

use aws_lc_rs::digest::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq as _;

use crate::algorithm::Algorithm;
use crate::json::shown;
use crate::jwks::KeySet;
use crate::jwt::{Rules, verify};
use crate::openid::claims::{ClaimError, Claims};
use crate::openid::common::{Clock, audience, issuer, name};
use crate::openid::refusal::Refusal;
use crate::secret::Secret;

/// How long ago an ID token may be made, in seconds, besides what is allowed for clocks: as long as the code that it was exchanged for may live
/// (RFC 6749 §4.1.2).
pub const AGE_MAX: u64 = 600;

/// What an ID token must be. [`AGE_MAX`] bounds its age.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'e> {
    /// The provider's issuer.
    pub issuer: &'e str,
    /// The client that asked.
    pub client_id: &'e str,
    /// The algorithms that are allowed: those of [`crate::openid::discovery::Provider::algorithms`], or the one that the client is set to.
    pub algorithms: &'e [Algorithm],
    /// The nonce that was sent.
    pub nonce: &'e Secret,
    /// The access token that came beside it, if one did.
    pub access_token: Option<&'e Secret>,
    /// The `max_age` that was asked for, in seconds.
    pub max_age: Option<u64>,
    /// Now, in seconds since the epoch.
    pub now: i64,
    /// How far the provider's clock may be off, in seconds.
    pub skew: u64,
}

/// An ID token that holds.
#[derive(Debug, Clone, PartialEq)]
pub struct IdToken {
    /// Who signed in: unique and for good within the issuer.
    pub subject: String,
    /// The session at the provider, which a logout token may name (`sid`).
    pub session: Option<String>,
    /// When it was made, in seconds since the epoch.
    pub issued_at: i64,
    /// When it ends.
    pub expires_at: i64,
    /// When the person last proved who they are, if the provider says so. There, if `max_age` was asked for.
    pub signed_in_at: Option<i64>,
    /// How well they proved it, in the provider's words (`acr`).
    pub assurance: Option<String>,
    /// By what they proved it (`amr`, RFC 8176): `pwd`, `mfa`, `hwk`…
    pub methods: Vec<String>,
    /// Everything that it says.
    pub claims: Claims,
}

impl IdToken {
    /// Judges an ID token.
    pub fn verify(token: &str, keys: &KeySet, expected: &Expected<'_>) -> Result<Self, Refusal> {
        let rules = Rules { algorithms: expected.algorithms, types: &["jwt"] };
        let verified = verify(token, keys, &rules)?;
        let algorithm = verified.algorithm();
        let claims = Claims::new(verified.into_payload());
        let clock = Clock { now: expected.now, skew: expected.skew };
        issuer(&claims, expected.issuer)?;
        party(&claims, expected.client_id)?;
        if claims.has("events") {
            return Err(Refusal::Event);
        }
        let nonce = claims.required_text("nonce")?;
        if !expected.nonce.matches(nonce) {
            return Err(Refusal::Nonce);
        }
        let expires_at = claims.required_time("exp")?;
        clock.before(expires_at)?;
        let issued_at = clock.issued_at(&claims, AGE_MAX)?;
        access_token_hash(&claims, algorithm, expected.access_token)?;
        let signed_in_at = signed_in_at(&claims, clock, expected.max_age)?;
        Ok(Self {
            subject: name(&claims, "sub")?.ok_or(ClaimError::Missing("sub"))?,
            session: name(&claims, "sid")?,
            issued_at,
            expires_at,
            signed_in_at,
            assurance: claims.text_of("acr")?.map(str::to_owned),
            methods: claims.texts_of("amr")?.unwrap_or_default().into_iter().map(str::to_owned).collect(),
            claims,
        })
    }
}

/// For us, and given to us (§3.1.3.7, 3 to 5).
fn party(claims: &Claims, client_id: &str) -> Result<(), Refusal> {
    let audiences = audience(claims, client_id)?;
    match claims.text_of("azp")? {
        Some(party) if party == client_id => Ok(()),
        Some(party) => Err(Refusal::Party { found: shown(party), wanted: client_id.to_owned() }),
        None if audiences > 1 => Err(Refusal::NoParty(audiences)),
        None => Ok(()),
    }
}

/// Half of the access token's digest (§3.1.3.6), where both are there.
fn access_token_hash(
    claims: &Claims,
    algorithm: Algorithm,
    access_token: Option<&Secret>,
) -> Result<(), Refusal> {
    let (Some(said), Some(access_token)) = (claims.text_of("at_hash")?, access_token) else { return Ok(()) };
    let hash = digest(algorithm.digest(), access_token.expose().as_bytes());
    let half = hash.as_ref().split_at(hash.as_ref().len() / 2).0;
    if URL_SAFE_NO_PAD.encode(half).as_bytes().ct_eq(said.as_bytes()).into() {
        return Ok(());
    }
    Err(Refusal::AccessTokenHash)
}

/// When the person proved who they are (§2, §3.1.2.1): not longer ago than was asked for.
fn signed_in_at(claims: &Claims, clock: Clock, max_age: Option<u64>) -> Result<Option<i64>, Refusal> {
    let signed_in_at = claims.time_of("auth_time")?;
    let age = signed_in_at.map(|time| clock.age("auth_time", time)).transpose()?;
    if let Some(max) = max_age {
        let max = max.saturating_add(clock.skew);
        let seconds = age.ok_or(ClaimError::Missing("auth_time"))?;
        if seconds > max {
            return Err(Refusal::SignedInLongAgo { seconds, max });
        }
    }
    Ok(signed_in_at)
}
