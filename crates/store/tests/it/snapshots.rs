//! Snapshots that stand: whoever asks after an answer finds it, the log stays small beside them, others' commits are noticed, and nothing that
//! was known before a change is used after it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use model::fault::Fault;
use store::db::{Location, Store};
use store::generations::{Changes, Known};
use store::migrate::Standing;
use store::tables::Table;
use testkit::fixture::Fixture;

const LOG_MAX: u64 = 64 * 1024 * 1024;
/// Bytes of a change.
const ROW: usize = 2 * 1024 * 1024;

fn name_of(fixture: &Fixture) -> Option<String> {
    // By a list, which nobody remembers.
    fixture.store.read(|rx| Ok(store::instances::instances::list(rx)?)).unwrap().remove(0).name
}

/// The same by its id, which is known.
fn known_name_of(fixture: &Fixture) -> Option<String> {
    fixture
        .store
        .read(|rx| Ok(store::instances::instances::find(rx, &fixture.instance.id)?))
        .unwrap()
        .unwrap()
        .name
}

async fn rename(fixture: &Fixture, name: &str) {
    let (cx, id, name) =
        (fixture.root("sso.amazonaws.com", "UpdateInstance"), fixture.instance.id.clone(), name.to_owned());
    let set = move |tx: &mut store::tx::Tx<'_>, _: &model::cx::Cx| {
        store::instances::instances::set_name(tx, &id, Some(&name))
    };
    fixture.store.maintain(&cx, set).await.unwrap();
}

testkit::on_both_engines!(whoever_asks_after_an_answer_finds_it, |fixture: Fixture| async move {
    let (ended, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (fixture, ended, answered) = (fixture.clone(), ended.clone(), answered.clone());
            std::thread::spawn(move || {
                let (mut last, mut reads) = (0, 0_u64);
                while !ended.load(Ordering::Acquire) {
                    let least = answered.load(Ordering::Acquire);
                    let found = if reads % 2 == 0 { name_of(&fixture) } else { known_name_of(&fixture) };
                    let found = found.map_or(0, |name| name.parse::<u64>().unwrap());
                    assert!(found >= least, "{least} was answered, {found} found");
                    assert!(found >= last, "{last} was seen, {found} found");
                    (last, reads) = (found, reads + 1);
                }
                reads
            })
        })
        .collect();
    for number in 1..200 {
        rename(&fixture, &number.to_string()).await;
        answered.store(number, Ordering::Release);
    }
    ended.store(true, Ordering::Release);
    let reads: u64 = readers.into_iter().map(|reader| reader.join().unwrap()).sum();
    assert!(reads > 100, "{reads}");
});

