//! Accounts that are somewhere else: who may say so, when one changes side, and what comes of requests in it.

use std::sync::Arc;
use std::time::Duration;

use accounts::account_connections as connections;
use accounts::assignment_batches::{self, NewBatch};
use accounts::connected_provisioning::run_one;
use accounts::connected_work::Ended;
use accounts::permission_set_policies as policies;
use accounts::sts_saml::{AssumeRoleWithSaml, assume_role_with_saml};
use broker::aws::access::Reach;
use model::accounts::account_assignment::{ProvisioningRequest, RequestKind, RequestStatus};
use model::accounts::account_connection::ConnectionSettings;
use model::accounts::assignment_batch::{OnInvalid, RowText};
use model::clock::ManualClock;
use model::fault::Fault;
use model::job::{Job, Queue};
use model::page::PageRequest;
use model::secret::Secret;
use serde_json::json;
use store::jobs::Claim;
use testkit::elsewhere::Elsewhere;
use testkit::fixture::Fixture;

use crate::world::{
    DEV, MANAGEMENT, PROD, READ_ONLY, World, account, is_conflict, is_denied, is_not_found, is_validation,
    jane, john, refusal,
};

pub(crate) fn settings() -> ConnectionSettings {
    ConnectionSettings {
        access_key_id: "AKIAEXAMPLE".to_owned(),
        role_arn: None,
        external_id: None,
        iam_endpoint: None,
        sts_endpoint: None,
        region: None,
        role_path: None,
        role_name_prefix: None,
        drift_detection_hours: None,
    }
}

impl World {
    pub(crate) async fn connect(&self, id: &str) -> Result<(), Fault> {
        let given = (settings(), Secret::new("secret"));
        let (cx, at) = (self.cx("CreateAccountConnection"), (&self.fixture.instance.id, &account(id)));
        let outbound = testkit::provider::outbound();
        connections::create(&self.fixture.store, &cx, &outbound, at, given).await.map(|_| ())
    }

    pub(crate) async fn update(&self, id: &str, settings: ConnectionSettings) -> Result<(), Fault> {
        let (cx, at) = (self.cx("UpdateAccountConnection"), (&self.fixture.instance.id, &account(id)));
        let outbound = testkit::provider::outbound();
        connections::update(&self.fixture.store, &cx, &outbound, at, (settings, None)).await.map(|_| ())
    }

    pub(crate) async fn disconnect(&self, id: &str) -> Result<(), Fault> {
        let (cx, at) = (self.cx("DeleteAccountConnection"), (&self.fixture.instance.id, &account(id)));
        connections::delete(&self.fixture.store, &cx, at).await
    }

    /// The one job that is due in a connected account, taken.
    pub(crate) async fn connected_job(&self) -> Job {
        let claim = Claim { queue: Queue::Connected, after: "", limit: 10, hold: Duration::from_secs(60) };
        let claimed = self
            .fixture
            .store
            .maintain(&self.worker(), move |tx, cx| store::jobs::claim(tx, cx.now, &claim))
            .await
            .unwrap();
        let [job] = claimed.as_slice() else { panic!("{} jobs", claimed.len()) };
        job.clone()
    }

    pub(crate) async fn carried_out(&self, elsewhere: &Elsewhere, job: &Job) -> Ended {
        let reach = self.way_there(elsewhere);
        run_one(&self.fixture.store, &self.worker(), &reach, job).await.unwrap()
    }

    /// What reaches an account that is elsewhere.
    pub(crate) fn way_there(&self, elsewhere: &Elsewhere) -> Reach {
        Reach { http: elsewhere.http(), clock: Arc::new(ManualClock::new(self.fixture.now)) }
    }

    fn in_progress(&self, request: &ProvisioningRequest) {
        assert_eq!(self.status(request), (RequestStatus::InProgress, None));
    }
}

