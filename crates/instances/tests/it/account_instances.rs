//! Account instances on both engines: made once, ended whole, whatever dies in the middle.

use instances::account_instances::{NewInstance, create, delete, run_creation, run_deletion};
use instances::instances::{describe, list};
use instances::tags::{self, Taggable};
use model::accounts::account::{Account, AccountId, AccountState};
use model::accounts::organizational_unit::UnitPath;
use model::applications::application::{Application, ApplicationId, Switch};
use model::applications::application_provider::ApplicationProviderId;
use model::fault::FaultKind;
use model::instances::instance::{Instance, InstanceId, InstanceStatus};
use model::instances::tag::Tags;
use model::job::{Job, Queue};
use serde_json::json;
use std::time::Duration;
use store::applications::applications::MadeBy;
use store::jobs::Claim;
use testkit::fixture::Fixture;

use crate::{OUTSIDER, kind, pairs, root, session};

fn new(token: Option<&str>) -> NewInstance {
    let client_token = token.map(str::to_owned);
    NewInstance { name: Some("ours".to_owned()), client_token, tags: pairs(&[("team", "core")]) }
}

/// The account is of the organization.
async fn join(fixture: &Fixture) {
    let account = Account {
        id: AccountId::trusted(OUTSIDER),
        name: "Member".to_owned(),
        email: "member@example.com".to_owned(),
        state: AccountState::Active,
        joined_method: "CREATED".to_owned(),
        joined_at: fixture.now,
        path: UnitPath::ROOT,
    };
    let cx = root(fixture);
    let add = fixture.store.maintain(&cx, move |tx, _| store::accounts::accounts::insert(tx, &account));
    add.await.unwrap();
}

/// The next job of the worker.
async fn job(fixture: &Fixture) -> Job {
    let claim = Claim { queue: Queue::Work, after: "", limit: 1, hold: Duration::from_secs(60) };
    let cx = root(fixture);
    let claimed = fixture.store.maintain(&cx, move |tx, cx| store::jobs::claim(tx, cx.now, &claim));
    claimed.await.unwrap().pop().unwrap()
}

/// So many applications of an instance.
async fn applications(fixture: &Fixture, instance: &Instance, count: usize) {
    let instance = instance.clone();
    let (now, by) = (fixture.now, MadeBy { client_token: None, input: String::new() });
    let cx = root(fixture);
    let add = fixture.store.maintain(&cx, move |tx, _| {
        (0..count).try_for_each(|at| {
            let tail = instance.id.as_str().get(7..15).unwrap_or_default();
            let application = Application {
                id: ApplicationId::trusted(format!("apl-{tail}{at:08x}")),
                instance_id: instance.id.clone(),
                account_id: instance.owner.clone(),
                provider_id: ApplicationProviderId::trusted("custom"),
                name: "wiki".to_owned(),
                description: None,
                status: Switch::Enabled,
                visibility: Switch::Enabled,
                sign_in: None,
                assignment_required: true,
                background_sessions: Switch::Disabled,
                created_at: now,
                created_from: "us-east-1".to_owned(),
            };
            store::instances::tags::upsert(tx, &application.arn().to_string(), "team", "core")?;
            store::applications::applications::insert(tx, &application, &by)
        })
    });
    add.await.unwrap();
}

fn count(fixture: &Fixture, id: &InstanceId) -> u64 {
    fixture.store.read(|rx| Ok(store::applications::applications::count(rx, id)?)).unwrap()
}

testkit::on_both_engines!(one_is_made_once_and_ends_whole, |fixture: Fixture| async move {
    let store = &fixture.store;
    join(&fixture).await;
    let everything =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
    let cx = || session(&fixture, OUTSIDER, &everything);
    let id = create(store, &cx(), new(Some("once"))).await.unwrap();
    assert_eq!(describe(store, &cx(), &id).unwrap().1, InstanceStatus::CreateInProgress);
    let making = job(&fixture).await;
    run_creation(store, &cx(), &making).await.unwrap();
    // A worker whose claim had lapsed comes late: its job is gone, and it changes nothing.
    assert_eq!(kind(run_creation(store, &cx(), &making).await), FaultKind::Internal);
    let (instance, status) = describe(store, &cx(), &id).unwrap();
    assert_eq!((status, instance.name.as_deref()), (InstanceStatus::Active, Some("ours")));
    assert_eq!(create(store, &cx(), new(Some("once"))).await.unwrap(), id);
    assert!(matches!(kind(create(store, &cx(), new(None)).await), FaultKind::Conflict(_)));
    assert_eq!(kind(create(store, &root(&fixture), new(None)).await), FaultKind::Validation);
    assert_eq!(list(store, &root(&fixture)).unwrap().len(), 1);
    assert_eq!(list(store, &cx()).unwrap().len(), 2);
    let of = |id: &InstanceId| Taggable::Instance(id.clone());
    assert_eq!(tags::list(store, &cx(), &of(&id)).unwrap(), pairs(&[("team", "core")]));

    applications(&fixture, &instance, 450).await;
    applications(&fixture, &fixture.instance, 3).await;
    delete(store, &cx(), &id).await.unwrap();
    assert_eq!(describe(store, &cx(), &id).unwrap().1, InstanceStatus::DeleteInProgress);
    assert_eq!(kind(tags::list(store, &cx(), &of(&id))), FaultKind::AccessDenied);
    let ending = job(&fixture).await;
    // A worker that was killed after its first piece.
    let gone = instance.clone();
    let by = cx();
    let piece = store.maintain(&by, move |tx, _| store::instances::endings::sweep(tx, &gone, 200));
    assert!(piece.await.unwrap());
    assert_eq!(count(&fixture, &id), 250);
    run_deletion(store, &cx(), &ending).await.unwrap();
    assert_eq!(kind(run_deletion(store, &cx(), &ending).await), FaultKind::Internal);
    assert_eq!((count(&fixture, &id), count(&fixture, &fixture.instance.id)), (0, 3));
    let left = store.read(|rx| {
        let arn = format!(
            "arn:aws:sso::{OUTSIDER}:application/{id}/apl-{}00000000",
            id.as_str().get(7..15).unwrap()
        );
        Ok((store::instances::tags::all_of(rx, &arn)?, store::instances::tags::all_of(rx, &id.arn())?))
    });
    assert_eq!(left.unwrap(), (Tags::new(), Tags::new()));
    assert_eq!(kind(describe(store, &cx(), &id)), FaultKind::AccessDenied);
    assert_ne!(create(store, &cx(), new(Some("once"))).await.unwrap(), id);
});
