//! A router on a fresh store with one person, and a browser that keeps cookies.

use audit::events::{Lookup, look_up};
use audit::recorder::Recorder;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::ConnectInfo;
use edge_portal::brand::Brands;
use edge_portal::portal::Portal;
use edge_portal::router::router;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use model::clock::ManualClock;
use model::cx::Cx;
use model::directory::user::UserId;
use model::page::PageRequest;
use model::secret::Secret;
use outbound::client::Outbound;
use outbound::terms::Terms;
use signin::clients::{self, NewClient, Registered};
use signin::config::Config;
use signin::hashing::Hasher;
use store::db::Location;
use store::tx::Tx;
use testkit::fixture::Fixture;
use tower::ServiceExt as _;

pub(crate) const PASSWORD: &str = "correct horse battery staple";
/// What the person calls herself: must be shown as it is, whatever it says.
pub(crate) const DISPLAY_NAME: &str = "<script>alert(1)</script>\" onload=\"x";
pub(crate) const JANE: &str = "11111111-1111-4111-8111-111111111111";

pub(crate) struct World {
    pub(crate) portal: Portal,
    pub(crate) clock: Arc<ManualClock>,
    fixture: Fixture,
}

impl World {
    /// Behind `http://127.0.0.1:8765`, with one person.
    pub(crate) async fn new() -> Self {
        Self::at("http://127.0.0.1:8765").await
    }

    pub(crate) async fn at(base: &str) -> Self {
        let fixture = Fixture::sqlite().await;
        let signin = Config::new(&fixture.instance, base, &[]);
        let hasher = Hasher::new(2, 64);
        let store_id = &fixture.instance.identity_store_id;
        let Location::Sqlite(path) = &fixture.location else { unreachable!("a file") };
        let rows = rusqlite::Connection::open(path).unwrap();
        rows.execute(
            "INSERT INTO users (user_id, identity_store_id, user_name, user_name_key, display_name, email_key, profile, status, revision,
             created_at, created_by, updated_at, updated_by) VALUES (?1, ?2, 'jane', 'jane', ?3, NULL, '{}', 'ENABLED', 1, 0, '', 0, '')",
            rusqlite::params![JANE, store_id.as_str(), DISPLAY_NAME],
        )
        .unwrap();
        drop(rows);
        assert!(store::db::heard(&fixture.location).unwrap());
        let cx = fixture.root("sso-directory.amazonaws.com", "UpdatePassword");
        let hash = signin::passwords::hash(&hasher, &cx, &Secret::new(PASSWORD)).await.unwrap();
        let put =
            move |tx: &mut Tx<'_>, cx: &Cx| signin::passwords::put(tx, cx, &UserId::trusted(JANE), &hash);
        fixture.store.write(&cx, put).await.unwrap();
        let clock = Arc::new(ManualClock::new(fixture.now));
        let portal = Portal {
            own_access: accounts::own_access::OwnAccesses::default(),
            store: fixture.store.clone(),
            surroundings: fixture.surroundings.clone(),
            recorder: Recorder::start(fixture.store.clone(), fixture.surroundings.clone(), clock.clone())
                .unwrap(),
            clock: clock.clone(),
            signin,
            hasher,
            instance: fixture.instance.clone(),
            trusted_proxies: Vec::new(),
            brands: Brands::default(),
            outbound: Outbound::new(Terms::default()).unwrap(),
        };
        Self { portal, clock, fixture }
    }

    /// The same server under another public URL.
    pub(crate) fn renamed(mut self, base: &str) -> Self {
        self.portal.signin = Config::new(&self.fixture.instance, base, &[]);
        self
    }

    /// A call of an administrator.
    pub(crate) fn root(&self, name: &str) -> Cx {
        self.fixture.root("sso-directory.amazonaws.com", name)
    }

    /// Runs SQL beside the server.
    pub(crate) fn sql(&self, sql: &str) {
        let Location::Sqlite(path) = &self.fixture.location else { unreachable!("a file") };
        rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
        assert!(store::db::heard(&self.fixture.location).unwrap());
    }

    /// Two texts of each row that SQL finds.
    pub(crate) fn rows(&self, sql: &str) -> Vec<(String, String)> {
        let Location::Sqlite(path) = &self.fixture.location else { unreachable!("a file") };
        let rows = rusqlite::Connection::open(path).unwrap();
        let mut statement = rows.prepare(sql).unwrap();
        let found = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        found.map(Result::unwrap).collect()
    }

    /// Every record, once everything is written.
    pub(crate) async fn records(&self) -> Vec<serde_json::Value> {
        self.portal.recorder.flush().await;
        let cx = self.fixture.root("cloudtrail.amazonaws.com", "LookupEvents");
        let everything = (Lookup::default(), PageRequest::first(1_000));
        let all = look_up(&self.portal.recorder, &cx, everything.0, everything.1).await.unwrap().items;
        all.iter().map(|record| serde_json::from_str(&record.json).unwrap()).collect()
    }

    /// From now on nobody can say who is signed in.
    pub(crate) fn lose_sessions(&self) {
        self.sql("ALTER TABLE portal_sessions RENAME TO away");
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser { router: router(self.portal.clone()), cookies: BTreeMap::new() }
    }

    /// A browser in which the person has signed in.
    pub(crate) async fn signed_in(&self) -> Browser {
        let mut browser = self.browser();
        let page = browser.get("/signin").await;
        let answer =
            browser.post("/signin", &page.filled(&[("username", "jane"), ("password", PASSWORD)])).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        browser
    }

    /// A program, registered to be answered at `redirect`.
    pub(crate) async fn program(&self, name: &str, redirect: &str) -> Registered {
        let cx = self.fixture.cx(model::caller::Caller::anonymous(), "sso.amazonaws.com", "RegisterClient");
        let new = NewClient {
            name: name.to_owned(),
            client_type: "public".to_owned(),
            scopes: vec!["sso:account:access".to_owned()],
            grant_types: vec!["authorization_code".to_owned()],
            redirect_uris: vec![redirect.to_owned()],
            issuer_url: Some(self.portal.signin.start_urls.nominal().to_owned()),
            entitled_application_arn: None,
        };
        clients::register(&self.portal.store, &cx, &self.portal.signin, new).await.unwrap()
    }
}

