//! `/healthz`, `/readyz` and `/metrics`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use audit::recorder::Recorder;
use axum::Router;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::{StatusCode, header};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use store::db::Store;

use crate::counts::Counts;
use crate::store_counts::StoreCounts;

type Labels = Vec<(&'static str, String)>;

const HEALTHZ: &str = "/healthz";
const READYZ: &str = "/readyz";
const METRICS: &str = "/metrics";
/// The pages of this file.
pub(crate) const PATHS: [&str; 3] = [HEALTHZ, READYZ, METRICS];

/// What the pages of this file need.
#[derive(Debug, Clone)]
pub(crate) struct Health {
    store: Store,
    recorder: Recorder,
    public: bool,
    registry: Arc<Registry>,
    requests: Family<Labels, Counter>,
    seconds: Histogram,
    jobs: Gauge,
    trail: TrailGauges,
    up: Arc<AtomicBool>,
    database: DatabaseGauges,
    store_counts: StoreCounts,
}

/// What is known of the database.
#[derive(Debug, Clone, Default)]
struct DatabaseGauges {
    up: Gauge,
    bytes: Gauge,
    log_bytes: Gauge,
}

impl DatabaseGauges {
    fn register(&self, registry: &mut Registry) {
        registry.register("database_up", "Whether the database answered a second ago", self.up.clone());
        registry.register("database_bytes", "Size of the database", self.bytes.clone());
        registry.register(
            "database_log_bytes",
            "Size of the log beside a SQLite database",
            self.log_bytes.clone(),
        );
    }

    /// A database that is away keeps the sizes that it had.
    fn set(&self, up: bool, store: &Store) {
        self.up.set(i64::from(up));
        if up && let Ok(sizes) = store.sizes() {
            self.bytes.set(i64::try_from(sizes.database).unwrap_or(i64::MAX));
            self.log_bytes.set(i64::try_from(sizes.log.unwrap_or(0)).unwrap_or(i64::MAX));
        }
    }
}

/// What is known of the audit trail.
#[derive(Debug, Clone, Default)]
struct TrailGauges {
    counted: Gauge,
    bytes: Gauge,
    cut: Gauge,
}

impl TrailGauges {
    fn register(&self, registry: &mut Registry) {
        registry.register(
            "audit_records_counted",
            "Refusals and looks at pages that were counted instead of recorded one by one",
            self.counted.clone(),
        );
        registry.register("audit_bytes", "Size of the pieces of the audit trail", self.bytes.clone());
        registry.register(
            "audit_bytes_cut",
            "Bytes at the torn end of the audit trail that were cut at the start",
            self.cut.clone(),
        );
    }

    /// A trail that cannot be looked at keeps the size that it had.
    fn set(&self, recorder: &Recorder) {
        let number = |number| i64::try_from(number).unwrap_or(i64::MAX);
        self.counted.set(number(recorder.counted()));
        self.cut.set(number(recorder.cut()));
        if let Ok(bytes) = recorder.bytes() {
            self.bytes.set(number(bytes));
        }
    }
}

impl Health {
    /// Registers the metrics.
    pub(crate) fn new(
        (store, up, counts): (Store, Arc<AtomicBool>, &Counts),
        recorder: Recorder,
        public: bool,
    ) -> Self {
        let mut registry = Registry::with_prefix("portico");
        let requests = Family::<Labels, Counter>::default();
        let seconds = Histogram::new(exponential_buckets(0.000_1, 2.0, 16));
        let jobs = Gauge::default();
        registry.register("http_requests", "Requests answered, by path and status class", requests.clone());
        registry.register("http_request_seconds", "Time to answer a request", seconds.clone());
        registry.register("jobs_waiting", "Jobs that wait or run", jobs.clone());
        let trail = TrailGauges::default();
        trail.register(&mut registry);
        let database = DatabaseGauges::default();
        database.register(&mut registry);
        counts.register(&mut registry);
        let store_counts = StoreCounts::default();
        store_counts.register(&mut registry);
        let registry = Arc::new(registry);
        Self { store, recorder, public, registry, requests, seconds, jobs, trail, up, database, store_counts }
    }

    /// The pages.
    pub(crate) fn router(self) -> Router {
        Router::new()
            .route(HEALTHZ, get(|| async { "ok\n" }))
            .route(READYZ, get(ready))
            .route(METRICS, get(metrics))
            .with_state(self)
    }
}

/// Counts and times every request.
pub(crate) async fn observe(State(health): State<Health>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let begun = std::time::Instant::now();
    let response = next.run(request).await;
    let class = format!("{}xx", response.status().as_u16() / 100);
    health.requests.get_or_create(&vec![("path", path), ("status", class)]).inc();
    health.seconds.observe(begun.elapsed().as_secs_f64());
    response
}

async fn ready(State(health): State<Health>) -> Response {
    match store::migrate::standing(&health.store) {
        Ok(standing) => match standing.refusal() {
            None => "ready\n".into_response(),
            Some(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response(),
        },
        Err(fault) => {
            tracing::warn!(%fault, context = fault.context(), "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response()
        }
    }
}

async fn metrics(State(health): State<Health>, ConnectInfo(peer): ConnectInfo<SocketAddr>) -> Response {
    if !health.public && !peer.ip().to_canonical().is_loopback() {
        return StatusCode::NOT_FOUND.into_response();
    }
    health.store_counts.show(&health.store.figures());
    let waiting = health.store.read(store::jobs::count).unwrap_or(0);
    health.jobs.set(i64::try_from(waiting).unwrap_or(i64::MAX));
    health.trail.set(&health.recorder);
    health.database.set(health.up.load(Ordering::Relaxed), &health.store);
    let mut text = String::new();
    if encode(&mut text, &health.registry).is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text)
        .into_response()
}
