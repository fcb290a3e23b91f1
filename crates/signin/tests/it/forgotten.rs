//! "I forgot my password": nobody learns who is there, nobody's mailbox is flooded, and the link goes to the directory's address alone. And what a
//! person is told of what happened with their name.

use model::fault::{Fault, FaultKind};
use model::job::Queue;
use model::secret::Secret;
use model::signin::letter::Letter;
use signin::forgotten;
use store::jobs::Claim;
use testkit::fixture::Fixture;

use crate::invitations::token;
use crate::world::{JANE, PASSWORD, World};

const BOB: &str = "22222222-2222-4222-8222-222222222222";

impl World {
    pub(crate) async fn forgot(&self, ip: &str, name: &str) -> Result<(), Fault> {
        forgotten::ask(&self.fixture.store, &self.anonymous(ip), &self.config, name).await
    }

    /// Does what the worker does.
    pub(crate) async fn work(&self) -> usize {
        let (store, cx) = (&self.fixture.store, self.service());
        let mut done = 0;
        loop {
            let claim =
                Claim { queue: Queue::Work, after: "", limit: 10, hold: std::time::Duration::from_secs(60) };
            let jobs =
                store.maintain(&cx, move |tx, cx| store::jobs::claim(tx, cx.now, &claim)).await.unwrap();
            if jobs.is_empty() {
                return done;
            }
            for job in jobs {
                forgotten::run_one(store, &cx, &self.config, &job).await.unwrap();
                done += 1;
            }
        }
    }

    async fn subjects(&self) -> Vec<String> {
        self.letters().await.iter().map(|(_, letter)| letter.subject.to_string()).collect()
    }
}

testkit::on_both_engines!(who_forgot_a_password_gets_a_link_by_mail, |fixture: Fixture| async move {
    let world = World::new(fixture).await.with_mail().await;
    world.forgot("198.51.100.7", " JANE ".trim()).await.unwrap();
    assert_eq!(world.work().await, 1);
    let (_, letter) = world.letters().await.pop().unwrap();
    assert_eq!(letter.to.as_str(), "jane@acme.example");
    assert!(letter.text.expose().contains("from the address 198.51.100.7"), "{}", letter.text.expose());
    let link = letter.text.expose().lines().find(|line| line.starts_with("http")).unwrap();
    world.accept(&token(&Secret::new(link)), "another horse entirely").await.unwrap();
    assert!(world.try_sign_in("192.0.2.1", "jane", "another horse entirely").await.is_ok());
    let asked = world.records("PasswordRecoveryRequested").pop().unwrap();
    assert!(asked.contains("\"UserName\":\"Jane\"") && asked.contains("198.51.100.7"), "{asked}");
    assert!(world.records("CreateInvitation").pop().unwrap().contains("FORGOTTEN_PASSWORD"));
    // It holds for an hour.
    let later = world.later(3_600);
    later.forgot("198.51.100.7", "jane").await.unwrap();
    later.work().await;
    let (_, letter) =
        later.letters().await.into_iter().find(|(_, l)| l.text.expose().contains("http")).unwrap();
    let link = letter.text.expose().lines().find(|line| line.starts_with("http")).unwrap().to_owned();
    let refused = world.later(7_200).accept(&token(&Secret::new(link)), "a third horse entirely").await;
    assert!(refused.is_err());
});

testkit::on_both_engines!(
    enumeration_asking_for_a_letter_tells_nobody_who_is_there,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await.with_mail().await;
        world.add_user(BOB, "Bob", "ENABLED").await;
        world.set_address(BOB, "bob@acme.example").await;
        let jobs = || world.fixture.store.read(|rx| store::jobs::count_of(rx, Queue::Work)).unwrap();
        for (count, name) in
            [(1, "jane"), (2, "nobody at all"), (3, "bob"), (4, "hunter2 typed into the wrong field")]
        {
            world.forgot("198.51.100.7", name).await.unwrap();
            assert_eq!(jobs(), count, "the same is done for everybody: {name}");
        }
        let asked = world.records("PasswordRecoveryRequested").join("");
        assert!(!asked.contains("hunter2") && !asked.contains("nobody at all"), "{asked}");
        assert_eq!(world.work().await, 4);
        assert_eq!(
            world.subjects().await,
            ["Choose a new password for localhost:8765"],
            "only who has a password is written to"
        );
        // Nor is anybody written to who may not sign in, or whose mail goes nowhere.
        world.set_password(BOB, "the horse of bob entirely").await;
        world.set_status(BOB, "DISABLED").await;
        world.forgot("198.51.100.7", "bob").await.unwrap();
        world.work().await;
        assert_eq!(world.subjects().await.len(), 1);
    }
);

