//! `/authorize`: what is refused, where the refusal goes, and what an approval is worth.

use model::fault::{FaultKind, OAuthError};
use model::secret::Secret;
use signin::authorize::{self, Agreed, AuthorizeRequest, Refusal};
use signin::clients::{NewClient, Registered};
use signin::consents;
use signin::tokens::TokenRequest;
use testkit::fixture::Fixture;

use crate::world::{
    CALLBACK, VERIFIER, World, authorize_params, code_request, oauth_error, pkce_client, query,
};

/// The usual parameters with some replaced, or taken away when empty.
fn with(client: &Registered, changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut params = authorize_params(client);
    for (name, value) in changes {
        params.retain(|(key, _)| key != name);
        if !value.is_empty() {
            params.push(((*name).to_owned(), (*value).to_owned()));
        }
    }
    params
}

fn open(world: &World, params: &[(String, String)]) -> Result<AuthorizeRequest, Refusal> {
    authorize::open(&world.fixture.store, &world.anonymous("192.0.2.1"), &world.config, params)
}

testkit::on_both_engines!(the_requests_of_real_clients_are_read, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let client = world.pkce_client().await;
    let request = open(&world, &authorize_params(&client)).unwrap();
    assert_eq!(request.client_name, "botocore-client-corp");
    assert_eq!(request.redirect_uri, CALLBACK);
    assert_eq!(request.scopes, ["sso:account:access"]);
    for changes in [
        &[("scopes", ""), ("scope", "sso:account:access")][..],
        &[("scopes", ""), ("scope", "")],
        &[("state", "")],
        &[("redirect_uri", "http://127.0.0.1/oauth/callback")],
    ] {
        assert!(open(&world, &with(&client, changes)).is_ok(), "{changes:?}");
    }
    // aws-sso-cli registers without a path.
    let new = NewClient { redirect_uris: vec!["http://127.0.0.1".to_owned()], ..pkce_client() };
    let client = world.register(new).await.unwrap();
    assert!(open(&world, &with(&client, &[("redirect_uri", "http://127.0.0.1:4001/")])).is_ok());
});

testkit::on_both_engines!(
    open_redirector_nothing_is_sent_to_an_address_that_was_not_registered,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let client = world.pkce_client().await;
        for uri in [
            "",
            "https://evil.example/oauth/callback",
            "http://evil.example/oauth/callback",
            "http://127.0.0.1:80@evil.example/oauth/callback",
            "http://127.0.0.1.evil.example/oauth/callback",
            "http://localhost:4001/oauth/callback",
            "http://127.0.0.1:4001/oauth/callback/../../steal",
            "http://127.0.0.1:4001/oauth/callback?next=https://evil.example",
            "http://127.0.0.1:4001/oauth/callback#",
            "http://127.0.0.1:4001/oauth/callback%2f..",
            "javascript:alert(1)//",
        ] {
            let refusal = open(&world, &with(&client, &[("redirect_uri", uri)])).unwrap_err();
            assert!(matches!(refusal, Refusal::Page(_)), "{uri}");
        }
        for id in ["", "unknown", "<script>"] {
            let refusal = open(&world, &with(&client, &[("client_id", id)])).unwrap_err();
            assert!(matches!(refusal, Refusal::Page(_)), "{id}");
        }
        // Given twice: two parsers may choose differently.
        for (name, value) in [("redirect_uri", "http://evil.example/"), ("client_id", "other")] {
            let mut params = authorize_params(&client);
            params.push((name.to_owned(), value.to_owned()));
            assert!(matches!(open(&world, &params).unwrap_err(), Refusal::Page(_)), "{name}");
        }
        let refusal = open(&world.later(91 * 86_400), &authorize_params(&client)).unwrap_err();
        let Refusal::Page(fault) = refusal else { panic!("a stale client is not redirected to") };
        assert!(fault.message().contains("~/.aws/sso/cache"));
    }
);

testkit::on_both_engines!(
    pkce_downgrade_and_other_bad_requests_go_back_to_the_client,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let client = world.pkce_client().await;
        for (changes, error) in [
            (&[("code_challenge", "")][..], "invalid_request"),
            (&[("code_challenge_method", "")], "invalid_request"),
            (&[("code_challenge_method", "plain")], "invalid_request"),
            (&[("code_challenge_method", "s256")], "invalid_request"),
            (&[("code_challenge", "short")], "invalid_request"),
            (&[("code_challenge", &"=".repeat(43))], "invalid_request"),
            (&[("response_type", "")], "invalid_request"),
            (&[("response_type", "token")], "unsupported_response_type"),
            (&[("response_type", "code token")], "unsupported_response_type"),
            (&[("scopes", "sso:account:access admin")], "invalid_scope"),
            (&[("scope", "openid")], "invalid_scope"),
        ] {
            let Refusal::Redirect(url) = open(&world, &with(&client, changes)).unwrap_err() else {
                panic!("{changes:?} is not redirected")
            };
            assert!(url.starts_with(&format!("{CALLBACK}?error={error}&")), "{url}");
            assert_eq!(query(&url, "state").unwrap(), "0b8e63a5-6c08-4d0d-9d1c-1f9e6a3b2c4d");
            assert!(query(&url, "code").is_none());
        }
        let new = NewClient { grant_types: vec!["refresh_token".to_owned()], ..pkce_client() };
        let client = world.register(new).await.unwrap();
        let Refusal::Redirect(url) = open(&world, &authorize_params(&client)).unwrap_err() else { panic!() };
        assert_eq!(query(&url, "error").unwrap(), "unauthorized_client");
    }
);

