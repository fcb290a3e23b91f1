//! What a directory tells is read at once; of many changes a few runs come; one server listens, and ends when an administrator decides otherwise.

use std::time::Duration;

use edge_ldap::watches::claim;
use model::directory::user::UserStatus;
use model::page::PageRequest;
use model::sources::directory::{DirectoryStatus, Switch};
use model::sources::directory_sync::SyncKind;
use model::sources::directory_watch::{DirectoryWatch, WatchState};
use sources::{directories, directory_syncs};
use testkit::on_both_engines;
use tokio::time::{Instant, sleep};

use crate::slapd::BASE;
use crate::world::{World, settings};

/// A directory that is read by a schedule and listened to.
async fn watched(world: &World) {
    let mut new = settings(&world.slapd);
    new.watch = Switch::Enabled;
    new.schedule.incremental_seconds = 86_400;
    world.update(new).await;
    world.sync(SyncKind::Full).await;
    let (at, cx) = (world.at(), world.cx("EnableDirectory"));
    let id = (&at, &world.directory.id);
    directories::set_status(&world.fixture.store, &cx, id, DirectoryStatus::Enabled).await.unwrap();
}

fn told(world: &World) -> Option<DirectoryWatch> {
    let (at, cx) = (world.at(), world.cx("DescribeDirectory"));
    directories::describe(&world.fixture.store, &cx, (&at, &world.directory.id)).unwrap().watch
}

async fn until(what: &str, is: impl Fn() -> bool) {
    let began = Instant::now();
    while !is() {
        assert!(began.elapsed() < Duration::from_secs(20), "{what}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Carries out the run that was begun because something was heard, and every one that follows; how many.
async fn runs(world: &World) -> usize {
    let mut count = 0;
    while let Some(open) = open(world) {
        world.pass(Duration::from_secs(5));
        world.finish(open).await;
        count += 1;
        let cx = world.cx("SynchronizeDirectory");
        world.pass(Duration::from_secs(5));
        directory_syncs::start_due(&world.fixture.store, &cx).await.unwrap();
    }
    count
}

fn open(world: &World) -> Option<model::sources::directory_sync::DirectorySync> {
    let (at, cx) = (world.at(), world.cx("ListDirectorySyncs"));
    let page = PageRequest::first(1);
    let listed = directory_syncs::list(&world.fixture.store, &cx, (&at, &world.directory.id), &page).unwrap();
    listed.items.into_iter().find(|sync| !sync.state.is_over())
}

on_both_engines!(what_changes_there_is_read_at_once, |fixture| async move {
    let world = World::new(fixture, 8, 1).await;
    assert!(told(&world).is_none());
    watched(&world).await;
    assert_eq!(told(&world).unwrap().standing.state, WatchState::Waiting);
    world.pass(Duration::from_secs(60));
    let mut listeners = claim(&world.work).await.unwrap();
    assert_eq!(listeners.len(), 1);
    // Another server of the same database.
    assert_eq!(claim(&world.work).await.unwrap().len(), 0);
    let listening = tokio::spawn(listeners.remove(0).listen());
    // Whatever changed while nobody listened.
    until("nothing was read at first", || open(&world).is_some()).await;
    let standing = told(&world).unwrap().standing;
    assert_eq!((standing.state, standing.said), (WatchState::Listening, None));
    assert!(standing.server.unwrap().ends_with(world.slapd.said("LDAPS").trim_start_matches("ldaps://")));
    runs(&world).await;
    sleep(Duration::from_millis(2_500)).await;

    world.slapd.dismiss([7]);
    let began = Instant::now();
    until("nothing was heard", || open(&world).is_some()).await;
    // The next beat would be five seconds away, the next run a day.
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    assert_eq!(runs(&world).await, 1);
    assert_eq!(world.user("u7").unwrap().status, UserStatus::Disabled);

    // Forty changes, and a run or two.
    world.pass(Duration::from_secs(60));
    for number in 1..=40 {
        let title =
            format!("dn: uid=u1,ou=people,{BASE}\nchangetype: modify\nreplace: title\ntitle: T{number}\n\n");
        world.slapd.change(&title);
    }
    until("no storm was heard", || open(&world).is_some()).await;
    let first = runs(&world).await;
    sleep(Duration::from_millis(2_500)).await;
    world.pass(Duration::from_secs(60));
    let all = first + runs(&world).await;
    assert!((1..=4).contains(&all), "{all} runs");
    assert_eq!(world.user("u1").unwrap().profile.attributes["Title"], "T40");

    let mut new = settings(&world.slapd);
    new.watch = Switch::Disabled;
    world.update(new).await;
    tokio::time::timeout(Duration::from_secs(10), listening).await.unwrap().unwrap();
    assert!(told(&world).is_none());
    assert_eq!(claim(&world.work).await.unwrap().len(), 0);
});

on_both_engines!(who_listens_no_more_is_followed_by_another, |fixture| async move {
    let world = World::new(fixture, 2, 1).await;
    watched(&world).await;
    let killed = claim(&world.work).await.unwrap();
    assert_eq!(killed.len(), 1);
    drop(killed);
    assert_eq!(claim(&world.work).await.unwrap().len(), 0, "it may still listen");
    world.pass(Duration::from_secs(16));
    assert_eq!(told(&world).unwrap().standing.state, WatchState::Waiting);
    let mut next = claim(&world.work).await.unwrap();
    world.slapd.stop();
    let listening = tokio::spawn(next.remove(0).listen());
    until("no failure was told", || told(&world).unwrap().standing.state == WatchState::Retrying).await;
    let said = told(&world).unwrap().standing.said.unwrap();
    assert!(said.contains("127.0.0.1"), "{said}");
    listening.abort();
});