testkit::on_both_engines!(
    mail_bombing_a_mailbox_gets_few_letters_whoever_asks,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await.with_mail().await;
        let mut sent = 0;
        for minute in 0..60_u64 {
            let then = world.later(minute * 60);
            for host in 0..4 {
                // From everywhere.
                then.forgot(&format!("198.51.{minute}.{host}"), "jane").await.unwrap();
            }
            then.work().await;
            for (job, _) in then.letters().await {
                signin::deliveries::sent(&world.fixture.store, &then.service(), &job).await.unwrap();
                sent += 1;
            }
        }
        assert_eq!(
            sent, 4,
            "the first, whose link the second made void, and then one in a quarter of an hour"
        );
        // From one address, for everybody.
        let mut refused = None;
        for number in 0..20 {
            refused = refused.or(world.forgot("203.0.113.9", &format!("user-{number}")).await.err());
        }
        let refused = refused.unwrap();
        assert!(matches!(refused.kind(), FaultKind::Throttled(_)), "{refused:?}");
        assert!(refused.message().contains("asked for from here"));
        assert!(world.forgot("203.0.113.10", "user-1").await.is_ok(), "nobody else waits for that");
    }
);

testkit::on_both_engines!(
    a_forgotten_password_leaves_an_administrators_invitation_alone,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await.with_mail().await;
        let made = world.invite(JANE).await;
        world.forgot("198.51.100.7", "jane").await.unwrap();
        world.work().await;
        let look = |url: &Secret| {
            signin::invitations::look(&world.fixture.store, &world.anonymous("192.0.2.1"), &token(url))
                .is_ok()
        };
        assert!(look(&made.url), "whoever knows a name cannot make somebody's link void");
        world.accept(&token(&made.url), "another horse entirely").await.unwrap();
        let links: Vec<String> = world.subjects().await;
        assert_eq!(
            links,
            ["Your password for localhost:8765 was changed"],
            "the other link is void with the old password"
        );
    }
);

testkit::on_both_engines!(a_person_is_told_of_new_devices_and_new_passwords, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    world.sign_in().await;
    assert!(world.subjects().await.is_empty(), "no mail, no letters");
    world.set_address(JANE, "jane@acme.example").await;
    world.sql("DELETE FROM portal_sessions").await;
    let world = world.with_mail().await;
    let first = world.try_sign_in("198.51.100.7", "jane", PASSWORD).await.unwrap();
    let told = world.letters().await;
    assert_eq!(told.len(), 1);
    for part in ["From: the address 198.51.100.7", "With: Mozilla/5.0", "as Jane"] {
        assert!(told[0].1.text.expose().contains(part), "{}", told[0].1.text.expose());
    }
    // With the cookie of that browser from elsewhere; and from the address of a session.
    world.try_on_device("203.0.113.9", "jane", PASSWORD, Some(&first.device)).await.unwrap();
    world.try_sign_in("198.51.100.7", "jane", PASSWORD).await.unwrap();
    assert_eq!(world.letters().await.len(), 1);
    for host in 0..9 {
        world.try_sign_in(&format!("192.0.2.{host}"), "jane", PASSWORD).await.unwrap();
    }
    assert_eq!(world.letters().await.len(), 2, "not a letter for each of many");
    world.set_password(JANE, "another horse entirely").await;
    let letters = world.letters().await;
    let changed =
        |(_, letter): &&(_, Letter)| letter.subject.as_str().starts_with("Your password for localhost:8765");
    let (_, letter) = letters.iter().find(changed).unwrap();
    assert!(!letter.text.expose().contains("From:"), "where administrators sit is not said");
});
