//! Where the pages about directories are.

use axum::Router;
use axum::routing::{get, post};

use crate::desk::Desk;
use crate::directories::{connect, delete, edit, run, trial, view};

/// The routes.
pub(crate) fn routes() -> Router<Desk> {
    Router::new()
        .route("/console/directories/new", get(connect::ask).post(connect::connect))
        .route("/console/directories/{id}", get(view::show).post(view::act))
        .route("/console/directories/{id}/edit", get(edit::ask).post(edit::edit))
        .route("/console/directories/{id}/test", post(trial::test))
        .route("/console/directories/{id}/runs/{run}", get(run::show).post(run::act))
        .route("/console/directories/{id}/delete", get(delete::show).post(delete::delete))
}
