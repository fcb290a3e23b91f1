//! The part of IAM that shows what provisioning made, and the policies that AWS manages.

mod policies;
mod roles;
pub(crate) mod routes;
