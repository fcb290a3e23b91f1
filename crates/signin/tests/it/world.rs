//! A directory with a person in it, and the steps of a flow as one line each.

use std::sync::Arc;
use std::time::Duration;

use model::caller::{Caller, Identity};
use model::cx::Cx;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::directory::user::UserId;
use model::fault::{Fault, FaultKind, OAuthError};
use model::job::{Job, Queue};
use model::secret::Secret;
use model::signin::letter::Letter;
use model::signin::portal_session::PortalSession;
use signin::authorize::{self, AuthorizeRequest};
use signin::clients::{self, NewClient, Registered};
use signin::config::Config;
use signin::flows::Progress;
use signin::hashing::Hasher;
use signin::passwords::NewPassword;
use signin::sign_in::{self, Brought, PasswordSignIn};
use signin::tokens::{self, Issued, TokenRequest, Tokens};
use store::db::Location;
use store::jobs::Claim;
use testkit::fixture::Fixture;

pub(crate) const PASSWORD: &str = "correct horse battery staple";
pub(crate) const START_URL: &str = "https://d-1234567890.awsapps.com/start";
/// A verifier and its S256 challenge: RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const CALLBACK: &str = "http://127.0.0.1:49152/oauth/callback";
pub(crate) const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
pub(crate) const JANE: &str = "11111111-1111-4111-8111-111111111111";

/// A sign-in that is over, by a password alone.
#[derive(Debug)]
pub(crate) struct SignedIn {
    pub(crate) session: PortalSession,
    pub(crate) token: Secret,
    pub(crate) device: Secret,
}

impl SignedIn {
    pub(crate) fn of(progress: Progress) -> Self {
        let Progress::SignedIn(signed_in) = progress else { unreachable!("more is asked for") };
        let signin::flows::SignedIn { session, token, device, .. } = *signed_in;
        Self { session, token: token.unwrap(), device: device.unwrap_or_else(|| Secret::new("")) }
    }
}

pub(crate) struct World {
    pub(crate) fixture: Fixture,
    pub(crate) config: Config,
    pub(crate) hasher: Hasher,
    pub(crate) tokens: Arc<Tokens>,
}

impl World {
    /// One enabled user, Jane, with [`PASSWORD`].
    pub(crate) async fn new(fixture: Fixture) -> Self {
        let config = Config::new(&fixture.instance, "http://127.0.0.1:8765", &[]);
        let world = Self { fixture, config, hasher: Hasher::new(2, 64), tokens: Arc::default() };
        world.add_user(JANE, "Jane", "ENABLED").await;
        world.set_password(JANE, PASSWORD).await;
        world
    }

    pub(crate) fn later(&self, seconds: u64) -> Self {
        let fixture = self.fixture.later(Duration::from_secs(seconds));
        Self {
            fixture,
            config: self.config.clone(),
            hasher: self.hasher.clone(),
            tokens: self.tokens.clone(),
        }
    }

    /// Rows of other rooms, written without them.
    pub(crate) async fn sql(&self, sql: &str) {
        match &self.fixture.location {
            Location::Sqlite(path) => {
                let connection = rusqlite::Connection::open(path).unwrap();
                connection.busy_timeout(Duration::from_secs(5)).unwrap();
                connection.execute_batch(sql).unwrap();
                drop(connection);
                assert!(store::db::heard(&self.fixture.location).unwrap());
            }
            Location::Postgres(url) => {
                let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
                tokio::spawn(connection);
                client.batch_execute(sql).await.unwrap();
            }
        }
    }

