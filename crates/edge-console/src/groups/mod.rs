//! Groups: what they are called, who is in them, what they give.

mod change;
mod delete;
pub(crate) mod group;
mod list;
mod member_groups;
mod members;
mod routes;

pub(crate) use routes::routes;
