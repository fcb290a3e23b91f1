//! `portico revoke-issued` beside a server that runs: everything issued before it is void from the next request on, everything issued
//! after it is good, and the trail says so. On both engines.

use serde_json::Value;

use crate::browser::Browser;
use crate::upgrade::{Engine, Place, client_at, keys};

const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// What a person and a program hold.
pub(crate) struct Held {
    browser: Browser,
    client: (String, String),
    pub(crate) access: String,
    refresh: String,
    role: aws_credential_types::Credentials,
}

pub(crate) async fn obtain(base: &str, made: &Value) -> Held {
    let root = keys(&made["accessKeyId"], &made["secretAccessKey"], None);
    let oidc = client_at!(aws_sdk_ssooidc, base, root.clone());
    let registered = oidc
        .register_client()
        .client_name("held")
        .client_type("public")
        .scopes("sso:account:access")
        .grant_types(DEVICE)
        .grant_types("refresh_token")
        .send()
        .await
        .unwrap();
    let client = (registered.client_id().unwrap().to_owned(), registered.client_secret().unwrap().to_owned());
    let device = oidc
        .start_device_authorization()
        .client_id(&client.0)
        .client_secret(&client.1)
        .start_url(made["startUrl"].as_str().unwrap())
        .send()
        .await
        .unwrap();
    let mut browser = Browser::new(base);
    browser.open("/signin").await;
    let fields =
        [("return_to", "/start"), ("username", "jane"), ("password", "correct horse battery staple")];
    browser.submit("/signin", &fields).await;
    let code = device.user_code().unwrap();
    browser.open(&format!("/device?user_code={code}")).await;
    browser.submit("/device", &[("user_code", code), ("decision", "approve")]).await;
    let tokens = oidc
        .create_token()
        .client_id(&client.0)
        .client_secret(&client.1)
        .grant_type(DEVICE)
        .device_code(device.device_code().unwrap())
        .send()
        .await
        .unwrap();
    let access = tokens.access_token().unwrap().to_owned();
    let role = client_at!(aws_sdk_sso, base, root)
        .get_role_credentials()
        .access_token(&access)
        .account_id("222233334444")
        .role_name("PowerUser")
        .send()
        .await
        .unwrap();
    let role = role.role_credentials().unwrap();
    let role = aws_credential_types::Credentials::from_keys(
        role.access_key_id().unwrap(),
        role.secret_access_key().unwrap(),
        Some(role.session_token().unwrap().to_owned()),
    );
    Held { browser, client, access, refresh: tokens.refresh_token().unwrap().to_owned(), role }
}

/// Which of the things held are good.
pub(crate) async fn good(base: &str, held: &mut Held) -> [bool; 4] {
    held.browser.open("/start").await;
    let session = held.browser.page().contains("/signout");
    let portal = client_at!(aws_sdk_sso, base, held.role.clone());
    let access = portal.list_accounts().access_token(&held.access).send().await.is_ok();
    let role = client_at!(aws_sdk_sts, base, held.role.clone()).get_caller_identity().send().await.is_ok();
    let oidc = client_at!(aws_sdk_ssooidc, base, held.role.clone());
    let start = oidc
        .start_device_authorization()
        .client_id(&held.client.0)
        .client_secret(&held.client.1)
        .start_url("https://x.awsapps.com/start");
    let refused = start.send().await.unwrap_err().into_service_error();
    [session, access, role, !refused.is_invalid_client_exception()]
}

async fn revokes(engine: Engine) {
    let place = Place::new(engine).await;
    let seed = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/acme.yaml");
    let made: Value =
        serde_json::from_str(&place.run("init", &["--seed", seed, "--output", "json"]).unwrap()).unwrap();
    let (_process, base) = place.serve().await;
    let mut held = obtain(&base, &made).await;
    assert_eq!(good(&base, &mut held).await, [true; 4]);
    // As if the rows had come back, or were written a moment later by a request that had begun before.
    let kept = ["portal_sessions", "token_families", "oauth_clients"];
    for table in kept {
        place.sql(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await;
    }
    let said = place.run("revoke-issued", &[]).unwrap();
    assert!(said.contains("Void is whatever was issued until"), "{said}");
    assert_eq!(good(&base, &mut held).await, [false; 4]);
    for table in kept {
        assert_eq!(place.number(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table} is swept");
        place.sql(&format!("INSERT INTO {table} SELECT * FROM kept_{table}; DROP TABLE kept_{table}")).await;
    }
    assert_eq!(good(&base, &mut held).await, [false; 4], "the mark decides, not the rows");
    let root = keys(&made["accessKeyId"], &made["secretAccessKey"], None);
    let oidc = client_at!(aws_sdk_ssooidc, base.as_str(), root.clone());
    let refresh = oidc.create_token().client_id(&held.client.0).client_secret(&held.client.1);
    let refresh = refresh.grant_type("refresh_token").refresh_token(&held.refresh).send().await;
    assert!(refresh.is_err());
    let trail = client_at!(aws_sdk_cloudtrail, base.as_str(), root).lookup_events().send().await.unwrap();
    assert!(trail.events().iter().any(|event| event.event_name() == Some("RevokeIssued")));
    let mut later = obtain(&base, &made).await;
    assert_eq!(good(&base, &mut later).await, [true; 4], "what comes later is good");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_issued_before_is_void_and_what_comes_later_is_good_on_sqlite() {
    revokes(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_issued_before_is_void_and_what_comes_later_is_good_on_postgres() {
    revokes(Engine::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_far_behind_the_trail_is_refused() {
    let place = Place::new(Engine::Sqlite).await;
    place.run("init", &[]).unwrap();
    // Ids begin with their milliseconds: this one is of thousands of years ahead.
    place.sql("UPDATE audit_records SET event_id = '7' || substr(event_id, 2)").await;
    let refused = place.run("revoke-issued", &[]).unwrap_err();
    assert!(refused.contains("set the clocks"), "{refused}");
}
