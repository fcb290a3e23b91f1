//! The routes of the AWS APIs: `POST /` told apart by target or form, and the paths of the REST services.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use axum::routing::{MethodFilter, on, post};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body_util::BodyExt as _;
use model::client_address::client_address;
use model::limits::{ANONYMOUS_BODY_BYTES_MAX, BODY_BYTES_MAX};
use wire::operation::{Auth, Protocol};

use crate::app::App;
use crate::dispatch::{self, Incoming};
use crate::table::Table;

/// How long a body may take to come.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Debug, Clone)]
struct Edge {
    app: App,
    table: Arc<Table>,
}

/// The router.
pub fn router(app: App) -> Router {
    let table = Arc::new(Table::new());
    let mut router = Router::new().route("/", post(root));
    for (method, path) in table.paths() {
        let filter = if method == "GET" { MethodFilter::GET } else { MethodFilter::POST };
        router = router.route(path, on(filter, rest));
    }
    router.with_state(Edge { app, table })
}

/// `POST /`: JSON 1.1 by `X-Amz-Target`, Query by a form's `Action`.
async fn root(
    State(edge): State<Edge>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let protocol = if is_form(request.headers()) { Protocol::Query } else { Protocol::AwsJson };
    let incoming = match read(&edge.app, peer, request, (protocol, BODY_BYTES_MAX)).await {
        Ok(incoming) => incoming,
        Err(refused) => return refused,
    };
    let headers = &incoming.parts.headers;
    if let Some(target) = headers.get("x-amz-target").and_then(|value| value.to_str().ok()) {
        if let Some(route) = edge.table.find_target(target) {
            return dispatch::serve(&edge.app, route, &incoming).await;
        }
        tracing::debug!(target, "unknown target");
        return dispatch::unknown(&edge.app, Protocol::AwsJson);
    }
    if protocol != Protocol::Query {
        return dispatch::unknown(&edge.app, protocol);
    }
    let route = wire::query::Form::parse(&incoming.body).ok().and_then(|form| {
        let (version, action) = (form.get("Version")?.to_owned(), form.get("Action")?.to_owned());
        edge.table.find_action(&version, &action)
    });
    match route {
        Some(route) => dispatch::serve(&edge.app, route, &incoming).await,
        None => dispatch::unknown(&edge.app, Protocol::Query),
    }
}

/// The REST services, by method and path.
async fn rest(
    State(edge): State<Edge>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let route = edge.table.find_path(request.method().as_str(), request.uri().path());
    let max = match route.map(|route| route.meta.auth) {
        Some(Auth::Anonymous) => ANONYMOUS_BODY_BYTES_MAX,
        _ => BODY_BYTES_MAX,
    };
    let incoming = match read(&edge.app, peer, request, (Protocol::RestJson, max)).await {
        Ok(incoming) => incoming,
        Err(refused) => return refused,
    };
    // CreateTokenWithIAM shares its path with CreateToken and is told apart by its query string alone.
    let with_iam =
        incoming.parts.uri.query().is_some_and(|query| query.split('&').any(|pair| pair == "aws_iam=t"));
    match route.filter(|_| !with_iam) {
        Some(route) => dispatch::serve(&edge.app, route, &incoming).await,
        None => dispatch::unknown(&edge.app, Protocol::RestJson),
    }
}

/// Reads a request whole, within bounds of size (`max`) and time; `protocol` is what a refusal speaks.
async fn read(
    app: &App,
    peer: SocketAddr,
    request: Request<Body>,
    (protocol, max): (Protocol, usize),
) -> Result<Incoming, Response> {
    let (parts, body) = request.into_parts();
    let forwarded = parts.headers.get_all("x-forwarded-for").iter().map(HeaderValue::as_bytes);
    let address = client_address(peer.ip(), forwarded, &app.trusted_proxies);
    match tokio::time::timeout(BODY_TIMEOUT, whole(body, max)).await {
        Ok(Some(body)) => Ok(Incoming { parts, body, address, now: app.clock.now() }),
        Ok(None) => {
            let text = format!("the request body is larger than {max} bytes, or was cut off");
            let refusal = ("RequestEntityTooLargeException", text.as_str());
            Err(dispatch::unserved(app, protocol, StatusCode::PAYLOAD_TOO_LARGE, refusal))
        }
        Err(_) => {
            let refusal = ("RequestTimeoutException", "the request body did not arrive in time");
            Err(dispatch::unserved(app, protocol, StatusCode::REQUEST_TIMEOUT, refusal))
        }
    }
}

/// A body of at most `max` bytes. Copied together as it comes: kept as it comes, a body in chunks of one byte would cost dozens for each.
async fn whole(mut body: Body, max: usize) -> Option<Bytes> {
    let mut read = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.ok()?.into_data() else { continue };
        if data.len() > max - read.len() {
            return None;
        }
        read.extend_from_slice(&data);
    }
    Some(read.into())
}

fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with(wire::query::CONTENT_TYPE))
}
