//! Rows of what can be reached: the organization, its accounts, permission sets, assignments, and the roles they become.

pub mod access;
pub mod access_keys;
pub mod access_uses;
pub mod account_assignments;
pub mod account_creations;
pub mod accounts;
pub mod assignment_batches;
pub mod effective_access;
pub mod organizational_units;
pub mod organizations;
pub mod permission_set_policies;
pub mod permission_sets;
pub mod portal_choices;
pub mod provisioned_permission_sets;
pub mod provisioning_requests;
pub mod roles;
pub mod service_users;
pub mod summaries;
pub mod used_assertions;
