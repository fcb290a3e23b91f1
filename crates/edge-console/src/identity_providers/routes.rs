//! Where the pages about identity providers are.

use axum::Router;
use axum::routing::{get, post};

use crate::desk::Desk;
use crate::identity_providers::{certificates, connect, delete, edit, list, provider};

/// The routes.
pub(crate) fn routes() -> Router<Desk> {
    Router::new()
        .route("/console/identity-providers", get(list::list))
        .route("/console/identity-providers/new", get(connect::ask).post(connect::connect))
        .route("/console/identity-providers/{id}", get(provider::show).post(provider::act))
        .route("/console/identity-providers/{id}/try", post(provider::try_out))
        .route("/console/identity-providers/{id}/edit", get(edit::ask).post(edit::edit))
        .route("/console/identity-providers/{id}/certificates", post(certificates::import))
        .route("/console/identity-providers/{id}/certificates/{certificate}", post(certificates::delete))
        .route("/console/identity-providers/{id}/delete", get(delete::show).post(delete::delete))
}
