//! Where the pages about trusted token issuers are.

use axum::Router;
use axum::routing::get;

use crate::desk::Desk;
use crate::token_issuers::{create, delete, edit};

/// The routes.
pub(crate) fn routes() -> Router<Desk> {
    Router::new()
        .route("/console/token-issuers/new", get(create::ask).post(create::create))
        .route("/console/token-issuers/{id}", get(edit::ask).post(edit::edit))
        .route("/console/token-issuers/{id}/delete", get(delete::show).post(delete::delete))
}
