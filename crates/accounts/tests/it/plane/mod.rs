//! The local account plane: who reaches what, what credentials are handed out, and what they may do afterwards.

mod access_control_attributes;
mod access_uses;
mod account_creations;
mod authorization_messages;
mod chaining;
mod effective_access;
mod login_credentials;
mod oidc_providers;
mod organizational_units;
mod organizations;
mod own_access;
mod policies;
mod policy_simulation;
mod portal_choices;
mod role_credentials;
mod role_policies;
mod role_sessions;
mod roles;
mod roles_made;
mod service_control_policies;
mod sts;
mod sts_saml;
mod support;
mod users;
