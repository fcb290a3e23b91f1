//! Every operation that is served of sso-oidc and sso, called once with the typed SDK by a person who signed in by the pages: each answer
//! must parse into the SDK's shapes. What the answers say is other tests' affair.

use std::collections::BTreeSet;

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
