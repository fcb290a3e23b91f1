//! Organizations that accounts here follow: what a run brings, what it may not take, when the next one is, and what is found of it when it was disturbed.

use std::collections::BTreeMap;

use accounts::connected_work::Ended;
use accounts::{
    organization_connections as connections, organization_following,
    organization_syncs::{self as syncs, SyncAsk},
};
use model::accounts::account::AccountState;
use model::accounts::account_connection::ConnectionSettings;
use model::accounts::organization::OrganizationId;
use model::accounts::organization_connection::{
    OrganizationChangeAction as Action, OrganizationConnection, OrganizationSettings,
    OrganizationSyncKind as Kind, OrganizationSyncStatus as Status,
};
use model::fault::Fault;
use model::job::Job;
use model::page::PageRequest;
use model::secret::Secret;
use serde_json::{Value, json};
use testkit::elsewhere::Elsewhere;
use testkit::fixture::Fixture;

use crate::world::{
    DEV, MANAGEMENT, PROD, World, account, is_conflict, is_denied, is_not_found, is_validation, jane, refusal,
};

const THEIRS: &str = "o-a1b2c3d4e5";
const OTHERS: &str = "o-b1b2c3d4e5";
/// Owns the organization there.
const PAYER: &str = "444455556666";
const NEW: &str = "555566667777";
const MINUTE: u64 = 60_000;

pub(crate) fn follows() -> OrganizationSettings {
    OrganizationSettings {
        access_key_id: "AKIAEXAMPLE".to_owned(),
        role_arn: None,
        external_id: None,
        organizations_endpoint: None,
        iam_endpoint: None,
        sts_endpoint: None,
        region: None,
        parent_id: None,
        sync_minutes: None,
        connects_accounts: true,
        account_role_name: None,
        account_external_id: None,
        role_path: None,
        role_name_prefix: None,
        drift_detection_hours: None,
    }
}

fn listed(id: &str, state: &str) -> Value {
    json!({"Id": id, "Name": format!("a{id}"), "Email": format!("{id}@example.org"), "State": state})
}

/// An organization with these accounts at its root, and nothing else.
fn theirs(id: &str, accounts: &[Value]) -> Elsewhere {
    let there = Elsewhere::default();
    there
        .answers_json("DescribeOrganization", &json!({"Organization": {"Id": id, "MasterAccountId": PAYER}}));
    there.answers_json("ListRoots", &json!({"Roots": [{"Id": "r-abcd"}]}));
    there.answers_json("ListAccountsForParent", &json!({"Accounts": accounts}));
    there.answers_json("ListAccounts", &json!({"Accounts": accounts}));
    there.answers_json("ListOrganizationalUnitsForParent", &json!({"OrganizationalUnits": []}));
    there.answers_json("ListTagsForResource", &json!({"Tags": []}));
    there
}

fn whole(id: &str, others: &[Value]) -> Elsewhere {
    let mut all = vec![listed(PAYER, "ACTIVE")];
    all.extend(others.iter().cloned());
    theirs(id, &all)
}

fn id(text: &str) -> OrganizationId {
    OrganizationId::trusted(text)
}

impl World {
    async fn follow(&self, of: &str, settings: OrganizationSettings) -> Result<(), Fault> {
        let (cx, at) = (self.cx("CreateOrganizationConnection"), (&self.fixture.instance.id, &id(of)));
        let given = (settings, Secret::new("secret"));
        let outbound = testkit::provider::outbound();
        connections::create(&self.fixture.store, &cx, &outbound, at, given).await.map(|_| ())
    }

    async fn follow_otherwise(&self, of: &str, settings: OrganizationSettings) -> Result<(), Fault> {
        let (cx, at) = (self.cx("UpdateOrganizationConnection"), (&self.fixture.instance.id, &id(of)));
        let outbound = testkit::provider::outbound();
        connections::update(&self.fixture.store, &cx, &outbound, at, (settings, None)).await.map(|_| ())
    }

