//! STS of the local account plane.

pub(crate) mod routes;
mod saml;
mod sessions;
