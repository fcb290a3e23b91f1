//! The words of applications.

pub mod access_scope;
pub mod application;
pub mod application_assignment;
pub mod application_provider;
pub mod application_token;
pub mod authentication_method;
pub mod grant;
pub mod oidc_application;
pub mod oidc_client;
pub mod oidc_device;
pub mod oidc_participant;
pub mod oidc_token;
pub mod redirect_uri;
pub mod saml_application;
pub mod saml_certificate;
pub mod saml_participant;
pub mod trusted_token_issuer;