    async fn follow_no_more(&self, of: &str) -> Result<(), Fault> {
        let (cx, at) = (self.cx("DeleteOrganizationConnection"), (&self.fixture.instance.id, &id(of)));
        connections::delete(&self.fixture.store, &cx, at).await
    }

    fn followed(&self, of: &str) -> OrganizationConnection {
        let (cx, at) = (self.cx("DescribeOrganizationConnection"), (&self.fixture.instance.id, &id(of)));
        connections::describe(&self.fixture.store, &cx, at).unwrap()
    }

    async fn start(&self, of: &str, kind: Kind, suspensions_max: Option<i64>) -> Result<(), Fault> {
        self.ask_for(of, SyncAsk { kind, suspensions_max, adopts: false }).await
    }

    async fn ask_for(&self, of: &str, asked: SyncAsk) -> Result<(), Fault> {
        let (cx, at) = (self.cx("StartOrganizationSync"), (&self.fixture.instance.id, &id(of)));
        syncs::start(&self.fixture.store, &cx, at, asked).await.map(|_| ())
    }

    async fn sync_carried_out(&self, there: &Elsewhere, job: &Job) -> Ended {
        let reach = self.way_there(there);
        organization_following::run_one(&self.fixture.store, &self.worker(), &reach, job).await.unwrap()
    }

    /// A run from its beginning to its end.
    async fn synced(&self, of: &str, there: &Elsewhere) -> (Self, Status) {
        self.start(of, Kind::Full, None).await.unwrap();
        self.to_its_end(of, there).await
    }

    /// One that takes what was here before.
    async fn adopted(&self, of: &str, there: &Elsewhere) -> (Self, Status) {
        self.ask_for(of, SyncAsk { kind: Kind::Full, suspensions_max: None, adopts: true }).await.unwrap();
        self.to_its_end(of, there).await
    }

    async fn to_its_end(&self, of: &str, there: &Elsewhere) -> (Self, Status) {
        let at = self.later(10);
        let job = at.connected_job().await;
        assert_eq!(at.sync_carried_out(there, &job).await, Ended::Done);
        let status = at.followed(of).sync.unwrap().status;
        (at, status)
    }

    fn sync_changes(&self, of: &str) -> BTreeMap<String, Vec<Action>> {
        let (cx, at) = (self.cx("ListOrganizationSyncChanges"), (&self.fixture.instance.id, &id(of)));
        let listed = syncs::list_changes(&self.fixture.store, &cx, at, &PageRequest::first(100)).unwrap();
        let mut by = BTreeMap::<_, Vec<_>>::new();
        for change in listed.items {
            by.entry(change.target_id).or_default().push(change.action);
        }
        by
    }

    fn state_of(&self, of: &str) -> Option<AccountState> {
        let found = self.fixture.store.read(|rx| Ok(store::accounts::accounts::find(rx, &account(of))?));
        found.unwrap().map(|found| found.state)
    }

    fn connection_of(&self, of: &str) -> Option<(Option<OrganizationId>, ConnectionSettings)> {
        let find =
            |rx: &mut store::tx::Rx<'_>| Ok(store::accounts::account_connections::find(rx, &account(of))?);
        let found = self.fixture.store.read(find).unwrap();
        found.map(|found| (found.organization_id, found.settings))
    }
}

