//! Accounts that are somewhere else: what changes their roles, and what comes of what they say.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must say where")]

mod elsewhere;
mod pace;
mod steps;
