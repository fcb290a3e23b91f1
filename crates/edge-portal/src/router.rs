//! The routes of the pages.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{get, post};

use crate::portal::Portal;
use crate::{assets, authorize, device, form, headers, keys, sign_in, start};

/// The router. Its fallback answers what no other router knows.
pub fn router(portal: Portal) -> Router {
    let secure = portal.is_secure();
    let hardened = move |mut response: Response| async move {
        headers::harden(&mut response, secure);
        response
    };
    Router::new()
        .route("/", get(start::root))
        .route("/start", get(start::show).head(start::head))
        .route("/start/keys", get(keys::show))
        .route("/start/credentials", post(keys::issue))
        .route("/start/config", get(start::config))
        .route("/signin", get(sign_in::show).post(sign_in::submit))
        .route("/signout", post(sign_in::sign_out))
        .route("/device", get(device::show).post(device::submit))
        .route("/authorize", get(authorize::show).post(authorize::submit))
        .route("/assets/{hash}/{name}", get(assets::serve))
        .fallback(start::nowhere)
        .layer(DefaultBodyLimit::max(form::FORM_MAX))
        .layer(map_response(hardened))
        .with_state(portal)
}