testkit::on_both_engines!(
    state_comes_back_unchanged_and_cannot_add_parameters,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (client, session) = (world.pkce_client().await, world.sign_in().await.session);
        let state = "a&code=evil#x\r\ny=\u{e9} +%";
        let request = open(&world, &with(&client, &[("state", state)])).unwrap();
        let cx = world.person(&session);
        let url =
            authorize::approve(&world.fixture.store, &cx, &world.config, &session, (&request, Agreed::Once))
                .await
                .unwrap();
        assert_eq!(query(&url, "state").unwrap(), "a%26code%3Devil%23x%0D%0Ay%3D%C3%A9%20%2B%25");
        assert_eq!(query(&url, "iss").unwrap(), "http%3A%2F%2F127.0.0.1%3A8765");
        assert_eq!(url.matches("code=").count(), 1);
        let cx = world.later(1).person(&session);
        let url =
            authorize::deny(&world.fixture.store, &cx, &world.config, &session, &request).await.unwrap();
        assert!(url.starts_with(&format!("{CALLBACK}?error=access_denied&")));
        let decisions = world.records("AuthorizeClient");
        assert_eq!(decisions.len(), 2);
        assert!(
            decisions[0].contains(r#""decision":"approve""#) && decisions[1].contains(r#""decision":"deny""#)
        );
        assert!(decisions[0].contains(&session.user.session_id));
    }
);

testkit::on_both_engines!(a_code_needs_its_client_redirect_and_verifier, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (client, mallory) = (world.pkce_client().await, world.pkce_client().await);
    let session = world.sign_in().await.session;
    let code = world.code(&session, &client).await;
    let usual = code_request(&client, &code);
    let secret = |text: &str| Some(Secret::new(text));
    for (attack, request) in [
        ("injection to another client", code_request(&mallory, &code)),
        (
            "another port",
            TokenRequest {
                redirect_uri: Some("http://127.0.0.1:1/oauth/callback".to_owned()),
                ..usual.clone()
            },
        ),
        ("another verifier", TokenRequest { code_verifier: secret(&"x".repeat(64)), ..usual.clone() }),
        (
            "the challenge as verifier",
            TokenRequest { code_verifier: secret(crate::world::CHALLENGE), ..usual.clone() },
        ),
        ("a short verifier", TokenRequest { code_verifier: secret("x"), ..usual.clone() }),
        ("another code", TokenRequest { code: secret(&"x".repeat(43)), ..usual.clone() }),
    ] {
        assert_eq!(oauth_error(world.create(request).await), OAuthError::InvalidGrant, "{attack}");
    }
    for (attack, request) in [
        ("missing verifier", TokenRequest { code_verifier: None, ..usual.clone() }),
        ("empty verifier", TokenRequest { code_verifier: secret(""), ..usual.clone() }),
        ("missing redirect", TokenRequest { redirect_uri: None, ..usual.clone() }),
    ] {
        assert_eq!(oauth_error(world.create(request).await), OAuthError::InvalidRequest, "{attack}");
    }
    assert_eq!(
        oauth_error(world.later(60).create(usual.clone()).await),
        OAuthError::InvalidGrant,
        "too late"
    );
    // None of it spent the code of the client that it belongs to.
    let issued = world.later(59).create(usual).await.unwrap();
    assert_eq!(world.who(&issued.access_token).unwrap(), session.user.user_id.to_string());
    assert!(VERIFIER.len() == 43 && issued.refresh_token.is_some());
});

testkit::on_both_engines!(code_replay_revokes_everything_that_the_code_gave, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (client, session) = (world.pkce_client().await, world.sign_in().await.session);
    let (code, kept) = (world.code(&session, &client).await, world.code(&session, &client).await);
    let first = world.redeem(&client, &code).await.unwrap();
    let other = world.redeem(&client, &kept).await.unwrap();
    let second = world.refresh(&client, first.refresh_token.as_ref().unwrap()).await.unwrap();
    assert_eq!(oauth_error(world.redeem(&client, &code).await), OAuthError::InvalidGrant);
    assert!(world.who(&first.access_token).is_none());
    assert!(world.who(&second.access_token).is_none());
    let refresh = second.refresh_token.unwrap();
    assert_eq!(oauth_error(world.refresh(&client, &refresh).await), OAuthError::InvalidGrant);
    assert!(world.who(&other.access_token).is_some(), "another approval is another family");
});

