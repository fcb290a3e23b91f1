//! CreateOAuth2Token, played right and as those would who want what is not theirs.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::fault::{Fault, FaultKind, OAuthError};
use model::secret::Secret;
use model::signin::console_login::LoginClient;
use model::signin::session_settings::SessionSettings;
use serde_json::{Value, json};
use signin::console_logins::TokenRequest;
use testkit::fixture::Fixture;

use crate::cli::{Cli, SESSION_ARN, TOKEN_URL, call};
use crate::world::{JANE, World, oauth_error};

fn is_wrong_code<T: std::fmt::Debug>(result: Result<T, Fault>) {
    assert_eq!(oauth_error(result), OAuthError::InvalidGrant);
}

testkit::on_both_engines!(
    a_code_gives_tokens_that_renew_until_the_session_ends,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        for cli in LoginClient::ALL.map(Cli::new) {
            let session = world.sign_in().await.session;
            let code = cli.code(&world, &session).await;
            let issued = cli.redeem(&world, &code).await.unwrap();
            let id_token = issued.id_token.unwrap();
            let payload = URL_SAFE_NO_PAD.decode(id_token.expose().split('.').nth(1).unwrap()).unwrap();
            let payload: Value = serde_json::from_slice(&payload).unwrap();
            assert_eq!(payload["sub"], SESSION_ARN, "AWS CLI names its session by it");
            assert_eq!(payload["exp"], world.fixture.now.seconds() + 8 * 3_600);
            let mut token = issued.refresh_token;
            for round in 1..40 {
                let later = world.later(round * 600);
                let next = cli.refresh(&later, &token).await.unwrap();
                assert!(next.id_token.is_none(), "the model has one in the first answer alone");
                assert_ne!(next.refresh_token.expose(), token.expose());
                token = next.refresh_token;
            }
            let over = cli.refresh(&world.later(8 * 3_600), &token).await;
            assert_eq!(oauth_error(over), OAuthError::ExpiredToken);
        }
    }
);

testkit::on_both_engines!(the_record_names_the_person_and_no_secret, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let cli = Cli::same_device();
    let session = world.sign_in().await.session;
    let code = cli.code(&world, &session).await;
    let first = cli.redeem(&world, &code).await.unwrap();
    let second = cli.refresh(&world.later(600), &first.refresh_token).await.unwrap();
    let records = world.recorded("CreateToken");
    assert_eq!(records.len(), 2, "the name is the edge's");
    for (record, grant) in records.iter().zip(["authorization_code", "refresh_token"]) {
        let json: Value = serde_json::from_str(&record.json).unwrap();
        assert_eq!(record.user_name.as_deref(), Some("Jane"));
        assert_eq!(json["userIdentity"]["onBehalfOf"]["userId"], JANE);
        assert_eq!(json["additionalEventData"], json!({"success": "true", "grant_type": grant}));
        for secret in [&code, &first.refresh_token, &second.refresh_token, first.id_token.as_ref().unwrap()] {
            assert!(!record.json.contains(secret.expose()));
        }
    }
});

testkit::on_both_engines!(
    a_code_used_twice_gives_nothing_and_ends_what_it_gave,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (cli, thief) = (Cli::same_device(), Cli::same_device());
        let session = world.sign_in().await.session;
        let code = cli.code(&world, &session).await;
        let issued = cli.redeem(&world, &code).await.unwrap();
        assert!(cli.refresh(&world, &issued.refresh_token).await.is_ok());
        is_wrong_code(thief.redeem(&world, &code).await);
        let refresh = issued.refresh_token;
        assert_eq!(oauth_error(cli.refresh(&world, &refresh).await), OAuthError::ExpiredToken, "it is gone");
    }
);

testkit::on_both_engines!(of_two_redemptions_at_once_one_wins, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let session = world.sign_in().await.session;
    let first = Cli::same_device();
    let code = first.code(&world, &session).await;
    let all = [&first, &Cli::same_device(), &Cli::same_device()].map(|cli| cli.code_request(&world, &code));
    let world = Arc::new(world);
    let tries = all.map(|request| {
        let world = world.clone();
        tokio::spawn(async move { call(&world, request).await.is_ok() })
    });
    let mut won = 0;
    for attempt in tries {
        won += usize::from(attempt.await.unwrap());
    }
    assert_eq!(won, 1);
});