testkit::on_both_engines!(
    accounts_come_go_and_come_back_with_their_organization,
    |fixture: Fixture| async move {
        let world = World::organized(fixture).await;
        world.follow(THEIRS, follows()).await.unwrap();
        let again = refusal(world.follow(THEIRS, follows()).await, is_conflict);
        assert!(again.contains("is connected already"), "{again}");
        let (dev, fresh) = (listed(DEV, "ACTIVE"), listed(NEW, "ACTIVE"));
        let both = whole(THEIRS, &[dev, fresh.clone()]);
        // What was here before is not taken by whoever names its id.
        let (at, _) = world.synced(THEIRS, &both).await;
        assert_eq!(at.sync_changes(THEIRS)[DEV], [Action::Refused]);
        assert_eq!(at.connection_of(DEV), None);
        let (at, status) = at.adopted(THEIRS, &both).await;
        assert_eq!(status, Status::Succeeded);
        let changes = at.sync_changes(THEIRS);
        assert_eq!(changes.get(NEW), None);
        // One that was here is the same account: it follows from now on.
        assert_eq!(changes[DEV], [Action::Followed, Action::Updated, Action::Connected]);
        let (by, settings) = at.connection_of(NEW).unwrap();
        assert_eq!(by, Some(id(THEIRS)));
        let role = format!("arn:aws:iam::{NEW}:role/OrganizationAccountAccessRole");
        assert_eq!(settings.role_arn.as_deref(), Some(role.as_str()));
        assert_eq!(at.connection_of(PAYER), None);
        // Gone from there, and closed there: both are suspended, and only the one that is still there comes back by itself.
        let closed = whole(THEIRS, &[listed(DEV, "PENDING_CLOSURE")]);
        let (at, status) = at.synced(THEIRS, &closed).await;
        assert_eq!(status, Status::Succeeded);
        assert_eq!(at.sync_changes(THEIRS).values().flatten().collect::<Vec<_>>(), [&Action::Suspended; 2]);
        assert_eq!(
            (at.state_of(DEV), at.state_of(NEW)),
            (Some(AccountState::Suspended), Some(AccountState::Suspended))
        );
        let (at, _) = at.synced(THEIRS, &closed).await;
        assert_eq!(at.sync_changes(THEIRS), BTreeMap::new());
        // A word that says neither changes nothing.
        let (at, _) = at.synced(THEIRS, &whole(THEIRS, &[listed(DEV, "PENDING_ACTIVATION")])).await;
        assert_eq!(at.sync_changes(THEIRS), BTreeMap::new());
        let again = whole(THEIRS, &[listed(DEV, "ACTIVE"), fresh]);
        let (at, _) = at.synced(THEIRS, &again).await;
        assert_eq!(at.sync_changes(THEIRS)[DEV], [Action::Reopened]);
        assert_eq!(at.sync_changes(THEIRS)[NEW], [Action::Refused]);
        let (at, _) = at.adopted(THEIRS, &again).await;
        assert_eq!(at.sync_changes(THEIRS)[NEW], [Action::Followed, Action::Reopened]);
        assert_eq!(
            (at.state_of(DEV), at.state_of(NEW)),
            (Some(AccountState::Active), Some(AccountState::Active))
        );
        assert_eq!(at.records("OrganizationSync").len(), 7, "a record for each account that changed");
        assert_eq!(at.records("OrganizationSyncEnd").len(), 7);
        // One that somebody closed here stays closed, whatever is said there.
        at.suspend(&at.cx("CloseAccount"), NEW).await;
        let (at, _) = at.synced(THEIRS, &again).await;
        assert_eq!(
            (at.sync_changes(THEIRS), at.state_of(NEW)),
            (BTreeMap::new(), Some(AccountState::Suspended))
        );
        at.follow_no_more(THEIRS).await.unwrap();
        assert_eq!(at.connection_of(NEW), None);
        assert_eq!(at.state_of(DEV), Some(AccountState::Active));
    }
);

