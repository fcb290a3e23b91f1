//! Whom a directory owns, and what they had here before: their password opens and proves nothing any more, links lead to none, and a passkey alone does
//! not let them in.

use model::fault::{Fault, FaultKind};
use model::saying::Saying;
use model::secret::Secret;
use model::signin::directory_answer::DirectoryAnswer;
use signin::passkey_sign_in::{self, PasskeySignIn};
use signin::passwords;
use signin::sign_in::Brought;
use testkit::on_both_engines;

use crate::authenticator::{Authenticator, Says};
use crate::directories::{away, with_directory};
use crate::invitations::token;
use crate::world::{JANE, PASSWORD, SignedIn, World};

on_both_engines!(the_password_of_before_opens_and_proves_nothing, |fixture| async move {
    let world = World::new(fixture).await;
    let session = world.sign_in().await.session;
    let (store, cx) = (&world.fixture.store, world.person(&session));
    let (old, new) = (Secret::new(PASSWORD), Secret::new("another horse entirely"));
    assert!(passwords::has_own(store, &session).unwrap());
    passwords::verify_own(store, &cx, &world.hasher, &session, &old).await.unwrap();
    let world = with_directory(world, 50).await;
    let store = &world.fixture.store;
    assert!(!passwords::has_own(store, &session).unwrap());
    let refused = passwords::verify_own(store, &cx, &world.hasher, &session, &old).await.unwrap_err();
    assert_eq!(refused.saying(), Some(&Saying::PasswordNotRight));
    let parts = (&world.config, &world.hasher);
    let refused = passwords::change_own(store, &cx, parts, &old, &new).await.unwrap_err();
    assert_eq!(refused.saying(), Some(&Saying::OldPasswordNotRight));
    assert!(world.try_sign_in("192.0.2.1", "jane", PASSWORD).await.is_err());
});

on_both_engines!(no_link_leads_to_a_password_here, |fixture| async move {
    let world = World::new(fixture).await.with_mail().await;
    let of_before = token(&world.invite(JANE).await.url);
    let world = with_directory(world, 50).await;
    let refused = world.accept(&of_before, "another horse entirely").await.unwrap_err();
    assert_eq!(refused.saying(), Some(&Saying::LinkVoid));
    let before = world.letters().await.len();
    world.forgot("198.51.100.7", "jane").await.unwrap();
    world.work().await;
    assert_eq!(world.letters().await.len(), before, "a letter was sent");
    assert!(world.records("UpdatePassword").iter().all(|record| !record.contains("InvitationId")));
});

/// The right passkey, of whose owner the directory says this.
async fn with_passkey(
    world: &World,
    key: &Authenticator,
    (counter, standing): (u32, DirectoryAnswer),
) -> Result<SignedIn, Fault> {
    let asked = world.ask_anybody();
    let says = Says { counter, handle: Some(JANE.to_owned()), ..Says::default() };
    let attempt = PasskeySignIn {
        answer: key.get(&asked, &says),
        state: asked.state,
        bound_to: "this browser".to_owned(),
        brought: Brought::default(),
    };
    let (store, cx) = (&world.fixture.store, world.anonymous("192.0.2.1"));
    let directory = passkey_sign_in::asks(store, &cx, &attempt)?.unwrap();
    assert_eq!(directory.external_id, "4711");
    passkey_sign_in::by_passkey_of(store, &cx, &world.config, (attempt, standing)).await.map(SignedIn::of)
}

on_both_engines!(a_passkey_alone_lets_in_whom_their_directory_lets_in, |fixture| async move {
    let world = World::new(fixture).await;
    let session = world.sign_in().await.session;
    let key = Authenticator::new("jane-key-1");
    world.with_key(&session, &key).await.unwrap();
    let world = with_directory(world, 50).await;
    let off = DirectoryAnswer::Refused { reason: "DISABLED", said: "she left".to_owned(), told: None };
    for (counter, standing, saying) in
        [(1, off, Saying::DirectoryAccountOff), (2, away(false), Saying::DirectoryAway)]
    {
        let refused = with_passkey(&world, &key, (counter, standing)).await.unwrap_err();
        assert_eq!((refused.kind(), refused.saying()), (&FaultKind::Unauthorized, Some(&saying)));
    }
    let trail = world.records("CredentialVerification").join("\n");
    assert!(trail.contains("DISABLED") && trail.contains("she left"), "{trail}");
    // Whoever has another key hears nothing of what the directory said.
    let other = Authenticator::new("jane-key-1");
    let off = DirectoryAnswer::Refused { reason: "DISABLED", said: String::new(), told: None };
    let refused = with_passkey(&world, &other, (3, off)).await.unwrap_err();
    assert_ne!(refused.saying(), Some(&Saying::DirectoryAccountOff));
    let signed_in = with_passkey(&world, &key, (4, DirectoryAnswer::Welcome)).await.unwrap();
    assert_eq!(signed_in.session.user.user_id.as_str(), JANE);
});