testkit::on_both_engines!(
    a_code_is_bound_to_client_redirect_verifier_and_time,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (cli, cross) = (Cli::same_device(), Cli::new(LoginClient::CrossDevice));
        let session = world.sign_in().await.session;
        let code = cli.code(&world, &session).await;
        let asks = |change: fn(&mut TokenRequest)| {
            let mut request = cli.code_request(&world, &code);
            change(&mut request);
            request
        };
        let wrong = [
            asks(|request| request.redirect_uri = Some("http://127.0.0.1:49153/oauth/callback".to_owned())),
            asks(|request| request.redirect_uri = Some("https://evil.example/".to_owned())),
            asks(|request| {
                request.code_verifier = Some(Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl"));
            }),
            asks(|request| {
                request.code_verifier = Some(Secret::new("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
            }),
            asks(|request| request.code = Some(Secret::new("A".repeat(43)))),
            cross.code_request(&world, &code),
        ];
        for request in wrong {
            is_wrong_code(call(&world, request).await);
        }
        is_wrong_code(cli.redeem(&world.later(60), &code).await);
        assert!(cli.redeem(&world.later(59), &code).await.is_ok(), "no wrong try spent it");
        let carried = cross.code(&world, &session).await;
        is_wrong_code(cross.redeem(&world.later(300), &carried).await);
        assert!(
            cross.redeem(&world.later(299), &carried).await.is_ok(),
            "a person needs longer than a redirect"
        );
    }
);

testkit::on_both_engines!(what_is_missing_is_named, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let cli = Cli::same_device();
    let code = Secret::new("x");
    let asks = |change: fn(&mut TokenRequest)| {
        let mut request = cli.code_request(&world, &code);
        change(&mut request);
        request
    };
    for (request, named) in [
        (asks(|request| request.code = None), "code is required for grantType authorization_code"),
        (asks(|request| request.redirect_uri = None), "redirectUri is required"),
        (asks(|request| request.code_verifier = Some(Secret::new(""))), "codeVerifier is required"),
        (asks(|request| request.grant_type = "refresh_token".to_owned()), "refreshToken is required"),
        (asks(|request| request.grant_type = "client_credentials".to_owned()), "grantType must be"),
        (asks(|request| request.client_id = "x".to_owned()), "clientId is not"),
        (asks(|request| request.proof = None), "DPoP header is missing"),
        (asks(|request| request.proof = Some(Secret::new("x"))), "compact JWS"),
    ] {
        let fault = call(&world, request).await.unwrap_err();
        assert_eq!(fault.kind(), &FaultKind::Validation);
        assert!(fault.message().contains(named), "{}", fault.message());
    }
});

testkit::on_both_engines!(
    a_proof_for_another_call_another_time_or_a_second_one_is_refused,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let cli = Cli::same_device();
        let (_, token) = cli.log_in(&world).await;
        let now = world.fixture.now.seconds();
        let claims = json!({"htm": "POST", "htu": TOKEN_URL, "iat": now, "jti": "one"});
        let with = |name: &str, value: Value| {
            let mut claims = claims.clone();
            claims[name] = value;
            let proof = Some(cli.proof_of(&claims));
            TokenRequest { proof, ..cli.refresh_request(&world, &token) }
        };
        for (request, named) in [
            (with("htm", json!("GET")), "its htm must be POST"),
            (
                with("htu", json!("http://127.0.0.1:8765/token")),
                "its htu must be http://127.0.0.1:8765/v1/token",
            ),
            (with("htu", json!("https://us-east-1.signin.aws.amazon.com/v1/token")), "its htu must be"),
            (with("iat", json!(now - 301)), "its iat is 301 s before"),
            (with("iat", json!(now + 301)), "its iat is 301 s after"),
        ] {
            let fault = call(&world, request).await.unwrap_err();
            assert_eq!(fault.kind(), &FaultKind::Validation);
            assert!(fault.message().contains(named), "{}", fault.message());
        }
        let captured = with("jti", json!("one"));
        let next = call(&world, captured.clone()).await.unwrap().refresh_token;
        for _ in 0..2 {
            let fault = call(&world, captured.clone()).await.unwrap_err();
            assert!(fault.message().contains("its jti was used before"), "{}", fault.message());
        }
        // Whoever recorded the call and plays it again later must not end what it was for.
        let fault = call(&world.later(100), captured).await.unwrap_err();
        assert!(fault.message().contains("its jti was used before"), "{}", fault.message());
        assert!(cli.refresh(&world.later(600), &next).await.is_ok());
    }
);

