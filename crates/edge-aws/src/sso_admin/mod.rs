//! The sso_admin service: handlers and rows.

pub(crate) mod routes;
