//! Passwords of a directory that people change here: after the second factor where they must, never faster than the directory locks, and with the sessions ended
//! that whoever knew the old one may have.

use model::fault::{Fault, FaultKind};
use model::saying::Saying;
use model::secret::Secret;
use model::signin::directory_answer::{DirectoryAnswer, NewPasswordAnswer};
use model::signin::mfa::{MfaPolicy, PromptMode};
use model::sources::directory::{DirectoryId, Switch};
use signin::directory_passwords::{self, Changing};
use signin::factors::Proof;
use signin::flows::{Next, Progress};
use signin::sign_in::Begun;
use testkit::on_both_engines;

use crate::directories::{DIRECTORY, answered, begin, with_directory, wrong};
use crate::factors::app_code;
use crate::world::{JANE, SignedIn, World};

const AT: (&str, &str) = ("192.0.2.1", "jane");

fn must_change() -> DirectoryAnswer {
    DirectoryAnswer::MustChange { reason: "MUST_CHANGE_PASSWORD", said: "data 773".to_owned() }
}

fn refused(told: Saying, is_no_guess: bool) -> NewPasswordAnswer {
    NewPasswordAnswer::Refused { reason: "TOO_SHORT", said: "0000052D".to_owned(), told, is_no_guess }
}

/// A sign-in whose password is right and must be changed.
async fn pending(world: &World) -> Secret {
    let Begun::There(asking) = begin(world, AT, None).await.unwrap() else { panic!("nobody is asked") };
    let answered = asking.answered(&world.fixture.store, &world.anonymous(AT.0), must_change()).await;
    let Progress::More(flow) = answered.unwrap() else {
        panic!("signed in with a password that must be changed")
    };
    flow
}

async fn changing(world: &World, flow: &Secret) -> Result<Option<Changing>, Fault> {
    let cx = world.anonymous(AT.0);
    directory_passwords::begin_in_flow(&world.fixture.store, &cx, &world.config, flow).await
}

async fn change(world: &World, flow: &Secret, answer: NewPasswordAnswer) -> Result<Progress, Fault> {
    let changing = changing(world, flow).await?.unwrap();
    assert_eq!(changing.asked().external_id, "4711");
    let (cx, with) = (world.anonymous(AT.0), (&world.config, flow));
    changing.answered_in_flow(&world.fixture.store, &cx, with, answer).await
}

on_both_engines!(who_must_choose_another_password_does_so_and_is_in, |fixture| async move {
    let world = with_directory(World::new(fixture).await, 5).await;
    let before = answered(&world, AT, None, DirectoryAnswer::Welcome).await.unwrap();
    let flow = pending(&world).await;
    assert_eq!(world.pending(&flow).unwrap().next, Next::NewPassword);
    // Not with a password of ours, which would open nothing.
    let (cx, with) = (world.anonymous(AT.0), (&world.config, &world.hasher));
    let new = Secret::new("four quiet autumn evenings");
    let chosen = signin::passwords::choose(&world.fixture.store, &cx, with, (&flow, &new)).await.unwrap();
    assert!(matches!(chosen, Progress::More(_)));
    assert_eq!(world.pending(&flow).unwrap().next, Next::NewPassword);

    let short = change(&world, &flow, refused(Saying::DirectoryPasswordShort, true)).await.unwrap_err();
    assert_eq!(short.saying(), Some(&Saying::DirectoryPasswordShort));
    let records = world.records("UpdatePassword");
    let says_why = |record: &String| record.contains("TOO_SHORT") && record.contains("0000052D");
    assert!(records.iter().any(says_why), "{records:?}");
    let done = change(&world, &flow, NewPasswordAnswer::Done).await.unwrap();
    let signed_in = SignedIn::of(done);
    assert_eq!(signed_in.session.user.user_id.as_str(), JANE);
    assert!(world.session(&before.token).is_none(), "whoever knew the old password is out");
    assert!(world.pending(&flow).is_none());
});

