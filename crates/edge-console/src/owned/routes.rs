//! Where the pages about whom sources own are.

use axum::Router;
use axum::routing::get;

use crate::desk::Desk;
use crate::owned::{hand_over, list};

/// The routes.
pub(crate) fn routes() -> Router<Desk> {
    Router::new()
        .route("/console/owners", get(hand_over::ask).post(hand_over::hand_over))
        .route("/console/directories/{id}/owned", get(list::of_directory))
        .route("/console/identity-providers/{id}/owned", get(list::of_provider))
        .route("/console/provisioning-tenants/{id}/owned", get(list::of_tenant))
}
