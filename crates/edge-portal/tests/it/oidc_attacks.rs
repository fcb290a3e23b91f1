//! RFC 9700's list at applications that speak OpenID Connect, each attack as whoever tries it.

use std::time::Duration;

use http::StatusCode;
use model::applications::oidc_application::ClientAuthentication;

use crate::oidc_client::{CALLBACK, Client, Key, VERIFIER, is_refused, json, parameter, text};
use crate::world::{JANE, World, encode};

/// RFC 9700 §4.1 (redirect URIs) and §4.11 (open redirectors).
#[tokio::test]
async fn nothing_is_sent_to_an_address_that_was_not_registered() {
    let world = World::new().await;
    let client = Client::new(&world, "wiki").await;
    let mut browser = world.signed_in().await;
    for bad in [
        "https://app.example/cb/",
        "https://app.example/cb?x=1",
        "https://app.example/cb/../evil",
        "https://app.example.evil.example/cb",
        "https://app.example@evil.example/cb",
        "https://evil.example/https://app.example/cb",
        "http://app.example/cb",
        "http://localhost:3000/cb",
        "http://127.0.0.1:3000/other",
        "javascript:alert(1)",
        "//evil.example",
        "",
    ] {
        for more in [("prompt", "none"), ("response_type", "token")] {
            let answer = browser.get(&client.asks(&[("redirect_uri", bad), more])).await;
            assert_eq!((answer.status, answer.location()), (StatusCode::BAD_REQUEST, ""), "{bad}");
        }
    }
    let twice = format!("{}&redirect_uri={}", client.asks(&[]), encode("https://evil.example/"));
    assert_eq!(browser.get(&twice).await.location(), "");
    // A program on the person's own machine takes whatever port is free (RFC 8252 §7.3).
    let own = browser.get(&client.asks(&[("redirect_uri", "http://127.0.0.1:49152/cb")])).await;
    assert!(own.location().starts_with("http://127.0.0.1:49152/cb?code="), "{}", own.location());
}

/// RFC 9700 §4.4: a client that asks several providers knows whose answer each is.
#[tokio::test]
async fn every_answer_says_whose_it_is() {
    let world = World::new().await;
    let client = Client::new(&world, "wiki").await;
    let mut browser = world.signed_in().await;
    for (changed, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("response_type", "code id_token"), "unsupported_response_type"),
        (("response_mode", "fragment"), "invalid_request"),
        (("scope", "email"), "invalid_scope"),
        (("prompt", "consent"), "consent_required"),
        (("prompt", "none login"), "invalid_request"),
        (("request", "e30.e30."), "request_not_supported"),
        (("request_uri", "https://evil.example/r"), "request_uri_not_supported"),
        (("claims", "{}"), "invalid_request"),
        (("resource", "https://evil.example"), "invalid_target"),
        (("id_token_hint", "e30.e30.AA"), "invalid_request"),
        (("max_age", "-1"), "invalid_request"),
    ] {
        let answer = browser.get(&client.asks(&[changed])).await;
        let at = answer.location();
        assert!(at.starts_with(&format!("{CALLBACK}?error={error}&")), "{changed:?}: {at}");
        assert_eq!(parameter(at, "iss"), Some(client.issuer()), "{changed:?}");
        assert_eq!(parameter(at, "state").as_deref(), Some("s&t"), "{changed:?}");
    }
    let nobody = world.browser().get(&client.asks(&[("prompt", "none")])).await;
    assert!(
        nobody.location().starts_with(&format!("{CALLBACK}?error=login_required&")),
        "{}",
        nobody.location()
    );
}

