//! Multi-account permissions: accounts, permission sets, assignments, provisioning, effective access and role credentials.

pub mod access;
pub mod access_keys;
mod access_pages;
pub mod account_assignments;
pub mod account_creations;
pub mod accounts;
pub mod assignment_batch_work;
pub mod assignment_batches;
pub mod effective_access;
pub mod instance;
pub mod login_credentials;
pub mod managed_policies;
mod organization;
pub mod organization_tags;
pub mod organizations;
pub mod permission_set_policies;
pub mod permission_sets;
mod provisioned_roles;
pub mod provisioning;
pub mod provisioning_requests;
pub mod role_credentials;
pub mod role_sessions;
pub mod roles;
pub mod service_users;
pub mod session_policies;
pub mod sts;
pub mod sts_saml;
