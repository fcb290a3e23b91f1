//! Provisioning tenants: identity providers that write people and groups here by SCIM, and the tokens that they call with.

pub(crate) mod create;
pub(crate) mod delete;
mod routes;
pub(crate) mod tenant;
pub(crate) mod token;
pub(crate) mod view;

pub(crate) use routes::routes;
