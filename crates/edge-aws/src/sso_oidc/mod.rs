//! The sso_oidc service: handlers and rows.

pub(crate) mod routes;
