//! Guessing: slow for the attacker, harmless to the victim. See docs/decisions/0002-password-guessing.md.

use model::directory::user::UserId;
use model::fault::{Fault, FaultKind};
use signin::hashing::Hasher;
use testkit::fixture::Fixture;

use crate::world::{JANE, PASSWORD, World};

fn is_throttled<T: std::fmt::Debug>(result: &Result<T, Fault>) -> bool {
    matches!(result.as_ref().map_err(Fault::kind), Err(FaultKind::Throttled(seconds)) if *seconds > 0)
}

testkit::on_both_engines!(the_sixth_guess_waits_even_when_it_is_right, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    for _ in 0..5 {
        assert!(!is_throttled(&world.try_sign_in("198.51.100.1", "jane", "wrong").await));
    }
    assert!(is_throttled(&world.try_sign_in("198.51.100.1", "jane", PASSWORD).await));
    assert!(world.later(2).try_sign_in("198.51.100.1", "JANE", PASSWORD).await.is_ok());
    // Being right forgets the failures.
    for _ in 0..5 {
        assert!(!is_throttled(&world.later(2).try_sign_in("198.51.100.1", "jane", "wrong").await));
    }
});

testkit::on_both_engines!(an_unknown_name_is_slowed_like_a_known_one, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    for name in ["jane", "nobody"] {
        for _ in 0..5 {
            assert!(!is_throttled(&world.try_sign_in("198.51.100.1", name, "wrong").await));
        }
        let fault = world.try_sign_in("198.51.100.1", name, "wrong").await.unwrap_err();
        assert_eq!(fault.message(), "Too many wrong attempts. Try again in 1 second.");
    }
});

testkit::on_both_engines!(lockout_as_a_weapon_does_not_reach_the_victim, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let device = world.sign_in().await.device;
    // From everywhere at once: each address alone stays below its own limit.
    for address in 0..20 {
        let ip = format!("198.51.100.{address}");
        assert!(!is_throttled(&world.try_sign_in(&ip, "jane", "wrong").await));
    }
    // A new address guesses no further for now, right or wrong …
    assert!(is_throttled(&world.try_sign_in("203.0.113.1", "jane", PASSWORD).await));
    // … but Jane signs in from where she has a session, and with her browser from anywhere.
    assert!(world.try_sign_in("192.0.2.1", "jane", PASSWORD).await.is_ok());
    assert!(world.try_on_device("203.0.113.2", "jane", PASSWORD, Some(&device)).await.is_ok());
    // A guesser beside her, at the same address, slows only browsers that are not hers.
    for _ in 0..6 {
        let _ = world.try_sign_in("192.0.2.1", "jane", "wrong").await;
    }
    assert!(is_throttled(&world.try_sign_in("192.0.2.1", "jane", PASSWORD).await));
    assert!(world.try_on_device("192.0.2.1", "jane", PASSWORD, Some(&device)).await.is_ok());
});

testkit::on_both_engines!(
    the_wait_of_an_address_tells_nobody_who_has_a_session_there,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let device = world.sign_in().await.device;
        for number in 0..50 {
            let _ = world.try_sign_in("192.0.2.1", &format!("person{number}"), "wrong").await;
        }
        // Jane has a session from this address; the others are nobody.
        for name in ["jane", "nobody"] {
            assert!(is_throttled(&world.try_sign_in("192.0.2.1", name, "wrong").await), "{name}");
        }
        assert!(world.try_on_device("192.0.2.1", "jane", PASSWORD, Some(&device)).await.is_ok());
    }
);

testkit::on_both_engines!(a_device_cookie_is_its_users_and_no_free_pass, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    world.add_user("22222222-2222-4222-8222-222222222222", "Mallory", "ENABLED").await;
    world.set_password("22222222-2222-4222-8222-222222222222", PASSWORD).await;
    let mallory = world.try_sign_in("198.51.100.1", "mallory", PASSWORD).await.unwrap();
    // Mallory's own cookie says nothing about Jane: it does not start another counter.
    for _ in 0..5 {
        let _ = world.try_on_device("198.51.100.1", "jane", "wrong", Some(&mallory.device)).await;
    }
    assert!(is_throttled(&world.try_sign_in("198.51.100.1", "jane", "wrong").await));
    // A stolen cookie of Jane's has a counter of its own.
    let jane = world.sign_in().await;
    for _ in 0..5 {
        assert!(!is_throttled(
            &world.try_on_device("203.0.113.1", "jane", "wrong", Some(&jane.device)).await
        ));
    }
    assert!(is_throttled(&world.try_on_device("203.0.113.9", "jane", PASSWORD, Some(&jane.device)).await));
    // It opens nothing.
    assert!(world.session(&jane.device).is_none());
});

