//! sso-admin: handlers and rows. Multi-account permissions over the wire.

mod account_assignments;
pub(crate) mod ids;
mod instances;
mod permission_set_policies;
mod permission_sets;
mod provisioning;
pub(crate) mod routes;
mod tags;