    pub(crate) async fn add_user(&self, id: &str, name: &str, status: &str) {
        let (store, key) = (&self.fixture.instance.identity_store_id, name.to_lowercase());
        self.sql(&format!(
            "INSERT INTO users (user_id, identity_store_id, user_name, user_name_key, display_name, email_key, profile, status, revision,
             created_at, created_by, updated_at, updated_by)
             VALUES ('{id}', '{store}', '{name}', '{key}', '{name} Doe', NULL, '{{}}', '{status}', 1, 0, '', 0, '')"
        ))
        .await;
    }

    /// The directory.
    pub(crate) fn at(&self) -> IdentityStoreRef {
        self.fixture.instance.identity_store_id.clone().into()
    }

    pub(crate) async fn set_status(&self, id: &str, status: &str) {
        self.sql(&format!("UPDATE users SET status = '{status}' WHERE user_id = '{id}'")).await;
    }

    pub(crate) async fn set_password(&self, id: &str, password: &str) {
        let cx = self.fixture.root("sso-directory.amazonaws.com", "UpdatePassword");
        let (at, user) = (self.at(), UserId::trusted(id));
        let new = NewPassword { password: Some(Secret::new(password)), must_change: false };
        let parts = (&self.config, &self.hasher);
        signin::passwords::set(&self.fixture.store, &cx, parts, (&at, &user), new).await.unwrap();
    }

    /// The same where letters are delivered, and Jane has an address.
    pub(crate) async fn with_mail(mut self) -> Self {
        self.config = self.config.with_mails(true);
        self.set_address(JANE, "jane@acme.example").await;
        self
    }

    pub(crate) async fn set_address(&self, id: &str, address: &str) {
        let key = address.to_lowercase();
        self.sql(&format!(
            "UPDATE users SET email_key = '{key}', profile = '{{\"emails\":[{{\"Value\":\"{address}\",\"Primary\":true}}]}}' WHERE user_id = '{id}'"
        ))
        .await;
    }

    /// Letters that wait, oldest first, with their jobs.
    pub(crate) async fn letters(&self) -> Vec<(Job, Letter)> {
        let (store, cx) = (&self.fixture.store, self.service());
        let claim = Claim { queue: Queue::Mail, after: "", limit: 100, hold: Duration::ZERO };
        let jobs = store.maintain(&cx, move |tx, cx| store::jobs::claim(tx, cx.now, &claim)).await.unwrap();
        let mut letters = Vec::new();
        for job in jobs {
            if let Some(letter) = signin::deliveries::open(store, &cx, &job).await.unwrap() {
                letters.push((job, letter));
            }
        }
        letters
    }

    /// A call of the server itself.
    pub(crate) fn service(&self) -> Cx {
        self.fixture.cx(Caller::service(self.fixture.instance.owner.clone()), "sso.amazonaws.com", "Work")
    }

    /// A call of nobody from `source_ip`.
    pub(crate) fn anonymous(&self, source_ip: &str) -> Cx {
        let mut cx = self.fixture.cx(Caller::anonymous(), "sso.amazonaws.com", "CreateToken");
        cx.source_ip = source_ip.into();
        cx.user_agent = "Mozilla/5.0".into();
        cx
    }

    /// A call of the person of `session`.
    pub(crate) fn person(&self, session: &PortalSession) -> Cx {
        self.fixture.cx(Caller::portal_user(session.user.clone()), "sso.amazonaws.com", "Logout")
    }

    pub(crate) async fn try_sign_in(&self, ip: &str, name: &str, password: &str) -> Result<SignedIn, Fault> {
        self.try_on_device(ip, name, password, None).await
    }

    pub(crate) async fn try_on_device(
        &self,
        ip: &str,
        name: &str,
        password: &str,
        device: Option<&Secret>,
    ) -> Result<SignedIn, Fault> {
        self.attempt((ip, name, password), device, None).await
    }

    /// Signs in with a browser that is in a session already.
    pub(crate) async fn sign_in_over(&self, name: &str, session: &PortalSession) -> SignedIn {
        self.attempt(("192.0.2.1", name, PASSWORD), None, Some(&session.user.session_id)).await.unwrap()
    }

    async fn attempt(
        &self,
        (ip, name, password): (&str, &str, &str),
        device: Option<&Secret>,
        brought: Option<&str>,
    ) -> Result<SignedIn, Fault> {
        let attempt = PasswordSignIn {
            user_name: name.to_owned(),
            password: Secret::new(password),
            brought: Brought {
                device: device.map(|device| device.expose().to_owned()),
                session: brought.map(str::to_owned),
                remembered: None,
            },
        };
        let cx = self.anonymous(ip);
        let progress =
            sign_in::by_password(&self.fixture.store, &cx, &self.config, &self.hasher, attempt).await?;
        Ok(SignedIn::of(progress))
    }

    pub(crate) async fn sign_in(&self) -> SignedIn {
        self.try_sign_in("192.0.2.1", "jane", PASSWORD).await.unwrap()
    }

    /// What any passkey may answer.
    pub(crate) fn ask_anybody(&self) -> signin::webauthn::Challenge {
        let cx = self.anonymous("192.0.2.1");
        let keys = self.fixture.store.keyring();
        signin::webauthn::ask_anybody(keys, &cx, &self.config, "this browser").unwrap()
    }

    pub(crate) async fn register(&self, new: NewClient) -> Result<Registered, Fault> {
        clients::register(&self.fixture.store, &self.anonymous("192.0.2.1"), &self.config, new).await
    }

    /// As AWS CLI registers for PKCE.
    pub(crate) async fn pkce_client(&self) -> Registered {
        self.register(pkce_client()).await.unwrap()
    }

    /// As AWS CLI registers for the device flow.
    pub(crate) async fn device_client(&self) -> Registered {
        self.register(NewClient {
            grant_types: vec![],
            redirect_uris: vec![],
            issuer_url: None,
            ..pkce_client()
        })
        .await
        .unwrap()
    }

    pub(crate) fn open(&self, client: &Registered) -> AuthorizeRequest {
        let params = authorize_params(client);
        authorize::open(&self.fixture.store, &self.anonymous("192.0.2.1"), &self.config, &params).unwrap()
    }

    /// A code that Jane approved in `session`.
    pub(crate) async fn code(&self, session: &PortalSession, client: &Registered) -> Secret {
        let (cx, request) = (self.person(session), self.open(client));
        let url = authorize::approve(
            &self.fixture.store,
            &cx,
            &self.config,
            session,
            (&request, authorize::Agreed::Once),
        )
        .await
        .unwrap();
        Secret::new(query(&url, "code").unwrap())
    }

    pub(crate) async fn create(&self, request: TokenRequest) -> Result<Issued, Fault> {
        tokens::create(&self.fixture.store, &self.anonymous("192.0.2.1"), request).await
    }

    pub(crate) async fn redeem(&self, client: &Registered, code: &Secret) -> Result<Issued, Fault> {
        self.create(code_request(client, code)).await
    }

    pub(crate) async fn refresh(&self, client: &Registered, token: &Secret) -> Result<Issued, Fault> {
        self.create(TokenRequest { refresh_token: Some(token.clone()), ..bare(client, "refresh_token") })
            .await
    }

    pub(crate) async fn poll(&self, client: &Registered, device_code: &Secret) -> Result<Issued, Fault> {
        self.create(TokenRequest { device_code: Some(device_code.clone()), ..bare(client, DEVICE_GRANT) })
            .await
    }

    /// Whom an access token speaks for.
    pub(crate) fn who(&self, token: &Secret) -> Option<String> {
        let (store, now) = (&self.fixture.store, self.fixture.now);
        let caller = self.tokens.caller_for(store, token.expose(), now).unwrap();
        caller.map(|caller| match caller.identity() {
            Identity::PortalUser(user) => user.user_id.to_string(),
            other => unreachable!("{other:?}"),
        })
    }

    pub(crate) fn session(&self, token: &Secret) -> Option<PortalSession> {
        let (store, now) = (&self.fixture.store, self.fixture.now);
        store.read(|rx| signin::sessions::find(rx, token, now)).unwrap()
    }

    /// The records named `name`, oldest first, as JSON text.
    pub(crate) fn records(&self, name: &str) -> Vec<String> {
        self.recorded(name).into_iter().map(|record| record.json).collect()
    }

    pub(crate) fn recorded(&self, name: &str) -> Vec<model::record::AuditRecord> {
        let all = self
            .fixture
            .store
            .read(|rx| Ok(store::audit::audit_records::page_backward(rx, "g", "", 1_000)?))
            .unwrap();
        all.into_iter().rev().filter(|record| record.event_name == name).collect()
    }
}

