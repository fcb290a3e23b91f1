//! Rows of how people prove who they are and what they were given for it: passwords, sessions, clients, codes, tokens; and the letters that they are sent.

pub mod authorization_codes;
pub mod consents;
pub mod console_login_codes;
pub mod console_logins;
pub mod device_authorizations;
pub mod directory_settings;
pub mod invitations;
pub mod mails;
pub mod mfa_devices;
pub mod oauth_clients;
pub mod one_time_codes;
pub mod passwords;
pub mod portal_sessions;
pub mod remembered_browsers;
pub mod sign_in_flows;
pub mod sign_outs;
pub mod signin_attempts;
pub mod tokens;
pub mod unlocks;
pub mod used_proofs;
pub mod user_sign_ins;
pub mod users_without_mfa_device;
