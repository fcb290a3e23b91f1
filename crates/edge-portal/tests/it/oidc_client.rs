//! An application that speaks OpenID Connect, which these tests play.

use applications::application_assignments;
use applications::applications::{self as registered, NewApplication};
use applications::oidc_addresses::OidcAddresses;
use applications::oidc_clients::{self, NewSecret};
use applications::{oidc_applications, oidc_keys};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::StatusCode;
use jose::algorithm::Algorithm;
use jose::jwks::KeySet;
use jose::jwt::{Rules, verify};
use model::accounts::account_assignment::Principal;
use model::applications::application::{Application, Switch};
use model::applications::application_assignment::ApplicationAssignment;
use model::applications::application_provider::ApplicationProviderId;
use model::applications::oidc_application::{
    ClaimMapping, ClientAuthentication, OidcSettings, SigningAlgorithm,
};
use model::directory::user::UserId;
use serde_json::{Map, Value};

use crate::world::{Answer, Browser, JANE, World, encode};

pub(crate) const CALLBACK: &str = "https://app.example/cb";
pub(crate) const AFTER: &str = "https://app.example/bye";
pub(crate) const VERIFIER: &str = "a-verifier-of-forty-three-letters-or-more-0";
pub(crate) const BASE: &str = "http://localhost:8765";

/// An application, registered and assigned.
pub(crate) struct Client {
    pub(crate) application: Application,
    pub(crate) secret: String,
    pub(crate) settings: OidcSettings,
}

pub(crate) fn settings() -> OidcSettings {
    OidcSettings {
        redirect_uris: vec![CALLBACK.to_owned(), "http://127.0.0.1/cb".to_owned()],
        post_logout_redirect_uris: vec![AFTER.to_owned()],
        authentication: ClientAuthentication::Secret,
        key_set: None,
        require_pkce: true,
        refresh_tokens: true,
        scopes: ["openid", "profile", "groups"].map(str::to_owned).to_vec(),
        claims: vec![ClaimMapping {
            name: "account".to_owned(),
            value: "acme/${user:subject}".to_owned(),
            scope: None,
        }],
        signing_algorithm: SigningAlgorithm::Es256,
        access_token_minutes: 60,
        further_grants: vec![],
        require_pushed_requests: false,
        dpop_bound_tokens: false,
        back_channel_logout_uri: None,
    }
}

pub(crate) fn ours() -> OidcAddresses {
    OidcAddresses { base_url: BASE.to_owned(), page_host: "localhost".to_owned() }
}

pub(crate) fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, VERIFIER.as_bytes()))
}

impl Client {
    pub(crate) async fn new(world: &World, name: &str) -> Self {
        Self::with(world, name, |_| ()).await
    }

    pub(crate) async fn with(world: &World, name: &str, change: impl FnOnce(&mut OidcSettings)) -> Self {
        let new = NewApplication {
            provider: ApplicationProviderId::trusted("custom"),
            name: name.to_owned(),
            description: None,
            status: Switch::Enabled,
            visibility: Switch::Enabled,
            sign_in: None,
            tags: std::collections::BTreeMap::new(),
            client_token: None,
        };
        let store = &world.portal.store;
        let cx = world.root("CreateApplication");
        let (_, application) = registered::create(store, &cx, &world.portal.instance.id, new).await.unwrap();
        let mut settings = settings();
        change(&mut settings);
        let mut client = Self { application, secret: String::new(), settings };
        client.decide(world).await;
        let arn = client.application.arn();
        if client.settings.authentication == ClientAuthentication::Secret {
            let cx = world.root("CreateApplicationClientSecret");
            let made = oidc_clients::create(store, &cx, &arn, NewSecret::default()).await.unwrap();
            made.1.expose().clone_into(&mut client.secret);
        }
        let principal = Principal::User(UserId::trusted(JANE));
        let assigned = ApplicationAssignment { application: arn, principal };
        let cx = world.root("CreateApplicationAssignment");
        application_assignments::create(store, &cx, assigned).await.unwrap();
        client
    }

