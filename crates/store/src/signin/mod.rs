//! Rows of how people prove who they are and what they were given for it: passwords, sessions, clients, codes, tokens.

pub mod authorization_codes;
pub mod device_authorizations;
pub mod directory_settings;
pub mod oauth_clients;
pub mod passwords;
pub mod portal_sessions;
pub mod sign_outs;
pub mod signin_attempts;
pub mod tokens;
