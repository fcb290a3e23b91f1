//! What changes in a real OpenLDAP: by content synchronization, with and without the log of the overlay, and by timestamps where there is no overlay.

use std::time::Duration;

use ldap::attribute::AttributeName;
use ldap::cursor::{Cursor, Point};
use ldap::dn::Dn;
use ldap::found::Deletions;
use outbound::ldap::failure::Kind;

use super::passes::read;
use super::scratch::{NOW, Slapd, directory};

const CHANGES: &str = "dn: uid=u1,ou=people,dc=example,dc=test
changetype: modify
replace: title
title: Director

dn: uid=u2,ou=people,dc=example,dc=test
changetype: delete

dn: uid=u3,ou=people,dc=example,dc=test
changetype: modrdn
newrdn: uid=renamed
deleteoldrdn: 1

dn: uid=new,ou=people,dc=example,dc=test
changetype: add
objectClass: inetOrgPerson
uid: new
cn: New
sn: New

dn: cn=g1,ou=groups,dc=example,dc=test
changetype: modify
delete: member
member: uid=u2,ou=people,dc=example,dc=test
";

#[tokio::test]
async fn what_changed_comes_and_nothing_else() {
    let slapd = Slapd::start(1_200, 5);
    let directory = slapd.directory();
    let full = read(directory.full(NOW).await).await.unwrap();
    let cursor = full.cursor.clone().unwrap();
    assert!(matches!(cursor.point, Point::SyncRepl { .. }));
    // As it is kept.
    let cursor = Cursor::from_bytes(&cursor.to_bytes()).unwrap();
    let unchanged = read(directory.changes(&cursor, NOW).await).await.unwrap();
    assert_eq!((unchanged.named(), unchanged.deletions), (0, Some(Deletions::Told)));
    slapd.change(CHANGES);
    let changed = read(directory.changes(&cursor, NOW).await).await.unwrap();
    assert_eq!(changed.user_names(), ["new", "renamed", "u1"]);
    assert_eq!(changed.groups.keys().collect::<Vec<_>>(), ["g1"]);
    assert_eq!(changed.groups["g1"].members.len(), 1_199);
    // A new name, the same person.
    assert_eq!(changed.people["renamed"].id, full.people["u3"].id);
    assert_eq!(changed.deletions, Some(Deletions::Told));
    assert!(changed.gone.contains(full.people["u2"].id.as_str()));
    assert!(!changed.gone.contains(full.people["u1"].id.as_str()));
    let later = read(directory.changes(&changed.cursor.unwrap(), NOW).await).await.unwrap();
    assert_eq!(later.named(), 0);
}

#[tokio::test]
async fn who_leaves_the_scope_is_gone_and_who_comes_back_is_the_same() {
    let slapd = Slapd::start(20, 2);
    let mut settings = slapd.settings();
    settings.scope.people = vec![Dn::parse("ou=people,dc=example,dc=test").unwrap()];
    settings.scope.groups = vec![Dn::parse("ou=groups,dc=example,dc=test").unwrap()];
    let directory = directory(settings);
    let full = read(directory.full(NOW).await).await.unwrap();
    let id = full.people["u5"].id.clone();
    slapd.change(
        "dn: uid=u5,ou=people,dc=example,dc=test\nchangetype: modrdn\nnewrdn: uid=u5\ndeleteoldrdn: 0\nnewsuperior: dc=example,dc=test\n",
    );
    let changed = read(directory.changes(&full.cursor.unwrap(), NOW).await).await.unwrap();
    let is_gone = match changed.deletions {
        Some(Deletions::Told) => changed.gone.contains(id.as_str()),
        _ => !changed.still.contains(id.as_str()) && !changed.people.contains_key("u5"),
    };
    assert!(is_gone, "{changed:?}");
    slapd.change(
        "dn: uid=u5,dc=example,dc=test\nchangetype: modrdn\nnewrdn: uid=u5\ndeleteoldrdn: 0\nnewsuperior: ou=people,dc=example,dc=test\n",
    );
    let back = read(directory.changes(&changed.cursor.unwrap(), NOW).await).await.unwrap();
    assert_eq!(back.people["u5"].id, id);
}

#[tokio::test]
async fn without_a_log_those_who_are_there_are_named() {
    let slapd = Slapd::start_without("sessionlog", 50, 2);
    let directory = slapd.directory();
    let full = read(directory.full(NOW).await).await.unwrap();
    slapd.change(CHANGES);
    let changed = read(directory.changes(&full.cursor.unwrap(), NOW).await).await.unwrap();
    assert_eq!(changed.deletions, Some(Deletions::ByAbsence));
    let is_named = |id: &str| {
        changed.still.contains(id) || changed.people.values().any(|person| person.id.as_str() == id)
    };
    for (name, person) in &full.people {
        assert_eq!(is_named(person.id.as_str()), name != "u2", "{name}");
    }
    for group in full.groups.values() {
        let id = group.id.as_str();
        assert!(changed.still.contains(id) || changed.groups.values().any(|group| group.id.as_str() == id));
    }
}

