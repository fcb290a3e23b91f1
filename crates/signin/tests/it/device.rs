//! The device flow (RFC 8628).

use model::fault::{Fault, FaultKind, OAuthError};
use signin::clients::{NewClient, Registered};
use signin::device::{self, Started};
use testkit::fixture::Fixture;

use crate::world::{START_URL, World, oauth_error, pkce_client};

async fn start(world: &World, client: &Registered) -> Started {
    let cx = world.anonymous("203.0.113.5");
    let proof = (client.client.id.as_str().to_owned(), client.secret.clone());
    device::start(&world.fixture.store, &cx, &world.config, proof, START_URL).await.unwrap()
}

testkit::on_both_engines!(
    a_person_approves_and_the_program_gets_tokens_once,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (client, session) = (world.device_client().await, world.sign_in().await.session);
        let started = start(&world, &client).await;
        assert_eq!((started.expires_in, started.interval), (600, 1));
        assert_eq!(started.verification_uri, "http://localhost:8765/device");
        assert_eq!(
            started.verification_uri_complete,
            format!("http://localhost:8765/device?user_code={}", started.user_code)
        );
        let poll = async |seconds: u64| world.later(seconds).poll(&client, &started.device_code).await;
        // AWS CLI asks once before it shows the code, then every second.
        assert_eq!(oauth_error(poll(0).await), OAuthError::AuthorizationPending);
        assert_eq!(oauth_error(poll(5).await), OAuthError::AuthorizationPending);
        let (store, cx) = (&world.fixture.store, world.person(&session));
        let typed = started.user_code.to_lowercase().replace('-', "");
        let request = device::look_up(store, &cx, &session, &typed).await.unwrap();
        assert_eq!(request.user_code, started.user_code);
        assert_eq!(request.client_name, "botocore-client-corp");
        assert_eq!(request.source_ip, "203.0.113.5");
        device::approve(store, &cx, &session, &typed).await.unwrap();
        let issued = poll(10).await.unwrap();
        assert_eq!(issued.expires_in, 8 * 3_600 - 10, "never beyond the session");
        assert!(issued.refresh_token.is_some());
        assert_eq!(world.who(&issued.access_token).unwrap(), session.user.user_id.to_string());
        assert_eq!(oauth_error(poll(15).await), OAuthError::InvalidGrant, "single use");
        let approvals = world.records("AuthorizeClient");
        assert!(approvals.len() == 1 && approvals[0].contains(&session.user.session_id));
        assert_eq!(
            world.recorded("AuthorizeClient")[0].user_name.as_deref(),
            Some("Jane"),
            "found by her name"
        );
        let all = [world.records("CreateToken"), approvals].concat().join("");
        for secret in [started.device_code.expose(), &started.user_code, issued.access_token.expose()] {
            assert!(!all.contains(secret));
        }
    }
);

testkit::on_both_engines!(a_denied_or_late_request_says_so, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (client, session) = (world.device_client().await, world.sign_in().await.session);
    let (store, cx) = (&world.fixture.store, world.person(&session));
    let denied = start(&world, &client).await;
    device::deny(store, &cx, &session, &denied.user_code).await.unwrap();
    assert_eq!(oauth_error(world.poll(&client, &denied.device_code).await), OAuthError::AccessDenied);
    let fault = device::approve(store, &cx, &session, &denied.user_code).await.unwrap_err();
    assert!(matches!(fault.kind(), FaultKind::NotFound(_)), "a decision stands");
    let late = start(&world, &client).await;
    let later = world.later(600);
    assert_eq!(oauth_error(later.poll(&client, &late.device_code).await), OAuthError::ExpiredToken);
    let fault = device::approve(store, &later.person(&session), &session, &late.user_code).await.unwrap_err();
    assert!(matches!(fault.kind(), FaultKind::NotFound(_)));
});

testkit::on_both_engines!(polling_too_fast_slows_down_for_good, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let client = world.device_client().await;
    let started = start(&world, &client).await;
    let poll =
        async |seconds: u64| oauth_error(world.later(seconds).poll(&client, &started.device_code).await);
    assert_eq!(poll(0).await, OAuthError::AuthorizationPending);
    assert_eq!(poll(0).await, OAuthError::AuthorizationPending, "one may be early");
    assert_eq!(poll(0).await, OAuthError::SlowDown, "the second early one");
    assert_eq!(poll(1).await, OAuthError::SlowDown, "six seconds by now");
    assert_eq!(poll(1 + 11).await, OAuthError::AuthorizationPending, "eleven by now");
    assert_eq!(poll(1 + 11 + 10).await, OAuthError::SlowDown, "and it stays");
});

