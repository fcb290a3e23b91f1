//! Batches of assignments: what is bad and how that is said, what is done at once and what waits, and that each ends as single calls would.

use accounts::accounts::NewAccount;
use accounts::assignment_batches::{self, NewBatch};
use accounts::permission_set_policies::attach_customer;
use model::accounts::account_assignment::{Principal, RequestKind, RequestStatus};
use model::accounts::assignment_batch::{Batch, OnInvalid, RowText};
use model::accounts::organizational_unit::UnitPath;
use model::accounts::permission_set::{CustomerManagedPolicyReference, PermissionSet};
use model::cx::Cx;
use model::fault::Fault;
use model::id::RequestId;
use model::limits::ASSIGNMENT_CALLS_OUTSTANDING_MAX;
use model::page::PageRequest;
use serde_json::json;
use testkit::fixture::Fixture;

use crate::world::{
    ADMINS, DEV, JANE, JOHN, PROD, READERS, World, account, group, is_conflict, is_denied, is_not_found,
    is_validation, jane, john, refusal, user,
};

const CREATE: RequestKind = RequestKind::CreateAssignment;
const DELETE: RequestKind = RequestKind::DeleteAssignment;

fn row(set: &PermissionSet, in_account: &str, principal: &Principal) -> RowText {
    text(in_account, &set.arn().to_string(), principal.kind(), principal.id())
}

fn text(target: &str, arn: &str, kind: &str, id: &str) -> RowText {
    RowText {
        target_id: target.to_owned(),
        permission_set_arn: arn.to_owned(),
        principal_type: kind.to_owned(),
        principal_id: id.to_owned(),
    }
}

impl World {
    async fn batch(
        &self,
        cx: &Cx,
        kind: RequestKind,
        rows: &[RowText],
        on_invalid: OnInvalid,
    ) -> Result<RequestId, Fault> {
        let instance = self.fixture.instance.id.clone();
        let new = NewBatch { instance, kind, rows: rows.to_vec(), on_invalid };
        assignment_batches::accept(&self.fixture.store, cx, new).await
    }

    async fn accepted(&self, kind: RequestKind, rows: &[RowText]) -> RequestId {
        self.batch(&self.cx("Batch"), kind, rows, OnInvalid::Fail).await.unwrap()
    }

    fn describe_batch(&self, id: &RequestId) -> Batch {
        let instance = &self.fixture.instance.id;
        assignment_batches::describe(&self.fixture.store, &self.cx("DescribeBatch"), instance, id).unwrap()
    }

    /// Status, and how many succeeded, failed and wait.
    fn progress(&self, id: &RequestId) -> (RequestStatus, [usize; 3]) {
        let batch = self.describe_batch(id);
        (batch.status(), [batch.succeeded, batch.failures.len(), batch.in_progress()])
    }
}

testkit::on_both_engines!(a_batch_ends_as_single_calls_would, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let sets = [world.permission_set("A").await, world.permission_set("B").await];
    let rows = [
        row(&sets[0], DEV, &jane()),
        row(&sets[0], DEV, &group(ADMINS)),
        row(&sets[1], PROD, &john()),
        row(&sets[0], PROD, &jane()),
        // Asked for twice, and there already: both are no failure, as with single calls.
        row(&sets[0], DEV, &jane()),
    ];
    let made = world.accepted(CREATE, &rows).await;
    assert_eq!(world.progress(&made), (RequestStatus::Succeeded, [5, 0, 0]));
    assert_eq!(world.fixture.store.read(store::jobs::count).unwrap(), 0, "nothing is left for the worker");
    assert_eq!(world.assigned(&sets[0], DEV), [group(ADMINS), jane()]);
    assert_eq!(world.assigned(&sets[1], PROD), [john()]);
    let role = world.role(&sets[0], DEV).unwrap();
    assert!(role.name.as_str().starts_with("AWSReservedSSO_A_"));
    let again = world.later(5).accepted(CREATE, &rows).await;
    assert_eq!(world.progress(&again), (RequestStatus::Succeeded, [5, 0, 0]));
    assert_eq!(world.role(&sets[0], DEV).unwrap(), role, "a role that is the latest is left alone");
    assert_eq!(world.records("CreateRole").len(), 3);
    // The first row is there once: the fifth finds nothing any more.
    let gone = world.later(10).accepted(DELETE, &rows).await;
    assert_eq!(world.progress(&gone), (RequestStatus::Failed, [4, 1, 0]));
    let failure = world.describe_batch(&gone).failures.remove(0);
    assert_eq!((failure.index, failure.row), (4, rows[4].clone()));
    assert_eq!(failure.reason, "Received a 404 status error: Assignment not found.");
    for set in &sets {
        assert!(world.role(set, DEV).is_none() && world.role(set, PROD).is_none());
    }
    assert_eq!(world.records("DeleteRole").len(), 3);
});

