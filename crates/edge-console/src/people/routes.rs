//! Where the pages about people are.

use axum::Router;
use axum::routing::{get, post};

use crate::desk::Desk;
use crate::people::{create, delete, edit, factor, groups, list, overview, sign_in, without_mfa_device};

/// The routes.
pub(crate) fn routes() -> Router<Desk> {
    Router::new()
        .route("/console/people", get(list::list))
        .route("/console/people/new", get(create::show).post(create::create))
        .route("/console/people/without-mfa-device", get(without_mfa_device::show))
        .route("/console/people/{id}", get(overview::show))
        .route("/console/people/{id}/status", post(overview::set_status))
        .route("/console/people/{id}/edit", get(edit::show).post(edit::save))
        .route("/console/people/{id}/groups", get(groups::show).post(groups::change))
        .route("/console/people/{id}/sign-in", get(sign_in::show))
        .route("/console/people/{id}/password", post(sign_in::password))
        .route("/console/people/{id}/invitations", post(sign_in::invitations))
        .route("/console/people/{id}/factors", post(sign_in::bypass))
        .route("/console/people/{id}/factors/{device}", get(factor::show).post(factor::change))
        .route("/console/people/{id}/sessions", post(sign_in::sessions))
        .route("/console/people/{id}/delete", get(delete::show).post(delete::delete))
}
