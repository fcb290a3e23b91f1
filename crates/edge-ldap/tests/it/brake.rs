//! What is not believed, what is held, and who is deleted at last.

use std::time::Duration;

use directory::users;
use model::directory::user::UserStatus;
use model::secret::Secret;
use model::sources::directory::{DirectorySettings, DnsDomain, DnsSecurity};
use model::sources::directory_sync::{ChangeKind, SyncKind, SyncState};
use sources::directory_secrets::GivenSecret;
use sources::{directories, directory_syncs};
use testkit::on_both_engines;

use crate::slapd::BASE;
use crate::world::{World, settings};

const DAY: Duration = Duration::from_hours(24);

fn disabled(world: &World) -> usize {
    let all = (1..=20).filter_map(|number| world.user(&format!("u{number}")));
    all.filter(|user| user.status == UserStatus::Disabled).count()
}

on_both_engines!(more_than_a_share_is_held_until_somebody_decides, |fixture| async move {
    let world = World::new(fixture, 20, 1).await;
    world.sync(SyncKind::Full).await;
    world.slapd.dismiss(1..=8);
    let dry = world.sync(SyncKind::DryRun).await;
    assert!(dry.reason.as_deref().is_some_and(|why| why.contains('8')), "{dry:?}");
    let held = world.sync(SyncKind::Full).await;
    assert_eq!((held.state, held.held_back.entries), (SyncState::Held, 8), "{held:?}");
    assert_eq!(disabled(&world), 0);
    let (store, at, id) = (&world.fixture.store, world.at(), &world.directory.id);
    let described = directories::describe(store, &world.cx("DescribeDirectory"), (&at, id)).unwrap();
    assert_eq!(described.standing.held, Some(held.id.clone()));

    // Two more go meanwhile: what was let pass is what was shown.
    world.slapd.dismiss(9..=10);
    let cx = world.cx("ResolveDirectoryBrake");
    let more = directory_syncs::resolve_brake(store, &cx, (&at, id), &held.id).await.unwrap();
    let more = world.finish(more).await;
    assert_eq!((more.state, more.held_back.entries), (SyncState::Held, 10), "{more:?}");
    let cx = world.cx("ResolveDirectoryBrake");
    assert!(directory_syncs::resolve_brake(store, &cx, (&at, id), &held.id).await.is_err(), "another holds");
    let passes = directory_syncs::resolve_brake(store, &cx, (&at, id), &more.id).await.unwrap();
    let passed = world.finish(passes).await;
    assert_eq!((passed.state, passed.counts.disabled), (SyncState::Succeeded, 10), "{passed:?}");
    assert_eq!(disabled(&world), 10);

    world.pass(29 * DAY);
    let early = world.sync(SyncKind::Full).await;
    assert_eq!((early.state, early.counts.deleted), (SyncState::Succeeded, 0), "{early:?}");
    world.pass(2 * DAY);
    let late = world.sync(SyncKind::Full).await;
    assert_eq!((late.state, late.held_back.entries), (SyncState::Held, 10), "{late:?}");
    // An incremental run did not even count them.
    let little = world.sync(SyncKind::Incremental).await;
    assert_eq!(little.state, SyncState::Succeeded, "{little:?}");
    let described = directories::describe(store, &world.cx("DescribeDirectory"), (&at, id)).unwrap();
    assert_eq!(described.standing.held, Some(late.id.clone()));
    let cx = world.cx("ResolveDirectoryBrake");
    let passes = directory_syncs::resolve_brake(store, &cx, (&at, id), &late.id).await.unwrap();
    let passed = world.finish(passes).await;
    assert_eq!((passed.state, passed.counts.deleted), (SyncState::Succeeded, 10), "{passed:?}");
    assert!(world.user("u1").is_none() && world.user("u11").is_some());
});

on_both_engines!(an_empty_answer_is_an_outage, |fixture| async move {
    let world = World::new(fixture, 4, 1).await;
    world.sync(SyncKind::Full).await;
    let (store, at, id) = (&world.fixture.store, world.at(), &world.directory.id);
    for filter in ["(uid=nobody)", "(&(uid=nobody)(cn=*))"] {
        let mut settings = settings(&world.slapd);
        settings.scope.user_filter = Some(filter.to_owned());
        let cx = world.cx("UpdateDirectory");
        directories::update(store, &cx, &world.work.outbound, (&at, id), (settings, GivenSecret::default()))
            .await
            .unwrap();
        let run = world.sync(SyncKind::Full).await;
        assert_eq!(run.state, SyncState::Failed, "{run:?}");
        assert!(run.reason.as_deref().is_some_and(|why| why.contains("outage")), "{run:?}");
    }
    let mut settings = settings(&world.slapd);
    settings.scope.user_bases = vec!["ou=nowhere,dc=example,dc=test".to_owned()];
    let cx = world.cx("UpdateDirectory");
    directories::update(store, &cx, &world.work.outbound, (&at, id), (settings, GivenSecret::default()))
        .await
        .unwrap();
    assert_eq!(world.sync(SyncKind::Full).await.state, SyncState::Failed);
    assert_eq!(world.user("u1").unwrap().status, UserStatus::Enabled);
});

