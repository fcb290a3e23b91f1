//! Access and refresh tokens once they are out.

use model::fault::OAuthError;
use model::secret::Secret;
use signin::clients::NewClient;
use testkit::fixture::Fixture;

use crate::world::{JANE, World, oauth_error, pkce_client};

testkit::on_both_engines!(refreshing_rotates_and_never_outlives_the_session, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (client, session) = (world.pkce_client().await, world.sign_in().await.session);
    let code = world.code(&session, &client).await;
    let first = world.redeem(&client, &code).await.unwrap();
    assert_eq!(first.expires_in, 8 * 3_600);
    let later = world.later(7 * 3_600 + 3_000);
    let second = later.refresh(&client, first.refresh_token.as_ref().unwrap()).await.unwrap();
    assert_eq!(second.expires_in, 600);
    assert_ne!(second.access_token.expose(), first.access_token.expose());
    let refresh = second.refresh_token.unwrap();
    assert_ne!(refresh.expose(), first.refresh_token.unwrap().expose());
    assert!(later.who(&second.access_token).is_some());
    let over = world.later(8 * 3_600);
    assert!(over.who(&second.access_token).is_none());
    assert_eq!(oauth_error(over.refresh(&client, &refresh).await), OAuthError::InvalidGrant);
});

testkit::on_both_engines!(refresh_theft_ends_thief_and_victim, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (client, session) = (world.pkce_client().await, world.sign_in().await.session);
    let code = world.code(&session, &client).await;
    let first = world.redeem(&client, &code).await.unwrap();
    let stolen = first.refresh_token.unwrap();
    let thief = world.refresh(&client, &stolen).await.unwrap();
    let fault = world.later(11).refresh(&client, &stolen).await.unwrap_err();
    assert!(fault.message().contains("revoked"));
    assert_eq!(oauth_error::<()>(Err(fault)), OAuthError::InvalidGrant);
    assert!(world.who(&thief.access_token).is_none());
    assert!(world.who(&first.access_token).is_none());
    let refresh = thief.refresh_token.unwrap();
    assert_eq!(oauth_error(world.refresh(&client, &refresh).await), OAuthError::InvalidGrant);
});

testkit::on_both_engines!(of_two_refreshes_at_once_one_wins, |fixture: Fixture| async move {
    let world = std::sync::Arc::new(World::new(fixture).await);
    let (client, session) = (world.pkce_client().await, world.sign_in().await.session);
    let code = world.code(&session, &client).await;
    let refresh = world.redeem(&client, &code).await.unwrap().refresh_token.unwrap();
    let mut tries = Vec::new();
    for _ in 0..4 {
        let (world, client, refresh) = (world.clone(), client.clone(), refresh.clone());
        tries.push(tokio::spawn(async move { world.refresh(&client, &refresh).await.is_ok() }));
    }
    let mut won = 0;
    for attempt in tries {
        won += usize::from(attempt.await.unwrap());
    }
    assert_eq!(won, 1);
});

testkit::on_both_engines!(
    calls_beside_one_another_end_nothing_and_get_nothing,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (client, session) = (world.pkce_client().await, world.sign_in().await.session);
        let code = world.code(&session, &client).await;
        let first = world.redeem(&client, &code).await.unwrap();
        let used = first.refresh_token.unwrap();
        let winner = world.later(100).refresh(&client, &used).await.unwrap();
        // Another server's clock may be behind that of the one that exchanged it.
        for seconds in [100, 92, 110] {
            let fault = world.later(seconds).refresh(&client, &used).await.unwrap_err();
            assert!(fault.message().contains("a moment ago"), "{}", fault.message());
            assert_eq!(oauth_error::<()>(Err(fault)), OAuthError::InvalidGrant);
        }
        let second = winner.refresh_token.unwrap();
        for token in [&first.access_token, &winner.access_token] {
            assert!(world.who(token).is_some(), "the losers go on with the token that they have");
        }
        // Older tokens of the chain have no moment of their own.
        let third = world.later(105).refresh(&client, &second).await.unwrap();
        assert!(world.later(109).refresh(&client, &used).await.is_err());
        assert!(world.who(&third.access_token).is_some());
        assert!(world.later(111).refresh(&client, &used).await.is_err());
        assert!(world.who(&third.access_token).is_none(), "after a moment it is a stolen one");
    }
);

