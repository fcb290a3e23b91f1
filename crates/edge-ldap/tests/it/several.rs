//! A directory that is one of several sources of somebody: what wins elsewhere stays, and what it says is kept, once.

use directory::attribute_precedence::{self, Precedence, Ranked};
use directory::patch::{AttributeOperation, Update};
use directory::users;
use model::directory::attribute_precedence::Outranked;
use model::sources::directory_sync::{SyncKind, SyncState};
use testkit::on_both_engines;

use crate::slapd::BASE;
use crate::world::World;

on_both_engines!(what_administrators_decide_stays_and_no_run_tries_again, |fixture| async move {
    let world = World::new(fixture, 2, 1).await;
    world.sync(SyncKind::Full).await;
    let (store, at) = (&world.fixture.store, world.at());
    let precedence = Precedence {
        exceptions: vec![("title".to_owned(), vec![Ranked::Here])],
        outranked: Outranked::Keep,
        ..Precedence::default()
    };
    attribute_precedence::put(store, &world.cx("PutAttributePrecedence"), &at, (precedence, false))
        .await
        .unwrap();
    let user = world.user("u1").unwrap();
    let operations = vec![AttributeOperation { path: "title".to_owned(), value: Some("Director".into()) }];
    let set = Update { operations, revision: None };
    users::update(store, &world.cx("UpdateUser"), &at, &user.id, set).await.unwrap();
    let title = || world.user("u1").unwrap().profile.attributes["Title"].clone();
    let full = world.sync(SyncKind::Full).await;
    assert_eq!(
        (full.state, full.counts.updated, full.counts.skipped),
        (SyncState::Succeeded, 0, 0),
        "{full:?}"
    );
    assert_eq!(title(), "Director");
    let modify = |title: &str| {
        world.slapd.change(&format!(
            "dn: uid=u1,ou=people,{BASE}\nchangetype: modify\nreplace: title\ntitle: {title}\n\n"
        ));
    };
    modify("Lead");
    for updated in [1, 0] {
        let full = world.sync(SyncKind::Full).await;
        assert_eq!((full.counts.updated, full.counts.skipped), (updated, 0), "{full:?}");
        assert_eq!(title(), "Director");
    }
    let nobody = Precedence { outranked: Outranked::Keep, ..Precedence::default() };
    attribute_precedence::put(store, &world.cx("PutAttributePrecedence"), &at, (nobody, false))
        .await
        .unwrap();
    modify("Chief");
    world.sync(SyncKind::Full).await;
    assert_eq!(title(), "Chief", "the owner comes first where no order says otherwise");
});
