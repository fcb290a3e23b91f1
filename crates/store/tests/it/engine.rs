//! What both engines promise: all or nothing, durable when answered, races run again, the record with its change.

use model::fault::Fault;
use store::db::Store;
use store::sealing::Keyring;

testkit::on_both_engines!(a_failed_write_leaves_nothing, |fixture: testkit::fixture::Fixture| async move {
    let cx = fixture.root("sso.amazonaws.com", "UpdateInstance");
    let id = fixture.instance.id.clone();
    let failed: Result<(), Fault> = fixture
        .store
        .write(&cx, move |tx, _| {
            store::instances::set_name(tx, &id, Some("changed"))?;
            Err(Fault::validation("no"))
        })
        .await;
    assert_eq!(failed.unwrap_err().message(), "no");
    let id = fixture.instance.id.clone();
    let found = fixture.store.read(|rx| Ok(store::instances::find(rx, &id)?)).unwrap().unwrap();
    assert_eq!(found.name, None);
    let records = fixture.store.read(|rx| Ok(store::audit_records::page_backward(rx, "g", "", 10)?)).unwrap();
    assert_eq!(records.len(), 1, "only the fixture's own record");
});

testkit::on_both_engines!(
    what_was_answered_is_there_after_opening_again,
    |fixture: testkit::fixture::Fixture| async move {
        let cx = fixture.root("sso.amazonaws.com", "UpdateInstance");
        let id = fixture.instance.id.clone();
        fixture
            .store
            .write(&cx, move |tx, _| store::instances::set_name(tx, &id, Some("corp")))
            .await
            .unwrap();
        assert!(cx.event().is_recorded());
        let again = Store::open(&fixture.location, Keyring::new(&[7; 32]).unwrap(), 2).unwrap();
        let instances = again.read(|rx| Ok(store::instances::list(rx)?)).unwrap();
        assert_eq!(instances[0].name.as_deref(), Some("corp"));
        let records = again.read(|rx| Ok(store::audit_records::page_backward(rx, "g", "", 10)?)).unwrap();
        assert_eq!(records[0].event_name, "UpdateInstance");
    }
);

testkit::on_both_engines!(
    concurrent_writers_lose_no_update,
    |fixture: testkit::fixture::Fixture| async move {
        let mut writers = Vec::new();
        for _ in 0..24 {
            let (store, cx, id) = (
                fixture.store.clone(),
                fixture.root("sso.amazonaws.com", "UpdateInstance"),
                fixture.instance.id.clone(),
            );
            writers.push(tokio::spawn(async move {
                // A client of an identity center tries again when told that nothing was changed; so does this test.
                for _ in 0..20 {
                    let id = id.clone();
                    let done = store
                        .write(&cx, move |tx, _| {
                            let have = store::instances::find(tx, &id)?
                                .and_then(|found| found.name)
                                .unwrap_or_default();
                            store::instances::set_name(tx, &id, Some(&format!("{have}x")))
                        })
                        .await;
                    if done.is_ok() {
                        return true;
                    }
                }
                false
            }));
        }
        for writer in writers {
            assert!(writer.await.unwrap());
        }
        let instances = fixture.store.read(|rx| Ok(store::instances::list(rx)?)).unwrap();
        assert_eq!(instances[0].name.as_deref(), Some("x".repeat(24).as_str()));
    }
);

testkit::on_both_engines!(
    a_panic_in_a_write_harms_nobody_else,
    |fixture: testkit::fixture::Fixture| async move {
        let cx = fixture.root("sso.amazonaws.com", "UpdateInstance");
        let failed: Result<(), Fault> = fixture.store.write(&cx, |_, _| panic!("on purpose")).await;
        assert!(failed.is_err());
        let id = fixture.instance.id.clone();
        fixture
            .store
            .write(&cx, move |tx, _| store::instances::set_name(tx, &id, Some("alive")))
            .await
            .unwrap();
    }
);

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_stands_still_is_given_up_and_then_nobody_waits_for_it() {
    // It takes connections, as the kernel does for a process that is stopped, and never says a word.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://portico@{}/portico?sslmode=disable", silent.local_addr().unwrap());
    let location = store::db::Location::Postgres(url);
    let store = Store::open(&location, Keyring::new(&[7; 32]).unwrap(), 2).unwrap();
    let ask = || store.read(|rx| Ok(store::instances::list(rx)?)).unwrap_err();
    let first = ask();
    assert_eq!(*first.kind(), model::fault::FaultKind::Unavailable);
    let second = ask();
    assert_eq!(*second.kind(), model::fault::FaultKind::Unavailable);
    assert!(second.context().unwrap().contains("a moment ago"), "{:?}", second.context());
}
