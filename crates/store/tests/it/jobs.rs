//! Jobs: one at a time a lane, in order; a lapsed claim is taken again.

use std::time::Duration;

use model::cx::Cx;
use model::job::{Job, JobKind, Queue};
use store::db::Store;
use store::jobs::Claim;

const HOLD: Duration = Duration::from_secs(60);

async fn claim(store: &Store, cx: &Cx) -> Vec<Job> {
    claim_behind(store, cx, "", 10).await
}

async fn claim_behind(store: &Store, cx: &Cx, after: &'static str, limit: usize) -> Vec<Job> {
    let claim = Claim { queue: Queue::Work, after, limit, hold: HOLD };
    store.maintain(cx, move |tx, cx| store::jobs::claim(tx, cx.now, &claim)).await.unwrap()
}

fn ids(jobs: Vec<Job>) -> Vec<String> {
    jobs.into_iter().map(|job| job.id).collect()
}

testkit::on_both_engines!(
    a_lane_keeps_its_order_and_a_lapsed_claim_is_taken_again,
    |fixture: testkit::fixture::Fixture| async move {
        let cx = fixture.root("sso.amazonaws.com", "CreateAccountAssignment");
        fixture
            .store
            .maintain(&cx, |tx, cx| {
                for (id, lane) in [("1", "a"), ("2", "a"), ("3", "b")] {
                    store::jobs::insert(tx, id, JobKind::Provisioning, (lane, "subject"), cx.now)?;
                }
                Ok(())
            })
            .await
            .unwrap();
        assert_eq!(ids(claim(&fixture.store, &cx).await), ["1", "3"]);
        assert!(claim(&fixture.store, &cx).await.is_empty(), "both lanes are busy");
        fixture.store.maintain(&cx, |tx, _| store::jobs::delete(tx, "1")).await.unwrap();
        assert_eq!(ids(claim(&fixture.store, &cx).await), ["2"]);
        let later =
            fixture.later(Duration::from_secs(61)).root("sso.amazonaws.com", "CreateAccountAssignment");
        let again = claim(&fixture.store, &later).await;
        assert_eq!(
            again.iter().map(|job| (job.id.as_str(), job.attempts)).collect::<Vec<_>>(),
            [("2", 1), ("3", 1)]
        );
    }
);

testkit::on_both_engines!(
    what_a_dead_worker_claimed_is_given_back_to_the_next,
    |fixture: testkit::fixture::Fixture| async move {
        let cx = fixture.root("sso.amazonaws.com", "CreateAccountAssignment");
        let insert = |tx: &mut store::tx::Tx<'_>, cx: &Cx| {
            store::jobs::insert(tx, "1", JobKind::Provisioning, ("a", "subject"), cx.now)
        };
        fixture.store.maintain(&cx, insert).await.unwrap();
        assert_eq!(claim(&fixture.store, &cx).await.len(), 1);
        assert_eq!(
            fixture.store.maintain(&cx, |tx, _| store::jobs::release(tx, Queue::Work)).await.unwrap(),
            1
        );
        assert_eq!(claim(&fixture.store, &cx).await.len(), 1, "at once, not in a minute");
    }
);

