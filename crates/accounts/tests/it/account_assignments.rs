//! Assignments from the call to the role: who may be given what and where, and how every request ends.

use accounts::account_assignments::{self, assign_in};
use model::account_assignment::{AccountAssignment, RequestKind, RequestStatus};
use model::fault::{FaultKind, ResourceType};
use model::user::UserId;
use serde_json::json;
use store::provisioned_permission_sets::Latest;
use testkit::fixture::Fixture;

use crate::world::{
    ADMINS, DEV, JANE, PROD, READ_ONLY, World, account, group, is_not_found, jane, john, refusal,
};

testkit::on_both_engines!(
    an_assignment_makes_a_role_and_the_last_one_takes_it_away,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (store, set) = (&world.fixture.store, world.permission_set("Admin").await);
        let cx = world.cx("AttachManagedPolicyToPermissionSet");
        let target = world.target(&set);
        accounts::permission_set_policies::attach_managed(store, &cx, &target, READ_ONLY.to_owned())
            .await
            .unwrap();
        let first = world.assign(&set, DEV, jane()).await;
        assert_eq!(world.status(&first), (RequestStatus::InProgress, None));
        assert!(
            world.assigned(&set, DEV).is_empty() && world.role(&set, DEV).is_none(),
            "nothing before the worker"
        );
        world.work().await;
        world.assert_succeeded(&first);
        let role = world.role(&set, DEV).unwrap();
        assert!(role.name.as_str().starts_with("AWSReservedSSO_Admin_"), "{}", role.name);
        assert_eq!(role.managed_policies, [READ_ONLY]);
        let second = world.later(2_000).assign(&set, DEV, group(ADMINS)).await;
        world.later(2_000).work().await;
        world.assert_succeeded(&second);
        assert_eq!(world.assigned(&set, DEV), [group(ADMINS), jane()]);
        assert_eq!(world.role(&set, DEV).unwrap(), role, "a role that is the latest is left alone");
        world.later(4_000).unassign(&set, DEV, jane()).await;
        world.later(4_000).work().await;
        assert_eq!(world.role(&set, DEV).unwrap(), role, "one is still assigned");
        let last = world.later(6_000).unassign(&set, DEV, group(ADMINS)).await;
        world.later(6_000).work().await;
        world.assert_succeeded(&last);
        assert!(world.role(&set, DEV).is_none() && world.accounts_with(&set, Latest::Any).is_empty());
        let found = store.read(|rx| Ok(store::roles::find(rx, &account(DEV), role.name.as_str())?)).unwrap();
        assert!(found.is_none(), "the role itself is gone");
    }
);

testkit::on_both_engines!(records_tell_the_call_the_work_and_the_role, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let set = world.permission_set("Admin").await;
    let request = world.assign(&set, DEV, jane()).await;
    world.work().await;
    let call = &world.records("CreateAccountAssignment")[0];
    let status = &call["responseElements"]["accountAssignmentCreationStatus"];
    assert_eq!(status["requestId"], request.id.as_str());
    assert_eq!((&status["status"], &status["principalId"]), (&json!("IN_PROGRESS"), &json!(JANE)));
    let work = &world.records("ProvisionRole")[0];
    assert_eq!(work["userIdentity"]["invokedBy"], "sso.amazonaws.com");
    assert_eq!(work["serviceEventDetails"]["requestId"], request.id.as_str());
    let role = world.role(&set, DEV).unwrap();
    let made = &world.records("CreateRole")[0];
    assert_eq!(
        (&made["recipientAccountId"], &made["eventSource"]),
        (&json!(DEV), &json!("iam.amazonaws.com"))
    );
    assert_eq!(made["requestParameters"]["roleName"], role.name.as_str());
    assert_eq!(made["resources"][0]["ARN"], role.arn());
    world.later(2_000).unassign(&set, DEV, jane()).await;
    world.later(2_000).work().await;
    assert_eq!(world.records("DeleteRole")[0]["resources"][0]["ARN"], role.arn());
});

