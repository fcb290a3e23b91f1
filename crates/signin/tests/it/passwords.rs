//! Setting and hashing passwords.

use model::cx::Cx;
use model::directory::user::UserId;
use model::fault::FaultKind;
use model::secret::Secret;
use model::signin::password_policy::PasswordPolicy;
use signin::hashing::{Hasher, PasswordHash};
use signin::passwords::NewPassword;
use store::tx::Tx;
use testkit::fixture::Fixture;

use crate::world::{JANE, PASSWORD, World};

/// A PHC string of another program.
fn foreign(costs: &str) -> String {
    format!("$argon2id$v=19${costs}$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
}

#[test]
fn only_sane_argon2id_hashes_are_imported() {
    assert!(PasswordHash::import(&foreign("m=19456,t=2,p=1")).is_ok());
    assert!(PasswordHash::import(&foreign("m=65536,t=10,p=4")).is_ok());
    for costs in [
        "m=1024,t=2,p=1",
        "m=4194304,t=2,p=1",
        "m=19456,t=0,p=1",
        "m=19456,t=4000000000,p=1",
        "m=19456,t=2,p=200",
        "m=19456,t=2",
        "t=2,m=19456,p=1",
        "m=19456,t=2,p=1,keyid=x",
        "m=-1,t=2,p=1",
    ] {
        assert!(PasswordHash::import(&foreign(costs)).is_err(), "{costs}");
    }
    let good = foreign("m=19456,t=2,p=1");
    for bad in [
        "",
        "plain",
        &good.replace("argon2id", "argon2i"),
        &good.replace("v=19", "v=16"),
        &good.replace("c29tZXNhbHRzb21lc2FsdA", "c2Fs"),
        &good.replace("c29tZXNhbHRzb21lc2FsdA", "!!!!"),
        &format!("{good}$x"),
        &good[..good.len() - 30],
    ] {
        assert!(PasswordHash::import(bad).is_err(), "{bad}");
    }
}

testkit::on_both_engines!(an_imported_hash_signs_its_user_in, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let cx = world.fixture.root("sso-directory.amazonaws.com", "UpdatePassword");
    // RFC 9106 parameters other than ours, computed with the argon2 crate's own PHC writer.
    let salt = [9_u8; 16];
    let params = argon2::Params::new(8_192, 1, 2, Some(24)).unwrap();
    let mut hash = [0_u8; 24];
    argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
        .hash_password_into("jos\u{e9} was here".as_bytes(), &salt, &mut hash)
        .unwrap();
    let encode =
        |bytes: &[u8]| base64::Engine::encode(&base64::engine::general_purpose::STANDARD_NO_PAD, bytes);
    let phc = format!("$argon2id$v=19$m=8192,t=1,p=2${}${}", encode(&salt), encode(&hash));
    let imported = PasswordHash::import(&phc).unwrap();
    let put =
        move |tx: &mut Tx<'_>, cx: &Cx| signin::passwords::put(tx, cx, &UserId::trusted(JANE), &imported);
    world.fixture.store.write(&cx, put).await.unwrap();
    // The same password from a keyboard that composes differently.
    assert!(world.try_sign_in("192.0.2.1", "jane", "jose\u{301} was here").await.is_ok());
    assert!(world.try_sign_in("192.0.2.1", "jane", PASSWORD).await.is_err());
});

testkit::on_both_engines!(a_new_password_ends_the_sessions_of_the_old, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let token = world.sign_in().await.token;
    world.set_password(JANE, "another horse entirely").await;
    assert!(world.session(&token).is_none());
    assert!(world.try_sign_in("192.0.2.1", "jane", PASSWORD).await.is_err());
    assert!(world.try_sign_in("192.0.2.1", "jane", "another horse entirely").await.is_ok());
});

testkit::on_both_engines!(only_an_administrator_sets_a_password, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let session = world.sign_in().await.session;
    let (store, at, user) = (&world.fixture.store, world.at(), UserId::trusted(JANE));
    for cx in [world.person(&session), world.anonymous("192.0.2.1")] {
        let set = signin::passwords::set(
            store,
            &cx,
            (&world.config, &world.hasher),
            (&at, &user),
            NewPassword::default(),
        );
        let fault = set.await.unwrap_err();
        assert_eq!(fault.kind(), &FaultKind::AccessDenied);
    }
    let cx = world.fixture.root("sso-directory.amazonaws.com", "UpdatePassword");
    let nobody = UserId::trusted("99999999-9999-4999-8999-999999999999");
    let set = signin::passwords::set(
        store,
        &cx,
        (&world.config, &world.hasher),
        (&at, &nobody),
        NewPassword::default(),
    );
    let fault = set.await.unwrap_err();
    assert!(matches!(fault.kind(), FaultKind::NotFound(_)));
});