testkit::on_both_engines!(
    an_account_changes_side_only_while_it_holds_nothing,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let set = world.permission_set("Admin").await;
        world.assign(&set, DEV, jane()).await;
        let held = refusal(world.connect(DEV).await, is_conflict);
        assert!(held.contains("holds 1 permission sets"), "{held}");
        let at = world.later(1_000);
        at.unassign(&set, DEV, jane()).await;
        at.busy(DEV).await;
        let busy = refusal(at.connect(DEV).await, is_conflict);
        assert!(busy.contains("under way"), "{busy}");
        at.free(DEV).await;
        at.connect(DEV).await.unwrap();
        refusal(at.connect(DEV).await, is_conflict);
        refusal(at.connect(MANAGEMENT).await, is_validation);
        refusal(at.connect("999999999999").await, is_not_found);
        refusal(at.disconnect(PROD).await, is_not_found);
        // On its way there, a request holds the account on its side.
        let request = at.assign(&set, DEV, jane()).await;
        at.in_progress(&request);
        refusal(at.disconnect(DEV).await, is_conflict);
        let job = at.later(1).connected_job().await;
        assert_eq!(at.later(1).carried_out(&Elsewhere::empty(DEV), &job).await, Ended::Done);
        refusal(at.disconnect(DEV).await, is_conflict);
        let renamed = ConnectionSettings { role_path: Some("/other/".to_owned()), ..settings() };
        refusal(at.update(DEV, renamed).await, is_conflict);
        at.update(DEV, ConnectionSettings { region: Some("eu-west-1".to_owned()), ..settings() })
            .await
            .unwrap();
        let region = ConnectionSettings { region: Some("cn-north-1".to_owned()), ..settings() };
        let china = refusal(at.update(DEV, region).await, is_validation);
        assert!(china.contains("partition"), "{china}");
        let other_key = ConnectionSettings { access_key_id: "AKIAOTHER".to_owned(), ..settings() };
        let missing = refusal(at.update(DEV, other_key).await, is_validation);
        assert!(missing.contains("SecretAccessKey"), "{missing}");
    }
);

testkit::on_both_engines!(who_may_not_learns_nothing_of_connections, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    world.connect(DEV).await.unwrap();
    let (store, instance) = (&world.fixture.store, &world.fixture.instance.id);
    let nobody = world.session(MANAGEMENT, &json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}));
    for id in [DEV, PROD, "999999999999"] {
        refusal(connections::describe(store, &nobody, (instance, &account(id))), is_denied);
        refusal(connections::delete(store, &nobody, (instance, &account(id))).await, is_denied);
        let outbound = testkit::provider::outbound();
        let given = (settings(), Secret::new("secret"));
        let created = connections::create(store, &nobody, &outbound, (instance, &account(id)), given).await;
        refusal(created.map(|_| ()), is_denied);
    }
    refusal(connections::list(store, &nobody, instance, &PageRequest::first(10)), is_denied);
    let cx = world.cx("ListAccountConnections");
    let listed = connections::list(store, &cx, instance, &PageRequest::first(10)).unwrap();
    assert_eq!(listed.items.iter().map(|one| one.account_id.as_str()).collect::<Vec<_>>(), [DEV]);
});

testkit::on_both_engines!(
    what_is_asked_for_elsewhere_is_done_there_before_it_is_written,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let set = world.permission_set("Admin").await;
        world.connect(DEV).await.unwrap();
        let request = world.assign(&set, DEV, jane()).await;
        world.in_progress(&request);
        let at = world.later(1);
        assert!(at.claim().await.is_empty(), "the worker has nothing to do with it");
        let job = at.connected_job().await;
        let elsewhere = Elsewhere::empty(DEV);
        elsewhere.refuses("CreateRole", 503, "ServiceUnavailable");
        assert!(
            matches!(at.carried_out(&elsewhere, &job).await, Ended::Later(wait) if wait <= Duration::from_secs(1))
        );
        world.in_progress(&request);
        assert!(world.role(&set, DEV).is_none() && world.assigned(&set, DEV).is_empty());
        let elsewhere = Elsewhere::empty(DEV);
        assert_eq!(at.carried_out(&elsewhere, &job).await, Ended::Done);
        assert!(elsewhere.taken().contains(&"CreateRole".to_owned()));
        world.assert_succeeded(&request);
        assert_eq!(world.role(&set, DEV).unwrap().role_id, "AROAELSEWHERE");
        assert_eq!(world.assigned(&set, DEV), [jane()]);
        // A second person needs no call, a second worker that comes late changes nothing.
        assert_eq!(at.carried_out(&elsewhere, &job).await, Ended::Done);
        let second = at.later(1).assign(&set, DEV, john()).await;
        let job = at.later(2).connected_job().await;
        elsewhere.taken();
        assert_eq!(at.carried_out(&elsewhere, &job).await, Ended::Done);
        assert!(elsewhere.taken().is_empty());
        world.assert_succeeded(&second);
    }
);