on_both_engines!(nobody_changes_a_password_before_the_second_factor, |fixture| async move {
    let world = with_directory(World::new(fixture).await, 5).await;
    let session = answered(&world, AT, None, DirectoryAnswer::Welcome).await.unwrap().session;
    let app = world.with_app(&session).await;
    world.policy(MfaPolicy { prompt_mode: PromptMode::AlwaysOn, ..MfaPolicy::default() }).await;
    let world = world.later(60);
    let flow = pending(&world).await;
    assert_eq!(world.pending(&flow).unwrap().next, Next::Factor);
    assert!(changing(&world, &flow).await.unwrap().is_none());
    let code = app_code(&app, world.fixture.now);
    assert!(matches!(world.prove(&flow, Proof::Totp(code)).await.unwrap(), Progress::More(_)));
    assert_eq!(world.pending(&flow).unwrap().next, Next::NewPassword);
    assert!(matches!(change(&world, &flow, NewPasswordAnswer::Done).await.unwrap(), Progress::SignedIn(_)));
});

on_both_engines!(whom_an_administrator_disabled_does_not_get_in_by_another_password, |fixture| async move {
    let world = with_directory(World::new(fixture).await, 5).await;
    world.set_status(JANE, "DISABLED").await;
    let refused = answered(&world, AT, None, must_change()).await.unwrap_err();
    assert_eq!(refused.saying(), Some(&Saying::WrongPassword));
});

on_both_engines!(the_old_password_is_not_guessed_faster_than_the_directory_locks, |fixture| async move {
    // Of three wrong ones two are passed on.
    let world = with_directory(World::new(fixture).await, 3).await;
    let session = answered(&world, AT, None, DirectoryAnswer::Welcome).await.unwrap().session;
    let (store, cx) = (&world.fixture.store, world.person(&session));
    let own = async |answer| {
        let changing = directory_passwords::begin_own(store, &cx, &session).await?.unwrap();
        changing.answered_own(store, &cx, &world.config, answer).await
    };
    for _ in 0..4 {
        // What proves the old one counts nothing there.
        own(refused(Saying::DirectoryPasswordUsed, true)).await.unwrap_err();
    }
    for _ in 0..2 {
        let told = own(refused(Saying::OldPasswordNotRight, false)).await.unwrap_err();
        assert_eq!(told.saying(), Some(&Saying::OldPasswordNotRight));
    }
    let slowed = own(NewPasswordAnswer::Done).await.unwrap_err();
    assert!(matches!(slowed.kind(), FaultKind::Throttled(_)), "{slowed}");
    // The same count as that of sign-ins.
    assert!(
        begin(&world, AT, None).await.is_err_and(|fault| matches!(fault.kind(), FaultKind::Throttled(_)))
    );
});

on_both_engines!(a_change_in_a_session_ends_the_others, |fixture| async move {
    let world = with_directory(World::new(fixture).await, 5).await;
    let here = answered(&world, AT, None, DirectoryAnswer::Welcome).await.unwrap();
    let there = answered(&world, AT, None, DirectoryAnswer::Welcome).await.unwrap();
    let (store, cx) = (&world.fixture.store, world.person(&here.session));
    let changing = directory_passwords::begin_own(store, &cx, &here.session).await.unwrap().unwrap();
    changing.answered_own(store, &cx, &world.config, NewPasswordAnswer::Done).await.unwrap();
    assert!(world.session(&here.token).is_some() && world.session(&there.token).is_none());
    assert!(answered(&world, AT, None, wrong()).await.is_err());
    // Where it is not asked for nobody changes one here.
    let off = |tx: &mut store::tx::Tx<'_>, _: &model::cx::Cx| {
        let found = store::sources::directories::find(tx, &DirectoryId::trusted(DIRECTORY))?;
        let mut directory = found.unwrap();
        directory.settings.password_change = Switch::Disabled;
        store::sources::directories::update(tx, &directory)
    };
    store.maintain(&world.service(), off).await.unwrap();
    assert!(directory_passwords::begin_own(store, &cx, &here.session).await.unwrap().is_none());
});
