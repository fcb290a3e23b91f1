//! The portal API: accounts, roles and role credentials of the person behind an access token.

pub(crate) mod access;
pub(crate) mod routes;
