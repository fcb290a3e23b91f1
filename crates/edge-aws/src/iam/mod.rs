//! The part of IAM that shows what provisioning made.

mod roles;
pub(crate) mod routes;
