//! `aws login` byte for byte (AWS CLI 2.38.5), and what a client hears when it goes wrong.

use axum::body::Body;
use http::{Request, StatusCode};
use model::accounts::account::AccountId;
use model::caller::Caller;
use model::clock::Clock as _;
use model::directory::user::UserId;
use model::secret::Secret;
use model::signin::console_login::{ChosenRole, LoginClient};
use model::signin::portal_session::PortalSession;
use serde_json::{Value, json};
use signin::flows::Progress;
use signin::hashing::Hasher;
use signin::login_requests::{self, Answer as Given};
use signin::sign_in::{Brought, PasswordSignIn, by_password};
use store::tx::Tx;
use testkit::prover::Prover;

use crate::served::Answer;
use crate::world::{MEMBER, World};

const TOKEN_URL: &str = "http://127.0.0.1:8765/v1/token";
const CALLBACK: &str = "http://127.0.0.1:49152/oauth/callback";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Jane, signed in with a browser.
async fn jane(world: &World) -> PortalSession {
    let (store, config, cx) =
        (&world.served.app.store, &world.served.app.signin, world.served.fixture.root("test", ""));
    let hasher = Hasher::new(1, 1);
    let password = || Secret::new("correct horse battery staple");
    let hash = signin::passwords::hash(&hasher, &cx, &password()).await.unwrap();
    let user = UserId::trusted(world.word("user"));
    let put = move |tx: &mut Tx<'_>, cx: &model::cx::Cx| signin::passwords::put(tx, cx, &user, &hash);
    store.write(&cx, put).await.unwrap();
    let attempt =
        PasswordSignIn { user_name: "jane".to_owned(), password: password(), brought: Brought::default() };
    let cx = world.served.fixture.cx(Caller::anonymous(), "signin.amazonaws.com", "");
    let progress = by_password(store, &cx, config, &hasher, attempt).await.unwrap();
    let Progress::SignedIn(signed_in) = progress else { unreachable!() };
    signed_in.session
}

/// A code for the role `set` that Jane chose.
async fn code(world: &World, session: &PortalSession) -> String {
    let config = &world.served.app.signin;
    let params = [
        ("client_id", LoginClient::SameDevice.id()),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("state", "s"),
        ("code_challenge_method", "SHA-256"),
        ("code_challenge", CHALLENGE),
    ];
    let params = params.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let request = login_requests::open(config, &params).unwrap();
    let cx = world.served.fixture.cx(Caller::portal_user(session.user.clone()), "signin.amazonaws.com", "");
    let chosen = ChosenRole { account_id: AccountId::trusted(MEMBER), role_name: "set".to_owned() };
    let given =
        login_requests::approve(&world.served.app.store, (&cx, config), session, &request, chosen).await;
    let Given::Redirect(to) = given.unwrap() else { unreachable!() };
    let (_, rest) = to.split_once("code=").unwrap();
    rest.split('&').next().unwrap().to_owned()
}

fn by_code(code: &str) -> Value {
    json!({"clientId": LoginClient::SameDevice.id(), "grantType": "authorization_code", "code": code,
           "codeVerifier": VERIFIER, "redirectUri": CALLBACK})
}

fn by_token(token: &Value) -> Value {
    json!({"clientId": LoginClient::SameDevice.id(), "grantType": "refresh_token", "refreshToken": token})
}

/// A call with these `DPoP` headers.
async fn send(world: &World, path: &str, body: &Value, proofs: &[String]) -> Answer {
    let request = Request::post(path)
        .header("host", "127.0.0.1:8765")
        .header("content-type", "application/json")
        .header("user-agent", "aws-cli/2.38.5 md/command#login");
    let request = proofs.iter().fold(request, |request, proof| request.header("DPoP", proof));
    world.served.call(request.body(Body::from(body.to_string())).unwrap()).await
}

