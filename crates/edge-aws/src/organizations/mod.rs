//! The organizations service: handlers and rows.

pub(crate) mod routes;