testkit::on_both_engines!(asking_twice_ends_well_and_removing_nothing_fails, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let set = world.permission_set("Admin").await;
    world.assign(&set, DEV, jane()).await;
    let again = world.later(1).assign(&set, DEV, jane()).await;
    world.later(1).work().await;
    world.assert_succeeded(&again);
    assert_eq!(world.assigned(&set, DEV), [jane()]);
    let nothing = world.later(2_000).unassign(&set, DEV, john()).await;
    world.later(2_000).work().await;
    world.assert_failed(&nothing, "Received a 404 status error: Assignment not found.");
    assert_eq!(world.assigned(&set, DEV), [jane()]);
    let record = &world.records("ProvisionRole")[0];
    let reason = "Received a 404 status error: Assignment not found.";
    assert_eq!(record["serviceEventDetails"]["failureReason"], reason);
    assert!(record.get("resources").is_none(), "what was taken back is not told");
});

testkit::on_both_engines!(create_then_delete_keep_their_order, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let set = world.permission_set("Admin").await;
    let create = world.assign(&set, DEV, jane()).await;
    let delete = world.later(1).unassign(&set, DEV, jane()).await;
    world.later(5).work().await;
    world.assert_succeeded(&create);
    world.assert_succeeded(&delete);
    assert!(world.assigned(&set, DEV).is_empty() && world.role(&set, DEV).is_none());
});

testkit::on_both_engines!(who_what_and_where_must_be_there, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, set) = (&world.fixture.store, world.permission_set("Admin").await);
    let stranger = UserId::trusted("99999999-9999-4999-8999-999999999999");
    let ask = world.ask(&set.arn(), "999999999999", jane());
    let fault = account_assignments::create(store, &world.cx("Create"), ask).await.unwrap_err();
    assert_eq!((is_not_found(fault.kind()), fault.resource_id()), (true, Some("999999999999")));
    let ask = world.ask(&set.arn(), DEV, model::account_assignment::Principal::User(stranger.clone()));
    let fault = account_assignments::create(store, &world.cx("Create"), ask).await.unwrap_err();
    assert_eq!(*fault.kind(), FaultKind::NotFound(ResourceType::User));
    assert_eq!(fault.resource_id(), Some(stranger.as_str()));
    let ask = world.ask(&set.arn(), DEV, group(JANE));
    refusal(account_assignments::create(store, &world.cx("Create"), ask).await, |kind| {
        *kind == FaultKind::NotFound(ResourceType::Group)
    });
    let ask = world.ask(&world.unknown_set(), DEV, jane());
    refusal(account_assignments::create(store, &world.cx("Create"), ask).await, is_not_found);
    assert!(world.requests(RequestKind::CreateAssignment, None).is_empty());
    assert_eq!(store.read(store::jobs::count).unwrap(), 0);
});

testkit::on_both_engines!(
    a_new_assignment_renews_an_old_role_and_keeps_its_name,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (store, set) = (&world.fixture.store, world.permission_set("Admin").await);
        world.assign(&set, DEV, jane()).await;
        world.work().await;
        let before = world.role(&set, DEV).unwrap();
        let target = world.target(&set);
        let cx = world.cx("AttachManagedPolicyToPermissionSet");
        accounts::permission_set_policies::attach_managed(store, &cx, &target, READ_ONLY.to_owned())
            .await
            .unwrap();
        // Strict mode would draw a new suffix for a new role.
        let strict = world.later(2_000).strict();
        strict.assign(&set, DEV, john()).await;
        strict.work().await;
        let after = world.role(&set, DEV).unwrap();
        assert_eq!(after.managed_policies, [READ_ONLY]);
        assert_eq!((after.name, after.role_id), (before.name, before.role_id));
        assert_eq!(world.accounts_with(&set, Latest::Yes), [DEV]);
        assert_eq!(world.records("UpdateRole").len(), 1);
    }
);

