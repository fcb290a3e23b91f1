//! Words of the instance itself.

pub mod data_key;
pub mod instance;
pub mod region;
pub mod tag;
