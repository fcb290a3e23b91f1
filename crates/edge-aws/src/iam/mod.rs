//! The iam service: handlers and rows.

pub(crate) mod routes;
