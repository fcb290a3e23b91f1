//! Words of how people prove who they are.

pub mod oauth;
pub mod password_policy;
pub mod portal_session;