    pub(crate) async fn decide(&self, world: &World) {
        let cx = world.root("PutApplicationOidcConfiguration");
        let (at, arn) = (ours(), self.application.arn());
        let at = (&at, &world.portal.outbound, &arn);
        oidc_applications::put(&world.portal.store, &cx, at, self.settings.clone()).await.unwrap();
    }

    pub(crate) async fn rotate(&self, world: &World) {
        let cx = world.root("RotateApplicationOidcKey");
        oidc_keys::rotate(&world.portal.store, &cx, &self.application.arn()).await.unwrap();
    }

    pub(crate) fn id(&self) -> &str {
        self.application.id.as_str()
    }

    pub(crate) fn path(&self, what: &str) -> String {
        format!("/oauth2/{}/{what}", self.id())
    }

    pub(crate) fn issuer(&self) -> String {
        format!("{BASE}/oauth2/{}", self.id())
    }

    /// A question, with some of its parameters in the place of the usual ones, or without one where that is empty.
    pub(crate) fn asks(&self, changed: &[(&str, &str)]) -> String {
        let challenge = challenge();
        let usual = [
            ("response_type", "code"),
            ("client_id", self.id()),
            ("redirect_uri", CALLBACK),
            ("scope", "openid profile groups email"),
            ("state", "s&t"),
            ("nonce", "n-1"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        let is_changed = |name: &str| changed.iter().any(|(other, _)| *other == name);
        let all = usual.iter().filter(|(name, _)| !is_changed(name)).chain(changed);
        let pairs = all.filter(|(_, value)| !value.is_empty());
        let pairs: Vec<String> = pairs.map(|(name, value)| format!("{name}={}", encode(value))).collect();
        format!("{}?{}", self.path("authorize"), pairs.join("&"))
    }

    /// The code that somebody who is signed in brings.
    pub(crate) async fn code(&self, browser: &mut Browser) -> String {
        self.code_for(browser, &[]).await
    }

    pub(crate) async fn code_for(&self, browser: &mut Browser, changed: &[(&str, &str)]) -> String {
        let answer = browser.get(&self.asks(changed)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        parameter(answer.location(), "code").unwrap_or_else(|| panic!("{}", answer.location()))
    }

    pub(crate) fn basic(&self) -> String {
        format!("Basic {}", STANDARD.encode(format!("{}:{}", self.id(), self.secret)))
    }

    /// What a form that the application sends is answered with.
    pub(crate) async fn sends(&self, world: &World, what: &str, fields: &[(&str, &str)]) -> Answer {
        self.sends_with(world, what, fields, &[]).await
    }

    /// The same with these proofs in the header.
    pub(crate) async fn sends_with(
        &self,
        world: &World,
        what: &str,
        fields: &[(&str, &str)],
        proofs: &[&str],
    ) -> Answer {
        let form: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        self.sends_text(world, what, &form.join("&"), proofs).await
    }

    async fn sends_text(&self, world: &World, what: &str, form: &str, proofs: &[&str]) -> Answer {
        let (basic, public) = (self.basic(), format!("{form}&client_id={}", self.id()));
        let mut more: Vec<(&str, &str)> = proofs.iter().map(|&proof| ("dpop", proof)).collect();
        if self.secret.is_empty() {
            let is_named =
                form.contains("client_id=") || self.settings.authentication != ClientAuthentication::None;
            let form = if is_named { form } else { &public };
            return world.browser().send("POST", &self.path(what), form, &more).await;
        }
        more.push(("authorization", &basic));
        world.browser().send("POST", &self.path(what), form, &more).await
    }

    /// What a question that the application pushes is answered with.
    pub(crate) async fn pushes(&self, world: &World, changed: &[(&str, &str)], proofs: &[&str]) -> Answer {
        let asked = self.asks(changed);
        self.sends_text(world, "par", asked.split_once('?').unwrap().1, proofs).await
    }

    /// Where a browser brings the name of a question that was pushed.
    pub(crate) fn names(&self, pushed: &Answer) -> String {
        let name = encode(text(&json(pushed), "request_uri"));
        format!("{}?client_id={}&request_uri={name}", self.path("authorize"), self.id())
    }

    pub(crate) async fn exchanges(&self, world: &World, code: &str) -> Answer {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        self.sends(world, "token", &fields).await
    }

    pub(crate) async fn refreshes(&self, world: &World, token: &str) -> Answer {
        self.sends(world, "token", &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// Tokens of somebody who is signed in.
    pub(crate) async fn tokens(&self, world: &World, browser: &mut Browser) -> Value {
        let code = self.code(browser).await;
        let answer = self.exchanges(world, &code).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        json(&answer)
    }

    pub(crate) async fn userinfo(&self, world: &World, token: &str) -> Answer {
        let bearer = format!("Bearer {token}");
        world.browser().send("GET", &self.path("userinfo"), "", &[("authorization", &bearer)]).await
    }

    /// Whether a token counts, as introspection says it.
    pub(crate) async fn is_active(&self, world: &World, token: &str) -> bool {
        let answer = self.sends(world, "introspect", &[("token", token)]).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        json(&answer)["active"].as_bool().unwrap()
    }

    /// What an ID token says, once its signature holds under the keys that are published.
    pub(crate) async fn claims(&self, world: &World, token: &str) -> Map<String, Value> {
        let keys = world.browser().get(&self.path("keys")).await;
        let keys = KeySet::read(keys.text.as_bytes()).unwrap();
        let rules = Rules { algorithms: &[Algorithm::Rs256, Algorithm::Es256], types: &["jwt"] };
        verify(token, &keys, &rules).unwrap().into_payload()
    }
}

pub(crate) fn json(answer: &Answer) -> Value {
    serde_json::from_str(&answer.text).unwrap_or_else(|error| panic!("{error}: {}", answer.text))
}

pub(crate) fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}

/// A parameter of an address.
pub(crate) fn parameter(address: &str, name: &str) -> Option<String> {
    let (_, query) = address.split_once('?')?;
    let mark = format!("{name}=");
    let value = query.split('&').find_map(|pair| pair.strip_prefix(&mark))?;
    Some(percent_encoding::percent_decode_str(value).decode_utf8().unwrap().into_owned())
}

/// Refuses anything but a refusal of this name.
pub(crate) fn is_refused(answer: &Answer, status: StatusCode, error: &str) {
    assert_eq!((answer.status, text(&json(answer), "error")), (status, error), "{}", answer.text);
}

/// A key by which an application proves itself.
pub(crate) struct Key(aws_lc_rs::signature::EcdsaKeyPair);

impl Key {
    pub(crate) fn new() -> Self {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap().serialize_der();
        let kind = &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING;
        Self(aws_lc_rs::signature::EcdsaKeyPair::from_pkcs8(kind, &pair).unwrap())
    }

    /// Its public part, as an administrator gives it.
    pub(crate) fn set(&self) -> String {
        use aws_lc_rs::signature::KeyPair as _;
        let point = self.0.public_key().as_ref();
        let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
        serde_json::json!({"keys": [{"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "own", "x": x, "y": y}]})
            .to_string()
    }

    pub(crate) fn signed(&self, claims: &Value) -> String {
        self.signed_as(r#"{"alg":"ES256","kid":"own","typ":"JWT"}"#, claims)
    }

    /// A proof that whoever sends a request holds this key (RFC 9449 §4.2).
    pub(crate) fn proof(&self, claims: &Value) -> String {
        let set: Value = serde_json::from_str(&self.set()).unwrap();
        let mut key = set["keys"][0].clone();
        key.as_object_mut().unwrap().retain(|name, _| ["kty", "crv", "x", "y"].contains(&name.as_str()));
        let header = serde_json::json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": key});
        self.signed_as(&header.to_string(), claims)
    }

    fn signed_as(&self, header: &str, claims: &Value) -> String {
        jose::jws::signed(header, &claims.to_string(), |text| {
            let random = aws_lc_rs::rand::SystemRandom::new();
            self.0.sign(&random, text.as_bytes()).unwrap().as_ref().to_vec()
        })
    }
}
