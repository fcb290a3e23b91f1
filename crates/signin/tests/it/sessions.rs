//! Sign-in and the sessions that it gives.

use model::caller::{Caller, Identity};
use model::directory::user::UserId;
use model::fault::FaultKind;
use serde_json::Value;
use signin::sessions::Ended;
use testkit::fixture::Fixture;

use crate::world::{JANE, PASSWORD, World};

testkit::on_both_engines!(
    a_sign_in_is_three_records_of_one_workflow_and_a_session,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let signed = world.try_sign_in("192.0.2.7", "JANE", PASSWORD).await.unwrap();
        let found = world.session(&signed.token).unwrap();
        assert_eq!(found, signed.session);
        assert_eq!((found.user_name.as_str(), found.display_name.as_str()), ("Jane", "Jane Doe"));
        assert_eq!((found.source_ip.as_str(), found.user_agent.as_str()), ("192.0.2.7", "Mozilla/5.0"));
        let mut workflows = Vec::new();
        for step in ["CredentialChallenge", "CredentialVerification", "UserAuthentication"] {
            let records = world.records(step);
            assert_eq!(records.len(), 1, "{step}");
            let record: Value = serde_json::from_str(&records[0]).unwrap();
            assert_eq!(record["eventSource"], "signin.amazonaws.com");
            assert_eq!(record["eventType"], "AwsServiceEvent");
            assert_eq!(record["serviceEventDetails"][step], "Success");
            assert_eq!(record["additionalEventData"]["CredentialType"], "PASSWORD");
            assert_eq!(record["additionalEventData"]["UserName"], "Jane");
            workflows.push(record["additionalEventData"]["AuthWorkflowID"].clone());
            if step != "CredentialChallenge" {
                assert_eq!(record["userIdentity"]["onBehalfOf"]["userId"], JANE);
                assert_eq!(record["userIdentity"]["credentialId"], found.user.session_id);
            }
            assert!(!records[0].contains(signed.token.expose()) && !records[0].contains(PASSWORD));
        }
        assert!(workflows.iter().all(|id| id.is_string() && *id == workflows[0]));
    }
);

testkit::on_both_engines!(whatever_is_wrong_sounds_the_same_and_is_recorded, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    world.add_user("22222222-2222-4222-8222-222222222222", "Off", "DISABLED").await;
    world.set_password("22222222-2222-4222-8222-222222222222", PASSWORD).await;
    world.add_user("33333333-3333-4333-8333-333333333333", "New", "ENABLED").await;
    let long = "x".repeat(5_000);
    for (name, password) in [
        ("jane", "wrong"),
        ("jane", ""),
        ("jane", long.as_str()),
        ("hunter2", PASSWORD),
        ("", PASSWORD),
        ("off", PASSWORD),
        ("new", PASSWORD),
        ("new", ""),
    ] {
        let fault = world.try_sign_in("192.0.2.1", name, password).await.unwrap_err();
        assert_eq!(fault.kind(), &FaultKind::Unauthorized, "{name}");
        assert_eq!(fault.message(), "Wrong user name or password.");
    }
    let records = world.records("CredentialVerification");
    assert_eq!(records.len(), 8);
    assert!(records.iter().all(|record| record.contains(r#""CredentialVerification":"Failure""#)));
    assert!(records.iter().all(|record| !record.contains("hunter2")), "a password in the wrong field");
    assert!(world.records("UserAuthentication").is_empty());
});

testkit::on_both_engines!(session_fixation_a_sign_in_always_begins_anew, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (first, second) = (world.sign_in().await, world.sign_in().await);
    assert_ne!(first.token.expose(), second.token.expose());
    assert_ne!(first.session.user.session_id, second.session.user.session_id);
    // 256 bits in base64url.
    assert_eq!(first.token.expose().len(), 43);
    assert!(world.session(&model::secret::Secret::new(&first.session.user.session_id[..])).is_none());
});

testkit::on_both_engines!(
    a_session_ends_by_time_by_disabling_and_by_deletion,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let token = world.sign_in().await.token;
        assert!(world.later(8 * 3_600 - 1).session(&token).is_some());
        assert!(world.later(8 * 3_600).session(&token).is_none());
        world.set_status(JANE, "DISABLED").await;
        assert!(world.session(&token).is_none());
        world.set_status(JANE, "ENABLED").await;
        assert!(world.session(&token).is_some());
        world.sql(&format!("DELETE FROM users WHERE user_id = '{JANE}'")).await;
        assert!(world.session(&token).is_none());
    }
);

testkit::on_both_engines!(signing_out_ends_this_session_only, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (here, there) = (world.sign_in().await, world.sign_in().await);
    let cx = world.person(&here.session);
    assert_eq!(signin::sessions::list_own(&world.fixture.store, &cx).unwrap().len(), 2);
    signin::sessions::sign_out(&world.fixture.store, &cx).await.unwrap();
    assert!(world.session(&here.token).is_none());
    assert!(world.session(&there.token).is_some());
    assert_eq!(world.records("Logout").len(), 1);
});

