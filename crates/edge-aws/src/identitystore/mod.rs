//! The identitystore service: handlers and rows.

pub(crate) mod routes;
