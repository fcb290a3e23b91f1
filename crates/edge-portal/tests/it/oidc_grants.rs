//! What applications that speak OpenID Connect may have beside codes that a browser asks for, as programs and people meet it, and as whoever attacks it does.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use model::applications::oidc_application::{ClientAuthentication, FurtherGrant};
use serde_json::{Value, json as value};

use crate::oidc_client::{BASE, CALLBACK, Client, Key, VERIFIER, is_refused, json, parameter, text};
use crate::world::{JANE, PASSWORD, World, encode};

const BAD: StatusCode = StatusCode::BAD_REQUEST;

/// RFC 9126 §7: nobody guesses, replays or exchanges what was pushed, or adds to it.
#[tokio::test]
async fn a_pushed_question_is_good_once_for_its_client_and_nobody_adds_to_it() {
    let world = World::new().await;
    let client = Client::with(&world, "The wiki", |settings| settings.require_pushed_requests = true).await;
    let other = Client::new(&world, "other").await;
    let mut browser = world.browser();
    let pushed = client.pushes(&world, &[], &[]).await;
    assert_eq!((pushed.status, pushed.header("cache-control")), (StatusCode::CREATED, "no-store"));
    let sent = browser.get(&client.names(&pushed)).await;
    assert!(sent.location().starts_with("/signin?return_to="), "{}", sent.location());
    let page = browser.get(sent.location()).await;
    assert!(page.text.contains("The wiki"), "{}", page.text);
    let back = page.hidden("return_to").replace("&#38;", "&");
    assert!(!back.contains("scope") && !back.contains(text(&json(&pushed), "request_uri")), "{back}");
    let form = page.filled(&[("username", "jane"), ("password", PASSWORD), ("return_to", &back)]);
    assert_eq!(browser.post("/signin", &form).await.location(), back);
    let answer = browser.get(&back).await;
    let code = parameter(answer.location(), "code").unwrap_or_else(|| panic!("{}", answer.text));
    assert_eq!(parameter(answer.location(), "state").as_deref(), Some("s&t"));
    assert_eq!(client.exchanges(&world, &code).await.status, StatusCode::OK);
    let used = client.names(&pushed);
    let again = client.names(&client.pushes(&world, &[], &[]).await);
    let guessed = client.names(&pushed).replace("request_uri%3A", "request_uri%3AX");
    let others = client.names(&other.pushes(&world, &[], &[]).await);
    let foreign = format!("{}?client_id={}&request_uri=", client.path("authorize"), client.id());
    let added = format!("{again}&scope=openid%20groups&redirect_uri={}", encode("https://evil.example/"));
    for bad in [used, back, guessed, others, added, again, foreign + "https%3A%2F%2Fevil.example%2Fr"] {
        let answer = browser.get(&bad).await;
        assert_eq!((answer.status, answer.location()), (BAD, ""), "{bad}");
    }
    let direct = browser.get(&client.asks(&[])).await;
    let at = direct.location();
    assert!(at.starts_with(&format!("{CALLBACK}?error=invalid_request&")), "{at}");
    let late = client.names(&client.pushes(&world, &[], &[]).await);
    world.clock.advance(Duration::from_secs(61));
    assert_eq!(browser.get(&late).await.location(), "");
    // What no browser would be sent for is refused at once, to whoever proves nothing too.
    is_refused(&client.pushes(&world, &[("scope", "email")], &[]).await, BAD, "invalid_scope");
    is_refused(&client.pushes(&world, &[("request_uri", "urn:x")], &[]).await, BAD, "invalid_request");
    let strange =
        Client { secret: "wrong".to_owned(), application: client.application, settings: client.settings };
    is_refused(&strange.pushes(&world, &[], &[]).await, StatusCode::UNAUTHORIZED, "invalid_client");
}

