//! The sso-oidc service: clients, the device flow and tokens.

pub(crate) mod routes;
mod tokens;
