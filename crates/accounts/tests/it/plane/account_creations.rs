//! CreateAccount from the request to the account.

use accounts::account_creations::{create, describe, list};
use model::accounts::organization::{AccountCreation, CreationState};
use model::fault::FaultKind;
use model::instances::tag::Tags;
use model::job::{Job, JobKind};
use model::page::PageRequest;
use serde_json::Value;

use crate::plane::support::{ADMIN, MANAGEMENT, MEMBER, World, account, refused};

async fn ask(world: &World, name: &str, email: &str) -> AccountCreation {
    let cx = world.fixture.root("organizations.amazonaws.com", "CreateAccount");
    create(&world.fixture.store, &cx, (name.to_owned(), email.to_owned()), None, Tags::new()).await.unwrap()
}

fn now(world: &World, creation: &AccountCreation) -> AccountCreation {
    let cx = world.fixture.root("organizations.amazonaws.com", "DescribeCreateAccountStatus");
    describe(&world.fixture.store, &cx, &creation.id).unwrap()
}

testkit::on_both_engines!(an_account_comes_of_it_with_its_role, |fixture| async move {
    let world = World::new(fixture).await;
    let store = &world.fixture.store;
    let asked = ask(&world, "Sandbox", "sandbox@example.com").await;
    assert!(asked.id.starts_with("car-") && asked.id.len() == 36);
    assert_eq!(asked.state, CreationState::InProgress);
    let found = store.read(|rx| Ok(store::accounts::accounts::find(rx, &asked.account_id)?)).unwrap();
    assert!(found.is_none(), "not before the worker ran");

    assert_eq!(world.work().await, 1);
    assert_eq!(world.work().await, 0);
    let done = now(&world, &asked);
    assert_eq!((done.state, done.failure_reason.as_deref()), (CreationState::Succeeded, None));
    let made = store.read(|rx| Ok(store::accounts::accounts::find(rx, &asked.account_id)?)).unwrap().unwrap();
    assert_eq!((made.name.as_str(), made.email.as_str()), ("Sandbox", "sandbox@example.com"));

    let role = store
        .read(|rx| Ok(store::accounts::roles::find(rx, &asked.account_id, "OrganizationAccountAccessRole")?))
        .unwrap()
        .unwrap();
    assert_eq!(role.managed_policies, [ADMIN]);
    assert_eq!(
        role.trust_policy["Statement"][0]["Principal"]["AWS"],
        format!("arn:aws:iam::{MANAGEMENT}:root")
    );

    let records = world.records("CreateAccountResult");
    let [record] = records.as_slice() else { unreachable!("{records:?}") };
    let json: Value = serde_json::from_str(&record.json).unwrap();
    assert_eq!(json["eventType"], "AwsServiceEvent");
    assert!(record.json.contains(asked.account_id.as_str()));
    assert_eq!(world.records("CreateAccount").len(), 1);
});

testkit::on_both_engines!(an_address_is_used_once, |fixture| async move {
    let world = World::new(fixture).await;
    let taken = ask(&world, "Other", &format!("{MEMBER}@Example.COM")).await;
    let first = ask(&world, "A", "same@example.com").await;
    let world = world.later(1);
    let second = ask(&world, "B", "Same@example.com").await;
    while world.work().await > 0 {}

    assert_eq!(now(&world, &first).state, CreationState::Succeeded);
    for failed in [&taken, &second] {
        let failed = now(&world, failed);
        assert_eq!(failed.state, CreationState::Failed);
        assert_eq!(failed.failure_reason.as_deref(), Some("EMAIL_ALREADY_EXISTS"));
        let found = world
            .fixture
            .store
            .read(|rx| Ok(store::accounts::accounts::find(rx, &failed.account_id)?))
            .unwrap();
        assert!(found.is_none());
    }

    let cx = world.fixture.root("organizations.amazonaws.com", "ListCreateAccountStatus");
    let failed = list(&world.fixture.store, &cx, &["FAILED".to_owned()], &PageRequest::first(20)).unwrap();
    assert_eq!(failed.items.len(), 2);
    let all = list(&world.fixture.store, &cx, &[], &PageRequest::first(20)).unwrap();
    assert_eq!(all.items.len(), 3);
});

testkit::on_both_engines!(a_job_that_runs_twice_makes_one_account, |fixture| async move {
    let world = World::new(fixture).await;
    let asked = ask(&world, "Sandbox", "sandbox@example.com").await;
    world.work().await;
    let again = Job {
        id: "0192f0c1-2d3e-7a4b-8c5d-6e7f80910213".to_owned(),
        kind: JobKind::CreateAccount,
        lane: "organization".to_owned(),
        subject: asked.id.clone(),
        attempts: 1,
        run_at: world.fixture.now,
    };
    let row = again.clone();
    world
        .change(move |tx, cx| store::jobs::insert(tx, &row.id, row.kind, (&row.lane, &row.subject), cx.now))
        .await;
    assert_eq!(world.work().await, 1);
    assert_eq!(now(&world, &asked).state, CreationState::Succeeded);
});

testkit::on_both_engines!(a_role_name_that_iam_would_not_take_is_refused, |fixture| async move {
    let world = World::new(fixture).await;
    let cx = world.fixture.root("organizations.amazonaws.com", "CreateAccount");
    for name in ["", "a b", "a/b", &"x".repeat(65)] {
        let new = ("A".to_owned(), "a@example.com".to_owned());
        let answer = create(&world.fixture.store, &cx, new, Some(name.to_owned()), Tags::new()).await;
        assert_eq!(refused(answer), FaultKind::Validation, "{name}");
    }
    let new = ("A".to_owned(), "a@example.com".to_owned());
    let asked = create(&world.fixture.store, &cx, new, Some("Ours".to_owned()), Tags::new()).await.unwrap();
    world.work().await;
    let role =
        world.fixture.store.read(|rx| Ok(store::accounts::roles::find(rx, &asked.account_id, "Ours")?));
    assert!(role.unwrap().is_some());
    assert_ne!(asked.account_id, account(MEMBER));
});
