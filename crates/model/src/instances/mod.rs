//! Words of the instance itself.

pub mod instance;
pub mod region;
pub mod tag;