testkit::on_both_engines!(
    what_was_known_before_a_change_is_not_used_after_it,
    |fixture: Fixture| async move {
        let known: Arc<Known<String, Option<String>>> =
            Arc::new(Known::new(Changes::to_rows_of(&[Table::Instances]), 8));
        let (ended, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let looked_up = Arc::new(AtomicU64::new(0));
        let readers: Vec<_> = (0..3)
            .map(|_| {
                let (fixture, ended, answered) = (fixture.clone(), ended.clone(), answered.clone());
                let (known, looked_up) = (known.clone(), looked_up.clone());
                std::thread::spawn(move || {
                    let mut uses = 0_u64;
                    while !ended.load(Ordering::Acquire) {
                        let least = answered.load(Ordering::Acquire);
                        let found = known.find(fixture.store.generations(), "it", || -> Result<_, Fault> {
                            looked_up.fetch_add(1, Ordering::Relaxed);
                            Ok(Some(name_of(&fixture)))
                        });
                        let found = found.unwrap().flatten().map_or(0, |name| name.parse::<u64>().unwrap());
                        assert!(found >= least, "{least} was answered, {found} known");
                        uses += 1;
                    }
                    uses
                })
            })
            .collect();
        for number in 1..200 {
            rename(&fixture, &number.to_string()).await;
            answered.store(number, Ordering::Release);
        }
        ended.store(true, Ordering::Release);
        let uses: u64 = readers.into_iter().map(|reader| reader.join().unwrap()).sum();
        let looked_up = looked_up.load(Ordering::Relaxed);
        match fixture.location {
            Location::Sqlite(_) => assert!(looked_up < uses, "{looked_up} of {uses}"),
            Location::Postgres(_) => assert_eq!(looked_up, uses, "nothing is known there"),
        }
    }
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_fails_leaves_what_is_known_and_one_that_changes_no_row_too() {
    let fixture = Fixture::sqlite().await;
    // The migrations of the fixture were another connection's.
    assert!(store::db::heard(&fixture.location).unwrap());
    let known = Known::<String, u64>::new(Changes::to_rows_of(&[Table::Instances]), 8);
    let find = |value| {
        known
            .find(fixture.store.generations(), "it", || -> Result<_, Fault> { Ok(Some(value)) })
            .unwrap()
            .unwrap()
    };
    assert_eq!((find(1), find(2)), (1, 1));
    let (cx, id) = (fixture.root("sso.amazonaws.com", "UpdateInstance"), fixture.instance.id.clone());
    let failed: Result<(), _> = fixture
        .store
        .maintain(&cx, move |tx, _| {
            store::instances::instances::set_name(tx, &id, Some("no"))?;
            Err(Fault::validation("no"))
        })
        .await;
    assert!(failed.is_err());
    let sessions = Known::<String, u64>::new(Changes::to_rows_of(&[Table::PortalSessions]), 8);
    let session = |value| {
        sessions
            .find(fixture.store.generations(), "it", || -> Result<_, Fault> { Ok(Some(value)) })
            .unwrap()
            .unwrap()
    };
    assert_eq!(session(1), 1);
    fixture.store.maintain(&cx, |tx, _| store::signin::sign_outs::one(tx, "nobody's")).await.unwrap();
    assert_eq!((find(2), session(2)), (1, 1));
    rename(&fixture, "yes").await;
    assert_eq!((find(3), find(4)), (3, 3), "and it is known again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_stays_small_beside_readers_who_never_rest_and_beside_idle_ones() {
    let fixture = Fixture::sqlite().await;
    let ended = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..2)
        .map(|_| {
            let (fixture, ended) = (fixture.clone(), ended.clone());
            std::thread::spawn(move || {
                while !ended.load(Ordering::Acquire) {
                    assert_eq!(store::migrate::standing(&fixture.store).unwrap(), Standing::Current);
                }
            })
        })
        .collect();
    // Four times what may be in the log, in all.
    let (mut written, mut largest) = (0, 0);
    let cx = fixture.root("sso.amazonaws.com", "UpdateInstance");
    let text = Arc::new("x".repeat(ROW));
    while written < 4 * LOG_MAX {
        if written > 2 * LOG_MAX {
            // From here the readers are idle, in the snapshots that stand.
            ended.store(true, Ordering::Release);
        }
        let (id, text) = (fixture.instance.id.clone(), text.clone());
        fixture
            .store
            .maintain(&cx, move |tx, _| store::instances::instances::set_name(tx, &id, Some(&text)))
            .await
            .unwrap();
        written += ROW as u64;
        largest = largest.max(fixture.store.sizes().unwrap().log.unwrap());
    }
    for reader in readers {
        reader.join().unwrap();
    }
    assert!(largest < LOG_MAX, "{largest}");
    fixture.store.close();
    let Location::Sqlite(path) = &fixture.location else { unreachable!() };
    let log = format!("{}-wal", path.display());
    assert!(!std::path::Path::new(&log).exists(), "and is gone when the store is closed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_others_commit_is_noticed_before_they_are_told_that_it_is() {
    let fixture = Fixture::sqlite().await;
    let Location::Sqlite(path) = &fixture.location else { unreachable!() };
    let known = Known::<String, Option<String>>::new(Changes::to_rows_of(&[Table::Instances]), 8);
    let find = || {
        known
            .find(fixture.store.generations(), "it", || -> Result<_, Fault> { Ok(Some(name_of(&fixture))) })
            .unwrap()
            .unwrap()
    };
    for number in 0..20 {
        // A commit of our own between, or not: neither hides the other's.
        if number % 2 == 0 {
            rename(&fixture, "ours").await;
        }
        find();
        let other = rusqlite::Connection::open(path).unwrap();
        other.busy_timeout(Duration::from_secs(5)).unwrap();
        other.execute("UPDATE instances SET name = ?1", [number.to_string()]).unwrap();
        drop(other);
        let begun = Instant::now();
        assert!(store::db::heard(&fixture.location).unwrap());
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
        assert_eq!((name_of(&fixture), find()), (Some(number.to_string()), Some(number.to_string())));
    }
    // Beside readers who never rest too.
    let ended = Arc::new(AtomicBool::new(false));
    let reader = std::thread::spawn({
        let (fixture, ended) = (fixture.clone(), ended.clone());
        move || {
            while !ended.load(Ordering::Acquire) {
                name_of(&fixture);
            }
        }
    });
    rusqlite::Connection::open(path).unwrap().execute("UPDATE instances SET name = 'last'", []).unwrap();
    assert!(store::db::heard(&fixture.location).unwrap());
    assert_eq!(name_of(&fixture).as_deref(), Some("last"));
    ended.store(true, Ordering::Release);
    reader.join().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_moves_the_log_from_outside_and_who_writes_here_do_not_wait_for_one_another() {
    let fixture = Fixture::sqlite().await;
    let ended = Arc::new(AtomicBool::new(false));
    let outsider = std::thread::spawn({
        let (location, ended) = (fixture.location.clone(), ended.clone());
        move || {
            let Location::Sqlite(path) = &location else { unreachable!() };
            let mut longest = Duration::ZERO;
            for number in 0..40 {
                let other = rusqlite::Connection::open(path).unwrap();
                other.busy_timeout(Duration::from_secs(5)).unwrap();
                other.execute("UPDATE instances SET name = ?1", [number.to_string()]).unwrap();
                let begun = Instant::now();
                assert!(store::db::heard(&location).unwrap());
                longest = longest.max(begun.elapsed());
            }
            ended.store(true, Ordering::Release);
            longest
        }
    });
    let mut longest = Duration::ZERO;
    while !ended.load(Ordering::Acquire) {
        let begun = Instant::now();
        rename(&fixture, "ours").await;
        longest = longest.max(begun.elapsed());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let heard = outsider.join().unwrap();
    assert!(longest.max(heard) < Duration::from_secs(2), "{longest:?} to write, {heard:?} to be heard");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_panics_leaves_a_whole_pool() {
    let fixture = Fixture::sqlite().await;
    for _ in 0..16 {
        let store: Store = fixture.store.clone();
        let panicked =
            std::thread::spawn(move || store.read(|_| -> Result<(), _> { panic!("on purpose") })).join();
        assert!(panicked.is_err());
    }
    rename(&fixture, "alive").await;
    assert_eq!(name_of(&fixture).as_deref(), Some("alive"));
}
