//! Instances, their Regions and the tags on their resources.

pub mod account_instances;
pub mod data_keys;
pub mod instances;
pub mod regions;
pub mod revocations;
pub mod signing_keys;
pub mod tags;
