//! SCIM among the pages, with the limits of what anybody may call before it: whoever is refused too often for want of a good token waits, by address, as
//! everywhere.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::any;
use directory::counting::Numbers;
use edge_aws::rates::Rates;
use edge_portal::portal::Portal;
use edge_scim::router::slowed;
use edge_scim::state::Scim;
use http::{HeaderName, HeaderValue, StatusCode, header};
use model::client_address::client_address;
use model::instances::region::Here;

/// What a proxy says of whom it speaks for.
static FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The addresses of SCIM, served with what pages are served with.
pub(crate) fn router(pages: &Portal, rates: Rates) -> Router {
    let scim = Scim {
        store: pages.store.clone(),
        surroundings: pages.surroundings.clone(),
        clock: pages.clock.clone(),
        recorder: pages.recorder.clone(),
        base_url: pages.signin.portal_base_url.clone(),
        hasher: pages.hasher.clone(),
        signin: pages.signin.clone(),
        trusted_proxies: pages.trusted_proxies.clone(),
        numbers: Numbers::default(),
    };
    edge_scim::router::router(scim.clone()).layer(from_fn_with_state((scim, rates), admit))
}

/// What stands there in a Region that follows: people come to the primary Region (at AWS too SCIM is of the primary alone).
pub(crate) fn elsewhere(here: &Here) -> Router {
    let why = format!(
        "This is the Region {}: send people to the primary Region, at {}",
        here.name, here.primary_url
    );
    let body = serde_json::json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": "403",
        "detail": why,
    });
    let body = body.to_string();
    let refuse = move || {
        let answer = ([(header::CONTENT_TYPE, "application/scim+json")], body.clone());
        std::future::ready((StatusCode::FORBIDDEN, answer))
    };
    let refuse = any(refuse);
    let root =
        Router::new().route("/{tenant}/scim/v2", refuse.clone()).route("/{tenant}/scim/v2/", refuse.clone());
    root.route("/{tenant}/scim/v2/{*rest}", refuse)
}

/// Counts a request as refused until it turns out that it was not.
async fn admit(
    State((scim, rates)): State<(Scim, Rates)>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let forwarded = request.headers().get_all(&FORWARDED_FOR).iter().map(HeaderValue::as_bytes);
    let address = client_address(peer.ip(), forwarded, &scim.trusted_proxies);
    let now = scim.clock.now();
    if let Err(seconds) = rates.try_again(address, now) {
        tracing::trace!(target: model::counted::TARGET, what = "call", result = "slowed", source = %address);
        return slowed(&scim, seconds);
    }
    let answer = next.run(request).await;
    if answer.status() != StatusCode::UNAUTHORIZED {
        rates.was_right(address, now);
    }
    answer
}