testkit::on_both_engines!(
    device_cookies_that_were_stocked_share_their_guesses_and_end,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let mut stock = Vec::new();
        for _ in 0..8 {
            stock.push(world.sign_in().await.device);
        }
        let mut checked = 0;
        for (number, device) in stock.iter().enumerate() {
            for _ in 0..5 {
                let ip = format!("203.0.113.{number}");
                checked += usize::from(!is_throttled(
                    &world.try_on_device(&ip, "jane", "wrong", Some(device)).await,
                ));
            }
        }
        assert_eq!(checked, 10, "a person's browsers together");
        // The person waits half a minute at most, with a browser that nobody else guesses with.
        let own = world.later(31).try_on_device("192.0.2.1", "jane", PASSWORD, Some(&stock[7])).await;
        let own = own.unwrap().device;
        assert!(world.later(70).try_on_device("192.0.2.9", "jane", PASSWORD, Some(&own)).await.is_ok());

        // Too old, or of another password: no better than none.
        let half_a_year = 180 * 86_400;
        for (later, works) in [(half_a_year, true), (half_a_year + 1, false)] {
            let (world, ip) = (world.later(later), format!("198.51.100.{}", u8::from(works)));
            for _ in 0..6 {
                let _ = world.try_sign_in(&ip, "jane", "wrong").await;
            }
            let tried = world.try_on_device(&ip, "jane", PASSWORD, Some(&stock[6])).await;
            assert_eq!(tried.is_ok(), works, "{later}");
        }
        for password in ["another horse", "a third horse", "a fourth horse"] {
            world.set_password(JANE, &format!("{password} entirely")).await;
        }
        world.set_password(JANE, PASSWORD).await;
        for _ in 0..6 {
            let _ = world.later(4_000).try_sign_in("198.51.100.9", "jane", "wrong").await;
        }
        let tried = world.later(4_000).try_on_device("198.51.100.9", "jane", PASSWORD, Some(&stock[5])).await;
        assert!(is_throttled(&tried), "the same password set anew is a new one");
    }
);

testkit::on_both_engines!(many_names_from_one_address_are_slowed_together, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    for number in 0..50 {
        let name = format!("person{number}");
        assert!(!is_throttled(&world.try_sign_in("2001:db8::1", &name, "wrong").await), "{number}");
    }
    // Another address of the same IPv6 customer.
    assert!(is_throttled(&world.try_sign_in("2001:db8::2", "jane", PASSWORD).await));
    assert!(world.try_sign_in("2001:db8:0:1::1", "jane", PASSWORD).await.is_ok());
});

testkit::on_both_engines!(
    guessers_all_over_an_ipv6_site_are_slowed_together_and_delay_nobody_else,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let mut checked = 0;
        for guesser in 0..48 {
            let ip = format!("2001:db8:77:{guesser:x}00::1");
            for _ in 0..2 {
                checked += usize::from(!is_throttled(&world.try_sign_in(&ip, "jane", "wrong").await));
            }
        }
        assert_eq!(checked, 8, "a /48 has one person's room, and a little more");
        assert!(is_throttled(&world.try_sign_in("2001:db8:77:ffff::1", "jane", PASSWORD).await));
        for ip in ["198.51.100.1", "2001:db8:78::1"] {
            assert!(
                world.try_sign_in(ip, "jane", PASSWORD).await.is_ok(),
                "a first sign-in elsewhere is not delayed"
            );
        }
        // Nor are others on the site.
        assert!(!is_throttled(&world.try_sign_in("2001:db8:77:1::2", "sam", "wrong").await));
        // Within a /56 there is less room.
        let tried =
            async |at: usize| world.try_sign_in(&format!("2001:db8:99:1{at:02x}::1"), "jane", "wrong").await;
        for at in 0..6 {
            assert!(!is_throttled(&tried(at).await));
        }
        assert!(is_throttled(&tried(6).await));
    }
);

