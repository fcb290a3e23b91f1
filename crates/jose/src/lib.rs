//! JSON Web Signatures (RFC 7515), the P-256 keys that make them (RFC 7517, 7518, 7638) and what they are for here: proofs of possession
//! (DPoP, RFC 9449). It knows no client, no token and no clock.
//!
//! - [`dpop::Proof::verify`] judges the proof that comes with a request, and says whose key made it.
//! - [`jws::signed`] writes a token that somebody else reads.
//!
//! What signs is never named by the message: a proof is ES256 or nothing, so that no other algorithm, `none` among them, is ever tried.

pub mod dpop;
pub mod error;
pub mod jws;
pub mod key;
