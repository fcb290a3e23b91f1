//! Words of how people prove who they are.

pub mod colour;
pub mod console_login;
pub mod device_codes;
pub mod directory_answer;
pub mod invitation;
pub mod letter;
pub mod logo;
pub mod mfa;
pub mod oauth;
pub mod password_policy;
pub mod portal_session;
pub mod portal_settings;
pub mod session_settings;
