//! Letters as rows: none without what caused it, none lost, each ended once; and what a letter says is nowhere to be read.

use std::time::Duration;

use model::job::Queue;
use signin::deliveries::{self, Attempt};
use store::jobs::Claim;
use testkit::fixture::Fixture;

use crate::invitations::token;
use crate::world::{JANE, World};

const AWAY: (Attempt, &str) = (Attempt::ServerAway, "the mail server could not be reached: refused");

testkit::on_both_engines!(
    a_letter_that_is_not_taken_waits_and_is_tried_again,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await.with_mail().await;
        world.invite(JANE).await;
        let (store, cx) = (&world.fixture.store, world.service());
        let (job, letter) = world.letters().await.pop().unwrap();
        deliveries::undelivered(store, &cx, &job, AWAY).await.unwrap();
        assert!(world.letters().await.is_empty(), "not at once");
        let (again, same) = world.later(11).letters().await.pop().unwrap();
        assert_eq!((same.id.as_str(), again.attempts), (letter.id.as_str(), 1), "and it is the same letter");
        // A letter of which the server says "later" waits longer each time, up to half an hour.
        let mut waits = 0;
        let mut seconds = 11;
        while waits < 12 {
            let then = world.later(seconds);
            if let Some((job, _)) = then.letters().await.pop() {
                let put_off = (Attempt::PutOff, "450 greylisted");
                deliveries::undelivered(store, &then.service(), &job, put_off).await.unwrap();
                waits += 1;
            }
            seconds += 600;
        }
        assert!((4 * 600..14 * 1_800).contains(&seconds), "{seconds}");
        let last = world.later(seconds + 1_800);
        let (job, _) = last.letters().await.pop().unwrap();
        deliveries::sent(store, &last.service(), &job).await.unwrap();
        assert!(world.later(seconds + 90_000).letters().await.is_empty());
    }
);

testkit::on_both_engines!(
    a_letter_is_given_up_once_with_a_record_that_says_why,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await.with_mail().await;
        world.invite(JANE).await;
        let (store, cx) = (&world.fixture.store, world.service());
        let (job, _) = world.letters().await.pop().unwrap();
        let refused = (Attempt::Refused, "the mail server does not take the recipient: 550 nobody");
        for _ in 0..2 {
            deliveries::undelivered(store, &cx, &job, refused).await.unwrap();
        }
        let records = world.records("SendMail");
        assert_eq!(records.len(), 1, "{records:?}");
        for part in ["MailNotDelivered", "550 nobody", JANE, "INVITATION"] {
            assert!(records[0].contains(part), "{part} in {}", records[0]);
        }
        assert!(world.later(3_600).letters().await.is_empty());
        // Nobody takes it: also where nobody delivers letters any more.
        world.invite(JANE).await;
        let late = world.later(72 * 3_600);
        assert_eq!(
            deliveries::give_up_overdue(store, &world.later(72 * 3_600 - 1).service()).await.unwrap(),
            0
        );
        assert_eq!(deliveries::give_up_overdue(store, &late.service()).await.unwrap(), 1);
        assert_eq!(deliveries::give_up_overdue(store, &late.service()).await.unwrap(), 0);
        assert_eq!(world.records("SendMail").len(), 2);
        assert!(late.letters().await.is_empty());
        assert_eq!(store.read(|rx| store::jobs::count_of(rx, Queue::Mail)).unwrap(), 0);
        let long_after = world.later(103 * 24 * 3_600);
        // Two letters, and the link of the second.
        assert_eq!(signin::housekeeping::expire(store, &long_after.service()).await.unwrap(), 3);
    }
);

testkit::on_both_engines!(a_letter_whose_link_is_void_is_not_sent, |fixture: Fixture| async move {
    let world = World::new(fixture).await.with_mail().await;
    world.invite(JANE).await;
    world.set_address(JANE, "jane@elsewhere.example").await;
    assert!(world.letters().await.is_empty(), "the address is another one");
    world.invite(JANE).await;
    let newer = world.invite(JANE).await;
    let letters = world.letters().await;
    assert_eq!(letters.len(), 1);
    assert!(letters[0].1.text.expose().contains(newer.url.expose()));
    assert_eq!(letters[0].1.to.as_str(), "jane@elsewhere.example");
    assert_eq!(world.records("SendMail").len(), 2);
});