on_both_engines!(few_each_time_are_many_within_a_day, |fixture| async move {
    let world = World::new(fixture, 20, 1).await;
    world.sync(SyncKind::Full).await;
    world.slapd.dismiss(1..=3);
    let first = world.sync(SyncKind::Full).await;
    assert_eq!((first.state, first.counts.disabled), (SyncState::Succeeded, 3), "{first:?}");
    world.slapd.dismiss(4..=6);
    for kind in [SyncKind::Full, SyncKind::Incremental] {
        let held = world.sync(kind).await;
        assert_eq!((held.state, held.held_back.entries), (SyncState::Held, 3), "{held:?}");
    }
    assert_eq!(disabled(&world), 3);
    world.pass(DAY);
    let later = world.sync(SyncKind::Full).await;
    assert_eq!((later.state, later.counts.disabled), (SyncState::Succeeded, 3), "{later:?}");
});

on_both_engines!(whatever_a_change_of_the_source_takes_away_is_shown_first, |fixture| async move {
    let world = World::new(fixture, 20, 1).await;
    world.sync(SyncKind::Full).await;
    let (store, at, id) = (&world.fixture.store, world.at(), &world.directory.id);
    let mut new = settings(&world.slapd);
    new.scope.user_filter = Some("(!(uid=u1))".to_owned());
    world.update(new.clone()).await;
    let held = world.sync(SyncKind::Full).await;
    assert_eq!((held.state, held.held_back.entries), (SyncState::Held, 1), "{held:?}");
    assert_eq!(disabled(&world), 0);
    let cx = world.cx("ResolveDirectoryBrake");
    let passes = directory_syncs::resolve_brake(store, &cx, (&at, id), &held.id).await.unwrap();
    let passed = world.finish(passes).await;
    assert_eq!((passed.state, passed.counts.disabled), (SyncState::Succeeded, 1), "{passed:?}");

    // It has been looked at: two more go as they always did.
    world.slapd.dismiss(2..=3);
    assert_eq!(world.sync(SyncKind::Full).await.counts.disabled, 2);

    // A brake that lets everybody pass, and nobody is kept.
    new.schedule.brake_percent = 100;
    new.schedule.remove_after_days = 0;
    world.update(new).await;
    world.slapd.dismiss(4..=4);
    for kind in [SyncKind::Incremental, SyncKind::Full] {
        let held = world.sync(kind).await;
        assert_eq!(held.state, SyncState::Held, "{held:?}");
    }
    assert_eq!(disabled(&world), 3);
    assert!(world.user("u1").is_some());
});

on_both_engines!(who_could_not_be_disabled_is_disabled_by_the_next_run, |fixture| async move {
    let world = World::new(fixture, 4, 1).await;
    world.sync(SyncKind::Full).await;
    let user = world.user("u2").unwrap();
    let mut broken = user.clone();
    broken.profile.attributes.insert("Title".to_owned(), "\u{200b}".into());
    world.write(broken).await;
    world.slapd.dismiss(2..=2);
    let run = world.sync(SyncKind::Full).await;
    assert_eq!((run.state, run.counts.skipped, run.counts.disabled), (SyncState::Succeeded, 1, 0), "{run:?}");
    world.write(user).await;
    let run = world.sync(SyncKind::Full).await;
    assert_eq!((run.state, run.counts.disabled), (SyncState::Succeeded, 1), "{run:?}");
    assert_eq!(world.user("u2").unwrap().status, UserStatus::Disabled);
});

on_both_engines!(whom_an_administrator_disabled_stays_so, |fixture| async move {
    let world = World::new(fixture, 3, 1).await;
    world.sync(SyncKind::Full).await;
    let (store, at) = (&world.fixture.store, world.at());
    let user = world.user("u2").unwrap();
    users::set_status(store, &world.cx("DisableUser"), &at, &user.id, UserStatus::Disabled).await.unwrap();
    let run = world.sync(SyncKind::Full).await;
    assert!(run.counts.is_quiet(), "{run:?}");
    assert_eq!(world.user("u2").unwrap().status, UserStatus::Disabled);
});

