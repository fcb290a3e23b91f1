//! Rows of the instance itself: its name, tags, keys and marks.

pub mod beginnings;
pub mod instances;
pub mod key_checks;
pub(crate) mod known_instances;
pub mod revocations;
pub mod signing_keys;
pub mod tags;
