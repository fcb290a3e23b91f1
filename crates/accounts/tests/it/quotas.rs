//! AWS's quotas: kept in strict mode, lifted otherwise.

use accounts::{account_assignments, provisioning};
use model::accounts::permission_set::PermissionSetId;
use model::limits::{
    ASSIGNMENT_CALLS_OUTSTANDING_MAX, PERMISSION_SETS_PER_ACCOUNT_MAX, PROVISION_ALL_CALLS_MAX,
};
use testkit::fixture::Fixture;

use crate::world::{DEV, World, account, is_conflict, jane, refusal};

testkit::on_both_engines!(calls_under_way_are_bounded, |fixture: Fixture| async move {
    let relaxed = World::new(fixture).await;
    let world = relaxed.strict();
    let (store, set) = (&world.fixture.store, world.permission_set("A").await);
    world.busy(DEV).await;
    for at in 0..ASSIGNMENT_CALLS_OUTSTANDING_MAX {
        world.later(at).assign(&set, DEV, jane()).await;
    }
    let ask = || world.ask(&set.arn(), DEV, jane());
    let refused = account_assignments::create(store, &world.cx("Create"), ask()).await;
    assert!(refusal(refused, is_conflict).contains("15"));
    world.later(20).unassign(&set, DEV, jane()).await;
    account_assignments::create(store, &relaxed.cx("Create"), ask()).await.unwrap();
    world.later(30).work().await;
    account_assignments::create(store, &world.cx("Create"), ask()).await.unwrap();
});

testkit::on_both_engines!(
    calls_for_every_account_are_bounded_apart_from_others,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await.strict();
        let (store, set) = (&world.fixture.store, world.permission_set("A").await);
        for at in 0..5 {
            world.later(at).provision(&set, Some(DEV)).await;
        }
        for at in 0..PROVISION_ALL_CALLS_MAX {
            world.later(10 + at).provision(&set, None).await;
        }
        let (cx, instance) = (world.cx("ProvisionPermissionSet"), &world.fixture.instance.id);
        refusal(provisioning::provision(store, &cx, instance, &set.arn(), None).await, is_conflict);
        world.later(20).provision(&set, Some(DEV)).await;
        world.later(30).work().await;
        world.later(5_000).provision(&set, None).await;
    }
);

testkit::on_both_engines!(an_account_holds_so_many_and_renews_what_it_holds, |fixture: Fixture| async move {
    let relaxed = World::new(fixture).await;
    let world = relaxed.strict();
    let (store, set) = (&world.fixture.store, world.permission_set("A").await);
    world.assign(&set, DEV, jane()).await;
    world.work().await;
    let cx = world.cx("Fill");
    store
        .maintain(&cx, |tx, cx| {
            for at in 1..PERMISSION_SETS_PER_ACCOUNT_MAX {
                let id = PermissionSetId::trusted(format!("ps-{at:016}"));
                store::accounts::provisioned_permission_sets::upsert(
                    tx,
                    &account(DEV),
                    &id,
                    ("x", 1),
                    cx.now,
                )?;
            }
            Ok(())
        })
        .await
        .unwrap();
    let more = world.permission_set("B").await;
    let at = world.later(2_000);
    let one_more = at.assign(&more, DEV, jane()).await;
    let renewal = at.later(1).provision(&set, Some(DEV)).await;
    at.later(1).work().await;
    world.assert_failed(&one_more, &format!("Account {DEV} holds 500 permission sets, which is the most"));
    world.assert_succeeded(&renewal);
    let lifted = relaxed.later(4_000);
    let request = lifted.assign(&more, DEV, jane()).await;
    lifted.work().await;
    lifted.assert_succeeded(&request);
});