testkit::on_both_engines!(
    units_within_one_another_without_end_are_not_believed,
    |fixture: Fixture| async move {
        let world = World::organized(fixture).await;
        world.follow(THEIRS, follows()).await.unwrap();
        let of = |unit: &str| {
            let there = whole(THEIRS, &[]);
            there.answers_json(
                "ListOrganizationalUnitsForParent",
                &json!({"OrganizationalUnits": [{"Id": unit, "Name": "Production"}]}),
            );
            there
        };
        // A fake of one answer for every parent says that a unit lies within itself without end.
        let (at, status) = world.synced(THEIRS, &of("ou-abcd-11111111")).await;
        let reason = at.followed(THEIRS).sync.unwrap().reason.unwrap();
        assert_eq!(status, Status::Failed);
        assert!(reason.contains("without end"), "{reason}");
    }
);

testkit::on_both_engines!(
    an_organization_changes_nothing_that_is_not_its_own,
    |fixture: Fixture| async move {
        let world = World::organized(fixture).await;
        world.follow(THEIRS, follows()).await.unwrap();
        world.follow(OTHERS, follows()).await.unwrap();
        let (at, _) = world.synced(THEIRS, &whole(THEIRS, &[listed(NEW, "ACTIVE")])).await;
        // The account that owns the instance; an account of another organization; an address that another account has; one that was never open.
        let mut namesake = listed("666677778888", "ACTIVE");
        namesake["Email"] = json!("PROD@example.com");
        let there = whole(
            OTHERS,
            &[
                listed(MANAGEMENT, "SUSPENDED"),
                listed(NEW, "SUSPENDED"),
                namesake,
                listed("777788889999", "SUSPENDED"),
            ],
        );
        let (at, status) = at.synced(OTHERS, &there).await;
        assert_eq!(status, Status::Succeeded);
        let refused: Vec<_> = at.sync_changes(OTHERS).into_iter().collect();
        let kept = [MANAGEMENT, PAYER, NEW, "666677778888"].map(|id| (id.to_owned(), vec![Action::Refused]));
        let mut kept = kept.to_vec();
        kept.sort();
        assert_eq!(refused, kept);
        assert_eq!(
            (at.state_of(MANAGEMENT), at.state_of(NEW)),
            (Some(AccountState::Active), Some(AccountState::Active))
        );
        assert_eq!(at.state_of("777788889999"), None);
        // An account that holds permission sets here stays here until they are gone.
        let set = at.permission_set("Admin").await;
        at.assign(&set, PROD, jane()).await;
        let both = whole(THEIRS, &[listed(NEW, "ACTIVE"), listed(PROD, "ACTIVE")]);
        let (at, _) = at.adopted(THEIRS, &both).await;
        assert_eq!(at.sync_changes(THEIRS)[PROD], [Action::Followed, Action::Updated, Action::Refused]);
        assert_eq!(at.connection_of(PROD), None);
    }
);