#[tokio::test]
async fn without_the_overlay_changes_come_by_their_time() {
    let slapd = Slapd::start_without("syncprov", 50, 2);
    let directory = slapd.directory();
    let full = read(directory.full(NOW).await).await.unwrap();
    let cursor = full.cursor.unwrap();
    assert!(matches!(cursor.point, Point::Timestamp { seconds } if seconds > 0), "{cursor:?}");
    slapd.change(CHANGES);
    let changed = read(directory.changes(&cursor, NOW).await).await.unwrap();
    for name in ["new", "renamed", "u1"] {
        assert!(changed.people.contains_key(name), "{name}");
    }
    // Who was deleted only a full pass finds.
    assert_eq!(changed.deletions, Some(Deletions::Untold));
}

#[tokio::test]
async fn a_cursor_of_other_settings_or_of_nowhere_asks_for_everything() {
    let slapd = Slapd::start(5, 1);
    let directory = slapd.directory();
    let cursor = read(directory.full(NOW).await).await.unwrap().cursor.unwrap();
    let other = Cursor { settings: [0; 32], ..cursor.clone() };
    assert!(directory.changes(&other, NOW).await.err().unwrap().asks_for_full());
    // Of a database that was put back since.
    let cookie = b"rid=000,csn=20991231235959.000000Z#000000#000#000000".to_vec();
    let later = Cursor { point: Point::SyncRepl { cookies: vec![cookie; 2] }, ..cursor };
    let failure = read(directory.changes(&later, NOW).await).await.unwrap_err();
    assert_eq!(failure.kind(), Kind::CursorLost, "{failure}");
}

#[tokio::test]
async fn a_thousand_changes_are_more_than_the_server_gives_at_once() {
    let slapd = Slapd::start(700, 1);
    let directory = slapd.directory();
    let cursor = read(directory.full(NOW).await).await.unwrap().cursor.unwrap();
    let change = |number: u32| {
        format!(
            "dn: uid=u{number},ou=people,dc=example,dc=test\nchangetype: modify\nreplace: title\ntitle: Other\n"
        )
    };
    let ldif = (1..=700).map(change).collect::<Vec<_>>().join("\n");
    slapd.change(&ldif);
    // The account may have 500 at once outside of pages: everything is read then.
    let failure = read(directory.changes(&cursor, NOW).await).await.unwrap_err();
    assert!(failure.asks_for_full(), "{failure}");
}

#[tokio::test]
async fn a_change_is_heard_at_once() {
    let slapd = Slapd::start(20, 2);
    let directory = slapd.directory();
    let mut watch = directory.watch().await.unwrap().unwrap();
    let short = Duration::from_millis(300);
    assert!(!watch.changed(short).await.unwrap(), "nothing has changed yet");
    for ldif in [
        "dn: uid=u1,ou=people,dc=example,dc=test\nchangetype: modify\nreplace: title\ntitle: Director\n",
        "dn: uid=u2,ou=people,dc=example,dc=test\nchangetype: delete\n",
        "dn: cn=g1,ou=groups,dc=example,dc=test\nchangetype: modify\ndelete: member\nmember: uid=u3,ou=people,dc=example,dc=test\n",
    ] {
        slapd.change(ldif);
        assert!(watch.changed(Duration::from_secs(5)).await.unwrap(), "{ldif}");
    }
    // Of what is neither a person nor a group nothing is heard.
    slapd.change(
        "dn: ou=other,dc=example,dc=test\nchangetype: add\nobjectClass: organizationalUnit\nou: other\n",
    );
    while watch.changed(short).await.unwrap() {}
    assert!(!watch.changed(short).await.unwrap());
    // The server goes: that is a failure, and no change.
    let place = watch.server().to_owned();
    drop(slapd);
    let failure = watch.changed(Duration::from_secs(5)).await.unwrap_err();
    assert_eq!((failure.kind(), failure.server), (Kind::Away, Some(place)));
}

#[tokio::test]
async fn without_the_overlay_there_is_nothing_to_hear() {
    let slapd = Slapd::start_without("syncprov", 5, 1);
    assert!(slapd.directory().watch().await.unwrap().is_none());
}

#[tokio::test]
async fn another_identifier_is_never_taken_for_that_of_synchronization() {
    let slapd = Slapd::start(5, 1);
    let mut settings = slapd.settings();
    settings.mapping.id = AttributeName::parse("entryDN").unwrap();
    let found = read(directory(settings).full(NOW).await).await.unwrap();
    assert_eq!(found.people["u1"].id.as_str(), "uid=u1,ou=people,dc=example,dc=test");
    assert!(matches!(found.cursor.unwrap().point, Point::Timestamp { .. }));
}
