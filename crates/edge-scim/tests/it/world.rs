//! A tenant on a fresh store, and a client that calls with its token.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use audit::events::{Lookup, look_up};
use audit::recorder::Recorder;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use directory::counting::Numbers;
use directory::owners::{self, HandOver, Owned};
use directory::source_id::SourceId;
use edge_scim::router::router;
use edge_scim::state::Scim;
use http::{HeaderMap, Method, Request, StatusCode};
use model::clock::ManualClock;
use model::cx::Cx;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::directory::user::UserId;
use model::page::PageRequest;
use model::record::AuditRecord;
use model::sources::provisioning_tenant::TenantId;
use serde_json::{Value, json};
use signin::config::Config;
use signin::hashing::Hasher;
use sources::tenants::Settings;
use sources::tokens::{Made, NewToken};
use sources::{tenants, tokens};
use testkit::fixture::Fixture;
use tower::ServiceExt as _;

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn id(&self) -> String {
        self.body["id"].as_str().unwrap_or_else(|| panic!("{self:?}")).to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Refused with this status, `scimType` and word.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, scim_type: &str, word: &str) {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.body["scimType"].as_str().unwrap_or_default(), scim_type, "{self:?}");
        assert!(self.body["detail"].as_str().unwrap().contains(word), "{self:?}");
    }
}

pub(crate) struct World {
    pub(crate) fixture: Fixture,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) scim: Scim,
    pub(crate) tenant: TenantId,
    pub(crate) token: String,
    router: Router,
}

impl World {
    pub(crate) async fn new(fixture: Fixture) -> Self {
        let clock = Arc::new(ManualClock::new(fixture.now));
        let recorder =
            Recorder::start(fixture.store.clone(), fixture.surroundings.clone(), clock.clone()).unwrap();
        let scim = Scim {
            store: fixture.store.clone(),
            surroundings: fixture.surroundings.clone(),
            clock: clock.clone(),
            recorder,
            base_url: "https://idp.example".to_owned(),
            hasher: Hasher::new(2, 64),
            signin: Config::new(&fixture.instance, "https://idp.example", &[]),
            trusted_proxies: Vec::new(),
            numbers: Numbers::default(),
        };
        let mut world = Self {
            router: router(scim.clone()),
            fixture,
            clock,
            scim,
            tenant: TenantId::trusted(""),
            token: String::new(),
        };
        world.tenant = world.another_tenant().await;
        let made = world.token_of(&world.tenant, 30).await;
        made.secret.expose().clone_into(&mut world.token);
        world
    }

    pub(crate) async fn strict(fixture: Fixture) -> Self {
        Self::new(fixture.strict()).await
    }

    pub(crate) fn at(&self) -> IdentityStoreRef {
        IdentityStoreRef::parse(self.fixture.instance.identity_store_id.as_str()).unwrap()
    }

    pub(crate) fn root(&self, name: &str) -> Cx {
        self.fixture.root("sso-directory.amazonaws.com", name)
    }

    pub(crate) async fn another_tenant(&self) -> TenantId {
        let cx = self.root("CreateProvisioningTenant");
        tenants::create(&self.fixture.store, &cx, &self.at(), Settings::default()).await.unwrap().id
    }

    pub(crate) async fn token_of(&self, tenant: &TenantId, days: u32) -> Made {
        let new = NewToken { name: Some("tests".to_owned()), validity_days: Some(days) };
        let cx = self.root("CreateBearerToken");
        tokens::create(&self.fixture.store, &cx, (&self.at(), tenant), new).await.unwrap()
    }

    /// From now on another tenant calls, with a token of its own.
    pub(crate) async fn turn_to_another_tenant(&mut self) {
        self.tenant = self.another_tenant().await;
        let made = self.token_of(&self.tenant, 1).await;
        made.secret.expose().clone_into(&mut self.token);
    }

    /// An administrator hands somebody over to a tenant, or releases them.
    pub(crate) async fn take(&self, id: &str, to: Option<&TenantId>) {
        let hand_over =
            HandOver { of: vec![Owned::User(UserId::trusted(id))], to: to.cloned().map(SourceId::Tenant) };
        let cx = self.root("TakeOwnership");
        let failures = owners::take(&self.fixture.store, &cx, &self.at(), hand_over).await.unwrap();
        assert_eq!(failures, []);
    }

    /// A request as it is, at what follows the tenant's address.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let mut request = request;
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 4711))));
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let text = to_bytes(body, usize::MAX).await.unwrap();
        let body = if text.is_empty() { Value::Null } else { serde_json::from_slice(&text).unwrap() };
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> http::request::Builder {
        let path: String = path.replace(' ', "%20").replace('"', "%22");
        Request::builder()
            .method(method)
            .uri(format!("/{}/scim/v2{path}", self.tenant))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/scim+json")
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn with(&self, method: Method, path: &str, body: Value) -> Answer {
        self.send(self.request(method, path).body(Body::from(body.to_string())).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.with(Method::POST, path, body).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.with(Method::PUT, path, body).await
    }

    /// A PATCH of these operations.
    pub(crate) async fn patch(&self, path: &str, operations: Value) -> Answer {
        let body =
            json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations});
        self.with(Method::PATCH, path, body).await
    }

    /// A person of whom everything is given that AWS wants.
    pub(crate) async fn person(&self, name: &str) -> String {
        // Ids of one moment are in no order.
        self.clock.advance(Duration::from_millis(1));
        self.post("/Users", describe(name)).await.id()
    }

    pub(crate) async fn group(&self, name: &str, members: &[&str]) -> String {
        let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
        let schemas = ["urn:ietf:params:scim:schemas:core:2.0:Group"];
        self.post("/Groups", json!({"schemas": schemas, "displayName": name, "members": members})).await.id()
    }

    /// Every record, once everything is written.
    pub(crate) async fn records(&self) -> Vec<Value> {
        self.kept().await.iter().map(|record| serde_json::from_str(&record.json).unwrap()).collect()
    }

    /// The same, as they are kept.
    pub(crate) async fn kept(&self) -> Vec<AuditRecord> {
        self.scim.recorder.flush().await;
        let cx = self.fixture.root("cloudtrail.amazonaws.com", "LookupEvents");
        let all = look_up(&self.scim.recorder, &cx, Lookup::default(), PageRequest::first(1_000)).await;
        all.unwrap().items
    }
}

/// The names of the people or groups of a list.
pub(crate) fn names(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let mut names: Vec<String> = answer.body["Resources"]
        .as_array()
        .unwrap_or_else(|| panic!("{answer:?}"))
        .iter()
        .map(|one| {
            one.get("userName").or_else(|| one.get("displayName")).unwrap().as_str().unwrap().to_owned()
        })
        .collect();
    names.sort();
    names
}

pub(crate) fn describe(name: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name, "externalId": format!("ext-{name}"), "displayName": name,
        "name": {"givenName": name, "familyName": "Doe"}, "active": true, "emails": [{"value": format!("{name}@example.com"), "type": "work", "primary": true}],
    })
}