/// Whoever proves nothing fills nobody's table: so many wait from one address.
#[tokio::test]
async fn a_stranger_pushes_and_begins_so_much_and_no_more() {
    let world = World::new().await;
    let client = Client::with(&world, "app", |settings| {
        settings.authentication = ClientAuthentication::None;
        settings.further_grants = vec![FurtherGrant::DeviceCode];
    });
    let client = client.await;
    for _ in 0..100 {
        assert_eq!(client.pushes(&world, &[], &[]).await.status, StatusCode::CREATED);
        assert_eq!(starts(&world, &client).await.status, StatusCode::OK);
    }
    for refused in [client.pushes(&world, &[], &[]).await, starts(&world, &client).await] {
        is_refused(&refused, StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable");
        assert_eq!(refused.header("retry-after"), "30");
    }
}

/// Who opens what was pushed without signing in closes the application to nobody.
#[tokio::test]
async fn questions_that_wait_for_people_leave_room_for_those_that_wait_for_browsers() {
    let world = World::new().await;
    let public = Client::with(&world, "app", |settings| settings.authentication = ClientAuthentication::None);
    let client = public.await;
    let mut stranger = world.browser();
    for _ in 0..100 {
        let led = stranger.get(&client.names(&client.pushes(&world, &[], &[]).await)).await;
        assert!(led.location().starts_with("/signin?return_to="), "{}", led.text);
    }
    let pushed = client.pushes(&world, &[], &[]).await;
    assert_eq!(pushed.status, StatusCode::CREATED, "{}", pushed.text);
    let refused = stranger.get(&client.names(&pushed)).await;
    assert_eq!((refused.status, refused.location()), (StatusCode::TOO_MANY_REQUESTS, ""));
    assert!(refused.text.contains("begin again"), "{}", refused.text);
    // Who is signed in waits for nothing.
    let mut jane = world.signed_in().await;
    let answer = jane.get(&client.names(&client.pushes(&world, &[], &[]).await)).await;
    assert!(parameter(answer.location(), "code").is_some(), "{}", answer.text);
    let long = "x".repeat(3_501);
    is_refused(&client.pushes(&world, &[("login_hint", &long)], &[]).await, BAD, "invalid_request");
}

/// The way back is in the browser's hands: it leads to no code before its person did what the application asks for.
#[tokio::test]
async fn nobody_goes_back_to_a_pushed_question_without_having_proved_themselves() {
    let world = World::new().await;
    let client = Client::new(&world, "wiki").await;
    let mut browser = world.signed_in().await;
    world.clock.advance(Duration::from_mins(2));
    for asked in [("prompt", "login"), ("max_age", "60")] {
        let mut led = browser.get(&client.names(&client.pushes(&world, &[asked], &[]).await)).await;
        for _ in 0..3 {
            let back = led.location().strip_prefix("/signin/verify?return_to=");
            let back = back.unwrap_or_else(|| panic!("{asked:?}: {}", led.location()));
            let back = percent_encoding::percent_decode_str(back).decode_utf8().unwrap().into_owned();
            led = browser.get(&back).await;
        }
        let page = browser.get(led.location()).await;
        let back = page.hidden("return_to").replace("&#38;", "&");
        let form = page.filled(&[("password", PASSWORD), ("return_to", &back)]);
        assert_eq!(browser.post("/signin/verify", &form).await.location(), back);
        let answer = browser.get(&back).await;
        assert!(parameter(answer.location(), "code").is_some(), "{asked:?}: {}", answer.text);
        world.clock.advance(Duration::from_mins(2));
    }
    let forged = [("prompt", "login"), ("portico_proved_since", "0")];
    is_refused(&client.pushes(&world, &forged, &[]).await, BAD, "invalid_request");
}

#[tokio::test]
async fn an_application_s_own_token_is_nobody_s() {
    let world = World::new().await;
    let client = Client::with(&world, "robot", |settings| {
        settings.scopes.push("wiki:write".to_owned());
        settings.further_grants = vec![FurtherGrant::ClientCredentials];
    });
    let client = client.await;
    let asks = async |scope: &str| {
        client.sends(&world, "token", &[("grant_type", "client_credentials"), ("scope", scope)]).await
    };
    for scope in ["openid", "wiki:write profile", "admin"] {
        is_refused(&asks(scope).await, BAD, "invalid_scope");
    }
    let answer = asks("wiki:write").await;
    let issued = json(&answer);
    assert_eq!((answer.status, text(&issued, "scope")), (StatusCode::OK, "wiki:write"));
    assert!(issued.get("id_token").is_none() && issued.get("refresh_token").is_none(), "{issued}");
    let token = text(&issued, "access_token");
    assert_eq!(client.userinfo(&world, token).await.status, StatusCode::UNAUTHORIZED);
    is_refused(&client.refreshes(&world, token).await, BAD, "invalid_grant");
    assert!(client.is_active(&world, token).await);
    let records = world.records().await;
    let of = |it: &&Value| it["eventName"] == "CreateToken" && it["errorCode"].is_null();
    let record = records.iter().find(of).unwrap();
    assert_eq!(record["serviceEventDetails"]["application_arn"], client.application.arn().to_string());
    assert!(record["userIdentity"].get("onBehalfOf").is_none(), "{record}");
    assert!(!serde_json::to_string(&records).unwrap().contains(token));
    world.sql("UPDATE applications SET status = 'DISABLED'");
    assert_ne!(asks("wiki:write").await.status, StatusCode::OK);
    world.sql("UPDATE applications SET status = 'ENABLED'");
    let plain = Client::new(&world, "plain").await;
    let refused = plain.sends(&world, "token", &[("grant_type", "client_credentials")]).await;
    is_refused(&refused, BAD, "unauthorized_client");
    assert!(!plain.is_active(&world, token).await, "a token of one application is nothing to another");
}

async fn starts(world: &World, client: &Client) -> crate::world::Answer {
    client.sends(world, "device_authorization", &[("scope", "openid profile")]).await
}

async fn polls(world: &World, client: &Client, started: &Value) -> crate::world::Answer {
    let fields = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("device_code", text(started, "device_code")),
    ];
    client.sends(world, "token", &fields).await
}

