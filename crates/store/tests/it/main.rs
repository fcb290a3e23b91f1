//! The conformance suite of the store: every case on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up must stop")]

mod audit_records;
mod directory;
mod effective_access;
mod engine;
mod jobs;
mod registry;
mod round_trips;
mod snapshots;
mod users_without_mfa_device;