/// RFC 9700 §4.8: whoever takes the challenge out of a question, or weakens it, gets nothing.
#[tokio::test]
async fn pkce_is_neither_taken_away_nor_made_plain() {
    let world = World::new().await;
    let client = Client::new(&world, "wiki").await;
    let mut browser = world.signed_in().await;
    for changed in [
        vec![("code_challenge", ""), ("code_challenge_method", "")],
        vec![("code_challenge_method", "plain")],
        vec![("code_challenge_method", "")],
        vec![("code_challenge", "short")],
    ] {
        let answer = browser.get(&client.asks(&changed)).await;
        assert!(answer.location().starts_with(&format!("{CALLBACK}?error=invalid_request&")), "{changed:?}");
    }
    let code = client.code(&mut browser).await;
    for verifier in ["", "wrong-verifier-of-forty-three-letters-or-more", "short"] {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", verifier),
        ];
        is_refused(&client.sends(&world, "token", &fields).await, StatusCode::BAD_REQUEST, "invalid_grant");
    }
    // Where an administrator lets an application do without, a verifier for no challenge is one whose challenge somebody took away.
    let lax = Client::with(&world, "old", |settings| settings.require_pkce = false).await;
    let without = [("code_challenge", ""), ("code_challenge_method", "")];
    let code = lax.code_for(&mut browser, &without).await;
    is_refused(&lax.exchanges(&world, &code).await, StatusCode::BAD_REQUEST, "invalid_grant");
    let fields = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", CALLBACK)];
    assert_eq!(lax.sends(&world, "token", &fields).await.status, StatusCode::OK);
}

/// RFC 9700 §4.5 (code injection), §2.1.1: a code is good once, for one client, one address and one verifier; a second time ends what it gave.
#[tokio::test]
async fn a_code_is_good_once_for_whom_it_was_made() {
    let world = World::new().await;
    let (client, other) = (Client::new(&world, "wiki").await, Client::new(&world, "other").await);
    let mut browser = world.signed_in().await;
    let code = client.code(&mut browser).await;
    is_refused(&other.exchanges(&world, &code).await, StatusCode::BAD_REQUEST, "invalid_grant");
    for redirect in ["http://127.0.0.1/cb", "https://evil.example/"] {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", redirect),
            ("code_verifier", VERIFIER),
        ];
        is_refused(&client.sends(&world, "token", &fields).await, StatusCode::BAD_REQUEST, "invalid_grant");
    }
    let tokens = json(&client.exchanges(&world, &code).await);
    assert!(client.is_active(&world, text(&tokens, "access_token")).await);
    is_refused(&client.exchanges(&world, &code).await, StatusCode::BAD_REQUEST, "invalid_grant");
    for token in ["access_token", "refresh_token"] {
        assert!(!client.is_active(&world, text(&tokens, token)).await, "{token}");
    }
    let late = client.code(&mut browser).await;
    world.clock.advance(Duration::from_secs(61));
    is_refused(&client.exchanges(&world, &late).await, StatusCode::BAD_REQUEST, "invalid_grant");
}

/// RFC 9700 §4.14: a stolen refresh token ends with the family when it comes a second time.
#[tokio::test]
async fn a_refresh_token_that_comes_again_ends_its_family() {
    let world = World::new().await;
    let (client, other) = (Client::new(&world, "wiki").await, Client::new(&world, "other").await);
    let mut browser = world.signed_in().await;
    let first = client.tokens(&world, &mut browser).await;
    is_refused(
        &other.refreshes(&world, text(&first, "refresh_token")).await,
        StatusCode::BAD_REQUEST,
        "invalid_grant",
    );
    is_refused(
        &client.refreshes(&world, text(&first, "access_token")).await,
        StatusCode::BAD_REQUEST,
        "invalid_grant",
    );
    let second = json(&client.refreshes(&world, text(&first, "refresh_token")).await);
    let claims = client.claims(&world, text(&second, "id_token")).await;
    assert!(!claims.contains_key("nonce") && claims["sub"] == JANE);
    // Beside the one that got the new ones: nothing, and nothing ends.
    is_refused(
        &client.refreshes(&world, text(&first, "refresh_token")).await,
        StatusCode::BAD_REQUEST,
        "invalid_grant",
    );
    assert!(client.is_active(&world, text(&second, "access_token")).await);
    world.clock.advance(Duration::from_secs(11));
    is_refused(
        &client.refreshes(&world, text(&first, "refresh_token")).await,
        StatusCode::BAD_REQUEST,
        "invalid_grant",
    );
    assert!(!client.is_active(&world, text(&second, "access_token")).await);
    is_refused(
        &client.refreshes(&world, text(&second, "refresh_token")).await,
        StatusCode::BAD_REQUEST,
        "invalid_grant",
    );
    let wider = client.tokens(&world, &mut browser).await;
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&wider, "refresh_token")),
        ("scope", "openid email"),
    ];
    is_refused(&client.sends(&world, "token", &fields).await, StatusCode::BAD_REQUEST, "invalid_scope");
}