testkit::on_both_engines!(an_answer_that_is_none_takes_nothing_away, |fixture: Fixture| async move {
    let world = World::organized(fixture).await;
    world.follow(THEIRS, follows()).await.unwrap();
    let accounts: Vec<_> = (0..8).map(|number| listed(&format!("80000000000{number}"), "ACTIVE")).collect();
    let (at, _) = world.synced(THEIRS, &whole(THEIRS, &accounts)).await;
    let twice = whole(THEIRS, &[accounts[0].clone(), accounts[0].clone()]);
    // One is in no unit, since it was moved out of one that was to come into one that had been.
    let moved = whole(THEIRS, &accounts[1..]);
    moved.answers_json("ListAccounts", &json!({"Accounts": accounts}));
    let lies = [
        (theirs(THEIRS, &[]), "is not among those listed"),
        (theirs("o-c1b2c3d4e5", &[]), "the key is of organization o-c1b2c3d4e5"),
        (
            whole(THEIRS, &[json!({"Id": "../../1", "Name": "x", "State": "ACTIVE"})]),
            "an account has the id '../../1'",
        ),
    ];
    let mut at = at;
    for (there, said) in lies {
        let (later, status) = at.synced(THEIRS, &there).await;
        let reason = later.followed(THEIRS).sync.unwrap().reason.unwrap();
        assert_eq!(status, Status::Failed);
        assert!(
            reason.starts_with("Organization o-a1b2c3d4e5: organizations:") && reason.contains(said),
            "{reason}"
        );
        at = later;
    }
    // Two of the same: it is being moved, and is looked at again.
    at.start(THEIRS, Kind::Full, None).await.unwrap();
    let at = at.later(10);
    let job = at.connected_job().await;
    assert!(matches!(at.sync_carried_out(&twice, &job).await, Ended::Later(_)));
    assert!(matches!(at.sync_carried_out(&moved, &job).await, Ended::Later(_)));
    let busy = refusal(at.start(THEIRS, Kind::DryRun, None).await, is_conflict);
    assert!(busy.contains("is under way"), "{busy}");
    // Most of them gone: held, until somebody says how many.
    let few = whole(THEIRS, &accounts[..2]);
    assert_eq!(at.sync_carried_out(&few, &job).await, Ended::Done);
    let held = at.followed(THEIRS).sync.unwrap();
    assert_eq!((held.status, held.changes), (Status::Held, 6));
    assert_eq!(at.state_of("800000000007"), Some(AccountState::Active));
    at.start(THEIRS, Kind::Full, Some(5)).await.unwrap();
    let at = at.later(10);
    let job = at.connected_job().await;
    at.sync_carried_out(&few, &job).await;
    assert_eq!(at.followed(THEIRS).sync.unwrap().status, Status::Held);
    at.start(THEIRS, Kind::Full, Some(6)).await.unwrap();
    let at = at.later(10);
    let job = at.connected_job().await;
    at.sync_carried_out(&few, &job).await;
    assert_eq!(at.followed(THEIRS).sync.unwrap().status, Status::Succeeded);
    assert_eq!(at.state_of("800000000007"), Some(AccountState::Suspended));
    // What was taken away counts for a day: one more is held, and passes tomorrow.
    let fewer = whole(THEIRS, &accounts[..1]);
    let (at, status) = at.synced(THEIRS, &fewer).await;
    assert_eq!((status, at.state_of("800000000001")), (Status::Held, Some(AccountState::Active)));
    let (at, status) = at.later(25 * 60 * MINUTE).synced(THEIRS, &fewer).await;
    assert_eq!((status, at.state_of("800000000001")), (Status::Succeeded, Some(AccountState::Suspended)));
});

testkit::on_both_engines!(
    keys_are_replaced_beside_accounts_that_have_none_of_their_own,
    |fixture: Fixture| async move {
        let world = World::organized(fixture).await;
        world.follow(THEIRS, follows()).await.unwrap();
        let (at, _) = world.synced(THEIRS, &whole(THEIRS, &[listed(NEW, "ACTIVE")])).await;
        assert!(at.connection_of(NEW).is_some());
        let resealed =
            store::instances::resealing::run(&at.fixture.store, &at.worker(), |_| ()).await.unwrap();
        assert_eq!(resealed.broken, Vec::<String>::new());
    }
);