testkit::on_both_engines!(
    a_client_that_polls_twice_when_it_begins_is_not_slowed,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let client = world.device_client().await;
        let started = start(&world, &client).await;
        // AWS CLI 2.38: two polls within a tenth of a second, then one each interval.
        for seconds in [0, 0, 1, 2, 3, 4, 9, 10] {
            let answer = world.later(seconds).poll(&client, &started.device_code).await;
            assert_eq!(oauth_error(answer), OAuthError::AuthorizationPending, "{seconds} s");
        }
    }
);

testkit::on_both_engines!(a_device_code_is_its_clients_alone, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (client, mallory) = (world.device_client().await, world.device_client().await);
    let session = world.sign_in().await.session;
    let started = start(&world, &client).await;
    device::approve(&world.fixture.store, &world.person(&session), &session, &started.user_code)
        .await
        .unwrap();
    assert_eq!(oauth_error(world.poll(&mallory, &started.device_code).await), OAuthError::InvalidGrant);
    let user_code = model::secret::Secret::new(&started.user_code[..]);
    assert_eq!(oauth_error(world.poll(&client, &user_code).await), OAuthError::InvalidGrant);
    assert!(world.poll(&client, &started.device_code).await.is_ok());
});

testkit::on_both_engines!(
    device_code_guessing_is_stopped_for_the_person_who_guesses,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        world.add_user("22222222-2222-4222-8222-222222222222", "Mallory", "ENABLED").await;
        world.set_password("22222222-2222-4222-8222-222222222222", crate::world::PASSWORD).await;
        let mallory =
            async || world.try_sign_in("192.0.2.9", "mallory", crate::world::PASSWORD).await.unwrap().session;
        let (client, session) = (world.device_client().await, mallory().await);
        let started = start(&world, &client).await;
        let store = &world.fixture.store;
        let mut last: Option<Fault> = None;
        for guess in 0..11 {
            let code = format!("BBBB-BBB{}", char::from(b"BCDFGHJKLMN"[guess]));
            // Guessing through the decision is guessing too.
            last = if guess % 2 == 0 {
                device::look_up(store, &world.person(&session), &session, &code).await.err()
            } else {
                device::approve(store, &world.person(&session), &session, &code).await.err()
            };
        }
        assert!(matches!(last.unwrap().kind(), FaultKind::Throttled(_)));
        // Signing in again does not help.
        let again = mallory().await;
        let fault =
            device::look_up(store, &world.person(&again), &again, &started.user_code).await.unwrap_err();
        assert!(matches!(fault.kind(), FaultKind::Throttled(_)));
        // Nobody else is slowed.
        let jane = world.sign_in().await.session;
        assert!(device::look_up(store, &world.person(&jane), &jane, &started.user_code).await.is_ok());
    }
);

testkit::on_both_engines!(an_approval_dies_with_its_session, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (client, session) = (world.device_client().await, world.sign_in().await.session);
    let (started, other) = (start(&world, &client).await, start(&world, &client).await);
    let (store, cx) = (&world.fixture.store, world.person(&session));
    device::approve(store, &cx, &session, &started.user_code).await.unwrap();
    signin::sessions::sign_out(store, &world.person(&session)).await.unwrap();
    assert_eq!(oauth_error(world.poll(&client, &started.device_code).await), OAuthError::AccessDenied);
    let stale = device::approve(store, &cx, &session, &other.user_code).await;
    assert_eq!(stale.unwrap_err().kind(), &FaultKind::Unauthorized);
});

testkit::on_both_engines!(a_legacy_client_cannot_refresh, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let new = NewClient { scopes: vec![], grant_types: vec![], redirect_uris: vec![], ..pkce_client() };
    let (client, session) = (world.register(new).await.unwrap(), world.sign_in().await.session);
    let started = start(&world, &client).await;
    device::approve(&world.fixture.store, &world.person(&session), &session, &started.user_code)
        .await
        .unwrap();
    let issued = world.poll(&client, &started.device_code).await.unwrap();
    assert!(issued.refresh_token.is_none());
    assert!(world.who(&issued.access_token).is_some(), "its token opens the portal");
});

testkit::on_both_engines!(another_instances_start_url_is_refused, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let client = world.device_client().await;
    let cx = world.anonymous("192.0.2.1");
    let proof = (client.client.id.as_str().to_owned(), client.secret.clone());
    let url = "https://d-0000000000.awsapps.com/start";
    let started = device::start(&world.fixture.store, &cx, &world.config, proof, url).await;
    assert_eq!(oauth_error(started), OAuthError::InvalidRequest);
});