testkit::on_both_engines!(guesses_at_once_do_not_slip_through_together, |fixture: Fixture| async move {
    let world = std::sync::Arc::new(World::new(fixture).await);
    let mut guesses = Vec::new();
    for _ in 0..16 {
        let world = world.clone();
        guesses.push(tokio::spawn(async move {
            world.try_sign_in("198.51.100.1", "jane", "wrong").await.unwrap_err().kind().clone()
        }));
    }
    let mut checked = 0;
    for guess in guesses {
        if guess.await.unwrap() == FaultKind::Unauthorized {
            checked += 1;
        }
    }
    assert!((1..=5).contains(&checked), "{checked} of 16 guesses were checked");
});

testkit::on_both_engines!(argon2_flood_who_must_wait_takes_no_turn, |fixture: Fixture| async move {
    let mut world = World::new(fixture).await;
    for _ in 0..5 {
        let _ = world.try_sign_in("198.51.100.1", "jane", "wrong").await;
    }
    // Every hasher is busy and nobody may queue.
    world.hasher = Hasher::new(1, 0);
    let _busy = world.hasher.admit().await.unwrap();
    let fault = world.try_sign_in("198.51.100.1", "jane", "wrong").await.unwrap_err();
    assert!(fault.message().starts_with("Too many wrong attempts"), "{fault}");
    let fault = world.try_sign_in("198.51.100.2", "jane", "wrong").await.unwrap_err();
    assert!(fault.message().starts_with("Too many people sign in at once"), "{fault}");
});

testkit::on_both_engines!(
    argon2_flood_strangers_leave_room_for_known_browsers,
    |fixture: Fixture| async move {
        let mut world = World::new(fixture).await;
        let device = world.sign_in().await.device;
        // One place to wait, and of one none is for strangers.
        world.hasher = Hasher::new(1, 1);
        let busy = world.hasher.admit().await.unwrap();
        assert!(is_throttled(&world.try_sign_in("203.0.113.1", "jane", PASSWORD).await));
        let jane = world.try_on_device("203.0.113.1", "jane", PASSWORD, Some(&device));
        let (jane, ()) = tokio::join!(jane, async { drop(busy) });
        assert!(jane.is_ok());
    }
);

testkit::on_both_engines!(
    the_table_of_attempts_shows_no_name_and_no_address,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let _ = world.try_sign_in("198.51.100.1", "my-Passw0rd", "wrong").await;
        world
        .sql("DELETE FROM signin_attempts WHERE attempt_key LIKE '%assw0rd%' OR attempt_key LIKE '%198.51%'")
        .await;
        let count = world.fixture.store.read(|rx| Ok(signin_attempt_count(rx))).unwrap();
        assert_eq!(count, 3, "pair, user, source");
    }
);

fn signin_attempt_count(rx: &mut store::tx::Rx<'_>) -> u64 {
    store::signin::signin_attempts::count(rx).unwrap()
}

testkit::on_both_engines!(
    an_administrator_ends_the_wait_of_one_person_and_no_address_goes_free,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let unlock = async || {
            let cx = world.fixture.root("sso-directory.amazonaws.com", "UnlockUser");
            let user = UserId::trusted(JANE);
            signin::unlocks::unlock(&world.fixture.store, &cx, (&world.at(), &user)).await.unwrap();
        };
        for turn in 0..2 {
            for address in 0..20 {
                let ip = format!("198.51.{turn}.{address}");
                assert!(!is_throttled(&world.try_sign_in(&ip, "jane", "wrong").await), "{ip}");
            }
            let new = format!("203.0.113.{turn}");
            assert!(is_throttled(&world.try_sign_in(&new, "jane", PASSWORD).await));
            unlock().await;
            assert!(world.try_sign_in(&new, "jane", PASSWORD).await.is_ok());
            // Guesses are counted anew from here.
            unlock().await;
        }
        // An address that guessed at many names waits whoever was unlocked.
        for number in 0..110 {
            let _ = world.try_sign_in("198.51.100.9", &format!("name-{number}"), "wrong").await;
        }
        unlock().await;
        assert!(is_throttled(&world.try_sign_in("198.51.100.9", "jane", PASSWORD).await));
    }
);
