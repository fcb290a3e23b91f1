//! The signin service: the tokens of `aws login`. Its pages are those of `edge-portal`.

mod console_logins;
pub(crate) mod routes;
