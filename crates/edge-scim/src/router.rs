//! Where SCIM is, and what it is served with.

use std::net::IpAddr;
use std::sync::Arc;

use audit::recorder::Recorder;
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::any;
use model::caller::Caller;
use model::clock::Clock;
use model::cx::{Cx, Surroundings};
use model::event::EventHead;
use model::fault::{Fault, FaultKind};
use store::db::Store;

use crate::refused::Refused;
use crate::served;

/// What SCIM is served with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Scim {
    /// The state.
    pub store: Store,
    /// Region, owner, mode, randomness.
    pub surroundings: Surroundings,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where records go that no transaction takes along.
    pub recorder: Recorder,
    /// The server's address, without a slash at its end.
    pub base_url: String,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
}

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
