//! Whom sources own: who they are, and taking them over or handing them over.

pub(crate) mod hand_over;
pub(crate) mod list;
mod routes;
pub(crate) mod source;

pub(crate) use routes::routes;
