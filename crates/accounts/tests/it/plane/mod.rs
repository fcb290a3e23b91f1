//! The local account plane: who reaches what, what credentials are handed out, and what they may do afterwards.

mod access_uses;
mod account_creations;
mod effective_access;
mod login_credentials;
mod organizational_units;
mod organizations;
mod own_access;
mod portal_choices;
mod role_credentials;
mod role_sessions;
mod roles;
mod sts;
mod sts_saml;
mod support;
