//! AssumeRoleWithWebIdentity: tokens of a provider that the role's account knows, and every way in which one is worth nothing.

use axum::body::Body;
use http::{Request, StatusCode};
use model::accounts::account::AccountId;
use model::accounts::oidc_provider::OidcProvider;
use model::accounts::role::{Role, RoleName};
use model::clock::Clock as _;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use testkit::token_issuer::TokenIssuer;

use crate::plane::{HOST, MEMBER, element, world};
use crate::served::{Answer, Served};

const CLIENT: &str = "client-that-nobody-is-told";
const SUBJECT: &str = "system:serviceaccount:build:runner";

/// A member account with a provider and a role `Runner` that trusts one subject of it.
struct Federation {
    served: Served,
    issuer: TokenIssuer,
}

impl Federation {
    async fn new(actions: &[&str]) -> Self {
        let f = Self { served: world().await, issuer: TokenIssuer::start().await };
        let name = model::accounts::oidc_provider::name(&f.issuer.said.url);
        let trust = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": actions,
            "Principal": {"Federated": format!("arn:aws:iam::{MEMBER}:oidc-provider/{name}")},
            "Condition": {
                "StringEquals": {format!("{name}:aud"): CLIENT, format!("{name}:sub"): SUBJECT},
                "StringNotEquals": {"aws:RequestTag/team": "blue"},
            },
        }]});
        f.change(move |tx, cx| store::accounts::roles::upsert(tx, &role(trust.clone(), cx.now))).await;
        f.trust(&[CLIENT]).await;
        f
    }

    async fn change(
        &self,
        with: impl Fn(&mut store::tx::Tx<'_>, &model::cx::Cx) -> Result<(), model::fault::Fault> + Send + 'static,
    ) {
        let cx = self.served.fixture.root("iam.amazonaws.com", "Setup");
        self.served.app.store.maintain(&cx, with).await.unwrap();
    }

    fn provider(&self, clients: &[&str]) -> OidcProvider {
        OidcProvider {
            account_id: AccountId::trusted(MEMBER),
            url: self.issuer.said.url.clone(),
            client_ids: clients.iter().map(|id| (*id).to_owned()).collect(),
            thumbprints: Vec::new(),
            created_at: self.served.clock.now(),
        }
    }

    async fn trust(&self, clients: &[&str]) {
        let provider = self.provider(clients);
        self.change(move |tx, _| store::accounts::oidc_providers::insert(tx, &provider)).await;
    }

    fn now(&self) -> i64 {
        self.served.clock.now().seconds()
    }

    fn claims(&self) -> Value {
        json!({"iss": self.issuer.said.url, "sub": SUBJECT, "aud": CLIENT, "iat": self.now(), "exp": self.now() + 600})
    }

    fn with(&self, changed: &Value) -> String {
        let mut claims = self.claims();
        for (name, value) in changed.as_object().unwrap() {
            claims[name] = value.clone();
        }
        self.issuer.token(&claims.to_string())
    }

    async fn ask(&self, token: &str, more: &[(&str, &str)]) -> Answer {
        let role = format!("arn:aws:iam::{MEMBER}:role/Runner");
        let mut form = vec![
            ("Action", "AssumeRoleWithWebIdentity"),
            ("Version", "2011-06-15"),
            ("RoleArn", role.as_str()),
            ("RoleSessionName", "build-7"),
            ("WebIdentityToken", token),
        ];
        form.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
        form.extend(more);
        let pairs = form
            .iter()
            .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
        let request = Request::post("/")
            .header("host", HOST)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(pairs.collect::<Vec<_>>().join("&")))
            .unwrap();
        self.served.call(request).await
    }

    async fn refused(&self, token: &str, code: &str) -> Answer {
        let answer = self.ask(token, &[]).await;
        assert_eq!(element(&answer, "Code"), code, "{}", answer.text);
        assert!(!answer.text.contains(CLIENT), "{}", answer.text);
        answer
    }
}

