//! The part of Organizations that clients of an identity center read, CreateAccount, and tags.

mod accounts;
mod delegated_administrators;
mod organizations;
mod pages;
mod policies;
pub(crate) mod routes;
mod tags;