testkit::on_both_engines!(nobody_ends_the_session_of_another_person, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    world.add_user("22222222-2222-4222-8222-222222222222", "Mallory", "ENABLED").await;
    world.set_password("22222222-2222-4222-8222-222222222222", PASSWORD).await;
    let jane = world.sign_in().await;
    let mallory = world.try_sign_in("192.0.2.9", "mallory", PASSWORD).await.unwrap();
    let (store, id) = (&world.fixture.store, &jane.session.user.session_id);
    let fault = signin::sessions::end_own(store, &world.person(&mallory.session), id).await.unwrap_err();
    assert!(matches!(fault.kind(), FaultKind::NotFound(_)));
    assert!(world.session(&jane.token).is_some());
    signin::sessions::end_own(store, &world.person(&jane.session), id).await.unwrap();
    assert!(world.session(&jane.token).is_none());
});

testkit::on_both_engines!(an_administrator_revokes_and_nobody_else_does, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let jane = world.sign_in().await;
    let (store, at, user) = (&world.fixture.store, world.at(), UserId::trusted(JANE));
    let cx = world.person(&jane.session);
    assert!(matches!(cx.caller.identity(), Identity::PortalUser(_)));
    let foreign =
        Caller::root(model::accounts::account::AccountId::trusted("999988887777"), "AKIAIOSFODNN7EXAMPLE");
    let foreign = world.fixture.cx(foreign, "sso.amazonaws.com", "BatchDeleteSession");
    for cx in [cx, world.anonymous("192.0.2.1"), foreign] {
        let refused =
            signin::sessions::delete(store, &cx, &at, Ended::AllOf(user.clone())).await.unwrap_err();
        assert_eq!(refused.kind(), &FaultKind::AccessDenied);
    }
    assert!(world.session(&jane.token).is_some());
    let cx = world.fixture.root("sso.amazonaws.com", "BatchDeleteSession");
    assert_eq!(signin::sessions::delete(store, &cx, &at, Ended::AllOf(user.clone())).await.unwrap(), 1);
    assert!(world.session(&jane.token).is_none());
});

testkit::on_both_engines!(a_sign_in_ends_the_session_that_the_browser_is_in, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    world.add_user("22222222-2222-4222-8222-222222222222", "Sam", "ENABLED").await;
    world.set_password("22222222-2222-4222-8222-222222222222", PASSWORD).await;
    let client = world.pkce_client().await;
    let first = world.sign_in().await;
    let elsewhere = world.sign_in().await;
    let code = world.code(&first.session, &client).await;
    let issued = world.redeem(&client, &code).await.unwrap();

    // The same person: the cookie is worth nothing, programs go on until their own end.
    let later = world.later(3_600);
    let second = later.sign_in_over("jane", &first.session).await;
    assert!(later.session(&first.token).is_none() && later.session(&second.token).is_some());
    assert_eq!(
        second.session.expires_at,
        first.session.expires_at.plus(std::time::Duration::from_secs(3_600))
    );
    assert!(later.session(&elsewhere.token).is_some(), "another browser's session is another's");
    assert!(later.who(&issued.access_token).is_some());
    let renewed = later.refresh(&client, issued.refresh_token.as_ref().unwrap()).await.unwrap();
    assert_eq!(renewed.expires_in, 7 * 3_600, "no longer than it was approved for");
    assert!(world.later(8 * 3_600).who(&renewed.access_token).is_none());
    let refresh = renewed.refresh_token.unwrap();
    assert!(world.later(8 * 3_600).refresh(&client, &refresh).await.is_err());
    let code = later.code(&second.session, &client).await;
    assert_eq!(
        later.redeem(&client, &code).await.unwrap().expires_in,
        8 * 3_600,
        "approved anew: a full life"
    );

    // Another person: nothing of the first is left, not even what moved.
    let third = later.sign_in_over("sam", &second.session).await;
    assert!(later.session(&second.token).is_none() && later.who(&renewed.access_token).is_none());
    assert_eq!(later.session(&third.token).unwrap().user_name, "Sam");
    // Signing out ends what moved too.
    let own = world.sign_in().await;
    let code = world.code(&own.session, &client).await;
    let issued = world.redeem(&client, &code).await.unwrap();
    let over = world.sign_in_over("jane", &own.session).await;
    signin::sessions::sign_out(&world.fixture.store, &world.person(&over.session)).await.unwrap();
    assert!(world.who(&issued.access_token).is_none());
});

testkit::on_both_engines!(an_idle_session_ends_and_one_in_use_does_not, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let cx = world.fixture.root("sso.amazonaws.com", "PutSessionSettings");
    let settings = model::signin::session_settings::SessionSettings {
        session_minutes: 120,
        idle_minutes: Some(30),
        access_token_minutes: 15,
        refresh_token_minutes: None,
        ..Default::default()
    };
    signin::mfa_devices::put_session_settings(&world.fixture.store, &cx, &world.at(), settings)
        .await
        .unwrap();
    let signed_in = world.sign_in().await;
    let minutes = |minutes: u64| world.later(minutes * 60);
    assert_eq!(
        signed_in.session.expires_at.since(world.fixture.now),
        std::time::Duration::from_secs(120 * 60)
    );
    let at = minutes(25);
    let session = at.session(&signed_in.token).unwrap();
    assert!(signin::sessions::is_to_be_seen(&session, at.fixture.now));
    signin::sessions::see(&at.fixture.store, &at.person(&session), &session).await.unwrap();
    assert!(minutes(54).session(&signed_in.token).is_some());
    assert!(minutes(56).session(&signed_in.token).is_none());
});
