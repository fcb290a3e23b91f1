//! STS of the local account plane.

mod key_sessions;
pub(crate) mod routes;
mod saml;
pub(crate) mod sessions;
mod web_identity;
