//! The routes of the pages.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::portal::Portal;
use crate::{assets, authorize, device, form, keys, sign_in, start};

/// The router.
pub fn router(portal: Portal) -> Router {
    Router::new()
        .route("/start", get(start::show).head(start::head))
        .route("/start/keys", get(keys::show))
        .route("/start/credentials", post(keys::issue))
        .route("/start/config", get(start::config))
        .route("/signin", get(sign_in::show).post(sign_in::submit))
        .route("/signout", post(sign_in::sign_out))
        .route("/device", get(device::show).post(device::submit))
        .route("/authorize", get(authorize::show).post(authorize::submit))
        .route("/assets/{hash}/{name}", get(assets::serve))
        .layer(DefaultBodyLimit::max(form::FORM_MAX))
        .with_state(portal)
}
