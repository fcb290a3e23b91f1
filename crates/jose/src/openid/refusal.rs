//! Why an ID token or a logout token is refused, in sentences that an administrator can act on. They hold nothing secret; what a stranger hears of
//! them is the caller's matter.

use thiserror::Error;

use crate::jwt::JwtError;
use crate::openid::claims::ClaimError;

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// It is no token that the provider signed.
    #[error(transparent)]
    Token(#[from] JwtError),
    /// A claim is missing or of another type.
    #[error("in the token, {0}")]
    Claim(#[from] ClaimError),
    /// From somebody else.
    #[error(
        "the token's iss is {found}, not {wanted}: it is another provider's, or the issuer is not written as the provider writes it"
    )]
    Issuer {
        /// What it says.
        found: String,
        /// What it must say.
        wanted: String,
    },
    /// For somebody else.
    #[error(
        "the token's aud is {found}, without the client id {wanted}: it was made for another application"
    )]
    Audience {
        /// What it says.
        found: String,
        /// What must be among it.
        wanted: String,
    },
    /// Given to somebody else.
    #[error("the token's azp is {found}, not the client id {wanted}: it was given to another application")]
    Party {
        /// What it says.
        found: String,
        /// What it must say.
        wanted: String,
    },
    /// For several, and not said to whom it was given.
    #[error("the token's aud names {0} applications, and no azp says which of them it was given to")]
    NoParty(usize),
    /// Over.
    #[error(
        "the token expired {seconds} s ago, with {skew} s of grace: is the clock of this machine right, and the provider's?"
    )]
    Expired {
        /// How long ago.
        seconds: u64,
        /// What is allowed for clocks.
        skew: u64,
    },
    /// From the future.
    #[error(
        "the token's {claim} is {seconds} s ahead of this machine's time, {skew} s at most: is the clock of this machine right, and the provider's?"
    )]
    Future {
        /// The claim.
        claim: &'static str,
        /// How far ahead.
        seconds: u64,
        /// How far it may be.
        skew: u64,
    },
    /// Good for too long.
    #[error("the token ends in {seconds} s, {max} s at most: have the issuer make tokens that end sooner")]
    Far {
        /// How far ahead it ends.
        seconds: u64,
        /// How far it may.
        max: u64,
    },
    /// From too long ago.
    #[error("the token was made {seconds} s ago, {max} s at most: it is an old one, or a clock is wrong")]
    Old {
        /// How long ago.
        seconds: u64,
        /// How long ago it may be.
        max: u64,
    },
    /// Of another sign-in.
    #[error("the token's nonce is not that of this sign-in: it was made for another one")]
    Nonce,
    /// Of another access token.
    #[error("the token's at_hash is not that of the access token beside it: one of the two was exchanged")]
    AccessTokenHash,
    /// The person was to prove themselves again and did so too long ago.
    #[error(
        "the person last signed in at the provider {seconds} s ago, {max} s at most were asked for (max_age): the provider did not ask them again"
    )]
    SignedInLongAgo {
        /// How long ago.
        seconds: u64,
        /// How long ago it may be.
        max: u64,
    },
    /// No name for the person, or one that no provider may give.
    #[error("the token's {0} must be 1 to 255 printable ASCII characters")]
    Name(&'static str),
    /// A logout token where an ID token should be.
    #[error("the token has events: it is a logout token or an event, not an ID token")]
    Event,
    /// Not about a logout.
    #[error("the token's events do not hold an object named {0}: it is no logout token")]
    NoLogout(&'static str),
    /// An ID token where a logout token should be.
    #[error("the token has a nonce: it is an ID token, not a logout token")]
    NotLogout,
    /// A logout of nobody.
    #[error("the token has neither sub nor sid: it says nothing of whose sessions end")]
    Nobody,
}
