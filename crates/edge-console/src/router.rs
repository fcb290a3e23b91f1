//! The routes of the console.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::{get, post};
use edge_aws::app::App;
use edge_aws::inside::Inside;
use edge_portal::portal::Portal;
use edge_portal::{headers, misplaced};

use crate::desk::Desk;
use crate::{dashboard, fields, people};

/// The router.
pub fn router(portal: Portal, app: App) -> Router {
    let secure = portal.is_secure();
    let hardened = move |mut response: Response| async move {
        headers::harden(&mut response, secure);
        response
    };
    let lead_home = from_fn_with_state(portal.clone(), misplaced::lead_home);
    let desk = Desk { portal, inside: Inside::new(app) };
    Router::new()
        .route("/console", get(dashboard::show))
        .route("/console/role", post(dashboard::choose_role))
        .route("/console/people", get(people::list))
        .route_layer(lead_home)
        .layer(DefaultBodyLimit::max(fields::FORM_MAX))
        .layer(map_response(hardened))
        .with_state(desk)
}
