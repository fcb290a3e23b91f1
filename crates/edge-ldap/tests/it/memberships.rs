//! Who is taken out of groups, and what is not believed of members.

use model::sources::directory_sync::{ChangeKind, SyncKind, SyncState};
use sources::directory_syncs;
use testkit::on_both_engines;

use crate::slapd::BASE;
use crate::world::{World, settings};

/// Takes people out of a group there.
fn take_out(world: &World, group: &str, people: impl IntoIterator<Item = usize>) {
    let values = people.into_iter().map(|number| format!("member: uid=u{number},ou=people,{BASE}\n"));
    let values: String = values.collect();
    world
        .slapd
        .change(&format!("dn: cn={group},ou=groups,{BASE}\nchangetype: modify\ndelete: member\n{values}\n"));
}

fn posix_group(world: &World, name: &str, number: u32, member: &str) {
    world.slapd.change(&format!(
        "dn: cn={name},ou=groups,{BASE}\nchangetype: add\nobjectClass: posixGroup\ncn: {name}\ngidNumber: {number}\nmemberUid: {member}\n\n"
    ));
}

on_both_engines!(memberships_are_held_like_people, |fixture| async move {
    let world = World::new(fixture, 20, 1).await;
    world.sync(SyncKind::Full).await;
    take_out(&world, "g1", 1..=8);
    let dry = world.sync(SyncKind::DryRun).await;
    assert!(
        dry.reason.as_deref().is_some_and(|why| why.contains("held") && why.contains("8 memberships")),
        "{dry:?}"
    );
    let mut held = None;
    for kind in [SyncKind::Incremental, SyncKind::Full] {
        let run = world.sync(kind).await;
        assert_eq!((run.state, run.held_back.memberships), (SyncState::Held, 8), "{run:?}");
        assert_eq!(world.members("g1").0.len(), 20);
        held = Some(run);
    }
    let (store, at, id) = (&world.fixture.store, world.at(), &world.directory.id);
    let cx = world.cx("ResolveDirectoryBrake");
    let passes = directory_syncs::resolve_brake(store, &cx, (&at, id), &held.unwrap().id).await.unwrap();
    let passed = world.finish(passes).await;
    assert_eq!((passed.state, passed.counts.members_removed), (SyncState::Succeeded, 8), "{passed:?}");
    assert_eq!(world.members("g1").0.len(), 12);

    // Five within a day pass always, and no more.
    take_out(&world, "g1", 9..=12);
    assert_eq!(world.sync(SyncKind::Incremental).await.counts.members_removed, 4);
    take_out(&world, "g1", 13..=14);
    assert_eq!(world.sync(SyncKind::Incremental).await.state, SyncState::Held);
    assert_eq!(world.members("g1").0.len(), 8);
});

on_both_engines!(a_group_that_is_gone_takes_its_memberships_along, |fixture| async move {
    let world = World::new(fixture, 20, 1).await;
    world.sync(SyncKind::Full).await;
    world.slapd.change(&format!("dn: cn=g1,ou=groups,{BASE}\nchangetype: delete\n\n"));
    let dry = world.sync(SyncKind::DryRun).await;
    assert!(
        dry.reason.as_deref().is_some_and(|why| why.contains("held") && why.contains("20 memberships")),
        "{dry:?}"
    );
    let held = world.sync(SyncKind::Full).await;
    assert_eq!((held.state, held.held_back.memberships), (SyncState::Held, 20), "{held:?}");
    assert_eq!(world.members("g1").0.len(), 20);
    let (store, at, id) = (&world.fixture.store, world.at(), &world.directory.id);
    let cx = world.cx("ResolveDirectoryBrake");
    let passes = directory_syncs::resolve_brake(store, &cx, (&at, id), &held.id).await.unwrap();
    let passed = world.finish(passes).await;
    assert_eq!((passed.state, passed.counts.members_removed), (SyncState::Succeeded, 20), "{passed:?}");
    assert!(world.members("g1").0.is_empty());
});

