//! Instances and the tags on their resources.

pub mod instances;
pub mod revocations;
pub mod tags;
