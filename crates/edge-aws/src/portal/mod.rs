//! The portal service: handlers and rows.

pub(crate) mod routes;
