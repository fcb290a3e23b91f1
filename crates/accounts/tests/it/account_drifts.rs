//! What differs in accounts that are somewhere else: found, told, decided, put right; and nothing of it by itself.

use std::time::Duration;

use accounts::connected_work::Ended;
use accounts::{account_drifts as drifts, drift_detection, drift_repair};
use model::accounts::account_connection::ConnectionSettings;
use model::accounts::account_drift::{
    AccountDrift, DetectionStatus, DifferenceType, DriftFinding, DriftKind, DriftResource, FindingFilter,
    FindingId, FindingStatus,
};
use model::accounts::permission_set::PermissionSet;
use model::accounts::role::Role;
use model::fault::Fault;
use model::job::{Job, JobKind};
use model::page::PageRequest;
use serde_json::json;
use testkit::elsewhere::Elsewhere;
use testkit::fixture::Fixture;

use crate::account_connections::settings;
use crate::world::{
    DEV, MANAGEMENT, PROD, READ_ONLY, World, account, is_conflict, is_denied, is_not_found, jane, refusal,
};

const HOUR: u64 = 3_600_000;

/// `role` as its account answers GetRole, with another longest session.
pub(crate) fn standing(role: &Role, seconds: i64, mark: &str) -> String {
    let bytes: Vec<_> = role.trust_policy.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect();
    let encoded = bytes.concat();
    format!(
        "<Role><Path>{}</Path><RoleName>{}</RoleName><RoleId>AROAELSEWHERE</RoleId><Arn>{}</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>\
         <MaxSessionDuration>{seconds}</MaxSessionDuration><AssumeRolePolicyDocument>{encoded}</AssumeRolePolicyDocument>\
         <Tags><member><Key>portico:instance</Key><Value>{mark}</Value></member></Tags></Role>",
        role.path,
        role.name.as_str(),
        role.arn(),
    )
}

impl World {
    /// A permission set in DEV, which is elsewhere.
    pub(crate) async fn provisioned(&self, name: &str) -> (Self, PermissionSet, Role) {
        let set = self.permission_set(name).await;
        self.assign(&set, DEV, jane()).await;
        let at = self.later(1);
        let job = at.connected_job().await;
        assert_eq!(at.carried_out(&Elsewhere::empty(DEV), &job).await, Ended::Done);
        let role = at.role(&set, DEV).unwrap();
        (at, set, role)
    }

    async fn detect(&self, id: &str) -> Result<AccountDrift, Fault> {
        let at = (&self.fixture.instance.id, &account(id));
        drifts::detect(&self.fixture.store, &self.cx("DetectAccountDrift"), at).await.map(|known| known.0)
    }

    fn drift(&self) -> AccountDrift {
        let at = (&self.fixture.instance.id, &account(DEV));
        drifts::describe(&self.fixture.store, &self.cx("DescribeAccountDrift"), at).unwrap().0
    }

    fn detected(&self) -> DetectionStatus {
        self.drift().detection.unwrap().status
    }

    async fn done(&self, elsewhere: &Elsewhere, job: &Job) -> Ended {
        let (store, cx, reach) = (&self.fixture.store, self.worker(), self.way_there(elsewhere));
        match job.kind {
            JobKind::DriftRepair => drift_repair::run_one(store, &cx, &reach, job).await.unwrap(),
            kind => {
                assert_eq!(kind, JobKind::DriftDetection);
                drift_detection::run_one(store, &cx, &reach, job).await.unwrap()
            }
        }
    }

    /// Looks at DEV as it stands `elsewhere`, from end to end.
    async fn looked(&self, elsewhere: &Elsewhere) -> Self {
        self.detect(DEV).await.unwrap();
        let at = self.later(10);
        let job = at.connected_job().await;
        assert_eq!(at.done(elsewhere, &job).await, Ended::Done);
        at
    }

    fn listed(&self, filter: &FindingFilter) -> Vec<DriftFinding> {
        let (store, cx) = (&self.fixture.store, self.cx("ListAccountDriftFindings"));
        let of = (&self.fixture.instance.id, filter);
        drifts::list(store, &cx, of, &PageRequest::first(10)).unwrap().items
    }

    /// What was found of roles.
    fn found(&self) -> Vec<DriftFinding> {
        let mut all = self.listed(&FindingFilter::default());
        all.retain(|finding| finding.found.resource == DriftResource::Role);
        all
    }