pub(crate) fn pkce_client() -> NewClient {
    NewClient {
        name: "botocore-client-corp".to_owned(),
        client_type: "public".to_owned(),
        scopes: vec!["sso:account:access".to_owned()],
        grant_types: vec!["authorization_code".to_owned(), "refresh_token".to_owned()],
        redirect_uris: vec!["http://127.0.0.1/oauth/callback".to_owned()],
        issuer_url: Some(START_URL.to_owned()),
        entitled_application_arn: None,
    }
}

/// What AWS CLI 2.36.7 sends a browser to.
pub(crate) fn authorize_params(client: &Registered) -> Vec<(String, String)> {
    [
        ("response_type", "code"),
        ("client_id", client.client.id.as_str()),
        ("redirect_uri", CALLBACK),
        ("state", "0b8e63a5-6c08-4d0d-9d1c-1f9e6a3b2c4d"),
        ("code_challenge_method", "S256"),
        ("scopes", "sso:account:access"),
        ("code_challenge", CHALLENGE),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

pub(crate) fn bare(client: &Registered, grant_type: &str) -> TokenRequest {
    TokenRequest {
        client_id: client.client.id.as_str().to_owned(),
        client_secret: client.secret.clone(),
        grant_type: grant_type.to_owned(),
        device_code: None,
        code: None,
        redirect_uri: None,
        code_verifier: None,
        refresh_token: None,
    }
}

pub(crate) fn code_request(client: &Registered, code: &Secret) -> TokenRequest {
    TokenRequest {
        code: Some(code.clone()),
        redirect_uri: Some(CALLBACK.to_owned()),
        code_verifier: Some(Secret::new(VERIFIER)),
        ..bare(client, "authorization_code")
    }
}

/// A query parameter, still percent-encoded.
pub(crate) fn query(url: &str, name: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let prefix = format!("{name}=");
    query.split('&').find_map(|pair| pair.strip_prefix(&prefix)).map(ToOwned::to_owned)
}

pub(crate) fn oauth_error<T: std::fmt::Debug>(result: Result<T, Fault>) -> OAuthError {
    match result.unwrap_err().kind() {
        FaultKind::OAuth(error) => *error,
        other => panic!("{other:?} is not an OAuth error"),
    }
}
