//! Where SCIM is.

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::any;
use model::caller::Caller;
use model::cx::Cx;
use model::event::EventHead;
use model::fault::{Fault, FaultKind};

use crate::refused::Refused;
use crate::served;
use crate::state::Scim;

/// The addresses of every tenant.
pub fn router(scim: Scim) -> Router {
    Router::new()
        .route("/{tenant}/scim/v2", any(serve_root))
        .route("/{tenant}/scim/v2/", any(serve_root))
        .route("/{tenant}/scim/v2/{*rest}", any(serve))
        .with_state(scim)
}

async fn serve_root(State(scim): State<Scim>, Path(tenant): Path<String>, request: Request) -> Response {
    served::serve(scim, tenant, request).await
}

async fn serve(
    State(scim): State<Scim>,
    Path((tenant, _)): Path<(String, String)>,
    request: Request,
) -> Response {
    served::serve(scim, tenant, request).await
}

/// The answer to who was refused too often of late, of whose request nothing is read.
pub fn slowed(scim: &Scim, seconds: u32) -> Response {
    let cx = Cx::new(&scim.surroundings, Caller::anonymous(), scim.clock.now(), EventHead::default());
    let message = format!("Too many calls without a good token: try again in {seconds} s");
    Refused::from(Fault::new(FaultKind::Throttled(seconds), message))
        .answer(&cx)
        .into_response(&cx.request_id)
}