testkit::on_both_engines!(a_role_stays_while_anybody_is_assigned, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let set = world.permission_set("A").await;
    let rows = [jane(), john(), group(ADMINS)].map(|who| row(&set, DEV, &who));
    world.accepted(CREATE, &rows).await;
    let some = world.later(5).accepted(DELETE, &rows[..2]).await;
    assert_eq!(world.progress(&some), (RequestStatus::Succeeded, [2, 0, 0]));
    assert!(world.role(&set, DEV).is_some());
    world.later(10).accepted(DELETE, &rows[2..]).await;
    assert!(world.role(&set, DEV).is_none());
});

testkit::on_both_engines!(
    a_bad_row_is_named_with_its_member_and_nothing_is_done,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let set = world.permission_set("A").await;
        let arn = set.arn().to_string();
        let other_instance = arn.replace(world.fixture.instance.id.as_str(), "ssoins-0000000000000000");
        let nobody = "99999999-9999-4999-8999-999999999999";
        let identity_store = &world.fixture.instance.identity_store_id;
        let bad = [
            (text("12345", &arn, "USER", JANE), "TargetId: account id (12 digits) is not valid".to_owned()),
            (
                text("999999999999", &arn, "USER", JANE),
                "TargetId: Account 999999999999 is not in the organization".to_owned(),
            ),
            (
                text(DEV, "arn:aws:sso:::x", "USER", JANE),
                "PermissionSetArn: it is no ARN of a permission set".to_owned(),
            ),
            (
                text(DEV, &world.unknown_set().to_string(), "USER", JANE),
                "PermissionSetArn: Could not find PermissionSet with id ps-0000000000000000".to_owned(),
            ),
            (
                text(DEV, &other_instance, "USER", JANE),
                format!("PermissionSetArn: Could not find PermissionSet with id {}", set.id),
            ),
            (text(DEV, &arn, "ROLE", JANE), "PrincipalType: it must be USER or GROUP".to_owned()),
            (text(DEV, &arn, "USER", "jane"), "PrincipalId: user id is not valid".to_owned()),
            (
                text(DEV, &arn, "USER", nobody),
                format!("PrincipalId: USER {nobody} was not found in identity store {identity_store}"),
            ),
            (
                text(DEV, &arn, "GROUP", JANE),
                format!("PrincipalId: GROUP {JANE} was not found in identity store {identity_store}"),
            ),
        ];
        for (bad, why) in &bad {
            let rows = [row(&set, DEV, &jane()), bad.clone(), row(&set, PROD, &john())];
            let cx = world.cx("Batch");
            let said = refusal(world.batch(&cx, CREATE, &rows, OnInvalid::Fail).await, is_validation);
            assert_eq!(said, format!("Assignments[1].{why}. Nothing was done"));
            assert!(world.assigned(&set, DEV).is_empty() && world.role(&set, PROD).is_none(), "{why}");
        }
        let mut rows: Vec<RowText> = bad.iter().map(|(row, _)| row.clone()).collect();
        let cx = world.cx("Batch");
        let said = refusal(world.batch(&cx, CREATE, &rows, OnInvalid::Fail).await, is_validation);
        assert!(
            said.starts_with("Assignments[0].TargetId: ") && said.ends_with("rows 1, 2, 3, 4, 5, 6, 7, 8"),
            "{said}"
        );
        // Asked to skip them, the others are done and each bad one is a failure.
        rows.extend([row(&set, DEV, &jane()), row(&set, PROD, &group(READERS))]);
        let done = world.batch(&cx, CREATE, &rows, OnInvalid::Skip).await.unwrap();
        assert_eq!(world.progress(&done), (RequestStatus::Failed, [2, bad.len(), 0]));
        for (failure, (row, why)) in world.describe_batch(&done).failures.iter().zip(&bad) {
            assert_eq!((&failure.row, &failure.reason), (row, why));
        }
        assert_eq!(world.assigned(&set, DEV), [jane()]);
        assert_eq!(world.assigned(&set, PROD), [group(READERS)]);
        let nothing = world.batch(&cx, CREATE, &rows[..1], OnInvalid::Skip).await.unwrap();
        assert_eq!(world.progress(&nothing), (RequestStatus::Failed, [0, 1, 0]));
    }
);