testkit::on_both_engines!(a_role_that_comes_back_is_another_role, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let set = world.permission_set("Admin").await;
    let mut roles = Vec::new();
    for (at, strict) in [(0, false), (10_000, false), (20_000, true)] {
        let world = if strict { world.later(at).strict() } else { world.later(at) };
        world.assign(&set, DEV, jane()).await;
        world.work().await;
        roles.push(world.role(&set, DEV).unwrap());
        world.later(5_000).unassign(&set, DEV, jane()).await;
        world.later(5_000).work().await;
    }
    assert_eq!(roles[0].name, roles[1].name, "relaxed: the ARN stays");
    assert_ne!(roles[0].role_id, roles[1].role_id, "its unique id never does: sessions of the old role end");
    assert_ne!(roles[1].name, roles[2].name, "strict: a new suffix each time, as AWS");
});

testkit::on_both_engines!(a_customer_policy_that_no_account_has_fails_there, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, set) = (&world.fixture.store, world.permission_set("Admin").await);
    let (target, cx) = (world.target(&set), world.cx("Attach"));
    let policy = model::permission_set::CustomerManagedPolicyReference {
        name: "edge".to_owned(),
        path: "/team/".to_owned(),
    };
    accounts::permission_set_policies::attach_customer(store, &cx, &target, policy).await.unwrap();
    let request = world.assign(&set, DEV, jane()).await;
    world.work().await;
    let reason =
        format!("Received a 404 status error: Not supported policy arn:aws:iam::{DEV}:policy/team/edge.");
    world.assert_failed(&request, &reason);
    assert!(world.assigned(&set, DEV).is_empty() && world.role(&set, DEV).is_none(), "nothing by halves");
    assert_eq!(
        world.requests(RequestKind::CreateAssignment, Some(RequestStatus::Failed)),
        [request.id.to_string()]
    );
    assert!(world.records("CreateRole").is_empty());
});

testkit::on_both_engines!(a_suspended_account_is_not_reached, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let set = world.permission_set("Admin").await;
    let cx = world.cx("Suspend");
    world.suspend(&cx, PROD).await;
    let request = world.assign(&set, PROD, jane()).await;
    world.work().await;
    let (status, reason) = world.status(&request);
    assert_eq!(status, RequestStatus::Failed);
    assert!(reason.unwrap().contains(PROD));
    assert!(world.role(&set, PROD).is_none());
});

testkit::on_both_engines!(
    assignments_of_the_gone_stay_listed_and_can_be_removed,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (store, set) = (&world.fixture.store, world.permission_set("Admin").await);
        world.assign(&set, DEV, john()).await;
        world.work().await;
        let cx = world.cx("DeleteUser");
        store
            .maintain(&cx, |tx, _| store::users::delete(tx, &UserId::trusted(crate::world::JOHN)))
            .await
            .unwrap();
        assert_eq!(world.assigned(&set, DEV), [john()]);
        let request = world.later(2_000).unassign(&set, DEV, john()).await;
        world.later(2_000).work().await;
        world.assert_succeeded(&request);
        assert!(world.assigned(&set, DEV).is_empty());
    }
);

testkit::on_both_engines!(a_permission_set_deleted_meanwhile_is_a_failure, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, set) = (&world.fixture.store, world.permission_set("Admin").await);
    let request = world.assign(&set, DEV, jane()).await;
    let cx = world.cx("DeletePermissionSet");
    accounts::permission_sets::delete(store, &cx, &world.fixture.instance.id, &set.arn()).await.unwrap();
    world.work().await;
    world.assert_failed(
        &request,
        &format!("Received a 404 status error: Permission set {} not found.", set.id),
    );
});

testkit::on_both_engines!(the_seed_assigns_at_once_and_in_one_transaction, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, set) = (&world.fixture.store, world.permission_set("Admin").await);
    let (cx, instance, id) = (world.cx("Seed"), world.fixture.instance.clone(), set.id.clone());
    store
        .write(&cx, move |tx, cx| {
            for (place, principal) in [(DEV, jane()), (DEV, john()), (PROD, jane())] {
                let new = AccountAssignment {
                    account_id: account(place),
                    permission_set_id: id.clone(),
                    principal,
                };
                assign_in(tx, cx, &instance, &new)?;
                assign_in(tx, cx, &instance, &new)?;
            }
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(world.accounts_with(&set, Latest::Yes), [DEV, PROD]);
    assert_eq!(world.assigned(&set, DEV), [jane(), john()]);
    assert_eq!(store.read(store::jobs::count).unwrap(), 0);
});