/// RFC 8628 §5: the person sees whose code it is, decides once, and must be one of the application's.
#[tokio::test]
async fn a_device_code_is_good_once_and_only_for_who_may_use_the_application() {
    let world = World::new().await;
    let named = Client::with(&world, "Reading room", |settings| {
        settings.further_grants = vec![FurtherGrant::DeviceCode];
    });
    let client = named.await;
    let mut browser = world.signed_in().await;
    let started = json(&starts(&world, &client).await);
    is_refused(&polls(&world, &client, &started).await, BAD, "authorization_pending");
    let complete = text(&started, "verification_uri_complete");
    let page = browser.get(complete.strip_prefix(BASE).unwrap()).await;
    assert!(page.text.contains("Sign in to") && page.text.contains("Reading room"), "{}", page.text);
    assert!(!page.text.contains("get credentials for every account"), "{}", page.text);
    let decision = page.filled(&[("user_code", text(&started, "user_code")), ("decision", "approve")]);
    world.sql("UPDATE applications SET assignment_required = 1");
    world.sql("DELETE FROM application_assignments");
    assert_eq!(browser.post("/device", &decision).await.status, StatusCode::FORBIDDEN);
    world.clock.advance(Duration::from_secs(2));
    is_refused(&polls(&world, &client, &started).await, BAD, "authorization_pending");
    world.sql("UPDATE applications SET assignment_required = 0");
    assert_eq!(browser.post("/device", &decision).await.status, StatusCode::OK);
    let issued = json(&polls(&world, &client, &started).await);
    assert_eq!(client.claims(&world, text(&issued, "id_token")).await["sub"], JANE);
    is_refused(&polls(&world, &client, &started).await, BAD, "invalid_grant");
    assert_ne!(browser.post("/device", &decision).await.status, StatusCode::OK, "a code is decided once");
    let denied = json(&starts(&world, &client).await);
    let page = browser.get("/device").await;
    let no = page.filled(&[("user_code", text(&denied, "user_code")), ("decision", "deny")]);
    browser.post("/device", &no).await;
    is_refused(&polls(&world, &client, &denied).await, BAD, "access_denied");
    let late = json(&starts(&world, &client).await);
    world.clock.advance(Duration::from_secs(601));
    is_refused(&polls(&world, &client, &late).await, BAD, "expired_token");
    let plain = Client::new(&world, "plain").await;
    is_refused(&starts(&world, &plain).await, BAD, "unauthorized_client");
    let records = world.records().await;
    let is_decision = |it: &&Value| it["eventName"] == "AuthorizeClient" && it["errorCode"].is_null();
    let record = records.iter().find(is_decision).unwrap();
    assert_eq!(record["serviceEventDetails"]["application_name"], "Reading room");
    assert!(!serde_json::to_string(&records).unwrap().contains(text(&started, "user_code")));
}

fn hash(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes()))
}

/// A proof for a request to the application, with some claims in the place of the right ones.
fn proof(world: &World, client: &Client, key: &Key, (id, changed): (&str, Value)) -> String {
    let mut claims = value!({
        "jti": id, "htm": "POST", "htu": format!("{}/token", client.issuer()), "iat": world.portal.clock.now().seconds(),
    });
    for (name, changed) in changed.as_object().unwrap() {
        claims[name] = changed.clone();
    }
    key.proof(&claims)
}

