//! The part of Organizations that clients of an identity center read, CreateAccount, organizational units, and tags.

mod accounts;
mod delegated_administrators;
mod organizational_units;
mod organizations;
mod pages;
mod policies;
pub(crate) mod routes;
mod tags;