/// RFC 9700 §4.9, §4.16 and client confusion: what one application was given is nothing at another's addresses, nor at AWS's APIs.
#[tokio::test]
async fn a_token_of_one_application_is_nothing_to_another() {
    let world = World::new().await;
    let (client, other) = (Client::new(&world, "wiki").await, Client::new(&world, "other").await);
    let mut browser = world.signed_in().await;
    let tokens = client.tokens(&world, &mut browser).await;
    let access = text(&tokens, "access_token");
    assert_eq!(other.userinfo(&world, access).await.status, StatusCode::UNAUTHORIZED);
    assert!(
        !other.is_active(&world, access).await
            && !other.is_active(&world, text(&tokens, "refresh_token")).await
    );
    assert_eq!(other.sends(&world, "revoke", &[("token", access)]).await.status, StatusCode::OK);
    assert!(client.is_active(&world, access).await, "another application ends nothing");
    for token in ["refresh_token", "id_token"] {
        assert_eq!(
            client.userinfo(&world, text(&tokens, token)).await.status,
            StatusCode::UNAUTHORIZED,
            "{token}"
        );
    }
    // Keys are each application's own: an ID token of one holds under no key of another.
    let hint = other.asks(&[("id_token_hint", text(&tokens, "id_token"))]);
    assert!(browser.get(&hint).await.location().contains("error=invalid_request"));
    let foreign = format!("{}?id_token_hint={}", other.path("logout"), text(&tokens, "id_token"));
    assert_eq!(browser.get(&foreign).await.status, StatusCode::BAD_REQUEST);
    let confused = client.asks(&[("client_id", other.id())]);
    assert_eq!(browser.get(&confused).await.status, StatusCode::BAD_REQUEST);
    let now = model::clock::Clock::now(&*world.clock);
    let store = &world.portal.store;
    assert!(applications::application_tokens::portal_caller(store, access, now).unwrap().is_none());
    assert!(signin::tokens::Tokens::default().caller_for(store, access, now).unwrap().is_none());
}

#[tokio::test]
async fn a_client_that_does_not_prove_itself_gets_nothing() {
    let world = World::new().await;
    let (client, other) = (Client::new(&world, "wiki").await, Client::new(&world, "other").await);
    let mut browser = world.signed_in().await;
    let code = client.code(&mut browser).await;
    let form = |more: &str| {
        format!(
            "grant_type=authorization_code&code={code}&redirect_uri={}&code_verifier={VERIFIER}{more}",
            encode(CALLBACK)
        )
    };
    let basic = |secret: &str| {
        use base64::Engine as _;
        let pair = format!("{}:{secret}", client.id());
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
    };
    let by = |header: String, more: String| {
        let (form, path) = (form(&more), client.path("token"));
        let mut program = world.browser();
        async move {
            let headers: Vec<(&str, &str)> =
                if header.is_empty() { vec![] } else { vec![("authorization", header.as_str())] };
            program.send("POST", &path, &form, &headers).await
        }
    };
    let id = client.id();
    for (header, more, error) in [
        (String::new(), String::new(), "invalid_client"),
        (String::new(), format!("&client_id={id}"), "invalid_client"),
        (String::new(), format!("&client_id={id}&client_secret=wrong"), "invalid_client"),
        (String::new(), format!("&client_secret={}", client.secret), "invalid_client"),
        (basic("wrong"), String::new(), "invalid_client"),
        (basic(&other.secret), String::new(), "invalid_client"),
        (other.basic(), String::new(), "invalid_client"),
        ("Bearer x".to_owned(), String::new(), "invalid_client"),
        (client.basic(), format!("&client_secret={}", client.secret), "invalid_request"),
        (client.basic(), format!("&client_id={}", other.id()), "invalid_request"),
        (client.basic(), "&code=x".to_owned(), "invalid_request"),
        (client.basic(), "&resource=https%3A%2F%2Fx.example".to_owned(), "invalid_request"),
    ] {
        let answer = by(header.clone(), more.clone()).await;
        assert_eq!(text(&json(&answer), "error"), error, "{header} {more}");
        if error == "invalid_client" {
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
            assert_eq!(answer.header("www-authenticate").is_empty(), header.is_empty(), "{header}");
        }
    }
    let posted = by(String::new(), format!("&client_id={id}&client_secret={}", client.secret)).await;
    assert_eq!(posted.status, StatusCode::OK, "{}", posted.text);
}