async fn exchanges(world: &World, client: &Client, code: &str, proofs: &[&str]) -> crate::world::Answer {
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    client.sends_with(world, "token", &fields, proofs).await
}

/// RFC 9449 §4.3, §5, §11: a proof binds, or the request is refused.
#[tokio::test]
async fn a_proof_is_never_ignored_and_good_once() {
    let world = World::new().await;
    let (key, other) = (Key::new(), Key::new());
    let mut browser = world.signed_in().await;
    let plain = Client::new(&world, "plain").await;
    let code = plain.code(&mut browser).await;
    let good = proof(&world, &plain, &key, ("1", value!({})));
    is_refused(&exchanges(&world, &plain, &code, &[&good]).await, BAD, "invalid_request");
    assert_eq!(exchanges(&world, &plain, &code, &[]).await.status, StatusCode::OK);
    let client = Client::with(&world, "bound", |settings| settings.dpop_bound_tokens = true).await;
    let code = client.code(&mut browser).await;
    let now = world.portal.clock.now().seconds();
    let of = |id: &str, changed: Value| proof(&world, &client, &key, (id, changed));
    let elsewhere = format!("{}/token", plain.issuer());
    for bad in [
        "none".to_owned(),
        of("2", value!({"htm": "GET"})),
        of("2", value!({"htu": elsewhere})),
        of("2", value!({"iat": now - 301})),
        of("2", value!({"iat": now + 301})),
        of("2", value!({"jti": ""})),
        key.signed(&value!({"jti": "2", "htm": "POST", "htu": elsewhere, "iat": now})),
    ] {
        is_refused(&exchanges(&world, &client, &code, &[&bad]).await, BAD, "invalid_dpop_proof");
    }
    is_refused(&exchanges(&world, &client, &code, &[]).await, BAD, "invalid_dpop_proof");
    let (one, two) = (of("3", value!({})), of("4", value!({})));
    is_refused(&exchanges(&world, &client, &code, &[&one, &two]).await, BAD, "invalid_dpop_proof");
    let issued = json(&exchanges(&world, &client, &code, &[&one]).await);
    assert_eq!(text(&issued, "token_type"), "DPoP");
    let code = client.code(&mut browser).await;
    is_refused(&exchanges(&world, &client, &code, &[&one]).await, BAD, "invalid_dpop_proof");
    let token = text(&issued, "access_token");
    let said = json(&client.sends(&world, "introspect", &[("token", token)]).await);
    let thumbprint = text(&said["cnf"], "jkt");
    assert_eq!(text(&said, "token_type"), "DPoP");
    // A code may be bound before there is a token (§10): nobody else's proof exchanges it.
    let bound = client.code_for(&mut browser, &[("dpop_jkt", thumbprint)]).await;
    let stolen = proof(&world, &client, &other, ("5", value!({})));
    is_refused(&exchanges(&world, &client, &bound, &[&stolen]).await, BAD, "invalid_grant");
    assert_eq!(exchanges(&world, &client, &bound, &[&two]).await.status, StatusCode::OK);
    let par = format!("{}/par", client.issuer());
    let pushed = client.pushes(&world, &[], &[&of("6", value!({"htu": par}))]).await;
    let answer = browser.get(&client.names(&pushed)).await;
    let code = parameter(answer.location(), "code").unwrap();
    let stolen = proof(&world, &client, &other, ("7", value!({})));
    is_refused(&exchanges(&world, &client, &code, &[&stolen]).await, BAD, "invalid_grant");
    assert_eq!(exchanges(&world, &client, &code, &[&of("8", value!({}))]).await.status, StatusCode::OK);
}

