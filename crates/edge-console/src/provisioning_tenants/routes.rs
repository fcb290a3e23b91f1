//! Where the pages about provisioning tenants are. They are listed with the identity providers.

use axum::Router;
use axum::routing::{get, post};

use crate::desk::Desk;
use crate::provisioning_tenants::{create, delete, token, view};

/// The routes.
pub(crate) fn routes() -> Router<Desk> {
    Router::new()
        .route("/console/provisioning-tenants/new", get(create::ask).post(create::create))
        .route("/console/provisioning-tenants/{id}", get(view::show))
        .route("/console/provisioning-tenants/{id}/tokens", post(view::make_token))
        .route("/console/provisioning-tenants/{id}/tokens/{token}", get(token::show).post(token::delete))
        .route("/console/provisioning-tenants/{id}/delete", get(delete::show).post(delete::delete))
}