testkit::on_both_engines!(
    who_let_a_claim_lapse_neither_holds_nor_frees_anothers,
    |fixture: testkit::fixture::Fixture| async move {
        let cx = fixture.root("sso.amazonaws.com", "CreateAccountAssignment");
        let insert = |tx: &mut store::tx::Tx<'_>, cx: &Cx| {
            store::jobs::insert(tx, "1", JobKind::Provisioning, ("a", "subject"), cx.now)
        };
        fixture.store.maintain(&cx, insert).await.unwrap();
        let held = |job: &Job| {
            let job = job.clone();
            let hold =
                move |tx: &mut store::tx::Tx<'_>, cx: &Cx| store::jobs::hold(tx, &job, cx.now.plus(HOLD));
            fixture.store.maintain(&cx, hold)
        };
        let [first] = claim(&fixture.store, &cx).await.try_into().unwrap();
        assert!(held(&first).await.unwrap());
        let later =
            fixture.later(Duration::from_secs(61)).root("sso.amazonaws.com", "CreateAccountAssignment");
        let [second] = claim(&fixture.store, &later).await.try_into().unwrap();
        assert!(!held(&first).await.unwrap() && held(&second).await.unwrap());
        let lapsed = first.clone();
        fixture.store.maintain(&later, move |tx, cx| store::jobs::retry(tx, &lapsed, cx.now)).await.unwrap();
        assert!(claim(&fixture.store, &cx).await.is_empty(), "it is the second's");
        fixture.store.maintain(&later, move |tx, _| store::jobs::retry(tx, &second, cx.now)).await.unwrap();
        assert_eq!(ids(claim(&fixture.store, &later).await), ["1"]);
    }
);

testkit::on_both_engines!(
    a_clock_that_is_set_back_holds_no_job_up,
    |fixture: testkit::fixture::Fixture| async move {
        let cx = fixture.root("sso.amazonaws.com", "CreateAccountAssignment");
        let ahead =
            fixture.later(Duration::from_secs(3_600)).root("sso.amazonaws.com", "CreateAccountAssignment");
        fixture
            .store
            .maintain(&ahead, |tx, ahead| {
                for (id, lane) in [("1", "a"), ("2", "b")] {
                    store::jobs::insert(tx, id, JobKind::Provisioning, (lane, "subject"), ahead.now)?;
                }
                let claim = Claim { queue: Queue::Work, after: "", limit: 1, hold: HOLD };
                // One of them is claimed by the clock that is ahead, the other only due by it.
                store::jobs::claim(tx, ahead.now, &claim).map(|_| ())
            })
            .await
            .unwrap();
        assert_eq!(ids(claim(&fixture.store, &cx).await), ["1", "2"]);
        assert!(claim(&fixture.store, &cx).await.is_empty(), "and a claim by the right clock holds");
    }
);

testkit::on_both_engines!(
    lanes_have_their_turns_and_a_long_one_holds_no_other_up,
    |fixture: testkit::fixture::Fixture| async move {
        let cx = fixture.root("sso.amazonaws.com", "CreateAccountAssignment");
        let insert = |tx: &mut store::tx::Tx<'_>, cx: &Cx| {
            for (id, lane) in [("1", "a"), ("2", "a"), ("3", "a"), ("4", "b"), ("5", "c"), ("6", "d")] {
                store::jobs::insert(tx, id, JobKind::Provisioning, (lane, "subject"), cx.now)?;
            }
            Ok(())
        };
        fixture.store.maintain(&cx, insert).await.unwrap();
        assert_eq!(ids(claim_behind(&fixture.store, &cx, "", 2).await), ["1", "4"]);
        fixture.store.maintain(&cx, |tx, _| store::jobs::delete(tx, "1")).await.unwrap();
        assert_eq!(ids(claim_behind(&fixture.store, &cx, "b", 1).await), ["5"], "not lane a again");
        assert_eq!(ids(claim_behind(&fixture.store, &cx, "c", 9).await), ["6", "2"], "and around, each once");
    }
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_are_found_without_a_look_at_those_that_wait_behind_them() {
    let fixture = testkit::fixture::Fixture::sqlite().await;
    let store::db::Location::Sqlite(path) = &fixture.location else { panic!("not SQLite") };
    let ready = store::registry::all().find(|statement| statement.name == "store::jobs::READY").unwrap();
    let connection = rusqlite::Connection::open(path).unwrap();
    let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", ready.sql)).unwrap();
    let mut rows = plan.raw_query();
    let mut steps: Vec<String> = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        steps.push(row.get(3).unwrap());
    }
    assert_eq!(steps[0], "CO-ROUTINE lanes", "lanes are made as they are asked for: {steps:?}");
    assert!(!steps.iter().any(|step| step.starts_with("SCAN") && step != "SCAN l"), "{steps:?}");
}
