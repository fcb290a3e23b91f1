//! Provisioning and the worker: one account, all of them, half of them; workers that die, come late or meet their like.

use accounts::permission_set_policies as policies;
use accounts::{provisioning, provisioning_requests};
use model::accounts::account_assignment::{RequestKind, RequestStatus};
use model::id::RequestId;
use model::page::PageRequest;
use store::accounts::provisioned_permission_sets::Latest;
use testkit::fixture::Fixture;

use crate::world::{DEV, MANAGEMENT, PROD, READ_ONLY, World, account, is_not_found, jane, john, refusal};

async fn attach(world: &World, set: &model::accounts::permission_set::PermissionSet, arn: &str) {
    let cx = world.cx("AttachManagedPolicyToPermissionSet");
    policies::attach_managed(&world.fixture.store, &cx, &world.target(set), arn.to_owned()).await.unwrap();
}

testkit::on_both_engines!(one_account_is_provisioned_without_an_assignment, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, set) = (&world.fixture.store, world.permission_set("Admin").await);
    let request = world.provision(&set, Some(DEV)).await;
    assert_eq!(request.status, RequestStatus::InProgress);
    world.assert_succeeded(&request);
    world.busy(DEV).await;
    let waiting = world.later(1).provision(&set, Some(DEV)).await;
    assert_eq!(world.status(&waiting), (RequestStatus::InProgress, None));
    world.later(1).work().await;
    world.assert_succeeded(&waiting);
    assert_eq!(world.accounts_with(&set, Latest::Any), [DEV]);
    let held = provisioning::permission_sets(
        store,
        &world.cx("ListPermissionSetsProvisionedToAccount"),
        (&world.fixture.instance.id, &account(DEV)),
        Latest::Yes,
        &PageRequest::first(10),
    )
    .unwrap();
    assert_eq!(held.items, [set.arn()]);
    let cx = world.cx("ProvisionPermissionSet");
    let instance = &world.fixture.instance.id;
    let nowhere = Some(account("999999999999"));
    refusal(provisioning::provision(store, &cx, instance, &set.arn(), nowhere).await, is_not_found);
    let unknown = world.unknown_set();
    refusal(provisioning::provision(store, &cx, instance, &unknown, None).await, is_not_found);
});

testkit::on_both_engines!(all_accounts_are_brought_up_to_date, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let set = world.permission_set("Admin").await;
    for place in [DEV, PROD] {
        world.assign(&set, place, jane()).await;
    }
    world.work().await;
    attach(&world, &set, READ_ONLY).await;
    assert_eq!(world.accounts_with(&set, Latest::No), [DEV, PROD]);
    let at = world.later(2_000);
    let request = at.provision(&set, None).await;
    // Its own job and one in each account's lane.
    assert_eq!(world.fixture.store.read(store::jobs::count).unwrap(), 3);
    let jobs = at.claim().await;
    let end = jobs.iter().find(|job| job.lane == request.id.as_str()).unwrap();
    at.run(end).await;
    assert_eq!(world.status(&request).0, RequestStatus::InProgress, "not before every account is done");
    for job in jobs.iter().filter(|job| job.id != end.id) {
        at.run(job).await;
    }
    assert_eq!(world.accounts_with(&set, Latest::Yes), [DEV, PROD]);
    at.work().await;
    world.assert_succeeded(&request);
    assert_eq!(world.role(&set, PROD).unwrap().managed_policies, [READ_ONLY]);
    assert!(world.role(&set, MANAGEMENT).is_none(), "only where it stands");
});

testkit::on_both_engines!(all_of_no_accounts_is_done_at_once, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let set = world.permission_set("Admin").await;
    let request = world.provision(&set, None).await;
    for job in world.claim().await {
        world.run(&job).await;
    }
    world.assert_succeeded(&request);
});

testkit::on_both_engines!(
    one_account_that_fails_fails_the_request_and_no_other_account,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let set = world.permission_set("Admin").await;
        for place in [DEV, PROD] {
            world.assign(&set, place, jane()).await;
        }
        world.work().await;
        attach(&world, &set, READ_ONLY).await;
        world.suspend(&world.cx("Suspend"), DEV).await;
        let at = world.later(2_000);
        let request = at.provision(&set, None).await;
        let jobs = at.claim().await;
        for job in jobs.iter().filter(|job| job.lane == DEV) {
            at.run(job).await;
        }
        assert_eq!(world.status(&request), (RequestStatus::InProgress, None), "no reason before the end");
        for job in jobs.iter().filter(|job| job.lane != DEV) {
            at.run(job).await;
        }
        at.work().await;
        let (status, reason) = world.status(&request);
        assert_eq!(status, RequestStatus::Failed);
        assert!(reason.unwrap().starts_with(&format!("Account {DEV}: ")));
        assert_eq!(world.accounts_with(&set, Latest::Yes), [PROD]);
        assert_eq!(world.accounts_with(&set, Latest::No), [DEV]);
    }
);

