//! `/healthz`, `/readyz` and `/metrics`; and what is counted of every request.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use audit::recorder::Recorder;
use axum::Router;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::{Method, StatusCode, header};
use model::job::Queue;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use store::db::Store;

use crate::counts::Counts;
use crate::region_lag::Standing;
use crate::store_counts::StoreCounts;

type Labels = Vec<(&'static str, String)>;

const HEALTHZ: &str = "/healthz";
const READYZ: &str = "/readyz";
const METRICS: &str = "/metrics";
const ALIVE: &str = "ok\n";
const NOSNIFF: (header::HeaderName, &str) = (header::X_CONTENT_TYPE_OPTIONS, "nosniff");
/// What counts a request that has no path of ours.
const NO_PATH: &str = "none";
/// Paths that are counted without a router: the root's, those of the REST services, and this file's.
const COUNTED_MAX: usize = 32;

/// What the pages of this file need.
#[derive(Debug, Clone)]
pub(crate) struct Health {
    store: Store,
    recorder: Recorder,
    region: Standing,
    lag: Gauge,
    public: bool,
    registry: Arc<Registry>,
    requests: Requests,
    seconds: Histogram,
    jobs: Gauge,
    mails: Gauge,
    trail: TrailGauges,
    up: Arc<AtomicBool>,
    database: DatabaseGauges,
    store_counts: StoreCounts,
}

/// Requests answered. Those of paths that the program knows are found without a lock and without making their labels anew.
#[derive(Debug, Clone, Default)]
struct Requests {
    all: Family<Labels, Counter>,
    known: Arc<[OnceLock<OfPath>; COUNTED_MAX]>,
}

#[derive(Debug)]
struct OfPath {
    path: &'static str,
    /// By status class.
    classes: [OnceLock<Counter>; 6],
}

impl Requests {
    fn count(&self, path: &'static str, status: StatusCode) {
        let class = usize::from(status.as_u16() / 100);
        // Slots are filled in order, and one that is filled stays: the first empty one is nobody's yet.
        let slots = self.known.iter();
        let mut slots = slots.map(|slot| slot.get_or_init(|| OfPath { path, classes: Default::default() }));
        match slots.find(|slot| slot.path == path).and_then(|slot| slot.classes.get(class)) {
            Some(counter) => counter.get_or_init(|| self.named(path, status)).inc(),
            None => self.named(path, status).inc(),
        };
    }

    fn named(&self, path: &str, status: StatusCode) -> Counter {
        let class = format!("{}xx", status.as_u16() / 100);
        self.all.get_or_create_owned(&vec![("path", path.to_owned()), ("status", class)])
    }
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
        region: Standing,
        public: bool,
    ) -> Self {
        let mut registry = Registry::with_prefix("portico");
        let requests = Requests::default();
        let seconds = Histogram::new(exponential_buckets(0.000_1, 2.0, 16));
        let (jobs, mails, lag) = (Gauge::default(), Gauge::default(), Gauge::default());
        registry.register("region_lag_seconds", "How far this Region is behind the primary", lag.clone());
        registry.register(
            "http_requests",
            "Requests answered, by path and status class",
            requests.all.clone(),
        );
        registry.register("http_request_seconds", "Time to answer a request", seconds.clone());
        registry.register("jobs_waiting", "Jobs that wait or run", jobs.clone());
        registry.register("mails_waiting", "Letters that wait for a mail server", mails.clone());
        let trail = TrailGauges::default();
        trail.register(&mut registry);
        let database = DatabaseGauges::default();
        database.register(&mut registry);
        counts.register(&mut registry);
        let store_counts = StoreCounts::default();
        store_counts.register(&mut registry);
        let registry = Arc::new(registry);
        Self {
            store,
            recorder,
            region,
            lag,
            public,
            registry,
            requests,
            seconds,
            jobs,
            mails,
            trail,
            up,
            database,
            store_counts,
        }
    }

    /// The answer to whether the process lives, for which no router is asked, and its path.
    pub(crate) fn alive<B>(request: &http::Request<B>) -> Option<(&'static str, Response)> {
        let asks = request.method() == Method::GET && request.uri().path() == HEALTHZ;
        asks.then(|| (HEALTHZ, ([NOSNIFF], ALIVE).into_response()))
    }

    /// Whether a request is for a page of this file: it waits for no turn.
    pub(crate) fn is_of<B>(request: &http::Request<B>) -> bool {
        [HEALTHZ, READYZ, METRICS].contains(&request.uri().path())
    }

    /// Counts and times an answer: at `path`, or where a router found a page.
    pub(crate) fn count(&self, path: Option<&'static str>, answer: &Response, took: Duration) {
        if let Some(path) = path {
            self.requests.count(path, answer.status());
        } else {
            let found = answer.extensions().get::<MatchedPath>().map_or(NO_PATH, MatchedPath::as_str);
            self.requests.named(found, answer.status()).inc();
        }
        self.seconds.observe(took.as_secs_f64());
    }

    /// The pages.
    pub(crate) fn router(self) -> Router {
        Router::new()
            .route(HEALTHZ, get(|| async { ALIVE }))
            .route(READYZ, get(ready))
            .route(METRICS, get(metrics))
            .with_state(self)
    }
}

/// Leaves the path by which a page was found with its answer, for [`Health::count`].
pub(crate) async fn name_path(request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    if let Some(path) = path {
        response.extensions_mut().insert(path);
    }
    response
}

async fn ready(State(health): State<Health>) -> Response {
    if let Some(why) = health.region.why_silent() {
        return (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response();
    }
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
    let work: &[Queue] = &[Queue::Work, Queue::Connected];
    for (gauge, queues) in [(&health.jobs, work), (&health.mails, &[Queue::Mail])] {
        let count = |queue: &Queue| health.store.read(|rx| store::jobs::count_of(rx, *queue)).unwrap_or(0);
        let waiting: u64 = queues.iter().map(count).sum();
        gauge.set(i64::try_from(waiting).unwrap_or(i64::MAX));
    }
    health.lag.set(health.region.lag_seconds());
    health.trail.set(&health.recorder);
    health.database.set(health.up.load(Ordering::Relaxed), &health.store);
    let mut text = String::new();
    if encode(&mut text, &health.registry).is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text)
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_path_and_class_however_they_are_found() {
        let requests = Requests::default();
        for _ in 0..2 {
            requests.count("/", StatusCode::OK);
        }
        requests.count("/", StatusCode::BAD_REQUEST);
        requests.count("/token", StatusCode::OK);
        requests.named("/token", StatusCode::OK).inc();
        requests.count("/", StatusCode::from_u16(999).unwrap());
        let of = |path: &str, status| requests.named(path, status).get();
        let (good, bad) = (StatusCode::OK, StatusCode::BAD_REQUEST);
        assert_eq!([of("/", good), of("/", bad), of("/token", good), of("/token", bad)], [2, 1, 2, 0]);
        assert_eq!(of("/", StatusCode::from_u16(900).unwrap()), 1);
    }

    #[test]
    fn more_paths_than_are_kept_apart_are_counted_all_the_same() {
        let requests = Requests::default();
        let paths: Vec<&'static str> = (0..=COUNTED_MAX).map(|at| &*at.to_string().leak()).collect();
        for path in paths.iter().chain(&paths) {
            requests.count(path, StatusCode::OK);
        }
        assert!(paths.iter().all(|path| requests.named(path, StatusCode::OK).get() == 2));
    }
}
