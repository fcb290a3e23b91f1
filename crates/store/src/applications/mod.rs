//! Rows of applications: what is registered, who is assigned, what they were given.

pub mod access_scopes;
pub mod application_access;
pub mod application_assignments;
pub mod application_codes;
pub mod application_tokens;
pub mod applications;
pub mod authentication_methods;
pub mod grants;
pub mod issuer_keys;
pub mod oidc_applications;
pub mod oidc_client_tokens;
pub mod oidc_codes;
pub mod oidc_devices;
pub mod oidc_keys;
pub mod oidc_participants;
pub mod oidc_pushed_requests;
pub mod oidc_secrets;
pub mod oidc_tokens;
pub mod permitted_tokens;
pub mod saml_applications;
pub mod saml_certificates;
pub mod saml_participants;
pub mod saml_sign_outs;
pub mod trusted_token_issuers;
