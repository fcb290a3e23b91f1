//! Tokens of the JOSE family as values: JSON Web Signatures, keys and sets of them, proofs of possession, and OpenID Connect as the side that
//! relies on a provider. Pure: nobody's keys are looked up here, and there is no state, no clock, no randomness and no network.
//!
//! - [`dpop::Proof::verify`] judges the proof that comes with a request, and says whose key made it.
//! - [`jws::signed`] writes a token that somebody else reads.
//! - [`jwks::KeySet::read`] reads the keys that a provider publishes, and [`jwt::verify`] gives the payload of a token that one of them signed.
//! - [`pkce::proves`] says whether whoever brings a code is who asked for it.
//! - [`openid`] is a sign-in at somebody else's provider, step by step.
//!
//! A message never chooses what verifies it. A proof is ES256 or nothing. A token may name one of the keys that the caller got from the provider
//! and one of the algorithms that the caller allows; the algorithm must be the key's own, and no key or address in a header is looked at.

pub mod algorithm;
pub mod dpop;
pub mod error;
pub mod jwk;
pub mod jwks;
pub mod jws;
pub mod jwt;
pub mod key;
pub mod openid;
pub mod pkce;
pub mod secret;

mod address;
mod form;
mod json;
