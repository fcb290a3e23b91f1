//! Trusted token issuers: whose tokens applications may exchange for ones of here. They are listed with the applications.

mod create;
mod delete;
mod edit;
mod form;
pub(crate) mod issuer;
mod routes;

pub(crate) use routes::routes;
