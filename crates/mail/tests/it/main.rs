//! Deliveries to a server that a test scripts: what is said to it, what it must never hear, and how each refusal is judged. Real servers:
//! `tests/clients/suite.py`.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up must stop")]

mod delivery;
mod server;
