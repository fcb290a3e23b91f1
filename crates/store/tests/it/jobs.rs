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