testkit::on_both_engines!(
    what_an_account_refuses_ends_failed_with_account_call_and_error,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let set = world.permission_set("Admin").await;
        world.connect(DEV).await.unwrap();
        let request = world.assign(&set, DEV, jane()).await;
        let at = world.later(1);
        let elsewhere = Elsewhere::empty(DEV);
        elsewhere.refuses("CreateRole", 403, "AccessDenied");
        assert_eq!(at.carried_out(&elsewhere, &at.connected_job().await).await, Ended::Done);
        let why = format!("Account {DEV}: iam:CreateRole failed with AccessDenied: so it is");
        world.assert_failed(&request, &why);
        assert!(world.role(&set, DEV).is_none() && world.assigned(&set, DEV).is_empty());
        // What may pass is tried often, and then given up too.
        let request = at.later(1).assign(&set, DEV, jane()).await;
        let job = Job { attempts: 14, ..at.later(2).connected_job().await };
        elsewhere.refuses("CreateRole", 400, "Throttling");
        assert_eq!(at.carried_out(&elsewhere, &job).await, Ended::Done);
        let why = format!("Account {DEV}: iam:CreateRole failed with Throttling: so it is");
        world.assert_failed(&request, &why);
    }
);

testkit::on_both_engines!(
    the_last_assignment_ends_whether_the_account_cooperates_or_not,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let set = world.permission_set("Admin").await;
        world.connect(DEV).await.unwrap();
        world.assign(&set, DEV, jane()).await;
        let at = world.later(1);
        at.carried_out(&Elsewhere::empty(DEV), &at.connected_job().await).await;
        // The key is gone there.
        let at = at.later(1);
        let request = at.unassign(&set, DEV, jane()).await;
        let deaf = Elsewhere::empty(DEV);
        deaf.refuses("GetCallerIdentity", 403, "InvalidClientTokenId");
        let at = at.later(1);
        assert_eq!(at.carried_out(&deaf, &at.connected_job().await).await, Ended::Done);
        let role = world.role(&set, DEV).expect("the note of it stays");
        let why = format!(
            "Account {DEV}: sts:GetCallerIdentity failed with InvalidClientTokenId: so it is. The assignment is ended, and the role {} still stands there",
            role.name.as_str()
        );
        world.assert_failed(&request, &why);
        assert!(world.assigned(&set, DEV).is_empty());
        // Made and ended again, when it is not ours any more.
        let at = at.later(1);
        at.assign(&set, DEV, jane()).await;
        let at = at.later(1);
        at.carried_out(&Elsewhere::empty(DEV), &at.connected_job().await).await;
        assert_eq!(world.assigned(&set, DEV), [jane()]);
        let at = at.later(1);
        let request = at.unassign(&set, DEV, jane()).await;
        let theirs = Elsewhere::empty(DEV);
        theirs.answers(
            "GetRole",
            "<Role><Path>/</Path><RoleName>x</RoleName><RoleId>AROATHEIRS</RoleId><Arn>a</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>\
             <AssumeRolePolicyDocument>%7B%7D</AssumeRolePolicyDocument></Role>",
        );
        let at = at.later(1);
        assert_eq!(at.carried_out(&theirs, &at.connected_job().await).await, Ended::Done);
        world.assert_succeeded(&request);
        assert!(!theirs.taken().iter().any(|call| call.starts_with("Delete") || call.starts_with("Put")));
        assert!(world.role(&set, DEV).is_none() && world.assigned(&set, DEV).is_empty());
    }
);