testkit::on_both_engines!(
    an_account_that_gave_it_up_meanwhile_is_left_alone,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let set = world.permission_set("Admin").await;
        world.assign(&set, DEV, jane()).await;
        world.work().await;
        let at = world.later(2_000);
        at.busy(DEV).await;
        at.unassign(&set, DEV, jane()).await;
        let request = at.later(1).provision(&set, None).await;
        at.later(5).work().await;
        world.assert_succeeded(&request);
        assert!(world.role(&set, DEV).is_none());
    }
);

testkit::on_both_engines!(a_worker_that_comes_late_changes_no_result, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let set = world.permission_set("Admin").await;
    world.assign(&set, DEV, jane()).await;
    world.work().await;
    let at = world.later(2_000);
    at.busy(DEV).await;
    let request = at.unassign(&set, DEV, jane()).await;
    at.free(DEV).await;
    let late = at.claim().await.remove(0);
    // Its claim lapses; another takes the job and does it.
    let other = at.later(61_000);
    let taken = other.claim().await;
    assert_eq!(taken[0].id, late.id);
    other.run(&taken[0]).await;
    world.assert_succeeded(&request);
    let records = world.records("ProvisionRole").len();
    other.run(&late).await;
    world.assert_succeeded(&request);
    assert_eq!(world.records("ProvisionRole").len(), records, "nothing was done, nothing is recorded");
});

testkit::on_both_engines!(two_workers_at_once_do_it_once, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let set = world.permission_set("Admin").await;
    world.busy(DEV).await;
    let request = world.assign(&set, DEV, jane()).await;
    world.free(DEV).await;
    let job = world.claim().await.remove(0);
    let (one, two) = (world.worker(), world.worker());
    let store = &world.fixture.store;
    let (first, second) =
        tokio::join!(provisioning::run_one(store, &one, &job), provisioning::run_one(store, &two, &job),);
    first.unwrap();
    second.unwrap();
    world.assert_succeeded(&request);
    assert_eq!(world.records("CreateRole").len(), 1);
});

testkit::on_both_engines!(a_job_without_a_request_goes_away, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let cx = world.worker();
    world
        .fixture
        .store
        .maintain(&cx, |tx, cx| {
            let kind = model::job::JobKind::Provisioning;
            store::jobs::insert(tx, "1", kind, (DEV, "nothing"), cx.now)?;
            store::jobs::insert(tx, "2", kind, ("nothing", "nothing"), cx.now)
        })
        .await
        .unwrap();
    world.work().await;
});

testkit::on_both_engines!(many_at_once_on_many_accounts_all_end, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let sets = [world.permission_set("A").await, world.permission_set("B").await];
    let mut requests = Vec::new();
    for (at, place) in [DEV, PROD, MANAGEMENT].into_iter().enumerate() {
        world.busy(place).await;
        for (more, set) in sets.iter().enumerate() {
            for (most, principal) in [jane(), john()].into_iter().enumerate() {
                let moment = world.later((at * 4 + more * 2 + most) as u64);
                requests.push(moment.assign(set, place, principal).await);
            }
        }
    }
    let mut at = world.later(100);
    for _ in 0..50 {
        let jobs = at.claim().await;
        if jobs.is_empty() {
            break;
        }
        let mut running = tokio::task::JoinSet::new();
        for job in jobs {
            let (store, cx) = (world.fixture.store.clone(), at.worker());
            running.spawn(async move { provisioning::run_one(&store, &cx, &job).await });
        }
        while let Some(done) = running.join_next().await {
            done.unwrap().unwrap();
        }
        at = at.later(100);
    }
    for request in &requests {
        world.assert_succeeded(request);
    }
    assert_eq!(world.records("CreateRole").len(), 6);
});

testkit::on_both_engines!(a_status_is_read_as_what_was_asked_for, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, set) = (&world.fixture.store, world.permission_set("Admin").await);
    let create = world.assign(&set, DEV, jane()).await;
    let instance = &world.fixture.instance.id;
    for kind in [RequestKind::DeleteAssignment, RequestKind::Provision] {
        let fault = provisioning_requests::describe(store, &world.cx("Describe"), instance, kind, &create.id);
        assert_eq!(fault.unwrap_err().resource_id(), Some(create.id.as_str()));
    }
    let unknown = RequestId::trusted("00000000-0000-4000-8000-000000000000");
    let kind = RequestKind::CreateAssignment;
    refusal(
        provisioning_requests::describe(store, &world.cx("Describe"), instance, kind, &unknown),
        is_not_found,
    );
    let failing = world.later(1).unassign(&set, PROD, john()).await;
    world.later(1).work().await;
    let ids = |kind, status| world.requests(kind, status);
    assert_eq!(ids(RequestKind::CreateAssignment, None), [create.id.to_string()]);
    assert_eq!(ids(RequestKind::CreateAssignment, Some(RequestStatus::Succeeded)), [create.id.to_string()]);
    assert!(ids(RequestKind::CreateAssignment, Some(RequestStatus::InProgress)).is_empty());
    assert_eq!(ids(RequestKind::DeleteAssignment, Some(RequestStatus::Failed)), [failing.id.to_string()]);
    assert!(ids(RequestKind::Provision, None).is_empty());
});
