//! The part of Organizations that clients of an identity center read, and CreateAccount.

mod accounts;
mod organizations;
pub(crate) mod routes;