#[tokio::test]
async fn a_client_that_proves_nothing_has_its_codes_held_by_pkce() {
    let world = World::new().await;
    let mut browser = world.signed_in().await;
    let public = Client::with(&world, "spa", |it| it.authentication = ClientAuthentication::None).await;
    let code = public.code(&mut browser).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("client_id", public.id()),
    ];
    let tokens = public.sends(&world, "token", &fields).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text);
    let token = json(&tokens);
    let fields = [("token", text(&token, "access_token")), ("client_id", public.id())];
    is_refused(
        &public.sends(&world, "introspect", &fields).await,
        StatusCode::BAD_REQUEST,
        "unauthorized_client",
    );
    let said = json(&world.browser().get(&public.path(".well-known/openid-configuration")).await);
    assert!(said.get("introspection_endpoint").is_none());
}

/// RFC 7523 §3, RFC 8725: an assertion is the application's own, for its issuer, now, once.
#[tokio::test]
async fn a_client_assertion_is_good_once_for_one_application() {
    let world = World::new().await;
    let key = Key::new();
    let jwt = |settings: &mut model::applications::oidc_application::OidcSettings| {
        settings.authentication = ClientAuthentication::PrivateKeyJwt;
        settings.key_set = Some(key.set());
    };
    let client = Client::with(&world, "wiki", jwt).await;
    let other = Client::with(&world, "other", jwt).await;
    let mut browser = world.signed_in().await;
    let code = client.code(&mut browser).await;
    let now = model::clock::Clock::now(&*world.clock).seconds();
    let says = |jti: &str| serde_json::json!({"iss": client.id(), "sub": client.id(), "aud": client.issuer(), "exp": now + 60, "iat": now, "jti": jti});
    let with = |name: &str, value: serde_json::Value| {
        let mut said = says(name);
        said[name] = value;
        key.signed(&said)
    };
    let exchange = async |assertion: &str| {
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
            ("client_assertion_type", kind),
            ("client_assertion", assertion),
        ];
        client.sends(&world, "token", &fields).await
    };
    let good = key.signed(&says("j-1"));
    let unsigned = format!("{}.{}.", "eyJhbGciOiJub25lIn0", good.split('.').nth(1).unwrap());
    let mut late = says("late");
    (late["exp"], late["iat"]) = ((now - 120).into(), (now - 180).into());
    let mut bad = vec![
        Key::new().signed(&says("forged")),
        unsigned,
        key.signed(&late),
        with("iss", other.id().into()),
        with("sub", other.id().into()),
        with("aud", other.issuer().into()),
        with("aud", "http://localhost:8765".into()),
        with("exp", (now + 200_000).into()),
        with("jti", "x".repeat(300).into()),
        with("jti", serde_json::Value::Null),
        String::from("e30.e30.AA"),
    ];
    bad.push(key.signed(
        &serde_json::json!({"iss": client.id(), "sub": client.id(), "aud": client.issuer(), "jti": "no end"}),
    ));
    for assertion in bad {
        is_refused(&exchange(&assertion).await, StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let answer = exchange(&good).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    is_refused(&exchange(&good).await, StatusCode::UNAUTHORIZED, "invalid_client");
    // A secret is nothing where a key is wanted.
    let fields = [("token", "x"), ("client_id", client.id()), ("client_secret", "x")];
    is_refused(
        &client.sends(&world, "introspect", &fields).await,
        StatusCode::UNAUTHORIZED,
        "invalid_client",
    );
}
