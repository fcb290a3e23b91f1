//! Proofs made by a key, and a provider's tokens and answers: right and wrong, our own and others'.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must say where")]

mod assertions;
mod attacks;
mod claims;
mod discovery;
mod others;
mod pairs;
mod proofs;
mod sets;
mod sign_in;
mod tokens;