testkit::on_both_engines!(
    what_single_calls_would_end_failed_is_a_failure_of_its_row,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (set, needy) = (world.permission_set("A").await, world.permission_set("B").await);
        let policy = CustomerManagedPolicyReference { name: "ours".to_owned(), path: "/".to_owned() };
        let cx = world.cx("Attach");
        attach_customer(&world.fixture.store, &cx, &world.target(&needy), policy).await.unwrap();
        world.suspend(&cx, PROD).await;
        let rows = [
            row(&set, PROD, &jane()),
            row(&set, DEV, &jane()),
            row(&needy, DEV, &jane()),
            row(&set, PROD, &john()),
            row(&set, DEV, &john()),
        ];
        let single = world.assign(&needy, DEV, john()).await;
        world.work().await;
        let (_, reason) = world.status(&single);
        let made = world.accepted(CREATE, &rows).await;
        assert_eq!(world.progress(&made), (RequestStatus::Failed, [2, 3, 0]));
        let failures = world.describe_batch(&made).failures;
        assert_eq!(failures.iter().map(|failure| failure.index).collect::<Vec<_>>(), [0, 2, 3]);
        assert!(failures[0].reason.ends_with("The account is suspended."), "{}", failures[0].reason);
        assert_eq!(Some(&failures[1].reason), reason.as_ref(), "as a single call says it");
        assert_eq!(world.assigned(&set, DEV), [jane(), john()]);
        assert!(world.assigned(&set, PROD).is_empty() && world.role(&needy, DEV).is_none());
    }
);

testkit::on_both_engines!(nobody_is_overtaken_and_progress_is_seen, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let set = world.permission_set("A").await;
    world.busy(DEV).await;
    let before = world.assign(&set, DEV, jane()).await;
    let at = world.later(5);
    // Jane is assigned by the call before, which has not been carried out: whoever overtakes it finds nothing to delete.
    let rows = [row(&set, DEV, &jane()), row(&set, PROD, &jane()), row(&set, DEV, &john())];
    let made = at.accepted(CREATE, &rows[1..]).await;
    let gone = world.later(10).accepted(DELETE, &rows).await;
    assert_eq!(world.progress(&made), (RequestStatus::InProgress, [1, 0, 1]));
    assert_eq!(world.progress(&gone), (RequestStatus::InProgress, [1, 0, 2]));
    assert!(world.role(&set, PROD).is_none() && world.assigned(&set, DEV).is_empty());
    world.free(DEV).await;
    let jobs = world.claim().await;
    world.run(&jobs[0]).await;
    world.assert_succeeded(&before);
    assert_eq!(world.progress(&made), (RequestStatus::InProgress, [1, 0, 1]));
    world.later(20).work().await;
    assert_eq!(world.progress(&made), (RequestStatus::Succeeded, [2, 0, 0]));
    assert_eq!(world.progress(&gone), (RequestStatus::Succeeded, [3, 0, 0]));
    assert!(world.assigned(&set, DEV).is_empty() && world.role(&set, DEV).is_none());
});

testkit::on_both_engines!(a_part_is_done_once_whoever_does_it, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let set = world.permission_set("A").await;
    world.busy(DEV).await;
    let made = world.accepted(CREATE, &[row(&set, DEV, &jane()), row(&set, DEV, &john())]).await;
    world.free(DEV).await;
    let jobs = world.claim().await;
    assert_eq!(jobs.len(), 1, "one job for the account");
    // The claim lapsed and two workers have it.
    world.run(&jobs[0]).await;
    world.run(&jobs[0]).await;
    assert_eq!(world.progress(&made), (RequestStatus::Succeeded, [2, 0, 0]));
    assert_eq!(world.records("CreateRole").len(), 1);
    assert_eq!(world.records("ProvisionRole").len(), 1);
});

testkit::on_both_engines!(a_part_that_cannot_be_done_fails_whole, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let set = world.permission_set("A").await;
    world.busy(DEV).await;
    let made = world.accepted(CREATE, &[row(&set, DEV, &jane()), row(&set, PROD, &jane())]).await;
    // Nobody can delete a permission set that stands anywhere: so it is taken away there first.
    world.later(2).unassign(&set, PROD, jane()).await;
    let cx = world.cx("DeletePermissionSet");
    let instance = &world.fixture.instance.id;
    accounts::permission_sets::delete(&world.fixture.store, &cx, instance, &set.arn()).await.unwrap();
    world.free(DEV).await;
    world.later(5).work().await;
    assert_eq!(world.progress(&made), (RequestStatus::Failed, [1, 1, 0]));
    let failures = world.describe_batch(&made).failures;
    let why = format!("Received a 404 status error: Permission set {} not found.", set.id);
    assert_eq!((failures[0].index, failures[0].reason.as_str()), (0, why.as_str()));
});

