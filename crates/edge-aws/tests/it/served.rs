//! The edge over a fresh store, called without a network.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use audit::events::{Lookup, look_up};
use audit::recorder::Recorder;
use axum::body::Body;
use axum::routing::get;
use edge_aws::app::{App, Parts};
use edge_aws::rates::Rates;
use edge_aws::router::{Edge, Peer};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use model::client_address::OverTls;
use model::clock::{Clock, ManualClock};
use model::page::PageRequest;
use serde_json::Value;
use signin::hashing::Hasher;
use sigv4::keys::SigningKeys;
use testkit::fixture::{Fixture, START};

/// What a page shows.
pub(crate) const PAGE: &str = "a page";

/// A proxy whose word is believed.
pub(crate) const TRUSTED_PROXY: [u8; 4] = [10, 0, 0, 1];

pub(crate) struct Served {
    pub(crate) fixture: Fixture,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) app: App,
    edge: Edge,
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    pub(crate) text: String,
}

impl Answer {
    /// The header by which REST clients tell errors apart.
    pub(crate) fn error_type(&self) -> &str {
        self.headers.get("x-amzn-errortype").map_or("", |value| value.to_str().unwrap())
    }
}

impl Served {
    pub(crate) async fn new() -> Self {
        Self::over(Fixture::sqlite().await)
    }

    /// The edge over a store. Behind the APIs are pages that show the same to everybody.
    pub(crate) fn over(fixture: Fixture) -> Self {
        let clock = Arc::new(ManualClock::new(START));
        let (store, surroundings) = (fixture.store.clone(), fixture.surroundings.clone());
        let shared: Arc<dyn Clock> = clock.clone();
        let app = App::new(Parts {
            recorder: Recorder::start(store.clone(), surroundings.clone(), shared.clone()).unwrap(),
            store,
            surroundings,
            clock: shared,
            signing_keys: SigningKeys::default(),
            rates: Rates::default(),
            signin: signin::config::Config::new(&fixture.instance, "http://127.0.0.1:8765", &[]),
            hasher: Hasher::new(2, 64),
            trusted_proxies: vec![TRUSTED_PROXY.into()],
            outbound: testkit::provider::outbound(),
        });
        let pages = axum::Router::new().route("/", get(|| async { PAGE })).fallback(|| async { PAGE });
        Self { edge: Edge::new(app.clone(), pages), fixture, clock, app }
    }

    pub(crate) fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(crate) async fn call(&self, request: Request<Body>) -> Answer {
        self.call_from([192, 0, 2, 1], request).await
    }

    pub(crate) async fn call_from(&self, peer: [u8; 4], request: Request<Body>) -> Answer {
        let over_tls = request.extensions().get::<OverTls>().is_some_and(|over| over.0);
        let peer = Peer::new(SocketAddr::from((peer, 40_000)), over_tls);
        let response = self.edge.answer(self.edge.call(&request), peer, request).await;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status, headers: parts.headers, body, text }
    }

    /// A POST of JSON as botocore sends it.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = Request::post(path)
            .header("host", "127.0.0.1:8765")
            .header("content-type", "application/json")
            .header("user-agent", "aws-cli/2.36.7 md/sso#auth")
            .body(Body::from(body.to_string()))
            .unwrap();
        self.call(request).await
    }

    /// The records named `name`, once everything is written.
    pub(crate) async fn records(&self, name: &str) -> Vec<Value> {
        self.app.recorder.flush().await;
        let cx = self.fixture.root("cloudtrail.amazonaws.com", "LookupEvents");
        let everything = (Lookup::default(), PageRequest::first(1_000));
        let all = look_up(&self.app.recorder, &cx, everything.0, everything.1).await.unwrap().items;
        all.iter()
            .filter(|record| record.event_name == name)
            .map(|record| serde_json::from_str(&record.json).unwrap())
            .collect()
    }
}
