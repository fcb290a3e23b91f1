//! sso-admin: handlers and rows. Multi-account permissions and applications over the wire.

mod access_control_attributes;
mod access_scopes;
mod account_assignments;
mod application_assignments;
mod application_providers;
mod application_sessions;
mod applications;
mod authentication_methods;
mod grants;
pub(crate) mod ids;
mod instances;
mod permission_set_policies;
mod permission_sets;
mod provisioning;
mod regions;
pub(crate) mod routes;
mod tags;
mod trusted_token_issuers;