testkit::on_both_engines!(what_a_letter_says_is_sealed_and_goes_with_it, |fixture: Fixture| async move {
    let world = World::new(fixture).await.with_mail().await;
    let made = world.invite(JANE).await;
    let token = token(&made.url);
    let (job, _) = world.letters().await.pop().unwrap();
    let (store, id) = (&world.fixture.store, job.subject.clone());
    let kept = || store.read(|rx| Ok(store::signin::mails::find(rx, &id)?.unwrap().sealed_content)).unwrap();
    let sealed = kept().unwrap();
    let holds =
        |bytes: &[u8]| bytes.windows(token.expose().len()).any(|part| part == token.expose().as_bytes());
    assert!(!holds(&sealed) && sealed.len() > 200);
    deliveries::sent(store, &world.service(), &job).await.unwrap();
    assert_eq!(kept(), None);
});

testkit::on_both_engines!(letters_and_work_do_not_wait_for_one_another, |fixture: Fixture| async move {
    let world = World::new(fixture).await.with_mail().await;
    world.invite(JANE).await;
    let (store, cx) = (&world.fixture.store, world.service());
    let claim = async |queue| {
        let claim = Claim { queue, after: "", limit: 10, hold: Duration::from_secs(60) };
        store.maintain(&cx, move |tx, cx| store::jobs::claim(tx, cx.now, &claim)).await.unwrap()
    };
    assert!(claim(Queue::Work).await.is_empty());
    assert_eq!(claim(Queue::Mail).await.len(), 1);
    assert_eq!(store.maintain(&cx, |tx, _| store::jobs::release(tx, Queue::Work)).await.unwrap(), 0);
    assert!(claim(Queue::Mail).await.is_empty(), "another queue's claims are not given back");
    assert_eq!(store.maintain(&cx, |tx, _| store::jobs::release(tx, Queue::Mail)).await.unwrap(), 1);
});

testkit::on_both_engines!(
    header_injection_no_name_and_no_address_writes_a_header,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await.with_mail().await;
        world
        .sql(&format!(
            "UPDATE users SET display_name = 'Jane' || CHR(13) || CHR(10) || 'Bcc: all@evil.example' WHERE user_id = '{JANE}'"
        ).replace("CHR", if matches!(world.fixture.location, store::db::Location::Sqlite(_)) { "CHAR" } else { "CHR" }))
        .await;
        world.invite(JANE).await;
        let (_, letter) = world.letters().await.pop().unwrap();
        assert!(
            letter.text.expose().starts_with("Hello Jane Bcc: all@evil.example,\n"),
            "{}",
            letter.text.expose()
        );
        assert!(!letter.subject.as_str().contains("Bcc"));
        for address in ["jane@acme.example\\r\\nBcc: all@evil.example", "jane@acme.example\\nDATA"] {
            world.set_address(JANE, address).await;
            assert!(!world.invite(JANE).await.mailed, "{address}");
        }
        world.set_address(JANE, "jane@acme.example").await;
        let mailed = world.invite(JANE).await.mailed;
        // An address that was altered in the row while the letter waited opens nothing.
        world
            .sql("UPDATE mails SET recipient = 'a@b.example, all@evil.example' WHERE state = 'WAITING'")
            .await;
        assert!(mailed);
        let (store, cx) = (&world.fixture.store, world.service());
        let claim = Claim { queue: Queue::Mail, after: "", limit: 10, hold: Duration::ZERO };
        let jobs = store.maintain(&cx, move |tx, cx| store::jobs::claim(tx, cx.now, &claim)).await.unwrap();
        for job in jobs {
            assert!(!matches!(deliveries::open(store, &cx, &job).await, Ok(Some(_))));
        }
    }
);