async fn create(world: &World, prover: &Prover, body: &Value) -> Answer {
    let proof = prover.proof(TOKEN_URL, world.served.clock.now());
    send(world, "/v1/token", body, &[proof]).await
}

/// What tells AWS CLI and SDKs what to do.
fn assert_error(answer: &Answer, status: u16, code: &str, error: &str) {
    assert_eq!(answer.status.as_u16(), status, "{answer:?}");
    assert_eq!(answer.error_type(), code);
    assert_eq!(answer.body["error"], error);
    assert!(answer.body["message"].is_string());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_gives_credentials_that_renew_and_is_recorded_as_cloudtrail_has_it() {
    let (world, prover) = (World::new().await, Prover::default());
    let session = jane(&world).await;
    let code = code(&world, &session).await;
    let answer = create(&world, &prover, &by_code(&code)).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let members: Vec<&String> = answer.body.as_object().unwrap().keys().collect();
    assert_eq!(members, ["accessToken", "tokenType", "expiresIn", "refreshToken", "idToken"]);
    assert_eq!((&answer.body["tokenType"], &answer.body["expiresIn"]), (&json!("aws_sigv4"), &json!(900)));
    assert!(answer.body["accessToken"]["accessKeyId"].as_str().unwrap().starts_with("ASIA"));
    assert_eq!(answer.headers["cache-control"], "no-store");
    world.served.wait(600);
    let renewed = create(&world, &prover, &by_token(&answer.body["refreshToken"])).await;
    assert_eq!(renewed.status, StatusCode::OK, "{renewed:?}");
    assert!(renewed.body.get("idToken").is_none());
    assert_ne!(renewed.body["accessToken"]["accessKeyId"], answer.body["accessToken"]["accessKeyId"]);

    let records = world.served.records("CreateOAuth2Token").await;
    assert_eq!(records.len(), 2);
    for record in &records {
        assert_eq!(record["requestParameters"], json!({"client_id": LoginClient::SameDevice.id()}));
        assert_eq!(record["eventSource"], "signin.amazonaws.com");
        assert_eq!((&record["eventType"], &record["readOnly"]), (&json!("AwsApiCall"), &json!(true)));
        assert_eq!(record["additionalEventData"]["success"], "true");
        assert_eq!(record["userIdentity"]["onBehalfOf"]["userId"], world.word("user"));
        assert_eq!(record["resources"][0]["type"], "AWS::IAM::Role");
    }
    let shown = json!(records).to_string();
    for answer in [&answer, &renewed] {
        for secret in [
            &answer.body["refreshToken"],
            &answer.body["accessToken"]["secretAccessKey"],
            &answer.body["accessToken"]["sessionToken"],
        ] {
            assert!(!shown.contains(secret.as_str().unwrap()));
        }
    }
    assert!(!shown.contains(&code) && !shown.contains(VERIFIER));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_refusal_has_the_word_by_which_clients_say_what_to_do() {
    let (world, prover) = (World::new().await, Prover::default());
    let session = jane(&world).await;
    let unknown = create(&world, &prover, &by_code("unknown")).await;
    assert_error(&unknown, 401, "AccessDeniedException", "AUTHCODE_EXPIRED");
    let token = create(&world, &prover, &by_token(&json!("unknown"))).await;
    assert_error(&token, 401, "AccessDeniedException", "TOKEN_EXPIRED");
    for body in [
        json!({"clientId": "arn:aws:signin:::devtools/other", "grantType": "refresh_token", "refreshToken": "x"}),
        json!({"clientId": LoginClient::SameDevice.id(), "grantType": "password"}),
        json!({"clientId": LoginClient::SameDevice.id(), "grantType": "refresh_token"}),
        json!({"grantType": "refresh_token"}),
        json!([]),
    ] {
        assert_error(&create(&world, &prover, &body).await, 400, "ValidationException", "INVALID_REQUEST");
    }
    // Newer clients may say more than this model knows.
    let more = json!({"clientId": LoginClient::SameDevice.id(), "grantType": "refresh_token", "refreshToken": "x", "resource": "y"});
    assert_error(&create(&world, &prover, &more).await, 401, "AccessDeniedException", "TOKEN_EXPIRED");

    let code = code(&world, &session).await;
    let first = create(&world, &prover, &by_code(&code)).await;
    world.disable(world.word("user")).await;
    let refused = create(&world, &prover, &by_token(&first.body["refreshToken"])).await;
    assert_error(&refused, 401, "AccessDeniedException", "TOKEN_EXPIRED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_is_taken_away_gives_nothing_at_the_next_call() {
    let (world, prover) = (World::new().await, Prover::default());
    let session = jane(&world).await;
    let (early, late) = (code(&world, &session).await, code(&world, &session).await);
    let first = create(&world, &prover, &by_code(&early)).await;
    let input = json!({"InstanceArn": world.word("instance"), "PermissionSetArn": world.word("set"), "TargetId": MEMBER,
        "TargetType": "AWS_ACCOUNT", "PrincipalType": "USER", "PrincipalId": world.word("user")});
    world.made("sso-admin", "DeleteAccountAssignment", input).await;
    world.work().await;
    for body in [by_token(&first.body["refreshToken"]), by_code(&late)] {
        let refused = create(&world, &prover, &body).await;
        assert_error(&refused, 403, "AccessDeniedException", "INSUFFICIENT_PERMISSIONS");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_brings_one_proof_and_means_one_operation() {
    let (world, prover) = (World::new().await, Prover::default());
    let session = jane(&world).await;
    let body = by_code(&code(&world, &session).await);
    let proof = || prover.proof(TOKEN_URL, world.served.clock.now());
    let missing = send(&world, "/v1/token", &body, &[]).await;
    assert_error(&missing, 400, "ValidationException", "INVALID_REQUEST");
    let doubled = send(&world, "/v1/token", &body, &[proof(), proof()]).await;
    assert_error(&doubled, 400, "ValidationException", "INVALID_REQUEST");
    for other in [
        "x-amz-client-auth-method=iam",
        "x-amz-token-request-type=bearer",
        "x-amz-oauth-token-method=token-exchange",
    ] {
        let answer = send(&world, &format!("/v1/token?{other}"), &body, &[proof()]).await;
        assert_eq!(answer.error_type(), "UnknownOperationException", "{other}");
    }
    // In the body it proves nothing.
    let mut inside = body.clone();
    inside["dpop"] = json!(proof());
    let answer = send(&world, "/v1/token", &inside, &[]).await;
    assert_error(&answer, 400, "ValidationException", "INVALID_REQUEST");
    let once = proof();
    let answer = send(&world, "/v1/token", &body, std::slice::from_ref(&once)).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let replayed = send(&world, "/v1/token", &by_token(&answer.body["refreshToken"]), &[once]).await;
    assert_error(&replayed, 400, "ValidationException", "INVALID_REQUEST");
    assert!(replayed.body["message"].as_str().unwrap().contains("jti"), "{replayed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_tries_what_nobody_was_given_is_slowed_and_an_office_is_not() {
    let (world, prover) = (World::new().await, Prover::default());
    let session = jane(&world).await;
    let first = create(&world, &prover, &by_code(&code(&world, &session).await)).await;
    let mut token = first.body["refreshToken"].clone();
    for _ in 0..150 {
        let answer = create(&world, &prover, &by_token(&token)).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        token = answer.body["refreshToken"].clone();
    }
    let mut refused = Vec::new();
    for _ in 0..110 {
        refused.push(create(&world, &prover, &by_code("guess")).await);
    }
    assert_error(refused.last().unwrap(), 429, "TooManyRequestsError", "INVALID_REQUEST");
    assert_error(&refused[0], 401, "AccessDeniedException", "AUTHCODE_EXPIRED");
}
