//! Rows of the instance itself: its name, tags, keys and marks.

pub mod account_instances;
pub mod beginnings;
pub mod data_keys;
pub mod endings;
pub mod following;
pub mod instances;
pub mod key_checks;
pub(crate) mod known_instances;
pub mod regions;
pub mod resealing;
pub mod revocations;
pub mod signing_keys;
pub mod tags;
