//! Applications as administrators and programs meet them, and the catalog as data.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop and say where")]

mod application_access;
mod application_assignments;
mod application_codes;
mod application_tokens;
mod applications;
mod assertions;
mod background_sessions;
mod catalog;
mod granted;
mod issuing;
mod oidc_applications;
mod oidc_grants;
mod permitted_tokens;
mod saml_applications;
mod trusted_token_issuers;
mod world;