testkit::on_both_engines!(what_changed_while_it_was_done_is_done_again, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let set = world.permission_set("Admin").await;
    world.connect(DEV).await.unwrap();
    let request = world.assign(&set, DEV, jane()).await;
    let (at, elsewhere) = (world.later(1), Elsewhere::empty(DEV));
    let job = at.connected_job().await;
    let (store, cx, target) = (world.fixture.store.clone(), world.cx("Attach"), world.target(&set));
    elsewhere.meanwhile("CreateRole", async move {
        policies::attach_managed(&store, &cx, &target, READ_ONLY.to_owned()).await.unwrap();
    });
    assert_eq!(at.carried_out(&elsewhere, &job).await, Ended::Later(Duration::ZERO));
    world.in_progress(&request);
    assert!(world.role(&set, DEV).is_none() && world.assigned(&set, DEV).is_empty());
    assert_eq!(at.carried_out(&elsewhere, &job).await, Ended::Done);
    world.assert_succeeded(&request);
    assert_eq!(world.role(&set, DEV).unwrap().managed_policies, [READ_ONLY]);
});

testkit::on_both_engines!(
    a_request_for_every_account_reaches_those_elsewhere,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let set = world.permission_set("Admin").await;
        world.connect(DEV).await.unwrap();
        let elsewhere = Elsewhere::empty(DEV);
        world.assign(&set, PROD, jane()).await;
        world.assign(&set, DEV, jane()).await;
        let at = world.later(1);
        at.carried_out(&elsewhere, &at.connected_job().await).await;
        let at = world.later(1_000);
        let request = at.provision(&set, None).await;
        let at = at.later(1);
        let job = at.connected_job().await;
        for local in at.claim().await {
            at.run(&local).await;
        }
        world.in_progress(&request);
        elsewhere.refuses("CreateRole", 409, "LimitExceeded");
        assert_eq!(at.carried_out(&elsewhere, &job).await, Ended::Done);
        at.later(1_000).work().await;
        let why = format!("Account {DEV}: iam:CreateRole failed with LimitExceeded: so it is");
        world.assert_failed(&request, &why);
    }
);

testkit::on_both_engines!(nothing_of_ours_counts_in_an_account_elsewhere, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, instance) = (&world.fixture.store, &world.fixture.instance.id);
    let set = world.permission_set("Admin").await;
    world.connect(DEV).await.unwrap();
    // Whoever runs the account's STS has heard assertions of ours: they open nothing here.
    let told = |id: &'static str| {
        let ask = AssumeRoleWithSaml {
            role_arn: format!("arn:aws:iam::{id}:role/x"),
            principal_arn: broker::local::saml_provider_arn(&account(id), instance),
            assertion: Secret::new("?"),
            duration_seconds: None,
            policy: None,
            policy_arns: Vec::new(),
        };
        async {
            assume_role_with_saml(store, &world.cx("AssumeRoleWithSAML"), ask)
                .await
                .unwrap_err()
                .message()
                .to_owned()
        }
    };
    assert_eq!(told(DEV).await, "Specified provider doesn't exist");
    assert!(told(PROD).await.contains("base64"));
    let row = |id: &str| RowText {
        target_id: id.to_owned(),
        permission_set_arn: set.arn().to_string(),
        principal_type: "USER".to_owned(),
        principal_id: jane().id().to_owned(),
    };
    for kind in [RequestKind::CreateAssignment, RequestKind::DeleteAssignment] {
        let new =
            NewBatch { instance: instance.clone(), kind, rows: vec![row(DEV)], on_invalid: OnInvalid::Fail };
        let refused = assignment_batches::accept(store, &world.cx("Batch"), new).await.unwrap_err();
        assert!(refused.message().contains("is connected"), "{}", refused.message());
    }
});
