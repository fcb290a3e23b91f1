//! Links by which a person chooses a password: who may make one, what makes it void, and that it works once.

use std::time::Duration;

use model::directory::user::UserId;
use model::fault::{Fault, FaultKind};
use model::page::PageRequest;
use model::saying::Saying;
use model::secret::Secret;
use model::signin::invitation::{Invitation, Purpose};
use model::signin::letter::LetterState;
use signin::invitations::{self, Made};
use testkit::fixture::Fixture;

use crate::world::{JANE, PASSWORD, World, query};

const BOB: &str = "22222222-2222-4222-8222-222222222222";
const NEW: &str = "another horse entirely";

impl World {
    async fn try_invite(&self, user: &str) -> Result<Made, Fault> {
        let cx = self.fixture.root("sso-directory.amazonaws.com", "CreateInvitation");
        let user = UserId::trusted(user);
        let whom = (&self.at(), &user);
        invitations::create(&self.fixture.store, &cx, &self.config, whom, Duration::from_hours(168)).await
    }

    pub(crate) async fn invite(&self, user: &str) -> Made {
        self.try_invite(user).await.unwrap()
    }

    pub(crate) async fn accept(&self, token: &Secret, password: &str) -> Result<String, Fault> {
        let parts = (&self.config, &self.hasher);
        let cx = self.anonymous("192.0.2.1");
        invitations::accept(&self.fixture.store, &cx, parts, token, &Secret::new(password)).await
    }

    fn opens(&self, token: &Secret) -> bool {
        invitations::look(&self.fixture.store, &self.anonymous("192.0.2.1"), token).is_ok()
    }

    fn invitations(&self) -> Vec<Invitation> {
        let cx = self.fixture.root("sso-directory.amazonaws.com", "ListInvitations");
        invitations::list(&self.fixture.store, &cx, (&self.at(), None), &PageRequest::first(10))
            .unwrap()
            .items
    }

    /// It neither opens nor works, and changes nothing.
    async fn assert_void(&self, token: &Secret, why: &str) {
        assert!(!self.opens(token), "{why}");
        let refused = self.accept(token, "a password that must not hold").await.unwrap_err();
        assert_eq!(refused.saying(), Some(&Saying::LinkVoid), "{why}");
        assert!(
            self.try_sign_in("192.0.2.9", "jane", "a password that must not hold").await.is_err(),
            "{why}"
        );
    }
}

/// What a link holds.
pub(crate) fn token(url: &Secret) -> Secret {
    Secret::new(query(url.expose(), "token").unwrap())
}

testkit::on_both_engines!(a_person_without_a_password_is_welcomed_by_a_link, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    world.add_user(BOB, "Bob", "ENABLED").await;
    let made = world.invite(BOB).await;
    assert!(!made.mailed);
    assert!(made.url.expose().starts_with("http://localhost:8765/invitation?token="), "the pages' own host");
    assert_eq!(made.expires_at, world.fixture.now.plus(Duration::from_hours(168)));
    let token = token(&made.url);
    assert_eq!(token.expose().len(), 43, "256 bits");
    let shown = world.invitations();
    assert_eq!((shown.len(), shown[0].user_name.as_str(), shown[0].letter), (1, "Bob", None));
    for _ in 0..3 {
        assert!(world.opens(&token), "to open a link changes nothing: mail scanners do");
    }
    assert!(world.accept(&token, "short").await.unwrap_err().message().contains("8 to 64"));
    assert_eq!(world.accept(&token, NEW).await.unwrap(), "Bob", "what the policy refuses does not use it up");
    assert!(world.try_sign_in("192.0.2.1", "bob", NEW).await.is_ok());
    assert!(world.invitations().is_empty());
    let record =
        world.records("UpdatePassword").into_iter().find(|one| one.contains("InvitationId")).unwrap();
    for part in [BOB, "InvitationId", "\"UpdatePassword\":\"Success\"", "IdentityCenterUser"] {
        assert!(record.contains(part), "{part} in {record}");
    }
    let recorded = [world.records("UpdatePassword"), world.records("CreateInvitation")].concat().join("");
    assert!(!recorded.contains(token.expose()) && !recorded.contains(NEW));
    assert!(
        world.records("VerifyEmail").is_empty(),
        "a link that was handed over shows nothing of an address"
    );
});

testkit::on_both_engines!(invitation_replay_a_link_works_once, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let token = token(&world.invite(JANE).await.url);
    let both = tokio::join!(world.accept(&token, NEW), world.accept(&token, "a third horse entirely"));
    assert_eq!(usize::from(both.0.is_ok()) + usize::from(both.1.is_ok()), 1, "{both:?}");
    world.assert_void(&token, "used").await;
});

testkit::on_both_engines!(invitation_late_a_link_ends_on_its_second, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let token = token(&world.invite(JANE).await.url);
    assert!(world.later(168 * 3_600 - 1).opens(&token));
    world.later(168 * 3_600).assert_void(&token, "late").await;
    assert!(world.later(168 * 3_600).invitations().is_empty());
    assert_eq!(
        signin::housekeeping::expire(&world.fixture.store, &world.later(168 * 3_600).service())
            .await
            .unwrap(),
        1
    );
});