on_both_engines!(a_run_that_was_killed_is_ended_by_who_comes_next, |fixture| async move {
    let world = World::new(fixture, 20, 1).await;
    let (store, at, id) = (&world.fixture.store, world.at(), &world.directory.id);
    let cx = world.cx("StartDirectorySync");
    let begun = directory_syncs::start(store, &cx, (&at, id), SyncKind::Full).await.unwrap();
    let again = directory_syncs::start(store, &cx, (&at, id), SyncKind::Full).await.unwrap_err();
    assert!(again.message().contains(begun.id.as_str()), "{again}");
    let job = world.job().await;
    let killed = tokio::spawn(edge_ldap::runs::run_one(world.work.clone(), job.clone()));
    tokio::time::sleep(Duration::from_millis(60)).await;
    killed.abort();
    let _ = killed.await;
    edge_ldap::runs::run_one(world.work.clone(), job).await.unwrap();
    let run = world.describe(&begun);
    assert_eq!(run.state, SyncState::Succeeded, "{run:?}");
    assert!((1..=20).all(|number| world.user(&format!("u{number}")).is_some()), "each once");
    assert_eq!(world.members("g1").0.len(), 20);
    let skipped = world.changes(&run).into_iter().filter(|change| change.kind == ChangeKind::Skip);
    assert_eq!(skipped.count(), 0);
});

on_both_engines!(with_a_directory_goes_the_job_of_a_run_that_is_under_way, |fixture| async move {
    let world = World::new(fixture, 20, 1).await;
    let (store, at, id) = (&world.fixture.store, world.at(), &world.directory.id);
    directory_syncs::start(store, &world.cx("StartDirectorySync"), (&at, id), SyncKind::Full).await.unwrap();
    let job = world.job().await;
    let under_way = tokio::spawn(edge_ldap::runs::run_one(world.work.clone(), job.clone()));
    tokio::time::sleep(Duration::from_millis(30)).await;
    directories::delete(store, &world.cx("DeleteDirectory"), (&at, id)).await.unwrap();
    let left = || store.read(store::jobs::count).unwrap();
    assert_eq!(left(), 0, "nobody waits until its hold lapses");
    // However far it was, it ends by itself, and whoever claimed it too.
    let _ = under_way.await.unwrap();
    edge_ldap::runs::run_one(world.work.clone(), job).await.unwrap();
    assert_eq!(left(), 0);
});

fn given(password: &str) -> GivenSecret {
    GivenSecret { password: Some(Secret::new(password)), key: None }
}

on_both_engines!(the_password_goes_to_no_other_server_unless_it_is_given_again, |fixture| async move {
    let world = World::new(fixture, 1, 1).await;
    let (store, at, id) = (&world.fixture.store, world.at(), &world.directory.id);
    let cx = world.cx("UpdateDirectory");
    let changes: [fn(&mut DirectorySettings); 5] = [
        |settings| {
            settings.servers.clear();
            settings.dns_domain =
                Some(DnsDomain { name: "example.com".to_owned(), security: DnsSecurity::Ldaps });
        },
        |settings| settings.servers.push("ldaps://elsewhere.example".to_owned()),
        |settings| settings.bind_dn = Some("cn=other,dc=example,dc=test".to_owned()),
        |settings| settings.ca_certificates = None,
        |settings| {
            settings.ca_certificates = None;
            settings.pinned_certificates = vec!["ab".repeat(32)];
        },
    ];
    for change in changes {
        let mut settings = settings(&world.slapd);
        change(&mut settings);
        let new = (settings.clone(), GivenSecret::default());
        let refused =
            directories::update(store, &cx, &world.work.outbound, (&at, id), new).await.unwrap_err();
        assert!(refused.message().contains("BindPassword"), "{refused}");
        let new = (settings, given("another"));
        directories::update(store, &cx, &world.work.outbound, (&at, id), new).await.unwrap();
        let back = (crate::world::settings(&world.slapd), given("reads"));
        directories::update(store, &cx, &world.work.outbound, (&at, id), back).await.unwrap();
    }
});

on_both_engines!(who_is_disabled_there_is_so_here_whatever_else_is_wrong_with_them, |fixture| async move {
    let world = World::new(fixture, 4, 1).await;
    world.sync(SyncKind::Full).await;
    // An address that is somebody else's is refused, and the account has expired (shadowExpire, in days).
    world.slapd.change(&format!(
        "dn: uid=u2,ou=people,{BASE}\nchangetype: modify\nreplace: mail\nmail: u1@example.test\n-\nadd: objectClass\nobjectClass: shadowAccount\n-\n\
         add: shadowExpire\nshadowExpire: 1\n\n"
    ));
    let run = world.sync(SyncKind::Full).await;
    assert_eq!((run.state, run.counts.skipped, run.counts.disabled), (SyncState::Succeeded, 1, 1), "{run:?}");
    assert_eq!(world.user("u2").unwrap().status, UserStatus::Disabled);
});
