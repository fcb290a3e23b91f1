//! RegisterClient and what a registration proves.

use std::time::Duration;

use model::fault::OAuthError;
use model::secret::Secret;
use model::signin::oauth::GrantType;
use signin::clients::NewClient;
use signin::device;
use signin::tokens::TokenRequest;
use testkit::fixture::Fixture;

use crate::world::{DEVICE_GRANT, START_URL, World, bare, oauth_error, pkce_client};

testkit::on_both_engines!(
    a_registration_lasts_ninety_days_and_hides_its_secret,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let registered = world.pkce_client().await;
        assert_eq!(
            registered.client.expires_at.since(registered.client.created_at),
            Duration::from_hours(90 * 24)
        );
        assert_eq!(registered.authorization_endpoint, "http://localhost:8765/authorize");
        assert_eq!(registered.token_endpoint, "http://127.0.0.1:8765/token");
        let records = world.records("CreateToken");
        assert_eq!(records.len(), 1, "the world's anonymous calls carry this name");
        assert!(records[0].contains(registered.client.id.as_str()));
        assert!(!records[0].contains(registered.secret.expose()));
        assert!(!format!("{registered:?}").contains(registered.secret.expose()));
    }
);

testkit::on_both_engines!(
    cookie_across_ports_a_program_cannot_be_answered_only_where_the_pages_are,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let uris = |uris: &[&str]| NewClient {
            redirect_uris: uris.iter().map(ToString::to_string).collect(),
            ..pkce_client()
        };
        for good in [
            &["http://127.0.0.1/cb"][..],
            &["http://[::1]/cb"],
            &["http://localhost/cb", "http://127.0.0.1/cb"],
        ] {
            world.register(uris(good)).await.unwrap();
        }
        for bad in [&["http://localhost/cb"][..], &["http://localhost:1/a", "http://localhost:2/b"]] {
            let refused = world.register(uris(bad)).await;
            assert!(refused.as_ref().unwrap_err().message().contains("cookies know no port"));
            assert_eq!(oauth_error(refused), OAuthError::InvalidRedirectUri);
        }
    }
);

testkit::on_both_engines!(what_a_client_says_is_checked, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let strings = |values: &[&str]| values.iter().map(ToString::to_string).collect::<Vec<_>>();
    let many: Vec<String> = (0..26).map(|number| format!("scope:{number}")).collect();
    let cases = [
        (NewClient { name: String::new(), ..pkce_client() }, OAuthError::InvalidClientMetadata),
        (NewClient { name: "x".repeat(257), ..pkce_client() }, OAuthError::InvalidClientMetadata),
        (NewClient { name: "aws\u{202e}ilc".to_owned(), ..pkce_client() }, OAuthError::InvalidClientMetadata),
        (
            NewClient { client_type: "confidential".to_owned(), ..pkce_client() },
            OAuthError::InvalidClientMetadata,
        ),
        (
            NewClient { entitled_application_arn: Some("arn:aws:sso:::x".to_owned()), ..pkce_client() },
            OAuthError::InvalidClientMetadata,
        ),
        (
            NewClient {
                issuer_url: Some("https://d-0000000000.awsapps.com/start".to_owned()),
                ..pkce_client()
            },
            OAuthError::InvalidRequest,
        ),
        (NewClient { scopes: many, ..pkce_client() }, OAuthError::InvalidScope),
        (NewClient { scopes: strings(&["a b"]), ..pkce_client() }, OAuthError::InvalidScope),
        (NewClient { scopes: strings(&[""]), ..pkce_client() }, OAuthError::InvalidScope),
        (
            NewClient { grant_types: strings(&["password"]), ..pkce_client() },
            OAuthError::UnsupportedGrantType,
        ),
        (
            NewClient { grant_types: strings(&["client_credentials"]), ..pkce_client() },
            OAuthError::UnsupportedGrantType,
        ),
        (NewClient { redirect_uris: vec![], ..pkce_client() }, OAuthError::InvalidRedirectUri),
        (
            NewClient { redirect_uris: strings(&["https://evil.example/cb"]), ..pkce_client() },
            OAuthError::InvalidRedirectUri,
        ),
        (
            NewClient { redirect_uris: strings(&["http://127.0.0.1/a"; 11]), ..pkce_client() },
            OAuthError::InvalidRedirectUri,
        ),
    ];
    for (new, error) in cases {
        let shown = format!("{new:?}");
        assert_eq!(oauth_error(world.register(new).await), error, "{shown}");
    }
});

