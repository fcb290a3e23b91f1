//! Words of what can be reached, and by which way.

pub mod access_control_attribute;
pub mod account;
pub mod account_assignment;
pub mod account_bootstrap;
pub mod account_connection;
pub mod account_drift;
pub mod assignment_batch;
pub mod iam_group;
pub mod oidc_provider;
pub mod organization;
pub mod organization_connection;
pub mod organizational_unit;
pub mod permission_set;
pub mod policy;
pub mod portal_choice;
pub mod role;
pub mod search;
pub mod service_control_policy;
pub mod service_user;
