//! Proofs made by a key, right and wrong.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must say where")]

mod proofs;
