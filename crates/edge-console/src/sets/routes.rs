//! Where the pages of permission sets are.

use axum::Router;
use axum::routing::{get, post};

use crate::desk::Desk;
use crate::sets::{accounts, ask, check, create, delete, editor, list, overview, policies, settings, tags};

/// The routes.
pub(crate) fn routes() -> Router<Desk> {
    Router::new()
        .route("/console/permission-sets", get(list::list))
        .route("/console/permission-sets/new", get(create::show).post(create::create))
        .route("/console/permission-sets/check", post(check::check))
        .route("/console/permission-sets/{id}", get(overview::show))
        .route("/console/permission-sets/{id}/edit", get(settings::show).post(settings::save))
        .route("/console/permission-sets/{id}/policies", get(policies::show).post(policies::change))
        .route("/console/permission-sets/{id}/inline", get(editor::show).post(editor::save))
        .route("/console/permission-sets/{id}/accounts", get(accounts::show).post(accounts::provision))
        .route("/console/permission-sets/{id}/tags", get(tags::show).post(tags::change))
        .route("/console/permission-sets/{id}/ask", get(ask::show))
        .route("/console/permission-sets/{id}/delete", get(delete::show).post(delete::delete))
}