testkit::on_both_engines!(
    a_stolen_token_without_its_key_gets_and_ends_nothing,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (cli, thief) = (Cli::same_device(), Cli::same_device());
        let (_, token) = cli.log_in(&world).await;
        let next = cli.refresh(&world.later(600), &token).await.unwrap().refresh_token;
        for stolen in [&token, &next] {
            assert_eq!(oauth_error(thief.refresh(&world.later(700), stolen).await), OAuthError::ExpiredToken);
        }
        // Its key at another program's id, and whatever is none of ours.
        let cross = TokenRequest {
            client_id: LoginClient::CrossDevice.id().to_owned(),
            ..cli.refresh_request(&world.later(700), &next)
        };
        assert_eq!(oauth_error(call(&world.later(700), cross).await), OAuthError::ExpiredToken);
        for nothing in ["x", "", &"A".repeat(2_000), &next.expose().replace(".l", ".r")] {
            let request = TokenRequest {
                refresh_token: Some(Secret::new(nothing)),
                ..cli.refresh_request(&world.later(700), &next)
            };
            assert!(call(&world.later(700), request).await.is_err(), "{nothing}");
        }
        assert!(cli.refresh(&world.later(1_200), &next).await.is_ok(), "nobody's try spent or ended it");
    }
);

testkit::on_both_engines!(
    programs_that_refresh_in_the_same_second_get_the_same_token,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let cli = Cli::same_device();
        let (_, token) = cli.log_in(&world).await;
        let later = world.later(600);
        let requests: Vec<_> = (0..4).map(|_| cli.refresh_request(&later, &token)).collect();
        let later = Arc::new(later);
        let mut tries = Vec::new();
        for request in requests {
            let later = later.clone();
            tries.push(tokio::spawn(async move { call(&later, request).await.unwrap().refresh_token }));
        }
        let mut tokens = std::collections::BTreeSet::new();
        for attempt in tries {
            tokens.insert(attempt.await.unwrap().expose().to_owned());
        }
        assert_eq!(tokens.len(), 1, "whichever of them writes the file last");
        let next = Secret::new(tokens.pop_first().unwrap());
        assert!(
            cli.refresh(&world.later(629), &token)
                .await
                .is_ok_and(|issued| issued.refresh_token.expose() == next.expose())
        );
        assert!(cli.refresh(&world.later(1_200), &next).await.is_ok());
    }
);

testkit::on_both_engines!(
    a_refresh_token_that_comes_again_later_ends_the_login,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let cli = Cli::same_device();
        let (session, token) = cli.log_in(&world).await;
        let other = Cli::same_device();
        let code = other.code(&world, &session).await;
        let others = other.redeem(&world, &code).await.unwrap().refresh_token;
        // Somebody copied token and key, and came first.
        let thiefs = cli.refresh(&world.later(100), &token).await.unwrap().refresh_token;
        let noticed = cli.refresh(&world.later(131), &token).await.unwrap_err();
        assert_eq!(noticed.kind(), &FaultKind::OAuth(OAuthError::ExpiredToken));
        assert!(noticed.message().contains("this login was ended"), "{}", noticed.message());
        assert_eq!(oauth_error(cli.refresh(&world.later(132), &thiefs).await), OAuthError::ExpiredToken);
        assert!(other.refresh(&world.later(600), &others).await.is_ok(), "no other login of the session");
    }
);

