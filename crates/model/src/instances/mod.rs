//! Words of the instance itself.

pub mod instance;
pub mod tag;
