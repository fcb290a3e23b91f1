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

pub mod accounts;
pub mod applications;
pub mod audit;
pub mod bearer;
pub mod counted;
mod data_key;
pub mod db;
pub mod directory;
mod engine;
pub mod error;
pub mod figures;
pub mod generations;
pub mod identity_context;
pub mod instances;
pub mod jobs;
pub mod migrate;
pub mod registry;
pub mod row;
pub mod sealing;
pub mod signin;
pub mod sources;
pub mod statement;
pub mod tables;
pub mod tx;
mod wakers;
