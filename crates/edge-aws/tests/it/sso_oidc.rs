//! `aws sso login` byte for byte (transcripts of AWS CLI 2.36.7), and what a client hears when it goes wrong.

use axum::body::Body;
use http::{Request, StatusCode};
use model::caller::{Caller, PortalUser};
use model::cx::Cx;
use model::directory::user::UserId;
use model::secret::Secret;
use model::signin::portal_session::PortalSession;
use serde_json::{Value, json};
use signin::flows::Progress;
use signin::hashing::Hasher;
use signin::sign_in::{Brought, PasswordSignIn, by_password};
use store::tx::Tx;

use crate::served::{Answer, Served};

const JANE: &str = "11111111-1111-4111-8111-111111111111";
const PASSWORD: &str = "correct horse battery staple";
const START_URL: &str = "https://d-1234567890.awsapps.com/start";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const CALLBACK: &str = "http://127.0.0.1:49152/oauth/callback";

/// Jane, signed in with a browser.
async fn jane(served: &Served) -> PortalSession {
    let store::db::Location::Sqlite(path) = &served.fixture.location else { unreachable!() };
    let connection = rusqlite::Connection::open(path).unwrap();
    connection
        .execute(
            "INSERT INTO users (user_id, identity_store_id, user_name, user_name_key, display_name, email_key, profile, status,
             revision, created_at, created_by, updated_at, updated_by)
             VALUES (?1, 'd-1234567890', 'jane', 'jane', 'Jane Doe', NULL, '{}', 'ENABLED', 1, 0, '', 0, '')",
            [JANE],
        )
        .unwrap();
    drop(connection);
    assert!(store::db::heard(&served.fixture.location).unwrap());
    let hasher = Hasher::new(1, 1);
    let cx = served.fixture.root("sso-directory.amazonaws.com", "UpdatePassword");
    let hash = signin::passwords::hash(&hasher, &cx, &Secret::new(PASSWORD)).await.unwrap();
    let put = move |tx: &mut Tx<'_>, cx: &Cx| signin::passwords::put(tx, cx, &UserId::trusted(JANE), &hash);
    served.app.store.write(&cx, put).await.unwrap();
    let cx = served.fixture.cx(Caller::anonymous(), "signin.amazonaws.com", "");
    let attempt = PasswordSignIn {
        user_name: "jane".to_owned(),
        password: Secret::new(PASSWORD),
        brought: Brought::default(),
    };
    let progress = by_password(&served.app.store, &cx, &served.app.signin, &hasher, attempt).await.unwrap();
    let Progress::SignedIn(signed_in) = progress else { unreachable!() };
    signed_in.session
}

fn browser(served: &Served, user: &PortalUser) -> Cx {
    served.fixture.cx(Caller::portal_user(user.clone()), "sso.amazonaws.com", "")
}

fn text<'a>(answer: &'a Answer, member: &str) -> &'a str {
    answer.body[member].as_str().unwrap()
}

fn assert_error(answer: &Answer, status: u16, error: &str, kind: &str) {
    assert_eq!(answer.status, StatusCode::from_u16(status).unwrap(), "{answer:?}");
    assert_eq!(answer.body["error"], error);
    assert!(answer.body["error_description"].is_string());
    // Without this header AWS CLI gives up instead of polling on.
    assert_eq!(answer.error_type(), kind);
}

async fn register(served: &Served, body: &Value) -> (String, String) {
    let answer = served.post("/client/register", body).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    (text(&answer, "clientId").to_owned(), text(&answer, "clientSecret").to_owned())
}