testkit::on_both_engines!(invitation_stale_what_it_was_made_for_must_stand, |fixture: Fixture| async move {
    let world = World::new(fixture).await.with_mail().await;
    let first = token(&world.invite(JANE).await.url);
    let second = token(&world.invite(JANE).await.url);
    world.assert_void(&first, "a newer one was made").await;
    world.set_address(JANE, "jane@elsewhere.example").await;
    world.assert_void(&second, "the address is another one").await;
    world.set_address(JANE, "Jane@Acme.example").await;
    assert!(world.opens(&second), "the same address in other letters");
    world.set_status(JANE, "DISABLED").await;
    world.assert_void(&second, "disabled").await;
    let refused = world.try_invite(JANE).await.unwrap_err();
    assert!(matches!(refused.kind(), FaultKind::Conflict(_)), "{refused:?}");
    world.set_status(JANE, "ENABLED").await;
    world.set_password(JANE, "an administrator's horse").await;
    world.assert_void(&second, "the password was changed since").await;
    let third = token(&world.invite(JANE).await.url);
    world.sql(&format!("UPDATE instances SET not_before = {}", world.fixture.now.micros())).await;
    world.assert_void(&third, "everything issued before now is void").await;
    world.sql("UPDATE instances SET not_before = 0").await;
    assert!(world.opens(&third));
    world.sql(&format!("DELETE FROM users WHERE user_id = '{JANE}'")).await;
    assert!(!world.opens(&third), "deleted");
});

testkit::on_both_engines!(invitation_swap_a_link_is_its_persons_alone, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    world.add_user(BOB, "Bob", "ENABLED").await;
    world.set_password(BOB, "the horse of bob entirely").await;
    let (jane, bob) =
        (world.sign_in().await, world.try_sign_in("192.0.2.1", "bob", "the horse of bob entirely").await);
    let bob = bob.unwrap();
    let token = token(&world.invite(JANE).await.url);
    // In the browser of somebody else who is signed in.
    let parts = (&world.config, &world.hasher);
    let cx = world.person(&bob.session);
    let whose =
        invitations::accept(&world.fixture.store, &cx, parts, &token, &Secret::new(NEW)).await.unwrap();
    assert_eq!(whose, "Jane");
    assert!(world.session(&bob.token).is_some(), "whoever used it is neither signed in nor out");
    assert!(world.session(&jane.token).is_none(), "what was open with the old password ends");
    assert!(world.try_sign_in("192.0.2.1", "bob", "the horse of bob entirely").await.is_ok());
    assert!(world.try_sign_in("192.0.2.1", "jane", PASSWORD).await.is_err());
    let record =
        world.recorded("UpdatePassword").into_iter().find(|one| one.json.contains("InvitationId")).unwrap();
    assert!(record.json.contains(JANE) && !record.json.contains(BOB), "{}", record.json);
    assert_eq!((record.user_name.as_deref(), record.passing), (Some("Jane"), false), "kept as a change is");
});

testkit::on_both_engines!(
    an_invitation_is_mailed_where_there_is_mail_and_an_address,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await.with_mail().await;
        world.add_user(BOB, "Bob", "ENABLED").await;
        assert!(!world.invite(BOB).await.mailed, "no address");
        world.set_address(BOB, "bob@acme.example, all@acme.example").await;
        assert!(!world.invite(BOB).await.mailed, "none that mail can be sent to");
        let made = world.invite(JANE).await;
        assert!(made.mailed);
        let letters = world.letters().await;
        let [(job, letter)] = letters.as_slice() else { panic!("{letters:?}") };
        assert_eq!(
            (letter.to.as_str(), letter.subject.as_str()),
            ("jane@acme.example", "Choose a new password for localhost:8765")
        );
        assert!(
            letter.text.expose().contains(made.url.expose())
                && letter.html.expose().contains(made.url.expose())
        );
        let mine = world.invitations().into_iter().find(|shown| shown.user_id.as_str() == JANE).unwrap();
        assert_eq!((mine.letter, mine.purpose), (Some(LetterState::Waiting), Purpose::Invitation));
        signin::deliveries::sent(&world.fixture.store, &world.service(), job).await.unwrap();
        let mine = world.invitations().into_iter().find(|shown| shown.user_id.as_str() == JANE).unwrap();
        assert_eq!(mine.letter, Some(LetterState::Sent));
        world.accept(&token(&made.url), NEW).await.unwrap();
        assert_eq!(world.records("VerifyEmail").len(), 1, "who has the link reads the mail of that address");
        let subjects: Vec<String> =
            world.letters().await.iter().map(|(_, letter)| letter.subject.to_string()).collect();
        assert_eq!(subjects, ["Your password for localhost:8765 was changed"]);
    }
);

testkit::on_both_engines!(who_may_make_and_see_and_delete_invitations, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, at, jane) = (&world.fixture.store, world.at(), UserId::trusted(JANE));
    let made = world.invite(JANE).await;
    let page = PageRequest::first(10);
    for cx in [world.person(&world.sign_in().await.session), world.anonymous("192.0.2.1")] {
        let validity = Duration::from_hours(1);
        let create = invitations::create(store, &cx, &world.config, (&at, &jane), validity).await.map(|_| ());
        let list = invitations::list(store, &cx, (&at, Some(&jane)), &page).map(|_| ());
        let delete = invitations::delete(store, &cx, (&at, &jane), &made.id).await;
        for refused in [create, list, delete] {
            assert_eq!(refused.unwrap_err().kind(), &FaultKind::AccessDenied);
        }
    }
    world.add_user(BOB, "Bob", "ENABLED").await;
    let cx = world.fixture.root("sso-directory.amazonaws.com", "DeleteInvitation");
    let of_another = invitations::delete(store, &cx, (&at, &UserId::trusted(BOB)), &made.id).await;
    assert!(matches!(of_another.unwrap_err().kind(), FaultKind::NotFound(_)));
    assert!(world.opens(&token(&made.url)));
    invitations::delete(store, &cx, (&at, &jane), &made.id).await.unwrap();
    world.assert_void(&token(&made.url), "deleted").await;
});