testkit::on_both_engines!(each_exchange_of_a_chain_has_its_own_moment, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (client, session) = (world.pkce_client().await, world.sign_in().await.session);
    let code = world.code(&session, &client).await;
    let mut chain = vec![world.redeem(&client, &code).await.unwrap().refresh_token.unwrap()];
    for seconds in [100, 104, 108, 112] {
        let issued = world.later(seconds).refresh(&client, chain.last().unwrap()).await.unwrap();
        chain.push(issued.refresh_token.unwrap());
    }
    for used in &chain[1..4] {
        let fault = world.later(113).refresh(&client, used).await.unwrap_err();
        assert!(fault.message().contains("a moment ago"), "{}", fault.message());
    }
    let fault = world.later(113).refresh(&client, &chain[0]).await.unwrap_err();
    assert!(fault.message().contains("revoked"), "exchanged thirteen seconds ago: {}", fault.message());
    assert!(world.later(114).refresh(&client, &chain[4]).await.is_err());
});

testkit::on_both_engines!(a_chain_of_any_length_is_remembered_within_bounds, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (client, session) = (world.pkce_client().await, world.sign_in().await.session);
    let code = world.code(&session, &client).await;
    let mut chain = vec![world.redeem(&client, &code).await.unwrap().refresh_token.unwrap()];
    for _ in 0..20 {
        let issued = world.refresh(&client, chain.last().unwrap()).await.unwrap();
        chain.push(issued.refresh_token.unwrap());
    }
    assert!(world.refresh(&client, &chain[4]).await.unwrap_err().message().contains("a moment ago"));
    assert!(world.refresh(&client, &chain[3]).await.unwrap_err().message().contains("revoked"));
});

/// A database that was restored knows nothing of what was exchanged since.
#[tokio::test]
async fn a_refresh_token_of_after_the_backup_is_not_known() {
    let world = World::new(Fixture::sqlite().await).await;
    let (client, session) = (world.pkce_client().await, world.sign_in().await.session);
    let code = world.code(&session, &client).await;
    let first = world.redeem(&client, &code).await.unwrap();
    let later = world.refresh(&client, first.refresh_token.as_ref().unwrap()).await.unwrap();
    let store::db::Location::Sqlite(path) = &world.fixture.location else { panic!("not SQLite") };
    let restored = "UPDATE token_families SET generation = 0, exchanged_at = '[]'";
    rusqlite::Connection::open(path).unwrap().execute_batch(restored).unwrap();
    let fault = world.refresh(&client, later.refresh_token.as_ref().unwrap()).await.unwrap_err();
    assert!(fault.message().contains("not known"), "{}", fault.message());
    assert!(world.refresh(&client, first.refresh_token.as_ref().unwrap()).await.is_ok(), "it ended nothing");
}

/// On SQLite one writer serves everybody: whoever brings what nobody was given does not stand in its queue.
#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_was_given_is_refused_without_the_writer() {
    let world = World::new(Fixture::sqlite().await).await;
    let (client, device) = (world.pkce_client().await, world.device_client().await);
    let (release, held) = std::sync::mpsc::channel::<()>();
    let held = std::sync::Mutex::new(held);
    let (store, cx) = (world.fixture.store.clone(), world.anonymous("192.0.2.1"));
    let busy = tokio::spawn(async move {
        store
            .maintain(&cx, move |_, _| {
                let _ = held.lock().unwrap().recv();
                Ok(())
            })
            .await
    });
    let nothing = Secret::new("A".repeat(43));
    let tries = async {
        assert_eq!(oauth_error(world.redeem(&client, &nothing).await), OAuthError::InvalidGrant);
        assert_eq!(oauth_error(world.refresh(&client, &nothing).await), OAuthError::InvalidGrant);
        assert_eq!(oauth_error(world.poll(&device, &nothing).await), OAuthError::InvalidGrant);
    };
    let answered = tokio::time::timeout(std::time::Duration::from_secs(20), tries).await;
    drop(release);
    busy.await.unwrap().unwrap();
    answered.unwrap();
}

testkit::on_both_engines!(refresh_theft_within_the_moment_gains_nothing, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (client, session) = (world.pkce_client().await, world.sign_in().await.session);
    let code = world.code(&session, &client).await;
    let stolen = world.redeem(&client, &code).await.unwrap().refresh_token.unwrap();
    // The thief is first, the owner follows within the moment: nothing is noticed yet.
    let thief = world.later(100).refresh(&client, &stolen).await.unwrap();
    assert!(world.later(101).refresh(&client, &stolen).await.is_err());
    assert!(world.who(&thief.access_token).is_some());
    // The owner has no other token to come with: the next time it is noticed.
    assert!(world.later(111).refresh(&client, &stolen).await.is_err());
    assert!(world.who(&thief.access_token).is_none());
    let refresh = thief.refresh_token.unwrap();
    assert_eq!(oauth_error(world.later(112).refresh(&client, &refresh).await), OAuthError::InvalidGrant);
});