testkit::on_both_engines!(a_code_dies_with_the_session_that_approved, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (client, session) = (world.pkce_client().await, world.sign_in().await.session);
    let code = world.code(&session, &client).await;
    let (request, cx) = (world.open(&client), world.person(&session));
    signin::sessions::sign_out(&world.fixture.store, &world.person(&session)).await.unwrap();
    assert_eq!(oauth_error(world.redeem(&client, &code).await), OAuthError::InvalidGrant);
    let fault =
        authorize::approve(&world.fixture.store, &cx, &world.config, &session, (&request, Agreed::Once))
            .await
            .unwrap_err();
    assert_eq!(fault.kind(), &FaultKind::Unauthorized);
});

testkit::on_both_engines!(prompt_is_honoured_or_refused_by_name, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let client = world.pkce_client().await;
    for (prompt, again) in
        [("", false), ("login", true), ("select_account", true), ("consent login", true), ("consent", false)]
    {
        assert_eq!(
            open(&world, &with(&client, &[("prompt", prompt)])).unwrap().sign_in_again,
            again,
            "{prompt}"
        );
    }
    for (prompt, error) in
        [("none", "interaction_required"), ("LOGIN", "invalid_request"), ("login x", "invalid_request")]
    {
        let Err(Refusal::Redirect(to)) = open(&world, &with(&client, &[("prompt", prompt)])) else {
            unreachable!("{prompt}")
        };
        assert_eq!(query(&to, "error").as_deref(), Some(error));
    }
});

testkit::on_both_engines!(
    a_program_is_let_in_unasked_for_what_was_agreed_to_and_until_that_is_taken_back,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let session = world.sign_in().await.session;
        let (store, cx) = (&world.fixture.store, world.person(&session));
        let client = world.pkce_client().await;
        let request = open(&world, &authorize_params(&client)).unwrap();
        let covers = |request: &AuthorizeRequest| consents::covers(store, &cx, &session, request).unwrap();
        let approve = async |request: &AuthorizeRequest, agreed| {
            authorize::approve(store, &cx, &world.config, &session, (request, agreed)).await
        };
        approve(&request, Agreed::Once).await.unwrap();
        assert!(!covers(&request), "once is once");
        let refused = approve(&request, Agreed::Before).await.unwrap_err();
        assert_eq!(refused.kind(), &FaultKind::Forbidden, "nobody agreed before");
        approve(&request, Agreed::ForGood).await.unwrap();
        assert!(covers(&request));
        let url = approve(&request, Agreed::Before).await.unwrap();
        let code = Secret::new(query(&url, "code").unwrap());
        assert!(world.redeem(&client, &code).await.is_ok());
        assert!(world.records("AuthorizeClient").iter().any(|record| record.contains("REMEMBERED")));
        // Not for another program, not for more, not when the program wants the person asked.
        let other = world.pkce_client().await;
        assert!(!covers(&open(&world, &authorize_params(&other)).unwrap()));
        let mut more = request.clone();
        more.scopes.push("more".to_owned());
        assert!(!covers(&more));
        assert!(!covers(&open(&world, &with(&client, &[("prompt", "consent")])).unwrap()));
        // Not for another person at the same program.
        let sam = "22222222-2222-4222-8222-222222222222";
        world.add_user(sam, "Sam", "ENABLED").await;
        world.set_password(sam, "four clear winter mornings").await;
        let sams = world.try_sign_in("192.0.2.1", "sam", "four clear winter mornings").await.unwrap().session;
        assert!(!consents::covers(store, &world.person(&sams), &sams, &request).unwrap());
        let theirs = consents::forget(store, &world.person(&sams), &sams, &request.client_id).await;
        assert!(theirs.is_err(), "of somebody else");
        let own = consents::list_own(store, &cx, &session).unwrap();
        assert_eq!(
            own.iter().map(|one| one.client_name.as_str()).collect::<Vec<_>>(),
            ["botocore-client-corp"]
        );
        consents::forget(store, &cx, &session, &request.client_id).await.unwrap();
        assert!(!covers(&request));
        assert!(consents::list_own(store, &cx, &session).unwrap().is_empty());
        // Whoever chooses another password decides anew, and nothing outlives the registration.
        approve(&request, Agreed::ForGood).await.unwrap();
        let later = world.later(91 * 86_400);
        assert!(!consents::covers(store, &later.person(&session), &session, &request).unwrap());
        world.set_password(crate::world::JANE, "another horse entirely").await;
        assert!(!covers(&request));
    }
);
