//! The routes of the pages.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::{get, post};

use crate::portal::Portal;
use crate::{assets, authorize, device, form, headers, keys, misplaced, sign_in, start};

/// The router. Its fallback answers what no other router knows.
pub fn router(portal: Portal) -> Router {
    let secure = portal.is_secure();
    let hardened = move |mut response: Response| async move {
        headers::harden(&mut response, secure);
        response
    };
    let lead_home = from_fn_with_state(portal.clone(), misplaced::lead_home);
    Router::new()
        .route("/start", get(start::show).head(start::head))
        .route("/start/keys", get(keys::show))
        .route("/start/credentials", post(keys::issue))
        .route("/start/config", get(start::config))
        .route("/signin", get(sign_in::show).post(sign_in::submit))
        .route("/signout", post(sign_in::sign_out))
        .route("/device", get(device::show).post(device::submit))
        .route("/authorize", get(authorize::show).post(authorize::submit))
        .route_layer(lead_home)
        // Below here nothing reads or sets a cookie; `/` is also where programs call.
        .route("/", get(start::root))
        .route("/assets/{hash}/{name}", get(assets::serve))
        .fallback(start::nowhere)
        .layer(DefaultBodyLimit::max(form::FORM_MAX))
        .layer(map_response(hardened))
        .with_state(portal)
}
