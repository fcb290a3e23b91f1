//! People: who is there, what they are called, how they come in, what groups they are in, what they reach.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod edit;
pub(crate) mod factor;
pub(crate) mod groups;
pub(crate) mod list;
pub(crate) mod overview;
pub(crate) mod person;
pub(crate) mod profile;
mod routes;
pub(crate) mod sign_in;
mod sources;
pub(crate) mod without_mfa_device;

pub(crate) use routes::routes;
