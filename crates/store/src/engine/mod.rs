//! The two engines: how SQLite and PostgreSQL read, commit, notice others and run again what lost a race. Only [`crate::db`] calls them.

pub(crate) mod group;
mod lookout;
pub(crate) mod outsiders;
pub(crate) mod postgres;
pub(crate) mod races;
pub(crate) mod snapshots;
pub(crate) mod sqlite;
