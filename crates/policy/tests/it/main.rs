//! Tests of the policy crate through its public face.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod differences;
mod differential;
mod managed;
mod oracle;
mod properties;
mod require;
mod semantics;