testkit::on_both_engines!(what_comes_to_too_many_roles_waits_for_the_worker, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let set = world.permission_set("A").await;
    let ids: Vec<String> = (0..80).map(|at| format!("{:012}", 400_000_000_000_u64 + at)).collect();
    let cx = world.cx("Seed");
    let new = ids.clone();
    let insert = move |tx: &mut store::tx::Tx<'_>, cx: &Cx| {
        for id in &new {
            let email = format!("{id}@example.com");
            let new = NewAccount { id: Some(account(id)), name: id.clone(), email, path: UnitPath::ROOT };
            accounts::accounts::insert_in(tx, cx, &new, "CREATED")?;
        }
        Ok(())
    };
    world.fixture.store.maintain(&cx, insert).await.unwrap();
    let rows: Vec<RowText> = ids.iter().map(|id| row(&set, id, &jane())).collect();
    let made = world.accepted(CREATE, &rows).await;
    assert_eq!(world.progress(&made), (RequestStatus::InProgress, [64, 0, 16]));
    world.work().await;
    assert_eq!(world.progress(&made), (RequestStatus::Succeeded, [80, 0, 0]));
    // Where the roles stand, nobody waits.
    let rows: Vec<RowText> = ids.iter().map(|id| row(&set, id, &john())).collect();
    let more = world.later(60_000).accepted(CREATE, &rows).await;
    assert_eq!(world.progress(&more), (RequestStatus::Succeeded, [80, 0, 0]));
});

testkit::on_both_engines!(
    who_may_not_on_every_set_and_account_learns_nothing,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (set, other) = (world.permission_set("A").await, world.permission_set("B").await);
        let allow = |resources: &[String]| {
            json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "portico:BatchCreateAccountAssignments", "Resource": resources}]})
        };
        let instance = world.fixture.instance.id.arn();
        let of = |id: &str| account(id).sso_arn();
        let dev_only = world.session(
            crate::world::MANAGEMENT,
            &allow(&[instance.clone(), set.arn().to_string(), other.arn().to_string(), of(DEV)]),
        );
        let rows = |place: &str, set: &PermissionSet| [row(set, DEV, &jane()), row(set, place, &john())];
        let batch = |cx: Cx, rows: [RowText; 2], kind| {
            let world = &world;
            async move { world.batch(&cx, kind, &rows, OnInvalid::Skip).await }
        };
        batch(dev_only.clone(), rows(DEV, &set), CREATE).await.unwrap();
        for place in [PROD, "999999999999"] {
            let said = refusal(batch(dev_only.clone(), rows(place, &set), CREATE).await, is_denied);
            assert!(
                said.contains(&of(place)) && said.contains("portico:BatchCreateAccountAssignments"),
                "{said}"
            );
        }
        let said = refusal(batch(dev_only.clone(), rows(DEV, &set), DELETE).await, is_denied);
        assert!(said.contains("portico:BatchDeleteAccountAssignments"), "{said}");
        let one_set = world
            .session(crate::world::MANAGEMENT, &allow(&[instance, set.arn().to_string(), of(DEV), of(PROD)]));
        let said = refusal(batch(one_set.clone(), rows(PROD, &other), CREATE).await, is_denied);
        assert!(said.contains(&other.arn().to_string()), "{said}");
        // A bad row is told only to who may.
        let mut bad = rows(PROD, &other);
        bad[1].principal_id = "nobody".to_owned();
        refusal(world.batch(&one_set, CREATE, &bad, OnInvalid::Fail).await, is_denied);
        assert_eq!(world.assigned(&set, DEV), [jane(), john()]);
        assert!(world.assigned(&other, DEV).is_empty());
    }
);

