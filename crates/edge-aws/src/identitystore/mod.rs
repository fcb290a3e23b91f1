//! The identitystore service: handlers and rows.

mod groups;
mod identity_stores;
pub(crate) mod ids;
mod memberships;
mod profiles;
pub(crate) mod routes;
mod users;
