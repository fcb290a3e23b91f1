//! Letters before something ends: to those who are named, so many days ahead, each once.

use std::time::Duration;

use model::fault::FaultKind;
use signin::expiry_notices::{self, ExpiryNotices};
use signin::letters::{Ending, EndingKind};
use testkit::fixture::Fixture;

use crate::world::{JANE, World};

const SAM: &str = "22222222-2222-4222-8222-222222222222";
const DAY: u64 = 24 * 3_600;

async fn name(world: &World, users: &[&str]) {
    let new = ExpiryNotices { user_ids: users.iter().map(|id| (*id).to_owned()).collect() };
    let cx = world.fixture.root("sso-directory.amazonaws.com", "PutExpiryNotices");
    expiry_notices::put(&world.fixture.store, &cx, &world.at(), new).await.unwrap();
}

/// A token that ends 31 days after the world begins.
fn ending(world: &World) -> Ending {
    Ending {
        id: "12121212-1212-4212-8212-121212121212".to_owned(),
        kind: EndingKind::Token,
        name: Some("first".to_owned()),
        source: "Entra\r\nBcc: x".to_owned(),
        page: "/console/provisioning-tenants/1".to_owned(),
        at: world.service().now.plus(Duration::from_secs(31 * DAY)),
    }
}

async fn announce(world: &World, ending: &Ending) -> usize {
    let (store, cx) = (&world.fixture.store, world.service());
    expiry_notices::announce(store, &cx, &world.config, vec![ending.clone()]).await.unwrap()
}

testkit::on_both_engines!(
    whoever_is_named_is_told_30_days_7_days_and_a_day_ahead_and_each_once,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await.with_mail().await;
        let ending = ending(&world);
        let at = |day: u64| world.later(day * DAY);
        name(&world, &[JANE]).await;
        let mut told = Vec::new();
        for day in [0, 1, 2, 23, 24, 25, 29, 30, 30, 31, 32] {
            if announce(&at(day), &ending).await > 0 {
                told.push(day);
            }
        }
        assert_eq!(told, [1, 24, 30]);
        let letters = at(30).letters().await;
        assert_eq!(letters.len(), 1, "those of before are not worth sending after three days");
        let letter = &letters[0].1;
        assert_eq!(letter.to.as_str(), "jane@acme.example");
        assert!(
            letter.subject.as_str().starts_with("The token of Entra Bcc: x for "),
            "{:?}",
            letter.subject
        );
        let text = letter.text.expose();
        for said in ["the token first", &ending.at.minute(), "/console/provisioning-tenants/1\n"] {
            assert!(text.contains(said), "{said}: {text}");
        }
    }
);

testkit::on_both_engines!(what_nobody_could_be_told_waits_for_somebody, |fixture: Fixture| async move {
    let world = World::new(fixture).await.with_mail().await;
    world.add_user(SAM, "Sam", "ENABLED").await;
    let ending = ending(&world);
    let then = world.later(26 * DAY);
    assert_eq!(announce(&then, &ending).await, 0, "nobody is named");
    name(&world, &[SAM]).await;
    assert_eq!(announce(&then, &ending).await, 0, "no address");
    world.set_address(SAM, "sam@acme.example").await;
    world.set_status(SAM, "DISABLED").await;
    assert_eq!(announce(&then, &ending).await, 0, "not enabled");
    name(&world, &[SAM, JANE]).await;
    let mut silent = then.later(0);
    silent.config = silent.config.with_mails(false);
    assert_eq!(announce(&silent, &ending).await, 0, "no mail");
    assert_eq!(announce(&then, &ending).await, 1, "the step of seven days, and not that of thirty too");
    assert_eq!(announce(&then, &ending).await, 0);
    assert_eq!(then.letters().await.len(), 1);
});

testkit::on_both_engines!(only_users_that_are_there_are_named, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let cx = world.fixture.root("sso-directory.amazonaws.com", "PutExpiryNotices");
    let new = ExpiryNotices { user_ids: vec![SAM.to_owned()] };
    let refused = expiry_notices::put(&world.fixture.store, &cx, &world.at(), new).await.unwrap_err();
    assert!(matches!(refused.kind(), FaultKind::NotFound(_)), "{refused}");
    name(&world, &[JANE, JANE]).await;
    let kept = expiry_notices::get(&world.fixture.store, &cx, &world.at()).unwrap();
    assert_eq!(kept.user_ids, [JANE], "each once");
});
