//! Jobs: one at a time a lane, in order; a lapsed claim is taken again.

use std::time::Duration;

use model::cx::Cx;
use model::job::{Job, JobKind};
use store::db::Store;

async fn claim(store: &Store, cx: &Cx) -> Vec<Job> {
    store.maintain(cx, |tx, cx| store::jobs::claim(tx, cx.now, Duration::from_secs(60), 10)).await.unwrap()
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
        let ids = |jobs: Vec<Job>| jobs.into_iter().map(|job| job.id).collect::<Vec<_>>();
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
        assert_eq!(fixture.store.maintain(&cx, |tx, _| store::jobs::release(tx)).await.unwrap(), 1);
        assert_eq!(claim(&fixture.store, &cx).await.len(), 1, "at once, not in a minute");
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
                // One of them is claimed by the clock that is ahead, the other only due by it.
                store::jobs::claim(tx, ahead.now, Duration::from_secs(60), 1).map(|_| ())
            })
            .await
            .unwrap();
        let ids: Vec<String> = claim(&fixture.store, &cx).await.into_iter().map(|job| job.id).collect();
        assert_eq!(ids, ["1", "2"]);
        assert!(claim(&fixture.store, &cx).await.is_empty(), "and a claim by the right clock holds");
    }
);