async fn register_for_device(served: &Served) -> (String, String) {
    let body = json!({"clientName": "botocore-client-corp", "clientType": "public", "scopes": ["sso:account:access"]});
    register(served, &body).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn login_with_a_device_code() {
    let served = Served::new().await;
    let session = jane(&served).await;
    let (id, secret) = register_for_device(&served).await;
    let answer = served
        .post(
            "/device_authorization",
            &json!({"clientId": id, "clientSecret": secret, "startUrl": START_URL}),
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!((&answer.body["expiresIn"], &answer.body["interval"]), (&json!(600), &json!(1)));
    let (user_code, device_code) = (text(&answer, "userCode"), text(&answer, "deviceCode"));
    assert_eq!(
        text(&answer, "verificationUriComplete"),
        format!("http://localhost:8765/device?user_code={user_code}")
    );
    let grant = json!({
        "grantType": "urn:ietf:params:oauth:grant-type:device_code", "clientId": id, "clientSecret": secret,
        "deviceCode": device_code,
    });
    let pending = served.post("/token", &grant).await;
    assert_error(&pending, 400, "authorization_pending", "AuthorizationPendingException");
    let early = served.post("/token", &grant).await;
    assert_error(&early, 400, "authorization_pending", "AuthorizationPendingException");
    assert_error(&served.post("/token", &grant).await, 400, "slow_down", "SlowDownException");
    let cx = browser(&served, &session.user);
    signin::device::approve(&served.app.store, &cx, &session, user_code).await.unwrap();
    served.wait(10);
    let answer = served.post("/token", &grant).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.body["tokenType"], "Bearer");
    assert_eq!(answer.body["expiresIn"], json!(8 * 3_600 - 10));
    assert!(answer.body.get("idToken").is_none());
    assert_eq!(answer.headers["cache-control"], "no-store");
    let records = served.records("CreateToken").await;
    assert_eq!(records.len(), 4, "three refusals and a success");
    let success = records.iter().find(|record| record["errorCode"].is_null()).unwrap();
    assert_eq!(success["requestParameters"]["clientSecret"], "HIDDEN_DUE_TO_SECURITY_REASONS");
    assert_eq!(success["responseElements"]["accessToken"], "HIDDEN_DUE_TO_SECURITY_REASONS");
    assert_eq!(success["resources"][0]["ARN"], "d-1234567890");
    let shown = json!(records).to_string();
    for hidden in [secret.as_str(), device_code, text(&answer, "accessToken"), text(&answer, "refreshToken")]
    {
        assert!(!shown.contains(hidden));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn login_with_pkce_then_refresh() {
    let served = Served::new().await;
    let session = jane(&served).await;
    let (id, secret) = register(
        &served,
        &json!({
            "clientName": "botocore-client-corp", "clientType": "public", "grantTypes": ["authorization_code", "refresh_token"],
            "redirectUris": ["http://127.0.0.1/oauth/callback"], "issuerUrl": START_URL, "scopes": ["sso:account:access"],
        }),
    )
    .await;
    let params: Vec<(String, String)> = [
        ("response_type", "code"),
        ("client_id", id.as_str()),
        ("redirect_uri", CALLBACK),
        ("state", "s"),
        ("code_challenge_method", "S256"),
        ("scopes", "sso:account:access"),
        ("code_challenge", CHALLENGE),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let cx = browser(&served, &session.user);
    let (store, config) = (&served.app.store, &served.app.signin);
    let request = signin::authorize::open(store, &cx, config, &params).unwrap();
    let url =
        signin::authorize::approve(store, &cx, config, &session, (&request, signin::authorize::Agreed::Once))
            .await
            .unwrap();
    let code = url.split(['?', '&']).find_map(|pair| pair.strip_prefix("code=")).unwrap();
    let body = json!({
        "grantType": "authorization_code", "clientId": id, "clientSecret": secret, "redirectUri": CALLBACK,
        "codeVerifier": VERIFIER, "code": code,
    });
    let tokens = served.post("/token", &body).await;
    assert_eq!(tokens.status, StatusCode::OK, "{tokens:?}");
    let refresh = json!({
        "grantType": "refresh_token", "clientId": id, "clientSecret": secret, "refreshToken": text(&tokens, "refreshToken"),
    });
    let refreshed = served.post("/token", &refresh).await;
    assert_eq!(refreshed.status, StatusCode::OK, "{refreshed:?}");
    assert_ne!(text(&refreshed, "accessToken"), text(&tokens, "accessToken"));
    assert_error(&served.post("/token", &body).await, 400, "invalid_grant", "InvalidGrantException");
    assert_error(&served.post("/token", &refresh).await, 400, "invalid_grant", "InvalidGrantException");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stale_registration_is_401_and_says_what_to_delete() {
    let served = Served::new().await;
    let body = json!({"clientId": "from-another-server", "clientSecret": "x", "startUrl": START_URL});
    let answer = served.post("/device_authorization", &body).await;
    assert_error(&answer, 401, "invalid_client", "InvalidClientException");
    assert!(text(&answer, "error_description").contains("~/.aws/sso/cache"));
    let body =
        json!({"clientId": "a", "clientSecret": "x", "grantType": "refresh_token", "refreshToken": "y"});
    assert_error(&served.post("/token", &body).await, 401, "invalid_client", "InvalidClientException");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_a_request_is_invalid_request() {
    let served = Served::new().await;
    let (id, secret) = register_for_device(&served).await;
    for (path, body) in [
        ("/client/register", json!({})),
        ("/client/register", json!({"clientName": 1, "clientType": "public"})),
        ("/token", json!({"clientId": id, "clientSecret": secret})),
        ("/token", json!({"clientId": id, "clientSecret": secret, "grantType": "refresh_token"})),
        (
            "/device_authorization",
            json!({"clientId": id, "clientSecret": secret, "startUrl": "https://example.org"}),
        ),
        ("/device_authorization", json!([])),
    ] {
        let answer = served.post(path, &body).await;
        assert_error(&answer, 400, "invalid_request", "InvalidRequestException");
    }
    let body = json!({"clientId": id, "clientSecret": secret, "grantType": "password"});
    let answer = served.post("/token", &body).await;
    assert_error(&answer, 400, "unsupported_grant_type", "UnsupportedGrantTypeException");
    let body = json!({"clientName": "x", "clientType": "confidential"});
    let answer = served.post("/client/register", &body).await;
    assert_error(&answer, 400, "invalid_client_metadata", "InvalidClientMetadataException");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_refused_tokens_is_slowed_and_tokens_are_not() {
    let served = Served::new().await;
    let (id, secret) = register_for_device(&served).await;
    let guess = json!({
        "clientId": id, "clientSecret": secret, "deviceCode": "guessed",
        "grantType": "urn:ietf:params:oauth:grant-type:device_code",
    });
    for _ in 0..100 {
        assert_error(&served.post("/token", &guess).await, 400, "invalid_grant", "InvalidGrantException");
    }
    let answer = served.post("/token", &guess).await;
    assert_error(&answer, 400, "slow_down", "SlowDownException");
    assert_eq!(answer.headers["x-amz-retry-after"], "1000");
    // A minute later the address is as good as any.
    served.wait(60);
    assert_error(&served.post("/token", &guess).await, 400, "invalid_grant", "InvalidGrantException");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_other_sites_send_no_calls_in_their_visitors_name() {
    let served = Served::new().await;
    let body = json!({"clientName": "page", "clientType": "public"});
    let from = |site: &'static str| {
        let request = Request::post("/client/register").header("sec-fetch-site", site);
        served.call(request.body(Body::from(body.to_string())).unwrap())
    };
    for site in ["cross-site", "same-site"] {
        // More of them than the address may call: none counts.
        for _ in 0..120 {
            assert_eq!(from(site).await.status, 403, "{site}");
        }
    }
    assert_eq!(from("none").await.status, 200);
    assert_eq!(served.records("RegisterClient").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn audit_flood_refusals_are_counted_and_nobody_leaves_a_large_record() {
    let served = Served::new().await;
    let name = "n".repeat(60_000);
    let large = json!({"clientName": name, "clientType": "public"});
    for _ in 0..100 {
        assert_ne!(text(&served.post("/client/register", &large).await, "error"), "slow_down");
    }
    for body in [large, json!({"clientName": 1}), json!([])] {
        let answer = served.post("/client/register", &body).await;
        // The CLI ends at SlowDownException, and tries again after this one; boto3 looks at the second of the headers alone.
        assert_error(&answer, 429, "slow_down", "TooManyRequestsException");
        assert_eq!(
            (&answer.headers["retry-after"], &answer.headers["x-amz-retry-after"]),
            (&"1".parse().unwrap(), &"1000".parse().unwrap())
        );
    }
    let records = served.records("RegisterClient").await;
    let of = |code: &str| {
        let found = records.iter().filter(|record| record["errorCode"] == code);
        let counts = found.map(|record| record["additionalEventData"]["count"].as_u64().unwrap_or(1));
        counts.collect::<Vec<_>>()
    };
    assert_eq!(of("InvalidClientMetadataException").iter().sum::<u64>(), 100, "{records:#?}");
    assert_eq!(of("TooManyRequestsException").iter().sum::<u64>(), 3, "those that must wait count too");
    assert_eq!(records.len(), 4, "each is recorded once, and then counted");
    assert!(records.iter().all(|record| record.to_string().len() < 2_000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn audit_flood_the_largest_registration_leaves_a_small_record() {
    let served = Served::new().await;
    let scope = |number: usize| format!("{number}{}", "s".repeat(120));
    let uri = |number: usize| format!("http://127.0.0.1/{number}{}", "p".repeat(480));
    let body = json!({
        "clientName": "é".repeat(256), "clientType": "public", "scopes": (0..10).map(scope).collect::<Vec<_>>(),
        "redirectUris": (0..10).map(uri).collect::<Vec<_>>(),
    });
    let answer = served.post("/client/register", &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let record = served.records("RegisterClient").await.remove(0);
    assert!(record.to_string().len() < 5_500, "{} bytes", record.to_string().len());
    assert!(record["requestParameters"]["clientName"].as_str().unwrap().starts_with('é'), "{record:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_text_holds_what_a_database_cannot_keep() {
    let served = Served::new().await;
    let answer =
        served.post("/client/register", &json!({"clientName": "a\0b", "clientType": "public"})).await;
    assert_error(&answer, 400, "invalid_request", "InvalidRequestException");
    assert!(text(&answer, "error_description").contains("clientName"), "{answer:?}");
}
