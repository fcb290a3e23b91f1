//! Somebody waits: a sign-in comes to its end in time, on the server that was read, and says whether a password may have been heard.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ldap::id::EntryId;
use model::secret::Secret;
use outbound::ldap::failure::Kind;
use outbound::ldap::settings::Settings;
use outbound::ldap::sign_in::{SignIn, Unproven};

use super::fake::{Act, Asked, Fake, Op};
use super::hostile::person;
use super::scratch::{NOW, directory};

/// Whom [`person`] is.
const PERSON: &str = "33323130-3534-3736-3839-616263646566";

fn id(text: &str) -> EntryId {
    EntryId::parse(text).unwrap()
}

async fn sign_in(settings: Settings, who: &str) -> Result<SignIn, Unproven> {
    directory(settings).sign_in(&id(who), &Secret::new("secret"), NOW).await
}

fn good(asked: &Asked) -> Vec<Act> {
    match asked.op {
        Op::Bind => vec![asked.bound(0, "")],
        _ => vec![person(asked), asked.done(0, None)],
    }
}

#[tokio::test]
async fn the_password_goes_to_who_was_read_where_they_were_read() {
    let fake = Fake::start(good).await;
    assert!(matches!(sign_in(fake.settings(), PERSON).await.unwrap(), SignIn::Welcome(_)));
    assert_eq!(fake.connections(), 1, "another server may call somebody else by this name");
    // It tells of somebody else than it was asked for.
    let other = sign_in(fake.settings(), "00000000-0000-0000-0000-000000000001").await.unwrap();
    assert!(matches!(other, SignIn::Refused { person: None, .. }));
    let binds = fake.heard().iter().filter(|asked| asked.op == Op::Bind).count();
    assert_eq!(binds, 3, "that of the account twice, and one of the person");
}

#[tokio::test]
async fn a_sign_in_ends_in_time_whatever_is_said_meanwhile() {
    // Each answer comes soon enough, and the last one never.
    let fake = Fake::start(|asked| {
        if asked.op == Op::Bind {
            return vec![asked.bound(0, "")];
        }
        let bytes = Asked::bytes(&asked.reference("ldap://x"));
        let pause = Duration::from_secs(1) / u32::try_from(bytes.len()).unwrap();
        (0..60).map(|_| Act::Trickle(bytes.clone(), pause)).collect()
    })
    .await;
    let began = Instant::now();
    let late = sign_in(fake.settings(), PERSON).await.unwrap_err();
    assert!(began.elapsed() < Duration::from_secs(7), "{:?}", began.elapsed());
    assert_eq!(late.failure.kind(), Kind::Away);
    assert!(!late.may_have_heard);
    let began = Instant::now();
    let standing = directory(fake.settings()).standing(&id(PERSON), NOW).await;
    assert_eq!(standing.unwrap_err().kind(), Kind::Away);
    assert!(began.elapsed() < Duration::from_secs(7), "{:?}", began.elapsed());
}

#[tokio::test]
async fn references_without_end_are_no_answer() {
    let fake = Fake::start(|asked| match asked.op {
        Op::Bind => vec![asked.bound(0, "")],
        _ => vec![Act::Send(Asked::bytes(&asked.reference("ldap://x")).repeat(2_000)), asked.done(0, None)],
    })
    .await;
    assert_eq!(sign_in(fake.settings(), PERSON).await.unwrap_err().failure.kind(), Kind::Malformed);
}

#[tokio::test]
async fn it_says_whether_the_password_may_have_been_heard() {
    let binds = AtomicUsize::new(0);
    let fake = Fake::start(move |asked| match asked.op {
        Op::Bind if binds.fetch_add(1, Ordering::SeqCst) == 0 => vec![asked.bound(0, "")],
        Op::Bind => vec![Act::Cut],
        _ => vec![person(asked), asked.done(0, None)],
    })
    .await;
    assert!(sign_in(fake.settings(), PERSON).await.unwrap_err().may_have_heard);
    let fake = Fake::start(|asked| match asked.op {
        Op::Bind => vec![asked.bound(0, "")],
        _ => vec![Act::Cut],
    })
    .await;
    assert!(!sign_in(fake.settings(), PERSON).await.unwrap_err().may_have_heard);
}

#[tokio::test]
async fn no_more_than_some_ask_at_once_and_the_others_have_their_turn() {
    let fake = Fake::start(|asked| match asked.op {
        Op::Bind => vec![asked.bound(0, "")],
        _ => vec![Act::Wait],
    })
    .await;
    let asked = Arc::new(directory(fake.settings()));
    let waiting: Vec<_> = (0..50)
        .map(|_| {
            let asked = asked.clone();
            tokio::spawn(async move { asked.sign_in(&id(PERSON), &Secret::new("secret"), NOW).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert!((1..=32).contains(&fake.connections()), "{}", fake.connections());
    for one in waiting {
        let late = one.await.unwrap().unwrap_err();
        assert!(!late.may_have_heard);
    }
    assert_eq!(fake.connections(), 50, "all had their turn");
}