/// `/authorize?…` as the AWS CLI asks; `redirect` percent-encoded.
pub(crate) fn authorize(program: &Registered, redirect: &str) -> String {
    format!(
        "/authorize?response_type=code&client_id={}&redirect_uri={redirect}&state=s&code_challenge_method=S256&code_challenge={}",
        program.client.id.as_str(),
        "a".repeat(43)
    )
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn location(&self) -> &str {
        self.header(header::LOCATION.as_str())
    }

    /// The value of the last hidden input called `name`: the first one belongs to the frame.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let (_, rest) = self.text.rsplit_once(&mark).unwrap_or_else(|| panic!("no {name} in {}", self.text));
        rest.split_once('"').unwrap().0.to_owned()
    }

    /// The form of the page with its CSRF token and `fields`.
    pub(crate) fn filled(&self, fields: &[(&str, &str)]) -> String {
        let csrf = ("csrf", self.hidden("csrf"));
        let all = [(csrf.0, csrf.1.as_str())].into_iter().chain(fields.iter().copied());
        all.map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&")
    }
}

pub(crate) fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

pub(crate) struct Browser {
    router: Router,
    pub(crate) cookies: BTreeMap<String, String>,
}

impl Browser {
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, "", &[]).await
    }

    pub(crate) async fn post(&mut self, path: &str, form: &str) -> Answer {
        self.send("POST", path, form, &[]).await
    }

    /// Sends a form whose body comes long after its head: `meanwhile` happens in between.
    pub(crate) async fn post_late(
        &mut self,
        path: &str,
        form: &str,
        mut meanwhile: impl FnMut() + Send + 'static,
    ) -> Answer {
        let late = Full::new(Bytes::from(form.to_owned())).map_frame(move |frame| {
            meanwhile();
            frame
        });
        self.exchange("POST", path, Body::new(late), &[]).await
    }

    pub(crate) async fn send(
        &mut self,
        method: &str,
        path: &str,
        form: &str,
        more: &[(&str, &str)],
    ) -> Answer {
        self.exchange(method, path, Body::from(form.to_owned()), more).await
    }

    async fn exchange(&mut self, method: &str, path: &str, body: Body, more: &[(&str, &str)]) -> Answer {
        let peer: SocketAddr = "192.0.2.1:40000".parse().unwrap();
        let jar: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::COOKIE, jar.join("; "))
            .header(header::ACCEPT, "text/html")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in more {
            request = request.header(*name, *value);
        }
        let mut request = request.body(body).unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        self.cookies.retain(|_, value| !value.is_empty());
        // A picture is no text.
        let text = String::from_utf8_lossy(&to_bytes(body, 1 << 20).await.unwrap()).into_owned();
        Answer { status: parts.status, headers: parts.headers, text }
    }
}
