//! Service users, which programs call as, with their policies and keys; and the keys of the management account's root.

mod create;
mod delete;
mod holder;
mod key;
mod keys;
mod list;
mod policies;
mod routes;
mod user;

pub(crate) use routes::routes;
