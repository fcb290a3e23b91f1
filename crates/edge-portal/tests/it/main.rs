//! The pages, asked through their router as a browser asks.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must say where")]

mod application;
mod brand;
mod choosing;
mod consent;
mod external;
mod guard;
mod hosts;
mod languages;
mod late;
mod login;
mod oidc_applications;
mod oidc_attacks;
mod oidc_client;
mod oidc_grants;
mod portal;
mod provider;
mod saml_applications;
mod saml_logouts;
mod signing_in;
mod traces;
mod world;
