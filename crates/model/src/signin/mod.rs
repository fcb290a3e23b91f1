//! Words of how people prove who they are.

pub mod console_login;
pub mod invitation;
pub mod letter;
pub mod mfa;
pub mod oauth;
pub mod password_policy;
pub mod portal_session;
pub mod session_settings;
