//! Applications: what is registered, who is assigned, which tokens and assertions they may have and what those say of a person. Who a person is, is
//! `directory`'s; whether they are signed in, `signin`'s; which accounts they reach, `accounts`'s: `edge-portal` and `edge-aws` join them. Never learns of a
//! page or of a route.

pub mod access_scopes;
mod acting;
pub mod addresses;
pub mod application_access;
pub mod application_assignments;
pub mod application_codes;
mod application_portal_sessions;
pub mod application_providers;
pub mod application_sessions;
pub mod application_tokens;
pub mod applications;
pub mod assertions;
pub mod attribute_templates;
pub mod authentication_methods;
mod authn_contexts;
pub mod beginnings;
pub mod catalog;
pub mod gate;
pub mod grants;
pub mod issuer_keys;
pub mod oidc_addresses;
pub mod oidc_applications;
mod oidc_claims;
mod oidc_client_tokens;
pub mod oidc_clients;
pub mod oidc_devices;
mod oidc_gate;
pub mod oidc_keys;
pub mod oidc_logouts;
mod oidc_proofs;
pub mod oidc_pushed;
pub mod oidc_sign_ons;
pub mod oidc_sign_outs;
pub mod oidc_tokens;
pub mod oidc_uses;
pub mod saml_applications;
mod saml_assertions;
pub mod saml_certificates;
pub mod saml_logouts;
pub mod saml_questions;
pub mod saml_sign_ons;
pub mod token_keys;
pub mod token_requests;
pub mod trusted_token_issuers;