testkit::on_both_engines!(a_client_without_grants_may_do_what_it_shows, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let device = world.device_client().await.client;
    assert!(device.may(GrantType::DeviceCode) && device.may(GrantType::RefreshToken));
    assert!(!device.may(GrantType::AuthorizationCode));
    let legacy =
        NewClient { name: "old".to_owned(), client_type: "public".to_owned(), ..NewClient::default() };
    let legacy = world.register(legacy).await.unwrap().client;
    assert_eq!(legacy.grant_types, [GrantType::DeviceCode]);
    let bare_redirect = NewClient {
        grant_types: vec![],
        redirect_uris: vec!["http://127.0.0.1".to_owned()],
        ..pkce_client()
    };
    assert!(world.register(bare_redirect).await.unwrap().client.may(GrantType::AuthorizationCode));
});

testkit::on_both_engines!(
    stale_registration_and_impersonation_are_invalid_client_and_say_what_to_do,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (client, other) = (world.device_client().await, world.device_client().await);
        let start = async |world: &World, id: &str, secret: &Secret| {
            let cx = world.anonymous("192.0.2.1");
            let client = (id.to_owned(), secret.clone());
            device::start(&world.fixture.store, &cx, &world.config, client, START_URL).await
        };
        let id = client.client.id.as_str();
        assert!(start(&world, id, &client.secret).await.is_ok());
        for (id, secret) in [
            (id, &other.secret),
            (id, &Secret::new("")),
            ("unknown", &client.secret),
            ("' OR 1=1 --", &client.secret),
            ("", &client.secret),
        ] {
            let fault = start(&world, id, secret).await.unwrap_err();
            assert!(fault.message().contains("~/.aws/sso/cache"), "{id}");
            assert_eq!(oauth_error::<()>(Err(fault)), OAuthError::InvalidClient);
        }
        let later = world.later(90 * 86_400);
        let fault = start(&later, id, &client.secret).await.unwrap_err();
        assert!(fault.message().contains("expired"));
        assert_eq!(oauth_error::<()>(Err(fault)), OAuthError::InvalidClient);
    }
);

testkit::on_both_engines!(
    client_confusion_a_grant_not_registered_is_refused,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (pkce, device) = (world.pkce_client().await, world.device_client().await);
        let some = || Some(Secret::new("x"));
        let device_poll = TokenRequest { device_code: some(), ..bare(&pkce, DEVICE_GRANT) };
        assert_eq!(oauth_error(world.create(device_poll).await), OAuthError::UnauthorizedClient);
        let code = TokenRequest {
            code: some(),
            redirect_uri: Some("http://127.0.0.1".to_owned()),
            code_verifier: some(),
            ..bare(&device, "authorization_code")
        };
        assert_eq!(oauth_error(world.create(code).await), OAuthError::UnauthorizedClient);
        let cx = world.anonymous("192.0.2.1");
        let proof = (pkce.client.id.as_str().to_owned(), pkce.secret.clone());
        let started = device::start(&world.fixture.store, &cx, &world.config, proof, START_URL).await;
        assert_eq!(oauth_error(started), OAuthError::UnauthorizedClient);
        assert_eq!(
            oauth_error(world.create(bare(&pkce, "password")).await),
            OAuthError::UnsupportedGrantType
        );
        for grant in ["authorization_code", "refresh_token", DEVICE_GRANT] {
            assert_eq!(
                oauth_error(world.create(bare(&pkce, grant)).await),
                OAuthError::InvalidRequest,
                "{grant}"
            );
        }
    }
);
