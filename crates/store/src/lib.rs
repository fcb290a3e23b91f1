//! SQL for every aggregate, on SQLite and PostgreSQL: rows in, rows out. No rule of the product lives here and no SQL lives
//! anywhere else.
//!
//! - [`db::Store`] opens an engine and runs closures: [`db::Store::read`] inline on the calling thread over a snapshot,
//!   [`db::Store::write`] in a transaction that also holds the call's audit record.
//! - Each aggregate has one file: its statements (one text for both engines, prepared on both by a test) and functions that
//!   take [`tx::Rx`] to read or [`tx::Tx`] to change, named for what they do to rows.
//!
//! ## Adding an aggregate
//! 1. Its table in a new file under `migrations/`, listed in [`migrate`].
//! 2. A file named as its resource, with a `statements!` block listed in `registry::ALL`.
//! 3. Its cases in `tests/it/`: the suite runs on both engines.

pub mod access_keys;
pub mod account_assignments;
pub mod account_creations;
pub mod accounts;
pub mod audit_pieces;
pub mod audit_records;
pub mod authorization_codes;
pub mod beginnings;
pub mod db;
pub mod device_authorizations;
pub mod effective_access;
pub mod error;
pub mod external_ids;
pub mod figures;
pub mod generations;
pub mod groups;
pub mod instances;
pub mod jobs;
pub mod key_checks;
mod known_instances;
pub mod memberships;
pub mod migrate;
pub mod oauth_clients;
pub mod organizations;
mod outsiders;
pub mod passwords;
pub mod permission_set_policies;
pub mod permission_sets;
pub mod portal_sessions;
mod postgres;
pub mod provisioned_permission_sets;
pub mod provisioning_requests;
mod races;
pub mod registry;
pub mod revocations;
pub mod roles;
pub mod row;
pub mod sealing;
pub mod sign_outs;
pub mod signin_attempts;
pub mod signing_keys;
mod snapshots;
mod sqlite;
pub mod statement;
pub mod tags;
pub mod tokens;
pub mod tx;
pub mod used_assertions;
pub mod users;
