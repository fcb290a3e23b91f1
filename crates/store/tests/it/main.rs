//! The conformance suite of the store: every case on SQLite and on PostgreSQL.

mod audit_records;
mod directory;
mod engine;
mod jobs;
mod registry;
