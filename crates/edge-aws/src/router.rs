//! The routes of the AWS APIs: the root, told apart by target or action, and the paths of the REST services. They come before the pages, and no
//! router comes before them: what a request is meant for is decided here in one look.

use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{ConnectInfo, State};
use axum::response::Response;
use axum::routing::{MethodFilter, on, post};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt as _;
use model::client_address::{OverTls, client_address, is_secure};
use model::limits::{ANONYMOUS_BODY_BYTES_MAX, BODY_BYTES_MAX, FORM_BYTES_MAX};
use percent_encoding::percent_decode_str;
use tower::ServiceExt as _;
use wire::operation::{Auth, Protocol};
use wire::query::Form;

use crate::app::App;
use crate::caller;
use crate::dialect::Dialect;
use crate::dispatch::{self, Incoming};
use crate::route::Route;
use crate::table::Table;

/// How long a body may take to come.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// How much more of a body that is too large is taken in, and for how long, so that its client reads why.
const DRAINED_BYTES_MAX: usize = BODY_BYTES_MAX;
const DRAIN_TIMEOUT: Duration = Duration::from_secs(1);

/// What tells operations apart that share a path with one that is served, and are not: CreateOAuth2TokenWithIAM, CreateBearerToken and
/// CreateOAuth2TokenWithTokenExchange (signin).
const TELLS_APART: [&str; 3] = [
    "x-amz-client-auth-method=iam",
    "x-amz-token-request-type=bearer",
    "x-amz-oauth-token-method=token-exchange",
];

/// The header that names an operation of JSON 1.1.
static TARGET: HeaderName = HeaderName::from_static("x-amz-target");
/// What a proxy says of whom it speaks for.
static FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
static FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The APIs before the pages. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Edge {
    apis: Apis,
    pages: Router,
}

#[derive(Debug, Clone)]
struct Apis {
    app: App,
    table: Arc<Table>,
}

/// The other side of a connection.
#[derive(Debug, Clone)]
pub struct Peer {
    /// Its address.
    pub address: SocketAddr,
    /// Whether it speaks TLS with this server.
    pub over_tls: bool,
    /// The address as records have it, written once for all requests of the connection.
    written: Arc<str>,
}

impl Peer {
    /// The other side at `address`.
    pub fn new(address: SocketAddr, over_tls: bool) -> Self {
        Self { address, over_tls, written: address.ip().to_canonical().to_string().into() }
    }

    /// The address of a caller who comes through here, as records have it.
    fn written(&self, caller: IpAddr) -> Arc<str> {
        if caller == self.address.ip().to_canonical() {
            self.written.clone()
        } else {
            caller.to_string().into()
        }
    }
}

/// What a request is meant for.
#[derive(Debug, Clone, Copy)]
pub struct Call<'t>(Meant<'t>);

#[derive(Debug, Clone, Copy)]
enum Meant<'t> {
    Root,
    Rest(&'t Route),
    /// For an API, and for nothing that one serves.
    Nothing(Dialect),
    Page,
}

impl Call<'_> {
    /// The path of what is served without a router.
    pub const fn path(&self) -> Option<&'static str> {
        match self.0 {
            Meant::Root => Some("/"),
            Meant::Rest(route) => Some(route.meta.path),
            Meant::Nothing(_) => Some("none"),
            Meant::Page => None,
        }
    }
}

impl Edge {
    /// The APIs before the `pages`, which answer what no API knows.
    pub fn new(app: App, pages: Router) -> Self {
        let apis = Apis { app, table: Arc::new(Table::new()) };
        // Only other methods of these paths come as far as to a router, which knows what to say to them.
        let mut router = Router::new().route("/", post(nothing));
        for (method, path) in apis.table.paths() {
            let filter = if method == "GET" { MethodFilter::GET } else { MethodFilter::POST };
            router = router.route(path, on(filter, nothing));
        }
        Self { pages: router.with_state(apis.clone()).merge(pages), apis }
    }

