//! Permission sets: what a role may do in the accounts that it is provisioned to, and whether they hold the latest.

mod accounts;
mod ask;
mod check;
mod create;
mod delete;
mod editor;
mod list;
mod overview;
mod policies;
mod predefined;
pub(crate) mod routes;
mod sayable;
mod set;
mod settings;
mod source;
mod tags;
mod told;
mod words;
