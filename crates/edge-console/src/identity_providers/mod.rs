//! Identity providers outside, by which people sign in: connected, tried, changed, and taken away.

mod certificates;
mod connect;
mod delete;
mod edit;
mod form;
mod list;
pub(crate) mod provider;
mod routes;

pub(crate) use routes::routes;
