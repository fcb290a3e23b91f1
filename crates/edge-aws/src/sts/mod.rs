//! The sts service: handlers and rows.

pub(crate) mod routes;