testkit::on_both_engines!(
    records_say_who_was_given_what_however_many_they_are,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let set = world.permission_set("A").await;
        let cx = world.cx("Seed");
        let identity_store = world.fixture.instance.identity_store_id.clone();
        let ids: Vec<String> = (0..1_000).map(|at| format!("{at:08}-1111-4111-8111-111111111111")).collect();
        let new = ids.clone();
        let insert = move |tx: &mut store::tx::Tx<'_>, cx: &Cx| {
            let each = |id: &String| store::directory::users::insert(tx, &user(id, id, &identity_store, cx));
            new.iter().try_for_each(each)
        };
        world.fixture.store.maintain(&cx, insert).await.unwrap();
        let rows: Vec<RowText> = ids.iter().map(|id| text(DEV, &set.arn().to_string(), "USER", id)).collect();
        let made = world.accepted(CREATE, &rows).await;
        assert_eq!(world.progress(&made), (RequestStatus::Succeeded, [1_000, 0, 0]));
        let record = world.records("ProvisionRole").remove(0);
        let details = &record["serviceEventDetails"];
        assert_eq!(details["requestId"], made.as_str());
        let given = &details["assignments"][DEV][set.id.as_str()]["USER"];
        assert_eq!(*given, json!(ids));
        let call = world.records("Batch").remove(0);
        assert_eq!(call["responseElements"]["requestId"], made.as_str());
        assert!(call["resources"].to_string().contains(&set.arn().to_string()));
        let gone = world.later(5).accepted(DELETE, &rows).await;
        assert_eq!(world.progress(&gone), (RequestStatus::Succeeded, [1_000, 0, 0]));
        let record = world.records("ProvisionRole").remove(0);
        assert_eq!(record["serviceEventDetails"]["assignments"][DEV][set.id.as_str()]["USER"], json!(ids));
        assert!(world.role(&set, DEV).is_none());
    }
);

testkit::on_both_engines!(batches_that_meet_are_all_done, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let set = world.permission_set("A").await;
    let cx = world.cx("Seed");
    let identity_store = world.fixture.instance.identity_store_id.clone();
    let ids: Vec<String> = (0..200).map(|at| format!("{at:08}-1111-4111-8111-111111111111")).collect();
    let new = ids.clone();
    let insert = move |tx: &mut store::tx::Tx<'_>, cx: &Cx| {
        let each = |id: &String| store::directory::users::insert(tx, &user(id, id, &identity_store, cx));
        new.iter().try_for_each(each)
    };
    world.fixture.store.maintain(&cx, insert).await.unwrap();
    let arn = set.arn().to_string();
    let mut calls = tokio::task::JoinSet::new();
    for half in ids.chunks(25) {
        let rows: Vec<RowText> =
            half.iter().flat_map(|id| [DEV, PROD].map(|place| text(place, &arn, "USER", id))).collect();
        let (store, cx) = (world.fixture.store.clone(), world.cx("Batch"));
        let new = NewBatch {
            instance: world.fixture.instance.id.clone(),
            kind: CREATE,
            rows,
            on_invalid: OnInvalid::Fail,
        };
        calls.spawn(async move { assignment_batches::accept(&store, &cx, new).await });
    }
    while let Some(done) = calls.join_next().await {
        let id = done.unwrap().unwrap();
        assert_eq!(world.progress(&id), (RequestStatus::Succeeded, [50, 0, 0]));
    }
    assert_eq!(world.records("CreateRole").len(), 2);
    let count = |place| {
        let page = PageRequest::first(1_000);
        let store = &world.fixture.store;
        let rows = store
            .read(|rx| Ok(store::accounts::account_assignments::page(rx, &account(place), &set.id, &page)?));
        rows.unwrap().len()
    };
    assert_eq!([count(DEV), count(PROD)], [200, 200]);
});

testkit::on_both_engines!(
    an_unknown_batch_is_not_found_and_strict_mode_bounds_them,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let set = world.permission_set("A").await;
        let id = RequestId::trusted("99999999-9999-4999-8999-999999999999");
        let (store, instance) = (&world.fixture.store, &world.fixture.instance.id);
        let cx = world.cx("DescribeBatch");
        refusal(assignment_batches::describe(store, &cx, instance, &id), is_not_found);
        let single = world.assign(&set, PROD, group(READERS)).await;
        refusal(assignment_batches::describe(store, &cx, instance, &single.id), is_not_found);
        let may_not = world.session(
            DEV,
            &json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"}]}),
        );
        refusal(assignment_batches::describe(store, &may_not, instance, &id), is_denied);
        world.busy(DEV).await;
        let strict = world.strict();
        for at in 0..ASSIGNMENT_CALLS_OUTSTANDING_MAX {
            strict.later(at).accepted(CREATE, &[row(&set, DEV, &jane())]).await;
        }
        let rows = [row(&set, DEV, &Principal::parse("USER", JOHN).unwrap())];
        let refused = strict.later(50).batch(&strict.cx("Batch"), CREATE, &rows, OnInvalid::Fail).await;
        assert!(refusal(refused, is_conflict).starts_with("15 calls of this kind are under way"));
        strict.later(60).accepted(DELETE, &rows).await;
    }
);