on_both_engines!(groups_that_all_lost_their_members_are_an_outage, |fixture| async move {
    let world = World::new(fixture, 10, 2).await;
    let mut new = settings(&world.slapd);
    new.scope.group_filter = Some("(objectClass=groupOfNames)".to_owned());
    world.update(new).await;
    world.sync(SyncKind::Full).await;
    for group in ["g1", "g2"] {
        world.slapd.change(&format!(
            "dn: cn={group},ou=groups,{BASE}\nchangetype: modify\nreplace: member\nmember: cn=nobody,{BASE}\n\n"
        ));
    }
    for kind in [SyncKind::DryRun, SyncKind::Full] {
        let run = world.sync(kind).await;
        assert_eq!(run.state, SyncState::Failed, "{run:?}");
        assert!(run.reason.as_deref().is_some_and(|why| why.contains("outage")), "{run:?}");
    }
    assert_eq!(world.members("g1").0.len(), 10);
});

on_both_engines!(two_renames_of_one_page_mix_nobody_up, |fixture| async move {
    let world = World::new(fixture, 4, 1).await;
    for (group, member) in [("first", "u1"), ("second", "u2")] {
        world.slapd.change(&format!(
            "dn: cn={group},ou=groups,{BASE}\nchangetype: add\nobjectClass: groupOfNames\ncn: {group}\nmember: uid={member},ou=people,{BASE}\n\n"
        ));
    }
    world.sync(SyncKind::Full).await;
    let (first, second) = (world.member_ids("first"), world.member_ids("second"));
    for (old, new) in [("u2", "zed"), ("u1", "u2")] {
        world.slapd.change(&format!(
            "dn: uid={old},ou=people,{BASE}\nchangetype: modrdn\nnewrdn: uid={new}\ndeleteoldrdn: 1\n\n"
        ));
    }
    let run = world.sync(SyncKind::Incremental).await;
    assert_eq!(run.state, SyncState::Succeeded, "{run:?}");
    assert_eq!((world.member_ids("first"), world.member_ids("second")), (first, second));
});

on_both_engines!(a_name_of_two_entries_is_nobodys, |fixture| async move {
    let world = World::new(fixture, 4, 1).await;
    posix_group(&world, "admins", 777, "u2");
    world.sync(SyncKind::Full).await;
    assert_eq!(world.members("admins").0, ["u2"]);
    // Somebody who may make accounts in a unit of their own.
    world.slapd.change(&format!(
        "dn: ou=guests,ou=people,{BASE}\nchangetype: add\nobjectClass: organizationalUnit\nou: guests\n\n\
         dn: cn=guest,ou=guests,ou=people,{BASE}\nchangetype: add\nobjectClass: inetOrgPerson\nuid: u2\nuid: guest\ncn: guest\nsn: Guest\n\n"
    ));
    let run = world.sync(SyncKind::Incremental).await;
    assert_eq!(run.state, SyncState::Succeeded, "{run:?}");
    assert!(world.members("admins").0.is_empty());
    let changes = world.changes(&run);
    let said = changes.iter().find(|change| change.kind == ChangeKind::Skip && change.name == "admins");
    assert!(said.is_some_and(|change| change.detail.contains("a:u2")), "{changes:?}");
    world.slapd.change(&format!("dn: cn=guest,ou=guests,ou=people,{BASE}\nchangetype: delete\n\n"));
    world.sync(SyncKind::Full).await;
    assert_eq!(world.members("admins").0, ["u2"]);
});

on_both_engines!(a_number_of_two_groups_is_nobodys_primary_group, |fixture| async move {
    let world = World::new(fixture, 4, 1).await;
    posix_group(&world, "twin", 20_001, "u3");
    world.sync(SyncKind::Full).await;
    assert_eq!(world.members("unix").0, ["u2"]);
    assert_eq!(world.members("twin").0, ["u3"]);
});

on_both_engines!(who_is_gone_stays_in_their_groups_and_comes_into_no_other, |fixture| async move {
    let world = World::new(fixture, 4, 1).await;
    world.sync(SyncKind::Full).await;
    world.slapd.dismiss(3..=3);
    let run = world.sync(SyncKind::Full).await;
    assert_eq!(
        (run.state, run.counts.disabled, run.counts.members_removed),
        (SyncState::Succeeded, 1, 0),
        "{run:?}"
    );
    assert!(world.members("g1").0.contains(&"u3".to_owned()));
    posix_group(&world, "later", 778, "u3");
    world.sync(SyncKind::Incremental).await;
    assert!(world.members("later").0.is_empty());
});
