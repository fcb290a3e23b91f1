//! Words of what can be reached, and by which way.

pub mod account;
pub mod account_assignment;
pub mod assignment_batch;
pub mod organization;
pub mod organizational_unit;
pub mod permission_set;
pub mod portal_choice;
pub mod role;
pub mod search;
pub mod service_user;