/// RFC 9449 §7: a bound token is nothing without its key, and each proof is for one token and one request.
#[tokio::test]
async fn a_stolen_token_is_nothing_without_its_key() {
    let world = World::new().await;
    let (key, other) = (Key::new(), Key::new());
    let mut browser = world.signed_in().await;
    let client = Client::with(&world, "app", |settings| {
        settings.authentication = ClientAuthentication::None;
        settings.dpop_bound_tokens = true;
    });
    let client = client.await;
    let code = client.code(&mut browser).await;
    let first = proof(&world, &client, &key, ("1", value!({})));
    let issued = json(&exchanges(&world, &client, &code, &[&first]).await);
    let token = text(&issued, "access_token");
    let at = format!("{}/userinfo", client.issuer());
    let of = |key: &Key, id: &str, changed: Value| {
        let mut claims = value!({"htm": "GET", "htu": at, "ath": hash(token)});
        for (name, changed) in changed.as_object().unwrap() {
            claims[name] = changed.clone();
        }
        proof(&world, &client, key, (id, claims))
    };
    let asks = async |scheme: &str, proofs: &[&str]| {
        let authorization = format!("{scheme} {token}");
        let mut more = vec![("authorization", authorization.as_str())];
        more.extend(proofs.iter().map(|&proof| ("dpop", proof)));
        world.browser().send("GET", &client.path("userinfo"), "", &more).await
    };
    let good = of(&key, "2", value!({}));
    for (scheme, proofs) in [
        ("Bearer", vec![]),
        ("Bearer", vec![good.clone()]),
        ("DPoP", vec![]),
        ("DPoP", vec![of(&other, "3", value!({}))]),
        ("DPoP", vec![of(&key, "3", value!({"ath": hash("another")}))]),
        ("DPoP", vec![of(&key, "3", value!({"ath": null}))]),
        ("DPoP", vec![of(&key, "3", value!({"htm": "POST"}))]),
        ("DPoP", vec![of(&key, "3", value!({"htu": format!("{}/token", client.issuer())}))]),
    ] {
        let proofs: Vec<&str> = proofs.iter().map(String::as_str).collect();
        let answer = asks(scheme, &proofs).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{scheme} {proofs:?}: {}", answer.text);
    }
    let told = asks("DPoP", &[&good]).await;
    assert_eq!((told.status, text(&json(&told), "sub")), (StatusCode::OK, JANE));
    let again = asks("DPoP", &[&good]).await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED);
    assert!(
        again.header("www-authenticate").starts_with("DPoP algs=\"ES256\", error=\"invalid_dpop_proof\"")
    );
    // Of an application that proves nothing the refresh token is bound too; who holds another key ends nothing.
    let refreshes = async |key: &Key, id: &str, token: &str| {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
        client.sends_with(&world, "token", &fields, &[&proof(&world, &client, key, (id, value!({})))]).await
    };
    let refresh = text(&issued, "refresh_token");
    is_refused(&refreshes(&other, "4", refresh).await, BAD, "invalid_grant");
    let next = json(&refreshes(&key, "5", refresh).await);
    assert_eq!(text(&next, "token_type"), "DPoP");
    is_refused(&refreshes(&other, "6", refresh).await, BAD, "invalid_grant");
    assert_eq!(refreshes(&key, "7", text(&next, "refresh_token")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_said_of_us_names_what_an_application_may() {
    let world = World::new().await;
    let told = async |client: &Client| {
        json(&world.browser().get(&client.path(".well-known/openid-configuration")).await)
    };
    let said = told(&Client::new(&world, "plain").await).await;
    assert_eq!(said["require_pushed_authorization_requests"], false);
    for absent in
        ["device_authorization_endpoint", "dpop_signing_alg_values_supported", "backchannel_logout_supported"]
    {
        assert!(said.get(absent).is_none(), "{absent}");
    }
    let client = Client::with(&world, "all", |settings| {
        settings.further_grants = vec![FurtherGrant::ClientCredentials, FurtherGrant::DeviceCode];
        settings.require_pushed_requests = true;
        settings.dpop_bound_tokens = true;
        settings.back_channel_logout_uri = Some("https://app.example/ended".to_owned());
    });
    let client = client.await;
    let said = told(&client).await;
    for (name, what) in [
        ("pushed_authorization_request_endpoint", "par"),
        ("device_authorization_endpoint", "device_authorization"),
    ] {
        assert_eq!(text(&said, name), format!("{}/{what}", client.issuer()));
    }
    assert_eq!(said["require_pushed_authorization_requests"], true);
    assert_eq!(said["dpop_signing_alg_values_supported"], value!(["ES256"]));
    assert_eq!(
        (&said["backchannel_logout_supported"], &said["backchannel_logout_session_supported"]),
        (&true.into(), &true.into())
    );
    let grants = said["grant_types_supported"].as_array().unwrap();
    for grant in ["client_credentials", "urn:ietf:params:oauth:grant-type:device_code"] {
        assert!(grants.contains(&grant.into()), "{grant}");
    }
}