fn role(trust_policy: Value, created_at: model::timestamp::Timestamp) -> Role {
    Role {
        account_id: AccountId::trusted(MEMBER),
        name: RoleName::trusted("Runner"),
        path: "/".to_owned(),
        role_id: "AROARUNNER".to_owned(),
        description: None,
        max_session_seconds: 7_200,
        trust_policy,
        managed_policies: Vec::new(),
        inline_policies: Vec::new(),
        permissions_boundary: None,
        permission_set_id: None,
        created_at,
    }
}

const ASSUME: &str = "sts:AssumeRoleWithWebIdentity";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_worth_a_session_until_it_expires() {
    let f = Federation::new(&[ASSUME]).await;
    let token = f.with(&json!({"amr": ["mfa"]}));
    for _ in 0..2 {
        let answer = f.ask(&token, &[("DurationSeconds", "7200")]).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        assert_eq!(element(&answer, "Arn"), format!("arn:aws:sts::{MEMBER}:assumed-role/Runner/build-7"));
        assert_eq!(element(&answer, "SubjectFromWebIdentityToken"), SUBJECT);
        assert_eq!(element(&answer, "Audience"), CLIENT);
        assert_eq!(element(&answer, "Provider"), f.issuer.said.url);
        assert!(element(&answer, "AccessKeyId").starts_with("ASIA"));
    }
    assert_eq!(f.issuer.said.asked(), 2, "the document and the keys, once");
    let too_long = f.ask(&token, &[("DurationSeconds", "7201")]).await;
    assert_eq!(element(&too_long, "Code"), "ValidationError");
    f.served.clock.advance(std::time::Duration::from_secs(600 + 121));
    f.refused(&token, "ExpiredTokenException").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_hold_is_worth_nothing() {
    let f = Federation::new(&[ASSUME]).await;
    let impostor = TokenIssuer::impostor("one").await;
    let elsewhere = f.with(&json!({"iss": "https://evil.example"}));
    let answer = f.refused(&elsewhere, "InvalidIdentityToken").await;
    assert!(
        answer.text.contains("No OpenIDConnect provider found in your account for https://evil.example"),
        "{}",
        answer.text
    );
    for (token, code) in [
        ("none".to_owned(), "InvalidIdentityToken"),
        (f.with(&json!({"iss": "x".repeat(300)})), "InvalidIdentityToken"),
        (f.with(&json!({"iss": format!("{}/", f.issuer.said.url)})), "InvalidIdentityToken"),
        (f.with(&json!({"aud": "another"})), "InvalidIdentityToken"),
        (f.with(&json!({"aud": []})), "InvalidIdentityToken"),
        (f.with(&json!({"azp": 7})), "InvalidIdentityToken"),
        (f.with(&json!({"exp": f.now() - 200})), "ExpiredTokenException"),
        (f.with(&json!({"exp": f.now() + 200_000})), "InvalidIdentityToken"),
        (f.with(&json!({"nbf": f.now() + 200})), "InvalidIdentityToken"),
        (impostor.token(&f.claims().to_string()), "InvalidIdentityToken"),
        // What holds, and is not trusted by the role.
        (f.with(&json!({"sub": "system:serviceaccount:build:other"})), "AccessDenied"),
        // Given to another client of the provider's: that is who `aud` of policies is.
        (f.with(&json!({"azp": "another"})), "AccessDenied"),
        (
            f.with(&json!({"https://aws.amazon.com/tags": {"principal_tags": {"team": ["red"]}}})),
            "AccessDenied",
        ),
        (f.with(&json!({"https://aws.amazon.com/source_identity": "jane"})), "AccessDenied"),
    ] {
        f.refused(&token, code).await;
    }
    let token = f.with(&json!({}));
    let absent = format!("arn:aws:iam::{MEMBER}:role/Absent");
    for (more, code) in [
        (("RoleArn", absent.as_str()), "AccessDenied"),
        (("RoleArn", "arn:aws:iam::111122223333:role/Admin"), "InvalidIdentityToken"),
        (("ProviderId", "www.amazon.com"), "ValidationError"),
        (("Policy", "{"), "MalformedPolicyDocument"),
    ] {
        let answer = f.ask(&token, &[more]).await;
        assert_eq!(element(&answer, "Code"), code, "{more:?}: {}", answer.text);
    }
    assert_eq!(f.ask(&token, &[]).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tags_and_who_is_behind_it_come_from_the_token() {
    let f = Federation::new(&[ASSUME, "sts:TagSession", "sts:SetSourceIdentity"]).await;
    let nested = json!({"https://aws.amazon.com/source_identity": "jane",
        "https://aws.amazon.com/tags": {"principal_tags": {"team": ["red"], "cost": ["7"]}, "transitive_tag_keys": ["team"]}});
    let flat = json!({"https://aws.amazon.com/source_identity": "jane", "https://aws.amazon.com/tags/principal_tags/team": "red",
        "https://aws.amazon.com/tags/principal_tags/cost": ["7"], "https://aws.amazon.com/tags/transitive_tag_keys": ["team"]});
    for claims in [nested, flat] {
        let answer = f.ask(&f.with(&claims), &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        assert_eq!(element(&answer, "SourceIdentity"), "jane");
    }
    for (claims, code) in [
        (json!({"https://aws.amazon.com/tags": {"principal_tags": {"team": ["blue"]}}}), "AccessDenied"),
        (
            json!({"https://aws.amazon.com/tags": {"principal_tags": {"team": ["red", "blue"]}}}),
            "InvalidIdentityToken",
        ),
        (json!({"https://aws.amazon.com/tags": {"principal_tags": {"team": 7}}}), "InvalidIdentityToken"),
        (json!({"https://aws.amazon.com/tags": {"principal_tags": ["team"]}}), "InvalidIdentityToken"),
        (json!({"https://aws.amazon.com/tags": "team"}), "InvalidIdentityToken"),
        (
            json!({"https://aws.amazon.com/tags": {"principal_tags": {"t".repeat(129): ["red"]}}}),
            "InvalidIdentityToken",
        ),
        (json!({"https://aws.amazon.com/tags": {"principal_tags": {"aws:x": ["red"]}}}), "ValidationError"),
        (
            json!({"https://aws.amazon.com/tags": {"principal_tags": {"team": ["red"], "TEAM": ["red"]}}}),
            "ValidationError",
        ),
        (json!({"https://aws.amazon.com/tags": {"transitive_tag_keys": ["team"]}}), "ValidationError"),
        (json!({"https://aws.amazon.com/source_identity": "j"}), "InvalidIdentityToken"),
        (json!({"https://aws.amazon.com/source_identity": ["jane"]}), "InvalidIdentityToken"),
    ] {
        f.refused(&f.with(&claims), code).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_known_of_a_provider_is_what_it_says_now() {
    let mut f = Federation::new(&[ASSUME]).await;
    let token = f.with(&json!({}));
    f.issuer.said.fall_silent("/.well-known/openid-configuration");
    f.refused(&token, "IDPCommunicationError").await;
    let document = format!(
        r#"{{"issuer":"{0}","jwks_uri":"{0}/keys","id_token_signing_alg_values_supported":["ES256"]}}"#,
        f.issuer.said.url
    );
    f.issuer.said.say("/.well-known/openid-configuration", &document);
    assert_eq!(f.ask(&token, &[]).await.status, StatusCode::OK);
    f.issuer.rotate("two");
    let newer = f.with(&json!({}));
    assert_eq!(f.ask(&newer, &[]).await.status, StatusCode::OK);
    let provider = f.provider(&[]);
    f.change(move |tx, _| store::accounts::oidc_providers::update(tx, &provider)).await;
    f.refused(&newer, "InvalidIdentityToken").await;
    let provider = f.provider(&[]);
    f.change(move |tx, _| store::accounts::oidc_providers::delete(tx, &provider)).await;
    f.refused(&newer, "InvalidIdentityToken").await;
}
