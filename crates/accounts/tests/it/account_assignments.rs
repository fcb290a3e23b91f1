//! Assignments from the call to the role: who may be given what and where, and how every request ends.

use accounts::account_assignments::{self, assign_in};
use model::accounts::account_assignment::{AccountAssignment, RequestKind, RequestStatus};
use model::directory::user::UserId;
use model::fault::{FaultKind, ResourceType};
use serde_json::json;
use store::accounts::provisioned_permission_sets::Latest;
use store::db::{Location, Store};
use store::sealing::Keyring;
use testkit::fixture::Fixture;

use crate::world::{
    ADMINS, DEV, JANE, PROD, READ_ONLY, READERS, World, account, group, is_not_found, jane, john, refusal,
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
        assert_eq!(first.status, RequestStatus::InProgress, "as AWS answers, though it is done");
        world.assert_succeeded(&first);
        assert_eq!(store.read(store::jobs::count).unwrap(), 0, "nothing is left for the worker");
        let role = world.role(&set, DEV).unwrap();
        assert!(role.name.as_str().starts_with("AWSReservedSSO_Admin_"), "{}", role.name);
        assert_eq!(role.managed_policies, [READ_ONLY]);
        let second = world.later(2_000).assign(&set, DEV, group(ADMINS)).await;
        world.assert_succeeded(&second);
        assert_eq!(world.assigned(&set, DEV), [group(ADMINS), jane()]);
        assert_eq!(world.role(&set, DEV).unwrap(), role, "a role that is the latest is left alone");
        world.later(4_000).unassign(&set, DEV, jane()).await;
        assert_eq!(world.role(&set, DEV).unwrap(), role, "one is still assigned");
        let last = world.later(6_000).unassign(&set, DEV, group(ADMINS)).await;
        world.assert_succeeded(&last);
        assert!(world.role(&set, DEV).is_none() && world.accounts_with(&set, Latest::Any).is_empty());
        let found = store
            .read(|rx| Ok(store::accounts::roles::find(rx, &account(DEV), role.name.as_str())?))
            .unwrap();
        assert!(found.is_none(), "the role itself is gone");
    }
);

testkit::on_both_engines!(nobody_overtakes_who_waits_in_a_lane, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let set = world.permission_set("Admin").await;
    world.busy(DEV).await;
    let waiting = world.assign(&set, DEV, jane()).await;
    let elsewhere = world.assign(&set, PROD, jane()).await;
    world.assert_succeeded(&elsewhere);
    assert_eq!(world.status(&waiting), (RequestStatus::InProgress, None));
    assert!(world.assigned(&set, DEV).is_empty() && world.role(&set, DEV).is_none());
    world.free(DEV).await;
    // The first of them is claimed, by a worker of this server or another one; its row stands until it is done.
    let jobs = world.claim().await;
    let behind = world.later(1).unassign(&set, DEV, jane()).await;
    assert_eq!(world.status(&behind), (RequestStatus::InProgress, None));
    world.run(&jobs[0]).await;
    assert_eq!(world.assigned(&set, DEV), [jane()]);
    world.later(5).work().await;
    world.assert_succeeded(&waiting);
    world.assert_succeeded(&behind);
    let at_last = world.later(2_000).assign(&set, DEV, john()).await;
    world.assert_succeeded(&at_last);
    assert_eq!(world.assigned(&set, DEV), [john()]);
});

testkit::on_both_engines!(many_calls_at_once_for_one_account_are_all_done, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let sets = [world.permission_set("A").await, world.permission_set("B").await];
    // On PostgreSQL the half of them come to another server.
    let other = match &world.fixture.location {
        Location::Postgres(_) => {
            Store::open(&world.fixture.location, Keyring::new(&[7; 32]).unwrap(), 4).unwrap()
        }
        Location::Sqlite(_) => world.fixture.store.clone(),
    };
    let mut calls = tokio::task::JoinSet::new();
    for (at, who) in [jane(), john(), group(ADMINS), group(READERS)].into_iter().enumerate() {
        for (more, set) in sets.iter().enumerate() {
            let store = [&world.fixture.store, &other][(at + more) % 2].clone();
            let (cx, ask) = (world.cx("CreateAccountAssignment"), world.ask(&set.arn(), DEV, who.clone()));
            calls.spawn(async move { account_assignments::create(&store, &cx, ask).await });
        }
    }
    while let Some(done) = calls.join_next().await {
        let request = done.unwrap().unwrap();
        world.assert_succeeded(&request);
    }
    for set in &sets {
        assert_eq!(world.assigned(set, DEV).len(), 4);
    }
    assert_eq!(world.records("CreateRole").len(), 2);
    assert_eq!(world.fixture.store.read(store::jobs::count).unwrap(), 0);
});

