//! The sso-oidc service: clients, the device flow and tokens, and tokens of applications.

mod application_tokens;
pub(crate) mod routes;
mod tokens;