testkit::on_both_engines!(
    it_is_read_by_itself_once_somebody_asked_and_a_run_that_is_overtaken_does_nothing,
    |fixture: Fixture| async move {
        let world = World::organized(fixture).await;
        world.follow(THEIRS, OrganizationSettings { sync_minutes: Some(15), ..follows() }).await.unwrap();
        let there = whole(THEIRS, &[listed(NEW, "ACTIVE")]);
        let scheduled = |at: World| async move {
            let count = syncs::schedule(&at.fixture.store, &at.worker()).await.unwrap();
            (at, count)
        };
        world.start(THEIRS, Kind::DryRun, None).await.unwrap();
        let at = world.later(10);
        let job = at.connected_job().await;
        at.sync_carried_out(&there, &job).await;
        assert_eq!((at.state_of(NEW), at.followed(THEIRS).next_at), (None, None));
        let (at, count) = scheduled(at.later(100 * MINUTE)).await;
        assert_eq!(count, 0, "nobody has asked for a whole run yet");
        let (at, _) = at.synced(THEIRS, &there).await;
        let (at, count) = scheduled(at.later(14 * MINUTE)).await;
        assert_eq!(count, 0);
        let (at, count) = scheduled(at.later(2 * MINUTE)).await;
        assert_eq!(count, 1);
        // While it is read somebody decides otherwise: nothing is done by what was.
        let job = at.connected_job().await;
        let gone = whole(THEIRS, &[]);
        let meanwhile = at.later(10);
        gone.meanwhile("ListRoots", async move {
            meanwhile
                .follow_otherwise(THEIRS, OrganizationSettings { sync_minutes: Some(0), ..follows() })
                .await
                .unwrap();
        });
        let at = at.later(20);
        assert_eq!(at.sync_carried_out(&gone, &job).await, Ended::Done);
        let sync = at.followed(THEIRS).sync.unwrap();
        assert_eq!(sync.status, Status::Failed);
        assert!(sync.reason.unwrap().contains("was changed during the run"));
        assert_eq!(at.state_of(NEW), Some(AccountState::Active));
        let (at, count) = scheduled(at.later(1_000 * MINUTE)).await;
        assert_eq!((count, at.followed(THEIRS).next_at), (0, None));
        // It is followed no more while it is read.
        at.start(THEIRS, Kind::Full, None).await.unwrap();
        let at = at.later(10);
        let job = at.connected_job().await;
        let gone = whole(THEIRS, &[]);
        let meanwhile = at.later(10);
        gone.meanwhile("ListRoots", async move { meanwhile.follow_no_more(THEIRS).await.unwrap() });
        let at = at.later(20);
        assert_eq!(at.sync_carried_out(&gone, &job).await, Ended::Done);
        assert_eq!(at.state_of(NEW), Some(AccountState::Active));
        refusal(at.start(THEIRS, Kind::Full, None).await, is_not_found);
    }
);

testkit::on_both_engines!(
    what_cannot_be_meant_is_refused_and_only_administrators_are_heard,
    |fixture: Fixture| async move {
        let world = World::organized(fixture).await;
        let bad = [
            (
                OrganizationSettings { external_id: Some("x".to_owned()), ..follows() },
                "ExternalId has no place",
            ),
            (
                OrganizationSettings { region: Some("cn-north-1".to_owned()), ..follows() },
                "another partition",
            ),
            (
                OrganizationSettings {
                    organizations_endpoint: Some("http://10.0.0.1".to_owned()),
                    ..follows()
                },
                "OrganizationsEndpoint",
            ),
            (
                OrganizationSettings { parent_id: Some("ou-1234-12345678".to_owned()), ..follows() },
                "ParentId ou-1234-12345678",
            ),
        ];
        for (settings, said) in bad {
            let refused = refusal(world.follow(THEIRS, settings).await, is_validation);
            assert!(refused.contains(said), "{refused}");
        }
        world.follow(THEIRS, follows()).await.unwrap();
        let key = OrganizationSettings { access_key_id: "AKIAOTHER".to_owned(), ..follows() };
        let refused = refusal(world.follow_otherwise(THEIRS, key).await, is_validation);
        assert!(refused.contains("SecretAccessKey is missing"), "{refused}");
        let nobody = world.session(DEV, &json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sso:ListInstances", "Resource": "*"}]}));
        let at = (&world.fixture.instance.id, &id(THEIRS));
        refusal(connections::describe(&world.fixture.store, &nobody, at), is_denied);
        let asked = SyncAsk { kind: Kind::Full, suspensions_max: None, adopts: false };
        refusal(syncs::start(&world.fixture.store, &nobody, at, asked).await, is_denied);
        refusal(syncs::list_changes(&world.fixture.store, &nobody, at, &PageRequest::first(1)), is_denied);
    }
);