testkit::on_both_engines!(tokens_and_codes_die_with_session_and_person, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let cli = Cli::same_device();
    let (session, token) = cli.log_in(&world).await;
    let code = cli.code(&world, &session).await;
    world.set_status(JANE, "DISABLED").await;
    is_wrong_code(cli.redeem(&world, &code).await);
    assert_eq!(oauth_error(cli.refresh(&world, &token).await), OAuthError::ExpiredToken);
    world.set_status(JANE, "ENABLED").await;
    let token = cli.refresh(&world, &token).await.unwrap().refresh_token;
    signin::sessions::sign_out(&world.fixture.store, &world.person(&session)).await.unwrap();
    is_wrong_code(cli.redeem(&world, &code).await);
    assert!(cli.refresh(&world, &token).await.is_err());
});

testkit::on_both_engines!(
    another_sign_in_takes_the_login_along_and_does_not_prolong_it,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let cli = Cli::same_device();
        let (session, token) = cli.log_in(&world).await;
        let later = world.later(3_600);
        let anew = later.sign_in_over("jane", &session).await.session;
        assert_ne!(anew.user.session_id, session.user.session_id);
        let token = cli.refresh(&world.later(4_000), &token).await.unwrap().refresh_token;
        assert_eq!(oauth_error(cli.refresh(&world.later(8 * 3_600), &token).await), OAuthError::ExpiredToken);
    }
);

testkit::on_both_engines!(
    what_an_administrator_decided_of_sessions_holds_for_logins,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let settings = SessionSettings {
            idle_minutes: Some(30),
            refresh_token_minutes: Some(120),
            ..SessionSettings::default()
        };
        let cx = world.fixture.root("sso.amazonaws.com", "PutSessionSettings");
        let store = &world.fixture.store;
        signin::mfa_devices::put_session_settings(store, &cx, &world.at(), settings).await.unwrap();
        let cli = Cli::same_device();
        let (_, mut token) = cli.log_in(&world).await;
        for minutes in [20, 40, 60, 80, 100, 119] {
            // Each renewal is a sign of life.
            token = cli.refresh(&world.later(minutes * 60), &token).await.unwrap().refresh_token;
        }
        let over = cli.refresh(&world.later(120 * 60), &token).await;
        assert_eq!(oauth_error(over), OAuthError::ExpiredToken, "two hours after the approval");
        let (_, token) = cli.log_in(&world).await;
        let idle = cli.refresh(&world.later(31 * 60), &token).await;
        assert_eq!(oauth_error(idle), OAuthError::ExpiredToken);
    }
);

/// A database that was restored knows nothing of what was exchanged since.
#[tokio::test]
async fn a_refresh_token_of_after_the_backup_is_not_known() {
    let world = World::new(Fixture::sqlite().await).await;
    let cli = Cli::same_device();
    let (_, token) = cli.log_in(&world).await;
    let later = cli.refresh(&world, &token).await.unwrap().refresh_token;
    world.sql("UPDATE console_logins SET generation = 0, exchanged_at = '[]'").await;
    assert_eq!(oauth_error(cli.refresh(&world, &later).await), OAuthError::ExpiredToken);
    assert!(cli.refresh(&world, &token).await.is_ok(), "it ended nothing");
}

testkit::on_both_engines!(housekeeping_forgets_what_nobody_can_use_any_more, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let cli = Cli::same_device();
    let (session, token) = cli.log_in(&world).await;
    let unused = cli.code(&world, &session).await;
    let keep = |world: &World| {
        let (store, cx) = (world.fixture.store.clone(), world.anonymous("192.0.2.1"));
        async move { signin::housekeeping::expire(&store, &cx).await.unwrap() }
    };
    assert_eq!(keep(&world.later(299)).await, 0, "a replay is noticed a while longer");
    is_wrong_code(cli.redeem(&world.later(100), &unused).await);
    assert_eq!(keep(&world.later(3_000)).await, 2, "two codes");
    assert_eq!(keep(&world.later(3_600 + 601)).await, 1, "a proof");
    assert!(cli.refresh(&world.later(5_000), &token).await.is_ok());
    assert!(keep(&world.later(9 * 3_600)).await >= 2, "the session and the second proof");
    assert!(cli.refresh(&world.later(5_000), &token).await.is_err(), "with the session its logins");
});
