//! Directories from which people and groups are read: connected, tried, read, held by the brake, paused, and taken away. They are listed with the identity
//! providers.

mod connect;
mod delete;
pub(crate) mod directory;
mod edit;
mod form;
mod routes;
mod run;
mod trial;
mod view;

pub(crate) use routes::routes;
