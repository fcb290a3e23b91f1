//! Applications that speak OpenID Connect: people come from them and sign out of them, programs get and use tokens, and all of it ends with what it hangs on.

use std::time::Duration;

use http::StatusCode;
use model::applications::oidc_application::SigningAlgorithm;

use crate::oidc_client::{AFTER, CALLBACK, Client, VERIFIER, json, parameter, text};
use crate::world::{JANE, PASSWORD, World, encode};

#[tokio::test]
async fn somebody_comes_from_an_application_signs_in_and_goes_back() {
    let world = World::new().await;
    let client = Client::new(&world, "The wiki").await;
    let mut browser = world.browser();
    let asked = client.asks(&[]);
    let sent = browser.get(&asked).await;
    assert!(sent.location().starts_with("/signin?return_to="), "{}", sent.location());
    let page = browser.get(sent.location()).await;
    assert!(page.text.contains("The wiki"), "{}", page.text);
    let back = page.hidden("return_to").replace("&#38;", "&");
    assert_eq!(back, asked);
    let form = page.filled(&[("username", "jane"), ("password", PASSWORD), ("return_to", &back)]);
    assert_eq!(browser.post("/signin", &form).await.location(), back);
    let answer = browser.get(&back).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let at = answer.location().to_owned();
    assert!(at.starts_with(&format!("{CALLBACK}?code=")), "{at}");
    assert_eq!(parameter(&at, "state").as_deref(), Some("s&t"));
    assert_eq!(parameter(&at, "iss"), Some(client.issuer()));
    let answer = client.exchanges(&world, &parameter(&at, "code").unwrap()).await;
    assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::OK, "no-store"));
    let tokens = json(&answer);
    assert_eq!(text(&tokens, "token_type"), "Bearer");
    assert_eq!(text(&tokens, "scope"), "openid profile groups", "email is none of its scopes");
    let claims = client.claims(&world, text(&tokens, "id_token")).await;
    assert_eq!(claims["iss"], client.issuer());
    assert_eq!((&claims["sub"], &claims["aud"]), (&JANE.into(), &client.id().into()));
    assert_eq!((&claims["nonce"], &claims["account"]), (&"n-1".into(), &"acme/jane".into()));
    assert_eq!((&claims["preferred_username"], &claims["groups"]), (&"jane".into(), &serde_json::json!([])));
    assert_eq!(claims["amr"], serde_json::json!(["pwd"]));
    assert!(claims.contains_key("auth_time") && claims.contains_key("at_hash") && claims.contains_key("sid"));
    let told = json(&client.userinfo(&world, text(&tokens, "access_token")).await);
    assert_eq!((text(&told, "sub"), text(&told, "account")), (JANE, "acme/jane"));
    let records = world.records().await;
    let of = |name: &str| records.iter().find(|it| it["eventName"] == name && it["errorCode"].is_null());
    let arn = client.application.arn().to_string();
    for name in ["Federate", "CreateToken"] {
        let record = of(name).unwrap_or_else(|| panic!("no {name}"));
        assert_eq!(record["serviceEventDetails"]["application_arn"], arn, "{record}");
        assert_eq!(record["userIdentity"]["onBehalfOf"]["userId"], JANE, "{record}");
    }
    let all = serde_json::to_string(&records).unwrap();
    for secret in ["access_token", "refresh_token", "id_token"] {
        assert!(!all.contains(text(&tokens, secret)), "{secret} is in the trail");
    }
    assert!(!all.contains(&client.secret) && !all.contains(VERIFIER));
}

