//! Housekeeping removes what is over and nothing else.

use signin::device;
use testkit::fixture::Fixture;

use crate::world::{START_URL, World};

testkit::on_both_engines!(what_is_over_goes_and_what_lives_stays, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (client, session) = (world.pkce_client().await, world.sign_in().await.session);
    let code = world.code(&session, &client).await;
    let issued = world.redeem(&client, &code).await.unwrap();
    let device_client = world.device_client().await;
    let proof = (device_client.client.id.as_str().to_owned(), device_client.secret.clone());
    let cx = world.anonymous("192.0.2.1");
    device::start(&world.fixture.store, &cx, &world.config, proof, START_URL).await.unwrap();
    let _ = world.try_sign_in("198.51.100.1", "jane", "wrong").await;

    let expire = async |world: &World| {
        let cx = world.fixture.root("sso.amazonaws.com", "Expire");
        signin::housekeeping::expire(&world.fixture.store, &cx).await.unwrap()
    };
    assert_eq!(expire(&world).await, 0);
    // The code, the device authorization, and the counters (pair, user, source).
    let (soon, late) = (world.later(2 * 3_600), world.later(9 * 3_600));
    assert_eq!(expire(&soon).await, 2 + 3);
    assert!(soon.who(&issued.access_token).is_some());
    assert!(soon.refresh(&client, &issued.refresh_token.unwrap()).await.is_ok());
    // The session, and with it the family of its tokens.
    assert_eq!(expire(&late).await, 1);
    assert_eq!(expire(&world.later(91 * 86_400)).await, 2, "two registrations");
    assert!(world.records("Expire").is_empty(), "housekeeping is no event");
});

testkit::on_both_engines!(
    an_assertion_is_remembered_beyond_a_clock_that_goes_ahead_and_back,
    |fixture: Fixture| async move {
        let accept = async |fixture: &Fixture| {
            let cx = fixture.root("sts.amazonaws.com", "AssumeRoleWithSAML");
            let until = cx.now.plus(std::time::Duration::from_mins(5));
            let accept = move |tx: &mut store::tx::Tx<'_>, _: &model::cx::Cx| {
                store::accounts::used_assertions::insert(tx, "issuer", "_assertion", until)
            };
            fixture.store.maintain(&cx, accept).await.unwrap()
        };
        let expire = async |fixture: &Fixture| {
            let cx = fixture.root("sso.amazonaws.com", "Expire");
            signin::housekeeping::expire(&fixture.store, &cx).await.unwrap()
        };
        assert!(accept(&fixture).await);
        assert_eq!(expire(&fixture.later(std::time::Duration::from_hours(1))).await, 0);
        assert!(!accept(&fixture).await, "the clock is right again, and the assertion within its time");
        assert_eq!(expire(&fixture.later(std::time::Duration::from_hours(25))).await, 1);
    }
);

/// Registrations that are over, made where they are: through the store they would take minutes.
async fn grow(fixture: &Fixture) {
    let row = "'client-' || i, CAST('0' AS BLOB), 'c', 'public', '[\"sso:account:access\"]', '[]', '[]', NULL, 0, i FROM n";
    let columns = "client_id, secret_hash, client_name, client_type, scopes, grant_types, redirect_uris, issuer_url, created_at, expires_at";
    match &fixture.location {
        store::db::Location::Sqlite(path) => {
            let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)";
            let connection = rusqlite::Connection::open(path).unwrap();
            connection
                .execute_batch(&format!("{numbers} INSERT INTO oauth_clients ({columns}) SELECT {row};"))
                .unwrap();
            drop(connection);
            assert!(store::db::heard(&fixture.location).unwrap());
        }
        store::db::Location::Postgres(url) => {
            let numbers = "WITH n AS (SELECT i FROM generate_series(1, 100000) AS i)";
            let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            let row = row.replace("AS BLOB", "AS BYTEA");
            let script = format!(
                "{numbers} INSERT INTO oauth_clients ({columns}) SELECT {row}; ANALYZE oauth_clients;"
            );
            client.batch_execute(&script).await.unwrap();
        }
    }
}

testkit::on_both_engines!(
    a_hundred_thousand_expired_rows_go_while_calls_are_served,
    |fixture: Fixture| async move {
        grow(&fixture).await;
        let cleaning = {
            let (store, cx) = (fixture.store.clone(), fixture.root("sso.amazonaws.com", "Expire"));
            tokio::spawn(async move {
                let begun = std::time::Instant::now();
                (signin::housekeeping::expire(&store, &cx).await.unwrap(), begun.elapsed())
            })
        };
        let (mut calls, mut longest) = (0, std::time::Duration::ZERO);
        while !cleaning.is_finished() {
            let begun = std::time::Instant::now();
            let cx = fixture.root("sso.amazonaws.com", "UpdateInstance");
            fixture.store.write(&cx, |_, _| Ok(())).await.unwrap();
            (calls, longest) = (calls + 1, longest.max(begun.elapsed()));
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let (removed, took) = cleaning.await.unwrap();
        println!(
            "{removed} rows were gone after {took:.1?}; {calls} changes meanwhile, the longest took {longest:.1?}"
        );
        assert_eq!(removed, 100_000);
        assert!(took < std::time::Duration::from_mins(2), "{took:?}");
        assert!(longest < std::time::Duration::from_secs(5), "{longest:?}");
    }
);