    fn only_finding(&self) -> DriftFinding {
        let found = self.found();
        let [one] = found.as_slice() else { panic!("{found:?}") };
        one.clone()
    }

    async fn repair(&self, id: &FindingId) -> Result<DriftFinding, Fault> {
        let at = (&self.fixture.instance.id, &account(DEV));
        drifts::repair(&self.fixture.store, &self.cx("RepairAccountDriftFinding"), at, id).await
    }

    async fn accept(&self, id: &FindingId) -> Result<DriftFinding, Fault> {
        let at = (&self.fixture.instance.id, &account(DEV));
        drifts::accept(&self.fixture.store, &self.cx("AcceptAccountDriftFinding"), at, id).await
    }
}

testkit::on_both_engines!(
    what_is_accepted_stays_so_until_it_changes_and_what_differs_no_more_is_gone,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        world.connect(DEV).await.unwrap();
        let (at, set, role) = world.provisioned("Admin").await;
        assert_eq!((at.drift().detection, at.found()), (None, Vec::new()));
        // The role and what it trusts were taken away by hand.
        let at = at.looked(&Elsewhere::empty(DEV)).await;
        assert_eq!(at.detected(), DetectionStatus::Complete);
        let all = at.listed(&FindingFilter::default());
        let kinds: Vec<_> = all.iter().map(|one| (one.found.resource, one.found.kind)).collect();
        assert_eq!(
            kinds,
            [(DriftResource::SamlProvider, DriftKind::Deleted), (DriftResource::Role, DriftKind::Deleted)]
        );
        let gone = at.only_finding();
        assert_eq!((gone.found.arn.as_str(), gone.status), (role.arn().as_str(), FindingStatus::Open));
        assert_eq!(gone.found.permission_set_id.as_ref(), Some(&set.id));
        assert_eq!(gone.found_by, at.cx("x").caller.arn());
        assert_eq!(at.accept(&gone.id).await.unwrap().status, FindingStatus::Accepted);
        let at = at.looked(&Elsewhere::empty(DEV)).await;
        let still = at.only_finding();
        assert_eq!((&still.id, still.status), (&gone.id, FindingStatus::Accepted));
        let by =
            |status, permission_set| FindingFilter { status, permission_set, account: Some(account(DEV)) };
        assert_eq!(at.listed(&by(Some(FindingStatus::Accepted), Some(set.arn()))).len(), 1);
        assert_eq!(at.listed(&by(Some(FindingStatus::Open), Some(set.arn()))), []);
        assert_eq!(at.listed(&FindingFilter { account: Some(account(PROD)), ..by(None, None) }), []);
        // It stands again, and lets people in for an hour alone: that is another finding.
        let mark = world.fixture.instance.id.to_string();
        let elsewhere = Elsewhere::empty(DEV);
        elsewhere.answers("GetRole", &standing(&role, 3_600, &mark));
        elsewhere.answers(
            "ListAttachedRolePolicies",
            &format!(
                "<AttachedPolicies><member><PolicyArn>{READ_ONLY}</PolicyArn></member></AttachedPolicies>"
            ),
        );
        let at = at.looked(&elsewhere).await;
        assert!(!elsewhere.taken().iter().any(|call| !call.starts_with("Get") && !call.starts_with("List")));
        let edited = at.only_finding();
        assert_ne!(edited.id, gone.id);
        assert_eq!((edited.status, edited.found.kind), (FindingStatus::Open, DriftKind::Modified));
        let said: Vec<_> = edited
            .found
            .differences
            .iter()
            .map(|one| (one.path.as_str(), one.kind, one.expected.as_deref(), one.actual.as_deref()))
            .collect();
        assert_eq!(
            said,
            [
                ("/MaxSessionDuration", DifferenceType::NotEqual, Some("43200"), Some("3600")),
                ("/ManagedPolicyArns", DifferenceType::Add, None, Some(READ_ONLY)),
            ]
        );
        refusal(at.accept(&gone.id).await, is_not_found);
        // As it was made.
        let elsewhere = Elsewhere::empty(DEV);
        elsewhere.answers("GetRole", &standing(&role, 43_200, &mark));
        let at = at.looked(&elsewhere).await;
        assert_eq!(at.found(), []);
        refusal(at.repair(&edited.id).await, is_not_found);
        let records = at.records("AccountDriftDetection");
        assert_eq!(records.len(), 4);
    }
);

