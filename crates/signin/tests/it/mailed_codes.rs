//! Codes by mail: whom they reach, where they work, and how often.

use model::fault::FaultKind;
use model::secret::Secret;
use model::signin::letter::Letter;
use model::signin::mfa::{MfaPolicy, WithoutDevice};
use signin::factors::{self, Proof};
use signin::flows::Progress;
use testkit::fixture::Fixture;

use crate::factors::is_unauthorized;
use crate::world::{SignedIn, World};

const SAM: &str = "22222222-2222-4222-8222-222222222222";

/// The code in a letter.
fn mailed_code(letter: &Letter) -> Secret {
    let is_code =
        |line: &&str| line.len() == 9 && line.chars().all(|letter| letter.is_ascii_digit() || letter == ' ');
    Secret::new(letter.text.expose().lines().find(is_code).unwrap())
}

testkit::on_both_engines!(
    a_mailed_code_works_once_and_only_where_it_was_asked_for,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let by_mail = MfaPolicy { without_device: WithoutDevice::Email, ..MfaPolicy::default() };
        let refused = by_mail.clone().checked(world.config.mails).unwrap_err();
        assert!(refused.message().contains("sends no mail"), "{refused:?}");
        let world = world.with_mail().await;
        world.policy(by_mail).await;
        let flow = world.begin().await;
        let (job, letter) = world.letters().await.pop().unwrap();
        signin::deliveries::sent(&world.fixture.store, &world.service(), &job).await.unwrap();
        assert_eq!(letter.to.as_str(), "jane@acme.example");
        let code = mailed_code(&letter);
        assert!(
            !letter.subject.as_str().contains(&code.expose()[..4]),
            "a subject is shown on locked screens"
        );
        // Whoever knows the password too, and saw the code, sits in another browser.
        let other = world.begin().await;
        assert!(
            is_unauthorized(&world.prove(&other, Proof::Mailed(code.clone())).await),
            "of another sign-in"
        );
        // That one asked for a code of its own, which took the place of the first.
        assert!(is_unauthorized(&world.prove(&flow, Proof::Mailed(code)).await), "a newer one was sent");
        let letters = world.letters().await;
        assert_eq!(letters.len(), 1);
        let code = mailed_code(&letters[0].1);
        for wrong in [Proof::Code(code.clone()), Proof::Totp(code.clone())] {
            assert!(is_unauthorized(&world.prove(&other, wrong).await), "of another kind");
        }
        let world = world.later(9);
        let typed = Secret::new(code.expose().replace(' ', ""));
        let signed_in = SignedIn::of(world.prove(&other, Proof::Mailed(typed)).await.unwrap());
        assert_eq!(signed_in.session.proofs.credential_type(), "PASSWORD,EMAIL_OTP");
        assert!(signed_in.session.proofs.mfa_at.is_some());
        assert!(is_unauthorized(&world.prove(&other, Proof::Mailed(code)).await), "it was used");
        let flow = world.begin().await;
        let code = mailed_code(&world.letters().await.pop().unwrap().1);
        let late = world.later(601);
        assert!(is_unauthorized(&late.prove(&flow, Proof::Mailed(code)).await), "its time is over");
    }
);

testkit::on_both_engines!(
    who_is_mailed_codes_gets_few_and_who_cannot_be_is_told,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await.with_mail().await;
        world.policy(MfaPolicy { without_device: WithoutDevice::Email, ..MfaPolicy::default() }).await;
        let flow = world.begin().await;
        let again = async |world: &World| {
            let cx = world.anonymous("192.0.2.1");
            factors::mail_again(&world.fixture.store, &cx, &world.config, &flow).await
        };
        for _ in 0..4 {
            assert!(matches!(again(&world).await, Ok(Progress::More(_))));
        }
        let refused = again(&world).await.unwrap_err();
        assert!(matches!(refused.kind(), FaultKind::Throttled(120)), "{refused:?}");
        assert_eq!(world.letters().await.len(), 5);
        let world = world.later(121);
        assert!(matches!(again(&world).await, Ok(Progress::More(_))));
        // Who registered a device is written to no more, and a code from before opens nothing.
        let code = mailed_code(&world.letters().await.pop().unwrap().1);
        let session = SignedIn::of(world.prove(&flow, Proof::Mailed(code)).await.unwrap()).session;
        world.with_app(&session).await;
        let before = world.letters().await.len();
        let asked = world.begin().await;
        assert!(!world.pending(&asked).unwrap().by_mail());
        assert_eq!(world.letters().await.len(), before);
        // Somebody without an address, and without a code of an administrator's.
        world.add_user(SAM, "Sam", "ENABLED").await;
        world.set_password(SAM, "four clear winter mornings").await;
        let told = world.try_sign_in("192.0.2.1", "sam", "four clear winter mornings").await.unwrap_err();
        assert_eq!(told.kind(), &FaultKind::Forbidden);
        assert!(told.message().contains("no mail can be sent to you"), "{told:?}");
    }
);