    /// What a request is meant for. What is meant for an API is answered by one whatever its method and path: a page, answered 200 or by a redirect to
    /// one, would tell a program that looks at the status alone that a presigned identity holds.
    pub fn call<B>(&self, request: &http::Request<B>) -> Call<'_> {
        let (method, path) = (request.method(), request.uri().path());
        let query = request.uri().query().unwrap_or_default();
        let is_root = path == "/";
        if is_root && method == Method::POST {
            return Call(Meant::Root);
        }
        if let Some(route) = self.apis.table.find_path(method.as_str(), path, query) {
            return Call(Meant::Rest(route));
        }
        let is_call = is_signed(request.headers(), query) || (is_root && has_parameter(query, &["Action"]));
        Call(match (is_call, is_root) {
            (false, _) => Meant::Page,
            (true, true) if method == Method::GET => Meant::Root,
            (true, true) => Meant::Nothing(Dialect::new(Protocol::Query, request.headers())),
            (true, false) => Meant::Nothing(Dialect::RestJson),
        })
    }

    /// Answers a request, which is what it was found to be.
    pub async fn answer<B>(&self, call: Call<'_>, peer: Peer, request: http::Request<B>) -> Response
    where
        B: HttpBody<Data = Bytes, Error: Into<axum::BoxError>> + Send + Unpin + 'static,
    {
        match call.0 {
            Meant::Root => self.apis.root(peer, request).await,
            Meant::Rest(route) => self.apis.rest(route, peer, request).await,
            Meant::Nothing(dialect) => {
                let mut answer = dispatch::unknown(&self.apis.app, dialect);
                if request.method() == Method::HEAD {
                    // HTTP/1.1 would leave it out by itself; HTTP/2 would send it, and break the stream.
                    let length = HeaderValue::from(answer.body().size_hint().exact().unwrap_or_default());
                    answer.headers_mut().insert(header::CONTENT_LENGTH, length);
                    *answer.body_mut() = Body::empty();
                }
                answer
            }
            Meant::Page => {
                let mut request = request.map(Body::new);
                request.extensions_mut().insert(ConnectInfo(peer.address));
                request.extensions_mut().insert(OverTls(peer.over_tls));
                // Apart: room for it would be copied with every call of an API.
                let page = Box::pin(self.pages.clone().oneshot(request));
                let mut answer = page.await.unwrap_or_else(|never| match never {});
                // Pages have it; what a router says itself, of another method or no page, has not.
                let nosniff = HeaderValue::from_static("nosniff");
                answer.headers_mut().entry(header::X_CONTENT_TYPE_OPTIONS).or_insert(nosniff);
                answer
            }
        }
    }
}

/// The answer where a path is an API's and the method is not.
async fn nothing(State(apis): State<Apis>) -> Response {
    dispatch::unknown(&apis.app, Dialect::RestJson)
}

/// Whether a request says that it is signed, by this or an older version of AWS's signature.
fn is_signed(headers: &HeaderMap, query: &str) -> bool {
    let claims = |value: &HeaderValue| value.as_bytes().starts_with(b"AWS");
    headers.get_all(header::AUTHORIZATION).iter().any(claims)
        || has_parameter(query, &["X-Amz-Signature", "X-Amz-Algorithm", "X-Amz-Credential", "AWSAccessKeyId"])
}

fn has_parameter(query: &str, names: &[&str]) -> bool {
    let mut given = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split('=').next().unwrap_or_default());
    given.any(|name| {
        let name = percent_decode_str(name).decode_utf8_lossy();
        names.iter().any(|wanted| name.eq_ignore_ascii_case(wanted))
    })
}

impl Apis {
    /// The root: JSON 1.1 by `X-Amz-Target`, Query by `Action`, in the form of a POST or in the URL of any request.
    async fn root<B: HttpBody<Data = Bytes> + Unpin>(
        &self,
        peer: Peer,
        request: http::Request<B>,
    ) -> Response {
        let is_post = request.method() == Method::POST;
        let in_url = has_parameter(request.uri().query().unwrap_or_default(), &["Action"]);
        let has_target = is_post && request.headers().contains_key(&TARGET);
        let is_query = !has_target && (!is_post || in_url || is_form(request.headers()));
        let protocol = if is_query { Protocol::Query } else { Protocol::AwsJson };
        let dialect = Dialect::new(protocol, request.headers());
        let target =
            request.headers().get(&TARGET).filter(|_| has_target).and_then(|value| value.to_str().ok());
        let route = target.and_then(|target| self.table.find_target(target));
        if let (None, Some(target)) = (route, target) {
            tracing::debug!(target, "unknown target");
        }
        let bounds =
            Bounds { least: if is_query { FORM_BYTES_MAX } else { ANONYMOUS_BODY_BYTES_MAX }, signed: route };
        let incoming = match read(&self.app, peer, request, (dialect, bounds)).await {
            Ok(incoming) => incoming,
            Err(refused) => return refused,
        };
        match route {
            // Apart, as pages are.
            _ if is_query => Box::pin(self.query(dialect, incoming)).await,
            Some(route) => dispatch::serve(&self.app, route, &incoming).await,
            None => dispatch::unknown(&self.app, dialect),
        }
    }

    /// The Query services, by action and version.
    async fn query(&self, dialect: Dialect, mut incoming: Incoming) -> Response {
        let form = match Form::with_url(incoming.query(), &incoming.body) {
            Ok(form) => form,
            Err(error) => {
                let refusal = ("MalformedQueryString", error.message());
                return dispatch::unserved(&self.app, dialect, StatusCode::BAD_REQUEST, refusal);
            }
        };
        let named = form.get("Version").zip(form.get("Action"));
        let Some(route) = named.and_then(|(version, action)| self.table.find_action(version, action)) else {
            return dispatch::unknown(&self.app, dialect);
        };
        // What proves the caller of an unsigned operation is a secret, and secrets in URLs end in logs and histories.
        if form.is_in_url() && route.meta.auth == Auth::Anonymous {
            let text = format!("{} takes its parameters in the body of a POST alone", route.meta.name);
            let refusal = ("InvalidAction", text.as_str());
            return dispatch::unserved(&self.app, dialect, StatusCode::BAD_REQUEST, refusal);
        }
        incoming.form = Some(form);
        dispatch::serve(&self.app, route, &incoming).await
    }