testkit::on_both_engines!(
    a_repair_is_asked_for_done_there_and_tells_why_where_it_cannot_be,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        world.connect(DEV).await.unwrap();
        let (at, set, _) = world.provisioned("Admin").await;
        let at = at.looked(&Elsewhere::empty(DEV)).await;
        let id = at.only_finding().id;
        assert_eq!(at.repair(&id).await.unwrap().status, FindingStatus::Repairing);
        let busy = refusal(at.repair(&id).await, is_conflict);
        assert!(busy.contains("is being put right"), "{busy}");
        refusal(at.accept(&id).await, is_conflict);
        let at = at.later(10);
        let job = at.connected_job().await;
        let elsewhere = Elsewhere::empty(DEV);
        elsewhere.refuses("CreateRole", 400, "Throttling");
        assert!(matches!(at.done(&elsewhere, &job).await, Ended::Later(_)));
        assert_eq!(at.only_finding().status, FindingStatus::Repairing);
        elsewhere.refuses("CreateRole", 403, "AccessDenied");
        assert_eq!(at.done(&elsewhere, &job).await, Ended::Done);
        let refused = at.only_finding();
        assert_eq!((refused.id == id, refused.status), (true, FindingStatus::Open));
        let why = format!("Account {DEV}: iam:CreateRole failed with AccessDenied: so it is");
        assert_eq!(refused.reason.as_deref(), Some(why.as_str()));
        at.repair(&id).await.unwrap();
        let at = at.later(10);
        let elsewhere = Elsewhere::empty(DEV);
        assert_eq!(at.done(&elsewhere, &at.connected_job().await).await, Ended::Done);
        let order = ["CreateSAMLProvider", "CreateRole", "UpdateAssumeRolePolicy"];
        let taken = elsewhere.taken();
        assert_eq!(taken.iter().filter(|call| order.contains(&call.as_str())).collect::<Vec<_>>(), order);
        assert_eq!(at.listed(&FindingFilter::default()), [], "the provider was made with it");
        assert_eq!(at.records("AccountDriftRepair").len(), 2);
        // What a provisioning puts right by hand differs no more.
        let at = at.later(10).looked(&Elsewhere::empty(DEV)).await;
        assert_eq!(at.listed(&FindingFilter::default()).len(), 2);
        at.provision(&set, Some(DEV)).await;
        let at = at.later(10);
        at.carried_out(&Elsewhere::empty(DEV), &at.connected_job().await).await;
        assert_eq!(at.listed(&FindingFilter::default()), []);
    }
);

testkit::on_both_engines!(
    a_role_that_should_be_gone_is_found_and_taken_away,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        world.connect(DEV).await.unwrap();
        let (at, set, role) = world.provisioned("Admin").await;
        at.unassign(&set, DEV, jane()).await;
        let at = at.later(1);
        let deaf = Elsewhere::empty(DEV);
        deaf.refuses("DeleteRole", 403, "AccessDenied");
        let mark = world.fixture.instance.id.to_string();
        deaf.answers("GetRole", &standing(&role, 43_200, &mark));
        at.carried_out(&deaf, &at.connected_job().await).await;
        refusal(at.disconnect(DEV).await, is_conflict);
        let at = at.later(1).looked(&deaf).await;
        let found = at.only_finding();
        assert_eq!(found.found.kind, DriftKind::Unexpected);
        at.repair(&found.id).await.unwrap();
        let at = at.later(1);
        let willing = Elsewhere::empty(DEV);
        willing.answers("GetRole", &standing(&role, 43_200, &mark));
        assert_eq!(at.done(&willing, &at.connected_job().await).await, Ended::Done);
        assert!(willing.taken().contains(&"DeleteRole".to_owned()));
        assert_eq!(at.listed(&FindingFilter::default()), []);
        assert!(at.role(&set, DEV).is_none(), "nothing is left to note");
        at.disconnect(DEV).await.unwrap();
        refusal(at.detect(DEV).await, is_not_found);
    }
);

