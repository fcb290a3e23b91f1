//! The part of Organizations that clients of an identity center read, CreateAccount, organizational units, service control policies, and tags.

mod accounts;
mod delegated_administrators;
mod organizational_units;
mod organizations;
mod pages;
mod policies;
mod policy_attachments;
mod policy_types;
pub(crate) mod routes;
mod tags;
