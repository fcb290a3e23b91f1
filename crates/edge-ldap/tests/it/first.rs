//! The first runs: what a dry run says is what a full one does, and who is as they should be is left alone.

use directory::owners::{self, HandOver, Owned};
use directory::source_id::SourceId;
use directory::users;
use model::directory::user::{UserProfile, UserStatus};
use model::page::PageRequest;
use model::sources::directory_sync::{ChangeKind, EntryKind, SyncChange, SyncKind, SyncState};
use testkit::on_both_engines;

use crate::world::World;

fn of(changes: &[SyncChange], kind: ChangeKind, entry: EntryKind) -> Vec<&str> {
    let found = changes.iter().filter(|change| (change.kind, change.entry) == (kind, entry));
    found.map(|change| change.name.as_str()).collect()
}

on_both_engines!(what_a_dry_run_says_a_full_one_does, |fixture| async move {
    let world = World::new(fixture, 20, 4).await;
    let dry = world.sync(SyncKind::DryRun).await;
    assert_eq!(dry.state, SyncState::Succeeded, "{:?}", dry.reason);
    let planned = world.changes(&dry);
    assert_eq!(of(&planned, ChangeKind::Create, EntryKind::User).len(), 20);
    let groups = of(&planned, ChangeKind::Create, EntryKind::Group);
    assert_eq!(groups.len(), 5, "{groups:?}");
    assert!(world.user("u1").is_none() && world.group("g1").is_none(), "a dry run changes nothing");

    let full = world.sync(SyncKind::Full).await;
    assert_eq!(full.state, SyncState::Succeeded, "{:?}", full.reason);
    assert_eq!(full.counts.created, 25, "{:?}", full.counts);
    assert_eq!(full.counts.created, dry.counts.created);
    assert_eq!(full.counts.members_changed, dry.counts.members_changed);
    let user = world.user("u7").unwrap();
    assert_eq!(user.status, UserStatus::Enabled);
    assert_eq!(user.profile.primary_email(), Some("u7@example.test"));
    assert_eq!(user.profile.display_name, "Person 7");
    assert_eq!(user.profile.attributes["Title"], "Engineer");
    assert_eq!(user.external_ids[0].issuer, world.directory.id.issuer());
    assert!(world.members("g1").0.contains(&"u7".to_owned()));
    // By its account there, and everybody whose primary group it is.
    assert_eq!(world.members("unix").0.len(), 20);

    let again = world.sync(SyncKind::Full).await;
    assert_eq!((again.counts.unchanged, again.counts.is_quiet()), (25, true), "{:?}", again.counts);
    assert_eq!(world.user("u7").unwrap().revision, user.revision);
    let little = world.sync(SyncKind::Incremental).await;
    assert_eq!(little.state, SyncState::Succeeded, "{:?}", little.reason);
    assert!(little.counts.is_quiet(), "{:?}", little.counts);
    let dry = world.sync(SyncKind::DryRun).await;
    assert_eq!(world.changes(&dry), []);
});

on_both_engines!(nobody_is_linked_by_a_name_until_an_administrator_hands_them_over, |fixture| async move {
    let world = World::new(fixture, 3, 1).await;
    let own = UserProfile {
        user_name: "u2".to_owned(),
        display_name: "Made here".to_owned(),
        ..UserProfile::default()
    };
    let mut own = own;
    own.name.given_name = Some("Made".to_owned());
    own.name.family_name = Some("Here".to_owned());
    let (store, at) = (&world.fixture.store, world.at());
    let own = users::create(store, &world.cx("CreateUser"), &at, own).await.unwrap();
    let to = Some(SourceId::Directory(world.directory.id.clone()));
    let hand_over = HandOver { of: vec![Owned::User(own.id.clone())], to: to.clone() };
    // Whoever is given the name there some day is not her.
    let failed = owners::take(store, &world.cx("TakeOwnership"), &at, hand_over).await.unwrap();
    assert!(
        matches!(failed.as_slice(), [one] if one.reason.contains("has read nobody called u2")),
        "{failed:?}"
    );
    let full = world.sync(SyncKind::Full).await;
    assert_eq!((full.state, full.counts.skipped), (SyncState::Succeeded, 1), "{:?}", full.counts);
    let why = world.changes(&full);
    assert_eq!(of(&why, ChangeKind::Skip, EntryKind::User), ["u2"]);
    assert!(why[0].detail.contains("TakeOwnership") && why[0].detail.contains(own.id.as_str()), "{why:?}");
    assert_eq!(world.user("u2").unwrap().profile.display_name, "Made here");
    assert!(!world.members("g1").0.contains(&"u2".to_owned()));

    let hand_over = HandOver { of: vec![Owned::User(own.id.clone())], to };
    assert_eq!(owners::take(store, &world.cx("TakeOwnership"), &at, hand_over).await.unwrap(), []);
    let full = world.sync(SyncKind::Full).await;
    assert_eq!((full.counts.skipped, full.counts.updated), (0, 1), "{:?}", full.counts);
    let linked = world.user("u2").unwrap();
    assert_eq!((&linked.id, linked.profile.display_name.as_str()), (&own.id, "Person 2"));
    assert!(world.members("g1").0.contains(&"u2".to_owned()));
    // Who is owned is changed there alone.
    let refused = users::delete(store, &world.cx("DeleteUser"), &at, &own.id, None).await.unwrap_err();
    assert!(refused.message().contains("the directory Example"), "{refused}");
    let listed = owners::users_of(
        store,
        &world.cx("ListOwned"),
        (&at, &SourceId::Directory(world.directory.id.clone())),
        &PageRequest::first(10),
    );
    assert_eq!(listed.unwrap().items.len(), 3);
});
