//! Tests of the policy crate through its public face.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test may fail loudly")]

mod differences;
mod differential;
mod in_words;
mod judge;
mod managed;
mod oracle;
mod properties;
mod require;
mod semantics;