#[tokio::test]
async fn what_is_said_of_us_is_what_there_is() {
    let world = World::new().await;
    let client = Client::new(&world, "wiki").await;
    let answer = world.browser().get(&client.path(".well-known/openid-configuration")).await;
    let said = json(&answer);
    assert_eq!(text(&said, "issuer"), client.issuer());
    assert_eq!(answer.header("content-type"), "application/json");
    for name in [
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "revocation_endpoint",
        "introspection_endpoint",
        "end_session_endpoint",
    ] {
        let path = text(&said, name).strip_prefix("http://localhost:8765").unwrap();
        let shown = world.browser().send("GET", path, "", &[]).await;
        assert_ne!(shown.status, StatusCode::NOT_FOUND, "{name}");
    }
    assert!(
        said.get("registration_endpoint").is_none() && said.get("device_authorization_endpoint").is_none()
    );
    let other = format!("/.well-known/oauth-authorization-server/oauth2/{}", client.id());
    assert_eq!(json(&world.browser().get(&other).await), said);
    for path in ["/oauth2/apl-0000000000000000/.well-known/openid-configuration", "/oauth2/x/keys"] {
        assert_eq!(world.browser().get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_form_brings_a_question_as_an_address_does() {
    let world = World::new().await;
    let client = Client::new(&world, "wiki").await;
    let (path, query) = client.asks(&[]).split_once('?').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let led = world.browser().post(&path, &query).await;
    assert_eq!(led.location(), format!("{path}?{query}"));
    let split = world.browser().post(&path, "a=b\r\nx: y").await;
    assert_eq!(split.status, StatusCode::NOT_FOUND);
}

/// What ends a token: session, person, assignment, application, each at the very next question.
#[tokio::test]
async fn tokens_end_with_what_they_hang_on() {
    let world = World::new().await;
    for end in ["session", "person", "assignment", "status", "application"] {
        let client = Client::new(&world, end).await;
        let mut browser = world.signed_in().await;
        let tokens = client.tokens(&world, &mut browser).await;
        let waiting = client.code(&mut browser).await;
        let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
        assert!(client.is_active(&world, access).await && client.is_active(&world, refresh).await, "{end}");
        let id = client.id();
        match end {
            "session" => {
                let page = browser.get("/start").await;
                let form = page.filled(&[]);
                browser.post("/signout", &form).await;
            }
            "person" => world.sql("UPDATE users SET status = 'DISABLED'"),
            "assignment" => {
                world.sql(&format!("DELETE FROM application_assignments WHERE application_id = '{id}'"));
            }
            "status" => world
                .sql(&format!("UPDATE applications SET status = 'DISABLED' WHERE application_id = '{id}'")),
            _ => {
                let cx = world.root("DeleteApplication");
                let arn = client.application.arn();
                applications::applications::delete(&world.portal.store, &cx, &arn).await.unwrap();
            }
        }
        assert_ne!(client.userinfo(&world, access).await.status, StatusCode::OK, "{end}");
        for answer in [client.refreshes(&world, refresh).await, client.exchanges(&world, &waiting).await] {
            assert_ne!(answer.status, StatusCode::OK, "{end}: {}", answer.text);
        }
        if !matches!(end, "status" | "application") {
            assert!(
                !client.is_active(&world, access).await && !client.is_active(&world, refresh).await,
                "{end}"
            );
        }
        world.sql("UPDATE users SET status = 'ENABLED'");
    }
}

#[tokio::test]
async fn nobody_is_told_of_who_may_not_use_it() {
    let world = World::new().await;
    let client = Client::new(&world, "wiki").await;
    let mut browser = world.signed_in().await;
    world.sql("DELETE FROM application_assignments");
    let answer = browser.get(&client.asks(&[])).await;
    assert!(
        answer.location().starts_with(&format!("{CALLBACK}?error=access_denied&")),
        "{}",
        answer.location()
    );
    world.sql("UPDATE applications SET status = 'DISABLED'");
    let answer = browser.get(&client.asks(&[])).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::FORBIDDEN, ""));
}

#[tokio::test]
async fn a_person_proves_themselves_again_where_that_is_asked_for() {
    let world = World::new().await;
    let client = Client::new(&world, "wiki").await;
    let mut browser = world.signed_in().await;
    world.clock.advance(Duration::from_secs(120));
    for changed in [("prompt", "login"), ("max_age", "60"), ("max_age", "0")] {
        let sent = browser.get(&client.asks(&[changed])).await;
        assert!(sent.location().starts_with("/signin/verify?return_to="), "{changed:?}: {}", sent.location());
    }
    let sent = browser.get(&client.asks(&[("prompt", "select_account")])).await;
    assert!(sent.location().starts_with("/signin?again=1&return_to="), "{}", sent.location());
    let quiet = browser.get(&client.asks(&[("prompt", "none"), ("max_age", "60")])).await;
    assert!(quiet.location().contains("error=login_required"), "{}", quiet.location());
    let code = client.code_for(&mut browser, &[("prompt", "none"), ("max_age", "600")]).await;
    assert_eq!(client.exchanges(&world, &code).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_application_signs_its_person_out_and_nobody_else() {
    let world = World::new().await;
    let client = Client::new(&world, "wiki").await;
    let mut browser = world.signed_in().await;
    let tokens = client.tokens(&world, &mut browser).await;
    let token = text(&tokens, "id_token");
    let out = |hint: &str, to: &str| {
        format!(
            "{}?id_token_hint={hint}&post_logout_redirect_uri={}&state=x%26y",
            client.path("logout"),
            encode(to)
        )
    };
    let mut altered = token.to_owned();
    altered.replace_range(token.len() - 4.., "AAAA");
    for (hint, to) in
        [("", AFTER), (altered.as_str(), AFTER), (token, "https://evil.example/"), (token, CALLBACK)]
    {
        let answer = browser.get(&out(hint, to)).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::BAD_REQUEST, ""), "{to}");
    }
    assert!(client.is_active(&world, text(&tokens, "access_token")).await, "nothing of that ends anything");
    // A form comes without the cookie of the session, and is led to where that is.
    let form = out(token, AFTER).split_once('?').map(|(_, query)| query.to_owned()).unwrap();
    let led = world.browser().post(&client.path("logout"), &form).await;
    assert_eq!(led.location(), out(token, AFTER));
    let answer = browser.get(led.location()).await;
    assert_eq!(answer.location(), format!("{AFTER}?state=x%26y"));
    assert!(!browser.cookies.contains_key("portico"));
    assert!(!client.is_active(&world, text(&tokens, "access_token")).await);
    // Once more, there is nothing to end.
    assert_eq!(browser.get(&out(token, AFTER)).await.location(), format!("{AFTER}?state=x%26y"));
}

#[tokio::test]
async fn a_revoked_token_ends_all_of_its_sign_in() {
    let world = World::new().await;
    let client = Client::new(&world, "wiki").await;
    let mut browser = world.signed_in().await;
    for which in ["access_token", "refresh_token"] {
        let tokens = client.tokens(&world, &mut browser).await;
        let done = client.sends(&world, "revoke", &[("token", text(&tokens, which))]).await;
        assert_eq!((done.status, done.text.as_str()), (StatusCode::OK, ""));
        assert!(!client.is_active(&world, text(&tokens, "access_token")).await);
        assert!(!client.is_active(&world, text(&tokens, "refresh_token")).await);
    }
    assert_eq!(client.sends(&world, "revoke", &[("token", "nonsense")]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_key_is_published_before_it_signs_and_after() {
    let world = World::new().await;
    let client = Client::new(&world, "wiki").await;
    let mut browser = world.signed_in().await;
    let kid = |token: &str| {
        use base64::Engine as _;
        let header = token.split('.').next().unwrap();
        let header = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(header).unwrap();
        serde_json::from_slice::<serde_json::Value>(&header).unwrap()["kid"].as_str().unwrap().to_owned()
    };
    let first = client.tokens(&world, &mut browser).await;
    let first = text(&first, "id_token");
    client.rotate(&world).await;
    let published = json(&world.browser().get(&client.path("keys")).await);
    assert_eq!(published["keys"].as_array().unwrap().len(), 2);
    assert!(!published.to_string().contains("\"d\""), "private parts are nobody's");
    let second = client.tokens(&world, &mut browser).await;
    assert_eq!(kid(text(&second, "id_token")), kid(first));
    world.clock.advance(Duration::from_secs(601));
    let third = client.tokens(&world, &mut browser).await;
    assert_ne!(kid(text(&third, "id_token")), kid(first));
    client.claims(&world, first).await;
    client.claims(&world, text(&third, "id_token")).await;
}

#[tokio::test]
async fn every_kind_of_key_signs_what_is_verified() {
    let world = World::new().await;
    let mut client = Client::new(&world, "wiki").await;
    let mut browser = world.signed_in().await;
    client.settings.signing_algorithm = SigningAlgorithm::Rs256;
    client.decide(&world).await;
    let tokens = client.tokens(&world, &mut browser).await;
    let said = json(&world.browser().get(&client.path(".well-known/openid-configuration")).await);
    assert_eq!(said["id_token_signing_alg_values_supported"], serde_json::json!(["RS256"]));
    client.claims(&world, text(&tokens, "id_token")).await;
}