testkit::on_both_engines!(a_person_changes_the_password_by_knowing_it, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (here, there) = (world.sign_in().await, world.sign_in().await);
    let change = async |old: &str, new: &str| {
        let (cx, old, new) = (world.person(&here.session), Secret::new(old), Secret::new(new));
        signin::passwords::change_own(&world.fixture.store, &cx, (&world.config, &world.hasher), &old, &new)
            .await
    };
    assert!(change("wrong", "another horse entirely").await.is_err());
    assert!(change(PASSWORD, "short").await.is_err());
    change(PASSWORD, "another horse entirely").await.unwrap();
    assert!(world.session(&here.token).is_some());
    assert!(world.session(&there.token).is_none());
    // A hijacked session is no oracle for the password.
    let mut last = None;
    for _ in 0..11 {
        last = change("guess", "another horse entirely").await.err();
    }
    assert!(matches!(last.unwrap().kind(), FaultKind::Throttled(_)));
});

#[tokio::test]
async fn a_flood_of_hashes_is_turned_away_at_the_door() {
    let hasher = Hasher::new(1, 1);
    let running = hasher.admit().await.unwrap();
    let queue = hasher.clone();
    let waiting = tokio::spawn(async move { queue.admit().await.map(drop) });
    tokio::task::yield_now().await;
    let refused = hasher.admit().await.unwrap_err();
    assert_eq!(refused.kind(), &FaultKind::Throttled(1));
    // Whoever gives up waiting makes room.
    waiting.abort();
    let _ = waiting.await;
    let queue = hasher.clone();
    let waiting = tokio::spawn(async move { queue.admit().await.map(drop) });
    tokio::task::yield_now().await;
    drop(running);
    waiting.await.unwrap().unwrap();
}

testkit::on_both_engines!(a_new_password_is_none_of_the_last_three, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, at, user) = (&world.fixture.store, world.at(), UserId::trusted(JANE));
    let cx = world.fixture.root("sso-directory.amazonaws.com", "UpdatePassword");
    let set = async |password: &str| {
        let new = NewPassword { password: Some(Secret::new(password)), must_change: false };
        signin::passwords::set(store, &cx, (&world.config, &world.hasher), (&at, &user), new).await
    };
    for taken in ["another horse entirely", "a third horse entirely"] {
        set(taken).await.unwrap();
    }
    for taken in [PASSWORD, "another horse entirely", "a third horse entirely"] {
        let refused = set(taken).await.unwrap_err();
        assert!(refused.message().contains("one of your last 3"), "{refused:?}");
    }
    set("a fourth horse entirely").await.unwrap();
    set(PASSWORD).await.unwrap();
});

testkit::on_both_engines!(
    a_publicly_known_password_is_refused_unless_decided,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (store, at, user) = (&world.fixture.store, world.at(), UserId::trusted(JANE));
        let cx = world.fixture.root("sso-directory.amazonaws.com", "UpdatePassword");
        let set = async |password: &str| {
            let new = NewPassword { password: Some(Secret::new(password)), must_change: false };
            signin::passwords::set(store, &cx, (&world.config, &world.hasher), (&at, &user), new).await
        };
        let refused = set("Password1!").await.unwrap_err();
        assert!(refused.message().contains("publicly known"), "{refused:?}");
        let decided =
            PasswordPolicy { refuse_breached: false, minimum_length: 10, ..PasswordPolicy::default() };
        signin::passwords::put_policy(store, &cx, &at, decided.clone()).await.unwrap();
        assert_eq!(signin::passwords::policy(store, &cx, &at).unwrap(), decided);
        set("Password1!").await.unwrap();
        assert!(set("Passw0rd!").await.unwrap_err().message().contains("10 to 64 characters, not 9"));
        let strict = world.fixture.strict().root("sso-directory.amazonaws.com", "PutPasswordPolicy");
        let weaker = signin::passwords::put_policy(store, &strict, &at, decided).await.unwrap_err();
        assert!(weaker.message().contains("no less than AWS"), "{weaker:?}");
        let in_force = signin::passwords::policy(store, &strict, &at).unwrap();
        assert!(
            in_force.refuse_breached && in_force.require_character_classes,
            "whatever was decided before"
        );
    }
);