    /// An operation of the REST services.
    async fn rest<B: HttpBody<Data = Bytes> + Unpin>(
        &self,
        route: &Route,
        peer: Peer,
        request: http::Request<B>,
    ) -> Response {
        // No page of elsewhere can read an answer; it could only spend what the address of its visitor may.
        if request
            .headers()
            .get("sec-fetch-site")
            .is_some_and(|site| site == "cross-site" || site == "same-site")
        {
            let refusal = ("AccessDeniedException", "pages of other sites may not send calls");
            return dispatch::unserved(&self.app, Dialect::RestJson, StatusCode::FORBIDDEN, refusal);
        }
        let bounds = Bounds { least: ANONYMOUS_BODY_BYTES_MAX, signed: Some(route) };
        let incoming = match read(&self.app, peer, request, (Dialect::RestJson, bounds)).await {
            Ok(incoming) => incoming,
            Err(refused) => return refused,
        };
        let is_another = incoming.query().split('&').any(|pair| TELLS_APART.contains(&pair));
        if is_another {
            return dispatch::unknown(&self.app, Dialect::RestJson);
        }
        dispatch::serve(&self.app, route, &incoming).await
    }
}

/// How large a body may be.
#[derive(Clone, Copy)]
struct Bounds<'r> {
    /// Whoever sends it.
    least: usize,
    /// An operation for whose callers it may be larger, once they name a key that there is.
    signed: Option<&'r Route>,
}

/// Reads a request whole, within bounds of size and time; `dialect` is what a refusal speaks.
async fn read<B: HttpBody<Data = Bytes> + Unpin>(
    app: &App,
    peer: Peer,
    request: http::Request<B>,
    (dialect, bounds): (Dialect, Bounds<'_>),
) -> Result<Incoming, Response> {
    let (parts, mut body) = request.into_parts();
    let forwarded = parts.headers.get_all(&FORWARDED_FOR).iter().map(HeaderValue::as_bytes);
    let address = client_address(peer.address.ip(), forwarded, &app.trusted_proxies);
    let said = parts.headers.get_all(&FORWARDED_PROTO).iter().map(HeaderValue::as_bytes);
    let secure = is_secure(peer.address.ip(), peer.over_tls, said, &app.trusted_proxies);
    let may_be_more = || {
        let route = bounds.signed.filter(|route| route.meta.auth == Auth::SigV4);
        route.is_some_and(|route| caller::may_be_somebody(app, &parts, route.meta, app.clock.now()))
    };
    let came = {
        let mut reading = pin!(whole(&mut body, bounds.least, may_be_more));
        // Mostly it is there with its head: only who must wait for it needs a timer.
        match poll_fn(|cx| Poll::Ready(reading.as_mut().poll(cx))).await {
            Poll::Ready(came) => Ok(came),
            Poll::Pending => tokio::time::timeout(BODY_TIMEOUT, reading).await,
        }
    };
    match came {
        Ok(Ok(body)) => {
            let source = peer.written(address);
            Ok(Incoming { parts, body, address, source, secure, now: app.clock.now(), form: None })
        }
        Ok(Err(max)) => {
            drain(&mut body).await;
            let text = format!("the request body is larger than {max} bytes, or was cut off");
            let refusal = ("RequestEntityTooLargeException", text.as_str());
            Err(dispatch::unserved(app, dialect, StatusCode::PAYLOAD_TOO_LARGE, refusal))
        }
        Err(_) => {
            let refusal = ("RequestTimeoutException", "the request body did not arrive in time");
            Err(dispatch::unserved(app, dialect, StatusCode::REQUEST_TIMEOUT, refusal))
        }
    }
}

/// A body of at most `max` bytes, or of [`BODY_BYTES_MAX`] where there `may_be_more`, which is asked once it comes to that; otherwise the bound. What comes
/// in one piece stays as it came. Pieces are copied together as they come: kept, a body in chunks of one byte would cost dozens for each.
async fn whole<B: HttpBody<Data = Bytes> + Unpin>(
    body: &mut B,
    mut max: usize,
    may_be_more: impl Fn() -> bool,
) -> Result<Bytes, usize> {
    let mut read = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| max)?.into_data() else { continue };
        let size = read.len() + data.len();
        if size > max && max < BODY_BYTES_MAX && may_be_more() {
            max = BODY_BYTES_MAX;
        }
        if size > max {
            return Err(max);
        }
        if read.is_empty() && body.is_end_stream() {
            return Ok(data);
        }
        read.extend_from_slice(&data);
    }
    Ok(read.into())
}

/// Takes in some more of what nobody wants: a connection that closes while its client still writes takes the answer with it (RFC 9112, section 9.6), and the client
/// never learns that it wrote too much.
async fn drain<B: HttpBody<Data = Bytes> + Unpin>(body: &mut B) {
    let mut left = DRAINED_BYTES_MAX;
    let draining = async {
        while let Some(Ok(frame)) = body.frame().await {
            left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
            if left == 0 {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(DRAIN_TIMEOUT, draining).await;
}

fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with(wire::query::CONTENT_TYPE))
}
