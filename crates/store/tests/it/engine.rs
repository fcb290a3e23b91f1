//! What both engines promise: all or nothing, durable when answered, races run again, the record with its change.

use std::time::Duration;

use model::fault::{Fault, FaultKind};
use store::db::Store;
use store::sealing::Keyring;

testkit::on_both_engines!(a_failed_write_leaves_nothing, |fixture: testkit::fixture::Fixture| async move {
    let cx = fixture.root("sso.amazonaws.com", "UpdateInstance");
    let id = fixture.instance.id.clone();
    let failed: Result<(), Fault> = fixture
        .store
        .write(&cx, move |tx, _| {
            store::instances::instances::set_name(tx, &id, Some("changed"))?;
            Err(Fault::validation("no"))
        })
        .await;
    assert_eq!(failed.unwrap_err().message(), "no");
    let id = fixture.instance.id.clone();
    let found = fixture.store.read(|rx| Ok(store::instances::instances::find(rx, &id)?)).unwrap().unwrap();
    assert_eq!(found.name, None);
    let records =
        fixture.store.read(|rx| Ok(store::audit::audit_records::page_backward(rx, "g", "", 10)?)).unwrap();
    assert_eq!(records.len(), 1, "only the fixture's own record");
});

testkit::on_both_engines!(
    what_was_answered_is_there_after_opening_again,
    |fixture: testkit::fixture::Fixture| async move {
        let cx = fixture.root("sso.amazonaws.com", "UpdateInstance");
        let id = fixture.instance.id.clone();
        fixture
            .store
            .write(&cx, move |tx, _| store::instances::instances::set_name(tx, &id, Some("corp")))
            .await
            .unwrap();
        assert!(cx.event().is_recorded());
        let again = Store::open(&fixture.location, Keyring::new(&[7; 32]).unwrap(), 2).unwrap();
        let instances = again.read(|rx| Ok(store::instances::instances::list(rx)?)).unwrap();
        assert_eq!(instances[0].name.as_deref(), Some("corp"));
        let records =
            again.read(|rx| Ok(store::audit::audit_records::page_backward(rx, "g", "", 10)?)).unwrap();
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
                // All of them change one row: whoever loses is not told so, but runs again.
                store
                    .write(&cx, move |tx, _| {
                        let have = store::instances::instances::find(tx, &id)?
                            .and_then(|found| found.name)
                            .unwrap_or_default();
                        store::instances::instances::set_name(tx, &id, Some(&format!("{have}x")))
                    })
                    .await
            }));
        }
        for writer in writers {
            writer.await.unwrap().unwrap();
        }
        let instances = fixture.store.read(|rx| Ok(store::instances::instances::list(rx)?)).unwrap();
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
            .write(&cx, move |tx, _| store::instances::instances::set_name(tx, &id, Some("alive")))
            .await
            .unwrap();
    }
);

