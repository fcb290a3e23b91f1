//! Requests that go on: paused, resumed and cancelled, here and in accounts that are somewhere else, and what comes after them meanwhile.

use accounts::connected_work::Ended;
use accounts::provisionings::{self, Provisioning};
use model::accounts::account_assignment::RequestStatus;
use model::fault::Fault;
use model::id::RequestId;
use serde_json::json;
use testkit::elsewhere::Elsewhere;
use testkit::fixture::Fixture;

use crate::world::{DEV, PROD, World, is_conflict, is_denied, is_not_found, jane, john, refusal};

impl World {
    fn known_of(&self, id: &RequestId) -> Provisioning {
        let at = (&self.fixture.instance.id, id);
        provisionings::describe(&self.fixture.store, &self.cx("DescribeProvisioning"), at).unwrap()
    }

    async fn pause(&self, id: &RequestId) -> Result<Provisioning, Fault> {
        let at = (&self.fixture.instance.id, id);
        provisionings::pause(&self.fixture.store, &self.cx("PauseProvisioning"), at).await
    }

    async fn resume(&self, id: &RequestId) -> Result<Provisioning, Fault> {
        let at = (&self.fixture.instance.id, id);
        provisionings::resume(&self.fixture.store, &self.cx("ResumeProvisioning"), at).await
    }

    /// What the worker does meanwhile, where it finds something to do.
    async fn meanwhile(&self) {
        let mut at = self.later(1);
        for _ in 0..5 {
            for job in at.claim().await {
                at.run(&job).await;
            }
            at = at.later(500);
        }
    }

    async fn cancel(&self, id: &RequestId) -> Result<Provisioning, Fault> {
        let at = (&self.fixture.instance.id, id);
        provisionings::cancel(&self.fixture.store, &self.cx("CancelProvisioning"), at).await
    }
}

fn how(found: &Provisioning) -> (RequestStatus, u64, bool) {
    (found.request.status, found.waiting, found.is_paused)
}

testkit::on_both_engines!(what_is_paused_waits_holds_up_nothing_and_goes_on, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let set = world.permission_set("Admin").await;
    for account in [DEV, PROD] {
        world.assign(&set, account, jane()).await;
    }
    world.work().await;
    let request = world.provision(&set, None).await;
    assert_eq!(how(&world.known_of(&request.id)), (RequestStatus::InProgress, 2, false));
    let paused = world.pause(&request.id).await.unwrap();
    assert_eq!(how(&paused), (RequestStatus::InProgress, 2, true));
    // Twice is once.
    assert_eq!(world.pause(&request.id).await.unwrap(), paused);
    world.meanwhile().await;
    assert_eq!(world.known_of(&request.id), paused);
    // What comes meanwhile in one of its accounts is done.
    let other = world.assign(&set, DEV, john()).await;
    world.meanwhile().await;
    world.assert_succeeded(&other);
    assert_eq!(world.known_of(&request.id), paused);
    assert_eq!(how(&world.resume(&request.id).await.unwrap()), (RequestStatus::InProgress, 2, false));
    world.work().await;
    assert_eq!(how(&world.known_of(&request.id)), (RequestStatus::Succeeded, 0, false));
    let ended = refusal(world.pause(&request.id).await, is_conflict);
    assert!(ended.contains("it is SUCCEEDED"), "{ended}");
    refusal(world.cancel(&request.id).await, is_conflict);
    refusal(world.resume(&RequestId::trusted("00000000-0000-4000-8000-000000000000")).await, is_not_found);
    let nobody = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sso:*", "Resource": "*"}]});
    let (cx, at) = (world.session(DEV, &nobody), (&world.fixture.instance.id, &request.id));
    refusal(provisionings::cancel(&world.fixture.store, &cx, at).await, is_denied);
});

testkit::on_both_engines!(what_is_cancelled_ends_and_leaves_what_was_done, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let set = world.permission_set("Admin").await;
    for account in [DEV, PROD] {
        world.assign(&set, account, jane()).await;
    }
    world.work().await;
    let request = world.provision(&set, None).await;
    // One account is done with.
    let at = world.later(1);
    let claimed = at.claim().await;
    at.run(claimed.iter().find(|job| job.lane == DEV).unwrap()).await;
    assert_eq!(how(&at.known_of(&request.id)), (RequestStatus::InProgress, 1, false));
    assert_eq!(how(&at.cancel(&request.id).await.unwrap()), (RequestStatus::Failed, 0, false));
    // Whoever has the other in hand finds it gone.
    for job in claimed.iter().filter(|job| job.lane != DEV) {
        at.run(job).await;
    }
    world.work().await;
    let (status, reason) = world.status(&request);
    assert_eq!(status, RequestStatus::Failed);
    let reason = reason.unwrap();
    assert!(
        reason.starts_with("It was cancelled by arn:aws:") && reason.ends_with("in 1 of its accounts"),
        "{reason}"
    );
    assert_eq!(world.assigned(&set, DEV), [jane()]);
});

testkit::on_both_engines!(
    what_is_cancelled_while_it_is_done_elsewhere_is_not_written_here,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        world.connect(DEV).await.unwrap();
        let set = world.permission_set("Admin").await;
        let request = world.assign(&set, DEV, jane()).await;
        let at = world.later(1);
        let job = at.connected_job().await;
        let elsewhere = Elsewhere::empty(DEV);
        let (meanwhile, id) = (at.later(1), request.id.clone());
        elsewhere.meanwhile("CreateRole", async move { meanwhile.cancel(&id).await.map(drop).unwrap() });
        assert_eq!(at.carried_out(&elsewhere, &job).await, Ended::Done);
        assert_eq!(at.status(&request).0, RequestStatus::Failed);
        assert_eq!(at.assigned(&set, DEV), []);
        assert_eq!(at.role(&set, DEV), None);
        // It may be asked for again.
        let again = at.assign(&set, DEV, jane()).await;
        let at = at.later(1);
        let job = at.connected_job().await;
        assert_eq!(at.carried_out(&Elsewhere::empty(DEV), &job).await, Ended::Done);
        at.assert_succeeded(&again);
        // While something is paused in an account, it does not change side.
        let set = at.permission_set("Reader").await;
        at.busy(PROD).await;
        let waiting = at.assign(&set, PROD, jane()).await;
        at.pause(&waiting.id).await.unwrap();
        at.free(PROD).await;
        let held = refusal(at.connect(PROD).await, is_conflict);
        assert!(held.contains("are under way in account"), "{held}");
    }
);
