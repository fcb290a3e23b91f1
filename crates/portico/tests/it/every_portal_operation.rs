//! Every operation that is served of sso-oidc, sso and signin, called once with the typed SDK by a person who signed in by the pages: each answer
//! must parse into the SDK's shapes. What the answers say is other tests' affair.

use std::collections::BTreeSet;

use aws_sdk_signin::types::CreateOAuth2TokenRequestBody;
use model::timestamp::Timestamp;
use testkit::prover::Prover;

use crate::browser::Browser;
use crate::every_operation::{assert_whole, call};
use crate::server::{Server, client};

const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// What a program has once the person agreed.
struct Program {
    id: String,
    secret: String,
    access_token: String,
    refresh_token: String,
}

/// Signs jane in, and lets a program have her tokens.
async fn authorized(server: &Server, seen: &mut BTreeSet<String>) -> Program {
    let c = client!(aws_sdk_ssooidc, server);
    let made = call!(
        seen,
        c.register_client()
            .client_name("typed")
            .client_type("public")
            .scopes("sso:account:access")
            .grant_types(DEVICE)
            .grant_types("refresh_token")
    );
    let (id, secret) = (made.client_id().unwrap(), made.client_secret().unwrap());
    let start = server.made("startUrl");
    let device =
        call!(seen, c.start_device_authorization().client_id(id).client_secret(secret).start_url(&start));
    let asked = c.create_token().client_id(id).client_secret(secret).grant_type(DEVICE);
    let unknown = asked.clone().device_code("unknown").send().await.unwrap_err().into_service_error();
    assert!(unknown.is_invalid_grant_exception(), "{unknown:?}");
    let other =
        call!(seen, c.start_device_authorization().client_id(id).client_secret(secret).start_url(&start));
    let early = asked.clone().device_code(other.device_code().unwrap()).send().await.unwrap_err();
    let early = early.into_service_error();
    assert!(early.is_authorization_pending_exception(), "{early:?}");

    let mut jane = Browser::new(&server.base);
    jane.open("/signin").await;
    jane.submit(
        "/signin",
        &[("return_to", "/start"), ("username", "jane"), ("password", "correct horse battery staple")],
    )
    .await;
    let code = device.user_code().unwrap();
    jane.open(&format!("/device?user_code={code}")).await;
    jane.submit("/device", &[("user_code", code), ("decision", "approve")]).await;
    assert!(jane.page().contains("Access allowed"), "{}", jane.page());

    let tokens = call!(
        seen,
        c.create_token()
            .client_id(id)
            .client_secret(secret)
            .grant_type(DEVICE)
            .device_code(device.device_code().unwrap())
    );
    Program {
        id: id.to_owned(),
        secret: secret.to_owned(),
        access_token: tokens.access_token().unwrap().to_owned(),
        refresh_token: tokens.refresh_token().unwrap().to_owned(),
    }
}

#[tokio::test]
async fn sso_oidc() {
    let (server, mut seen) = (&Server::start().await, BTreeSet::new());
    let program = authorized(server, &mut seen).await;
    let c = client!(aws_sdk_ssooidc, server);
    let refreshed = c
        .create_token()
        .client_id(&program.id)
        .client_secret(&program.secret)
        .grant_type("refresh_token")
        .refresh_token(&program.refresh_token);
    let tokens = refreshed.send().await.unwrap();
    assert!(tokens.access_token().is_some_and(|token| token != program.access_token));
    crate::every_issuer_operation::tokens(server, &mut seen).await;
    assert_whole(&seen, wire::generated::sso_oidc::OPERATIONS);
}

#[tokio::test]
async fn sso() {
    let (server, mut seen) = (&Server::start().await, BTreeSet::new());
    let token = authorized(server, &mut BTreeSet::new()).await.access_token;
    let c = client!(aws_sdk_sso, server);
    let accounts = call!(seen, c.list_accounts().access_token(&token));
    let account = accounts.account_list()[0].account_id().unwrap();
    let roles = call!(seen, c.list_account_roles().access_token(&token).account_id(account));
    let role = roles.role_list()[0].role_name().unwrap();
    let made = call!(seen, c.get_role_credentials().access_token(&token).account_id(account).role_name(role));
    let made = made.role_credentials().unwrap();
    assert!(made.access_key_id().is_some_and(|key| key.starts_with("ASIA")) && made.expiration() > 0);
    call!(seen, c.logout().access_token(&token));
    let refused = c.list_accounts().access_token(&token).send().await.unwrap_err().into_service_error();
    assert!(refused.is_unauthorized_exception(), "{refused:?}");
    assert_whole(&seen, wire::generated::sso::OPERATIONS);
}

/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

#[expect(clippy::disallowed_methods, reason = "what the server holds a proof against is the wall clock")]
fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp::from_seconds(i64::try_from(since.as_secs()).unwrap())
}

#[tokio::test]
async fn signin() {
    let (server, mut seen) = (&Server::start().await, BTreeSet::new());
    let (client, here) = ("arn:aws:signin:::devtools/same-device", "http://127.0.0.1:49152/oauth/callback");
    let asked = format!(
        "/v1/authorize?response_type=code&client_id={client}&state=s&code_challenge_method=SHA-256&scope=openid&redirect_uri={here}&code_challenge={CHALLENGE}"
    );
    let mut jane = Browser::new(&server.base);
    jane.open("/signin").await;
    let password = "correct horse battery staple";
    jane.submit("/signin", &[("return_to", "/start"), ("username", "jane"), ("password", password)]).await;
    jane.open(&asked).await;
    jane.submit(&asked, &[("role", "222233334444/PowerUser"), ("decision", "approve")]).await;
    let to = jane.header("location");
    let code =
        to.split_once("?code=").unwrap_or_else(|| panic!("{}", jane.page())).1.split('&').next().unwrap();

    let c = client!(aws_sdk_signin, server);
    let prover = Prover::default();
    let proof = || prover.proof(&format!("{}/v1/token", server.base), now());
    let body = CreateOAuth2TokenRequestBody::builder().client_id(client);
    let redeemed =
        body.clone().grant_type("authorization_code").code(code).redirect_uri(here).code_verifier(VERIFIER);
    let proven = proof();
    let made = call!(
        seen,
        c.create_o_auth2_token().token_input(redeemed.build().unwrap()).customize().mutate_request(
            move |request| {
                request.headers_mut().insert("DPoP", proven.clone());
            }
        )
    );
    let made = made.token_output().unwrap();
    assert_eq!((made.token_type(), made.expires_in() > 890), ("aws_sigv4", true));
    let renewed = body.clone().grant_type("refresh_token").refresh_token(made.refresh_token());
    let proven = proof();
    let renewed = c.create_o_auth2_token().token_input(renewed.build().unwrap()).customize().mutate_request(
        move |request| {
            request.headers_mut().insert("DPoP", proven.clone());
        },
    );
    let renewed = renewed.send().await.unwrap();
    assert_ne!(renewed.token_output().unwrap().refresh_token(), made.refresh_token());
    let unproven = body.grant_type("refresh_token").refresh_token("x").build().unwrap();
    let unproven =
        c.create_o_auth2_token().token_input(unproven).send().await.unwrap_err().into_service_error();
    assert!(unproven.is_validation_exception(), "{unproven:?}");
    assert_whole(&seen, wire::generated::signin::OPERATIONS);
}
