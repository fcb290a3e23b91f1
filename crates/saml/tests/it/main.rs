//! SAML messages: ours before another implementation, another's before ours, and forged ones before nobody.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must say where")]

mod answers;
mod assertions;
mod downgrades;
mod encrypted;
mod encrypting;
mod foreign;
mod inside_out;
mod interop;
mod issued;
mod keys;
mod logout;
mod messages;
mod metadata;
mod mutations;
mod redirect;
mod redirect_attacks;
mod requests;
mod tools;
mod wrapping;
mod wrapping_responses;