testkit::on_both_engines!(
    whoever_refuses_after_a_change_takes_nothing_of_their_neighbours_along,
    |fixture: testkit::fixture::Fixture| async move {
        const WRITERS: usize = 120;
        // While one write holds the writer up the others gather, so that they share a commit where commits are shared.
        let (gate, held) = std::sync::mpsc::channel::<()>();
        let held = std::sync::Mutex::new(held);
        let (store, cx) = (fixture.store.clone(), fixture.root("sso.amazonaws.com", "UpdateInstance"));
        let first = tokio::spawn(async move {
            store.maintain(&cx, move |_, _| Ok(held.lock().unwrap().recv().is_err())).await
        });
        let mut writers = tokio::task::JoinSet::new();
        for number in 0..WRITERS {
            let (store, id) = (fixture.store.clone(), fixture.instance.id.clone());
            let cx = fixture.root("sso.amazonaws.com", "UpdateInstance");
            writers.spawn(async move {
                let written = store.write(&cx, move |tx, _| {
                    if number % 10 == 1 {
                        return Err(Fault::validation("at once"));
                    }
                    let name = store::instances::instances::find(tx, &id)?.and_then(|found| found.name);
                    store::instances::instances::set_name(
                        tx,
                        &id,
                        Some(&format!("{}x", name.unwrap_or_default())),
                    )?;
                    assert_ne!(number % 10, 2, "on purpose");
                    if number % 10 == 3 { Err(Fault::validation("late")) } else { Ok(()) }
                });
                (number % 10, written.await.map_err(|fault| fault.message().to_owned()))
            });
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        drop(gate);
        first.await.unwrap().unwrap();
        for (kind, written) in writers.join_all().await {
            match kind {
                1 => assert_eq!(written.unwrap_err(), "at once"),
                2 => assert!(written.is_err()),
                3 => assert_eq!(written.unwrap_err(), "late"),
                _ => written.unwrap(),
            }
        }
        let stayed = WRITERS - 3 * WRITERS / 10;
        let instances = fixture.store.read(|rx| Ok(store::instances::instances::list(rx)?)).unwrap();
        assert_eq!(instances[0].name.as_ref().map(String::len), Some(stayed));
        let records = fixture
            .store
            .read(|rx| Ok(store::audit::audit_records::page_backward(rx, "g", "", 1_000)?))
            .unwrap();
        assert_eq!(records.iter().filter(|record| record.event_name == "UpdateInstance").count(), stayed);
    }
);

/// More callers than there are threads for them, three times over.
const CROWD: usize = 1_600;

testkit::on_both_engines!(
    a_crowd_of_readers_is_answered_and_stops_nobody,
    |fixture: testkit::fixture::Fixture| async move {
        let mut crowd = tokio::task::JoinSet::new();
        for _ in 0..CROWD {
            let store = fixture.store.clone();
            crowd.spawn(async move {
                store.read(|rx| Ok(store::instances::instances::list(rx)?)).map(|found| found.len())
            });
        }
        let answered = tokio::time::timeout(Duration::from_secs(60), crowd.join_all());
        let answers = answered.await.expect("nobody drives the database any more");
        let served = answers.iter().filter(|answer| matches!(answer, Ok(1))).count();
        let turned_away = answers
            .iter()
            .filter(|answer| matches!(answer, Err(fault) if *fault.kind() == FaultKind::Unavailable))
            .count();
        assert_eq!((served + turned_away, served > 0), (CROWD, true), "{answers:?}");
        assert_eq!(fixture.store.figures().turned_away, turned_away as u64);
        assert_eq!(fixture.store.read(|rx| Ok(store::instances::instances::list(rx)?)).unwrap().len(), 1);
    }
);

testkit::on_both_engines!(
    a_crowd_of_writers_is_served_whoever_leaves,
    |fixture: testkit::fixture::Fixture| async move {
        let mut crowd = tokio::task::JoinSet::new();
        for number in 0..CROWD {
            let (store, id) = (fixture.store.clone(), fixture.instance.id.clone());
            let cx = fixture.root("sso.amazonaws.com", "UpdateInstance");
            crowd.spawn(async move {
                let write = store
                    .maintain(&cx, move |tx, _| Ok(store::instances::instances::find(tx, &id)?.is_some()));
                // Most of them do not wait for the answer.
                let limit = Duration::from_millis(if number % 16 == 0 { 60_000 } else { 1 });
                (number % 16 == 0, tokio::time::timeout(limit, write).await)
            });
        }
        let answered = tokio::time::timeout(Duration::from_secs(60), crowd.join_all());
        for (stayed, answer) in answered.await.expect("nobody drives the database any more") {
            assert!(!stayed || matches!(answer, Ok(Ok(true))), "{answer:?}");
        }
    }
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_disk_stands_still_whoever_writes_keeps_no_thread() {
    let fixture = testkit::fixture::Fixture::sqlite().await;
    let (go_on, waiting) = std::sync::mpsc::channel::<()>();
    let waiting = std::sync::Mutex::new(waiting);
    let cx = fixture.root("sso.amazonaws.com", "UpdateInstance");
    let store = fixture.store.clone();
    let (begun, begins) = std::sync::mpsc::channel();
    let first = tokio::spawn(async move {
        store
            .maintain(&cx, move |_, _| {
                let _ = begun.send(());
                Ok(waiting.lock().unwrap().recv_timeout(Duration::from_secs(60)).is_ok())
            })
            .await
    });
    begins.recv_timeout(Duration::from_secs(10)).expect("the writer has it before anybody else comes");
    let mut crowd = tokio::task::JoinSet::new();
    for _ in 0..5_000 {
        let (store, cx) = (fixture.store.clone(), fixture.root("sso.amazonaws.com", "UpdateInstance"));
        crowd.spawn(async move { store.maintain(&cx, |_, _| Ok(())).await });
    }
    // Whoever is refused is so at once; both threads are free to say it, and to answer others.
    let refused = crowd.join_next().await.unwrap().unwrap().unwrap_err();
    assert_eq!(*refused.kind(), FaultKind::Unavailable);
    let alive = tokio::spawn(async { tokio::time::sleep(Duration::from_millis(1)).await });
    tokio::time::timeout(Duration::from_secs(10), alive).await.expect("no thread is left").unwrap();
    go_on.send(()).unwrap();
    assert!(first.await.unwrap().unwrap());
    let kept = crowd.join_all().await.iter().filter(|answer| answer.is_ok()).count();
    assert!((4_000..4_200).contains(&kept), "{kept} were kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_may_be_dropped_by_a_task() {
    let fixture = testkit::fixture::Fixture::postgres().await;
    tokio::spawn(async move { drop(fixture) }).await.unwrap();
}

/// The fixture's database behind another host: `hosts` before the real one.
fn behind(fixture: &testkit::fixture::Fixture, hosts: &str) -> Store {
    let store::db::Location::Postgres(url) = fixture.location.clone() else { unreachable!() };
    let location = store::db::Location::Postgres(url.replacen('@', &format!("@{hosts},"), 1));
    Store::open(&location, Keyring::new(&[7; 32]).unwrap(), 2).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hosts_that_hang_keep_nobody_from_the_one_that_serves() {
    let fixture = testkit::fixture::Fixture::postgres().await;
    // Takes connections and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    silent.set_nonblocking(true).unwrap();
    let asked = || std::iter::from_fn(|| silent.accept().ok()).count();
    // Its queue is full, so that the kernel drops whatever asks for a connection.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let full = socket.listen(0).unwrap();
    let address = full.local_addr().unwrap();
    let mut fillers = Vec::new();
    while let Ok(filler) =
        tokio::time::timeout(Duration::from_millis(200), tokio::net::TcpStream::connect(address)).await
    {
        fillers.push(filler.unwrap());
    }
    let store = behind(&fixture, &format!("{address},{}", silent.local_addr().unwrap()));
    // One after another, the two that hang would be waited for three seconds and more; their server says so by its own limit.
    let found = || store.read(|rx| Ok(store::instances::instances::list(rx)?)).unwrap().len();
    assert_eq!((found(), asked()), (1, 1));
    assert_eq!((found(), asked()), (1, 0), "the last good host comes first");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_stands_still_is_given_up_and_then_nobody_waits_for_it() {
    // It takes connections, as the kernel does for a process that is stopped, and never says a word.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://portico@{}/portico?sslmode=disable", silent.local_addr().unwrap());
    let location = store::db::Location::Postgres(url);
    let store = Store::open(&location, Keyring::new(&[7; 32]).unwrap(), 2).unwrap();
    let ask = || store.read(|rx| Ok(store::instances::instances::list(rx)?)).unwrap_err();
    let first = ask();
    assert_eq!(*first.kind(), FaultKind::Unavailable);
    let second = ask();
    assert_eq!(*second.kind(), FaultKind::Unavailable);
    assert!(second.context().unwrap().contains("a moment ago"), "{:?}", second.context());
}