testkit::on_both_engines!(records_are_the_same_at_once_and_by_the_worker, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let set = world.permission_set("Admin").await;
    let call = |at: &World, place| {
        let mut cx = at.cx("CreateAccountAssignment");
        (cx.source_ip, cx.user_agent) = ("192.0.2.1".into(), "agent".into());
        (cx, at.ask(&set.arn(), place, jane()))
    };
    let (cx, ask) = call(&world, DEV);
    account_assignments::create(&world.fixture.store, &cx, ask).await.unwrap();
    world.busy(PROD).await;
    let later = world.later(2_000);
    let (cx, ask) = call(&later, PROD);
    account_assignments::create(&world.fixture.store, &cx, ask).await.unwrap();
    world.free(PROD).await;
    later.work().await;
    for name in ["CreateAccountAssignment", "ProvisionRole", "CreateRole"] {
        let mut records = world.records(name);
        assert_eq!(records.len(), 2, "{name}");
        for record in &mut records {
            // What is of the account, the moment or drawn by chance.
            for (member, hidden) in [("eventTime", false), ("requestID", false), ("eventID", false)] {
                assert_eq!(record[member].is_null(), hidden, "{name}: {member}");
                record[member] = json!(null);
            }
            let text = record.to_string().replace(PROD, DEV);
            *record = serde_json::from_str(&text).unwrap();
            for member in ["requestParameters", "serviceEventDetails", "responseElements", "resources"] {
                for volatile in ["roleName", "requestId"] {
                    if record[member].get(volatile).is_some() {
                        record[member][volatile] = json!("…");
                    }
                }
            }
            record["resources"] = json!(record["resources"].as_array().map_or(0, Vec::len));
            let status = "accountAssignmentCreationStatus";
            if record["responseElements"].get(status).is_some() {
                record["responseElements"][status]["requestId"] = json!("…");
            }
        }
        assert_eq!(records[0], records[1], "{name}");
        let ours = name == "CreateAccountAssignment";
        assert_eq!(records[0]["userAgent"] == "agent", ours, "{name}: the agent is the caller's");
    }
});

testkit::on_both_engines!(records_tell_the_call_the_work_and_the_role, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let set = world.permission_set("Admin").await;
    let request = world.assign(&set, DEV, jane()).await;
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
    assert_eq!(world.records("DeleteRole")[0]["resources"][0]["ARN"], role.arn());
});

testkit::on_both_engines!(asking_twice_ends_well_and_removing_nothing_fails, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let set = world.permission_set("Admin").await;
    world.assign(&set, DEV, jane()).await;
    let again = world.later(1).assign(&set, DEV, jane()).await;
    world.assert_succeeded(&again);
    assert_eq!(world.assigned(&set, DEV), [jane()]);
    let nothing = world.later(2_000).unassign(&set, DEV, john()).await;
    assert_eq!(world.status(&nothing), (RequestStatus::InProgress, None), "refused by the worker");
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
    world.busy(DEV).await;
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
    let ask =
        world.ask(&set.arn(), DEV, model::accounts::account_assignment::Principal::User(stranger.clone()));
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
    let policy = model::accounts::permission_set::CustomerManagedPolicyReference {
        name: "edge".to_owned(),
        path: "/team/".to_owned(),
    };
    accounts::permission_set_policies::attach_customer(store, &cx, &target, policy).await.unwrap();
    let request = world.assign(&set, DEV, jane()).await;
    assert_eq!(world.status(&request), (RequestStatus::InProgress, None), "the call itself is accepted");
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
            .maintain(&cx, |tx, cx| {
                store::directory::users::delete(tx, &UserId::trusted(crate::world::JOHN), cx.now)
            })
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
    world.busy(DEV).await;
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