testkit::on_both_engines!(a_refresh_token_is_its_clients_alone, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (client, mallory) = (world.pkce_client().await, world.pkce_client().await);
    let session = world.sign_in().await.session;
    let code = world.code(&session, &client).await;
    let issued = world.redeem(&client, &code).await.unwrap();
    let refresh = issued.refresh_token.unwrap();
    assert_eq!(oauth_error(world.refresh(&mallory, &refresh).await), OAuthError::InvalidGrant);
    // A token of one kind is none of another.
    assert_eq!(oauth_error(world.refresh(&client, &issued.access_token).await), OAuthError::InvalidGrant);
    assert!(world.who(&refresh).is_none());
    assert!(world.refresh(&client, &refresh).await.is_ok(), "the stranger's try did not spend it");
});

testkit::on_both_engines!(the_family_in_a_token_opens_nothing, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let client = world.pkce_client().await;
    let mut issued = Vec::new();
    for _ in 0..2 {
        let session = world.sign_in().await.session;
        let code = world.code(&session, &client).await;
        issued.push(world.redeem(&client, &code).await.unwrap());
    }
    let [first, second] = &*issued else { panic!("two sign-ins") };
    let split = |token: &Secret| {
        let (family, random) = token.expose().split_once('.').unwrap();
        (family.to_owned(), random.to_owned())
    };
    let (family, random) = split(&first.access_token);
    assert_eq!(family, split(first.refresh_token.as_ref().unwrap()).0);
    let (other_family, other_random) = split(&second.access_token);
    assert_ne!(family, other_family);
    let upper = family.to_uppercase();
    for (family, random) in [(&family, &other_random), (&other_family, &random), (&upper, &random)] {
        assert!(world.who(&Secret::new(format!("{family}.{random}"))).is_none());
    }
    for forged in [format!("{family}."), family.clone(), random.clone(), format!("{family}.{random}.")] {
        assert!(world.who(&Secret::new(forged)).is_none());
    }
    let refresh = Secret::new(format!("{family}.{other_random}"));
    assert_eq!(oauth_error(world.refresh(&client, &refresh).await), OAuthError::InvalidGrant);
    assert!(issued.iter().all(|issued| world.who(&issued.access_token).is_some()), "no try spent anything");
});

testkit::on_both_engines!(tokens_die_with_session_and_person, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (client, signed) = (world.pkce_client().await, world.sign_in().await);
    let code = world.code(&signed.session, &client).await;
    let issued = world.redeem(&client, &code).await.unwrap();
    let refresh = issued.refresh_token.unwrap();
    world.set_status(JANE, "DISABLED").await;
    assert!(world.who(&issued.access_token).is_none());
    assert_eq!(oauth_error(world.refresh(&client, &refresh).await), OAuthError::InvalidGrant);
    world.set_status(JANE, "ENABLED").await;
    assert!(world.who(&issued.access_token).is_some());
    signin::sessions::sign_out(&world.fixture.store, &world.person(&signed.session)).await.unwrap();
    assert!(world.who(&issued.access_token).is_none());
    assert_eq!(oauth_error(world.refresh(&client, &refresh).await), OAuthError::InvalidGrant);
    assert!(world.session(&signed.token).is_none());
    for text in ["", "x", ".", &"A".repeat(43), &"A".repeat(100_000)] {
        assert!(world.who(&Secret::new(text)).is_none());
    }
});

testkit::on_both_engines!(a_token_of_other_scopes_does_not_open_the_portal, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let session = world.sign_in().await.session;
    for (scope, opens) in
        [("sso:account:access", true), ("sso-portal:*", true), ("codewhisperer:analysis", false)]
    {
        let scopes = vec![scope.to_owned()];
        let client = world.register(NewClient { scopes, ..pkce_client() }).await.unwrap();
        let mut params = crate::world::authorize_params(&client);
        params.retain(|(name, _)| name != "scopes");
        let (store, cx) = (&world.fixture.store, world.person(&session));
        let request = signin::authorize::open(store, &cx, &world.config, &params).unwrap();
        let url = signin::authorize::approve(
            store,
            &cx,
            &world.config,
            &session,
            (&request, signin::authorize::Agreed::Once),
        )
        .await
        .unwrap();
        let code = Secret::new(crate::world::query(&url, "code").unwrap());
        let issued = world.redeem(&client, &code).await.unwrap();
        assert_eq!(world.who(&issued.access_token).is_some(), opens, "{scope}");
    }
});

testkit::on_both_engines!(the_record_names_the_person_and_no_secret, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (client, session) = (world.pkce_client().await, world.sign_in().await.session);
    let code = world.code(&session, &client).await;
    let issued = world.later(1).redeem(&client, &code).await.unwrap();
    let record = world.records("CreateToken").pop().unwrap();
    assert!(record.contains(&format!(r#""credentialId":"{}""#, session.user.session_id)));
    assert!(record.contains(r#""ARN":"d-1234567890""#));
    for secret in [code, issued.access_token, issued.refresh_token.unwrap()] {
        assert!(!record.contains(secret.expose()));
    }
});
