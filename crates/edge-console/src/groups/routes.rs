//! Where the pages about groups are.

use axum::Router;
use axum::routing::get;

use crate::desk::Desk;
use crate::groups::{change, delete, list, member_groups, members};

/// The routes.
pub(crate) fn routes() -> Router<Desk> {
    Router::new()
        .route("/console/groups", get(list::list))
        .route("/console/groups/new", get(change::ask).post(change::create))
        .route("/console/groups/{id}", get(members::show).post(members::change))
        .route("/console/groups/{id}/groups", get(member_groups::show).post(member_groups::change))
        .route("/console/groups/{id}/edit", get(change::show).post(change::save))
        .route("/console/groups/{id}/delete", get(delete::show).post(delete::delete))
}