testkit::on_both_engines!(a_look_that_is_disturbed_goes_on_where_it_was, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    world.connect(DEV).await.unwrap();
    let (at, ..) = world.provisioned("Admin").await;
    let (at, ..) = at.later(1).provisioned("Reader").await;
    at.detect(DEV).await.unwrap();
    let at = at.later(1);
    let job = at.connected_job().await;
    let busy = Elsewhere::empty(DEV);
    busy.refuses("GetCallerIdentity", 400, "Throttling");
    assert!(matches!(at.done(&busy, &job).await, Ended::Later(_)), "nothing was seen");
    // Of the first role it is heard that it is gone; then the account throttles.
    let busy = Elsewhere::empty(DEV);
    let then = busy.clone();
    busy.meanwhile("GetRole", async move { then.refuses("GetRole", 400, "Throttling") });
    assert_eq!(at.done(&busy, &job).await, Ended::Done);
    assert_eq!((at.detected(), at.found().len()), (DetectionStatus::InProgress, 1));
    let at = at.later(5_000);
    let next = at.connected_job().await;
    let calm = Elsewhere::empty(DEV);
    assert_eq!(at.done(&calm, &next).await, Ended::Done);
    assert_eq!((at.detected(), at.found().len()), (DetectionStatus::Complete, 2));
    let calls = calm.taken();
    assert_eq!(calls.iter().filter(|call| *call == "GetRole").count(), 1, "{calls:?}");
    // Whoever comes late changes nothing.
    assert_eq!(at.done(&calm, &next).await, Ended::Done);
    // One that nobody is let into says so.
    at.detect(DEV).await.unwrap();
    let at = at.later(1);
    let deaf = Elsewhere::empty(DEV);
    deaf.refuses("ListRoles", 403, "AccessDenied");
    assert_eq!(at.done(&deaf, &at.connected_job().await).await, Ended::Done);
    let detection = at.drift().detection.unwrap();
    assert_eq!(detection.status, DetectionStatus::Failed);
    let why = format!("Account {DEV}: iam:ListRoles failed with AccessDenied: so it is");
    assert_eq!(detection.reason.as_deref(), Some(why.as_str()));
    assert_eq!(at.found().len(), 2, "what was known stays");
});

testkit::on_both_engines!(accounts_are_looked_at_when_their_time_has_come, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    for id in [DEV, PROD] {
        world.connect(id).await.unwrap();
    }
    let schedule =
        async |at: &World| drift_detection::schedule(&at.fixture.store, &at.worker()).await.unwrap();
    let next = world.drift().next_at.unwrap();
    assert!(next <= world.fixture.now.plus(Duration::from_hours(24)));
    assert_eq!((world.drift().detection, schedule(&world.later(1)).await), (None, 0));
    let at = world.later(25 * HOUR);
    assert_eq!(schedule(&at).await, 2);
    assert_eq!(at.detected(), DetectionStatus::InProgress);
    let then = at.drift().next_at.unwrap();
    assert_eq!(then, next.plus(Duration::from_hours(24)));
    assert_eq!(schedule(&at.later(1)).await, 0);
    assert_eq!(at.drift().detection.unwrap().requested_by, at.worker().caller.arn());
    // Not by itself any more, and then every hour.
    let every = |hours| ConnectionSettings { drift_detection_hours: Some(hours), ..settings() };
    at.update(DEV, every(0)).await.unwrap();
    assert_eq!(at.drift().next_at, None);
    at.update(DEV, every(1)).await.unwrap();
    assert!(at.drift().next_at.unwrap() <= at.fixture.now.plus(Duration::from_hours(1)));
});

testkit::on_both_engines!(who_may_not_learns_nothing_of_what_differs, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    world.connect(DEV).await.unwrap();
    let (at, ..) = world.provisioned("Admin").await;
    let at = at.looked(&Elsewhere::empty(DEV)).await;
    let id = at.only_finding().id;
    let (store, instance) = (&at.fixture.store, &at.fixture.instance.id);
    let nobody = at.session(MANAGEMENT, &json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}));
    for of in [DEV, PROD, "999999999999"] {
        let to = (instance, &account(of));
        refusal(drifts::describe(store, &nobody, to).map(|_| ()), is_denied);
        refusal(drifts::detect(store, &nobody, to).await.map(|_| ()), is_denied);
        refusal(drifts::repair(store, &nobody, to, &id).await.map(|_| ()), is_denied);
        refusal(drifts::accept(store, &nobody, to, &id).await.map(|_| ()), is_denied);
    }
    let filter = FindingFilter::default();
    refusal(
        drifts::list(store, &nobody, (instance, &filter), &PageRequest::first(10)).map(|_| ()),
        is_denied,
    );
    // A finding is one account's.
    let to = (instance, &account(PROD));
    at.connect(PROD).await.unwrap();
    refusal(drifts::repair(store, &at.cx("x"), to, &id).await.map(|_| ()), is_not_found);
});
