//! What changes there changes here, and who is renamed stays who they are.

use model::directory::user::UserStatus;
use model::sources::directory_sync::{SyncKind, SyncState};
use testkit::on_both_engines;

use crate::slapd::BASE;
use crate::world::World;

on_both_engines!(a_rename_keeps_the_person_and_their_groups, |fixture| async move {
    let world = World::new(fixture, 5, 2).await;
    world.sync(SyncKind::Full).await;
    let before = world.user("u3").unwrap();
    assert!(world.members("g1").0.contains(&"u3".to_owned()));
    world.slapd.change(&format!(
        "dn: uid=u3,ou=people,{BASE}\nchangetype: modrdn\nnewrdn: uid=zoe\\,third\ndeleteoldrdn: 1\n\n"
    ));
    world.slapd.change(&format!(
        "dn: uid=zoe\\2Cthird,ou=people,{BASE}\nchangetype: modify\nreplace: title\ntitle: Director\n-\ndelete: telephoneNumber\n\n"
    ));
    let run = world.sync(SyncKind::Incremental).await;
    assert_eq!(run.state, SyncState::Succeeded, "{:?}", run.reason);
    assert_eq!(run.counts.updated, 1, "{:?}", run.counts);
    assert!(world.user("u3").is_none());
    let after = world.user("zoe,third").unwrap();
    assert_eq!(after.id, before.id);
    assert_eq!(after.profile.attributes["Title"], "Director");
    assert!(world.members("g1").0.contains(&"zoe,third".to_owned()));
    // Whether or not the server follows the name in its groups.
    world.slapd.change(&format!(
        "dn: cn=g1,ou=groups,{BASE}\nchangetype: modify\nadd: member\nmember: uid=zoe\\,third,ou=people,{BASE}\n-\n\
         delete: member\nmember: uid=u3,ou=people,{BASE}\n\n"
    ));
    world.sync(SyncKind::Incremental).await;
    assert!(world.members("g1").0.contains(&"zoe,third".to_owned()));
});

on_both_engines!(whoever_comes_into_scope_is_in_the_groups_that_name_them, |fixture| async move {
    let world = World::new(fixture, 4, 1).await;
    world.slapd.change(&format!(
        "dn: cn=g1,ou=groups,{BASE}\nchangetype: modify\nadd: member\nmember: uid=late,ou=people,{BASE}\n-\nadd: member\nmember: cn=inner,ou=groups,{BASE}\n\n"
    ));
    let first = world.sync(SyncKind::Full).await;
    assert_eq!(first.counts.members_unknown, 2, "{:?}", first.counts);
    world.slapd.change(&format!(
        "dn: uid=late,ou=people,{BASE}\nchangetype: add\nobjectClass: inetOrgPerson\nuid: late\ncn: Late\nsn: Late\n\n\
         dn: cn=inner,ou=groups,{BASE}\nchangetype: add\nobjectClass: groupOfNames\ncn: inner\nmember: uid=late,ou=people,{BASE}\n\n"
    ));
    let run = world.sync(SyncKind::Incremental).await;
    assert_eq!((run.state, run.counts.created), (SyncState::Succeeded, 2), "{run:?}");
    let (people, groups) = world.members("g1");
    assert!(people.contains(&"late".to_owned()), "{people:?}");
    assert_eq!(groups, 1, "nested");
    assert_eq!(world.members("inner").0, ["late"]);
    // A circle is taken as far as it goes.
    world.slapd.change(&format!(
        "dn: cn=inner,ou=groups,{BASE}\nchangetype: modify\nadd: member\nmember: cn=g1,ou=groups,{BASE}\n-\nadd: member\nmember: uid=u1,ou=people,{BASE}\n\n"
    ));
    let run = world.sync(SyncKind::Incremental).await;
    assert_eq!((run.state, run.counts.skipped), (SyncState::Succeeded, 1), "{run:?}");
    assert_eq!(world.members("inner"), (vec!["late".to_owned(), "u1".to_owned()], 0));
});

on_both_engines!(who_leaves_is_disabled_and_who_comes_back_is_who_they_were, |fixture| async move {
    let world = World::new(fixture, 6, 1).await;
    world.slapd.change(&format!(
        "dn: ou=away,{BASE}\nchangetype: add\nobjectClass: organizationalUnit\nou: away\n\n"
    ));
    world.sync(SyncKind::Full).await;
    let before = world.user("u4").unwrap();
    world.slapd.change(&format!(
        "dn: uid=u4,ou=people,{BASE}\nchangetype: modrdn\nnewrdn: uid=u4\ndeleteoldrdn: 1\nnewsuperior: ou=away,{BASE}\n\n"
    ));
    let run = world.sync(SyncKind::Full).await;
    assert_eq!((run.state, run.counts.disabled), (SyncState::Succeeded, 1), "{run:?}");
    assert_eq!(world.user("u4").unwrap().status, UserStatus::Disabled);
    world.slapd.change(&format!(
        "dn: uid=u4,ou=away,{BASE}\nchangetype: modrdn\nnewrdn: uid=u4\ndeleteoldrdn: 1\nnewsuperior: ou=people,{BASE}\n\n"
    ));
    let run = world.sync(SyncKind::Incremental).await;
    assert_eq!((run.state, run.counts.updated), (SyncState::Succeeded, 1), "{run:?}");
    let after = world.user("u4").unwrap();
    assert_eq!((after.id, after.status), (before.id, UserStatus::Enabled));
});
