//! Runs of directories against the real OpenLDAP, on both engines.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must say where")]

mod brake;
mod changes;
mod first;
mod memberships;
mod reaching;
mod several;
mod slapd;
mod watches;
mod world;
