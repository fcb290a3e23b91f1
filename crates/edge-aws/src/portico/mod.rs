//! The portico service: what AWS's console does and no API of AWS's. Handlers and rows.

mod mfa_devices;
mod passwords;
pub(crate) mod routes;
mod sessions;
mod users;
