//! An organization with accounts, people and groups, and the steps of an administrator as one line each.

use std::sync::Arc;
use std::time::Duration;

use accounts::account_assignments::{self, Ask};
use accounts::accounts::NewAccount;
use accounts::permission_set_policies::Target;
use accounts::permission_sets::{self, NewPermissionSet};
use accounts::{assignment_batch_work, provisioning, provisioning_requests};
use model::accounts::account::{AccountId, AccountState};
use model::accounts::account_assignment::{Principal, ProvisioningRequest, RequestKind, RequestStatus};
use model::accounts::organization::Organization;
use model::accounts::organizational_unit::UnitPath;
use model::accounts::permission_set::{PermissionSet, PermissionSetArn, PermissionSetId};
use model::accounts::role::RoleName;
use model::caller::{Caller, RoleSession};
use model::cx::Cx;
use model::directory::group::{Group, GroupId};
use model::directory::identity_store::IdentityStoreId;
use model::directory::membership::{Membership, MembershipId};
use model::directory::user::{User, UserId, UserProfile, UserStatus};
use model::instances::tag::Tags;
use model::job::{Job, JobKind, Queue};
use model::page::PageRequest;
use policy::document::{Document, Kind};
use policy::evaluate::PolicySet;
use serde_json::Value;
use store::accounts::provisioned_permission_sets::Latest;
use store::jobs::Claim;
use store::tx::Tx;
use testkit::fixture::Fixture;
pub(crate) use testkit::refusals::{is_conflict, is_denied, is_not_found, is_validation, refusal};

pub(crate) const MANAGEMENT: &str = "111122223333";
pub(crate) const DEV: &str = "222233334444";
pub(crate) const PROD: &str = "333344445555";
pub(crate) const JANE: &str = "11111111-1111-4111-8111-111111111111";
pub(crate) const JOHN: &str = "22222222-2222-4222-8222-222222222222";
pub(crate) const ADMINS: &str = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
pub(crate) const READERS: &str = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb";
pub(crate) const ROOT: &str = "r-1234";
pub(crate) const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

pub(crate) struct World {
    pub(crate) fixture: Fixture,
}

pub(crate) fn account(id: &str) -> AccountId {
    AccountId::trusted(id)
}

pub(crate) fn jane() -> Principal {
    Principal::User(UserId::trusted(JANE))
}

pub(crate) fn john() -> Principal {
    Principal::User(UserId::trusted(JOHN))
}

pub(crate) fn group(id: &str) -> Principal {
    Principal::Group(GroupId::trusted(id))
}

pub(crate) fn new_set(name: &str) -> NewPermissionSet {
    NewPermissionSet {
        id: None,
        name: name.to_owned(),
        description: None,
        session_duration: None,
        relay_state: None,
        tags: Tags::new(),
    }
}

/// Before every job of an account's lane.
fn first_job(in_account: &str) -> String {
    format!("0-{in_account}")
}

impl World {
    /// Three accounts; Jane is one of the admins and John is in no group.
    pub(crate) async fn new(fixture: Fixture) -> Self {
        let cx = fixture.root("sso.amazonaws.com", "Seed");
        let identity_store_id = fixture.instance.identity_store_id.clone();
        fixture
            .store
            .maintain(&cx, move |tx, cx| {
                for (id, name) in [(MANAGEMENT, "management"), (DEV, "dev"), (PROD, "prod")] {
                    let email = format!("{name}@example.com");
                    let new = NewAccount {
                        id: Some(account(id)),
                        name: name.to_owned(),
                        email,
                        path: UnitPath::ROOT,
                    };
                    accounts::accounts::insert_in(tx, cx, &new, "CREATED")?;
                }
                for (id, name) in [(JANE, "jane"), (JOHN, "john")] {
                    store::directory::users::insert(tx, &user(id, name, &identity_store_id, cx))?;
                }
                for (id, name) in [(ADMINS, "admins"), (READERS, "readers")] {
                    store::directory::groups::insert(tx, &group_row(id, name, &identity_store_id, cx))?;
                }
                let membership = Membership {
                    id: MembershipId::trusted("cccccccc-cccc-4ccc-8ccc-cccccccccccc"),
                    identity_store_id: identity_store_id.clone(),
                    group_id: GroupId::trusted(ADMINS),
                    user_id: UserId::trusted(JANE),
                    created_at: cx.now,
                    created_by: String::new(),
                };
                store::directory::memberships::insert(tx, &membership)
            })
            .await
            .unwrap();
        Self { fixture }
    }

    /// The same, within an organization.
    pub(crate) async fn organized(fixture: Fixture) -> Self {
        let world = Self::new(fixture).await;
        let row = Organization {
            id: "o-1234567890".to_owned(),
            management_account_id: account(MANAGEMENT),
            root_id: ROOT.to_owned(),
            created_at: world.fixture.now,
        };
        let cx = world.cx("Seed");
        let insert = move |tx: &mut Tx<'_>, _: &Cx| store::accounts::organizations::insert(tx, &row);
        world.fixture.store.maintain(&cx, insert).await.unwrap();
        world
    }

    /// The same, a moment later: ids sort by time.
    #[must_use]
    pub(crate) fn later(&self, millis: u64) -> Self {
        Self { fixture: self.fixture.later(Duration::from_millis(millis)) }
    }

    #[must_use]
    pub(crate) fn strict(&self) -> Self {
        Self { fixture: self.fixture.strict() }
    }

    pub(crate) fn cx(&self, name: &str) -> Cx {
        self.fixture.root("sso.amazonaws.com", name)
    }

    /// A session in an account that may do what `policy` says.
    pub(crate) fn session(&self, in_account: &str, policy: &Value) -> Cx {
        self.session_as(in_account, policy, false)
    }

    /// The same of an account that administers the organization's instance, if it does.
    pub(crate) fn session_as(&self, in_account: &str, policy: &Value, is_delegated: bool) -> Cx {
        let session = RoleSession {
            is_delegated,
            account_id: account(in_account),
            role_name: RoleName::trusted("delegate"),
            account_path: UnitPath::ROOT,
            role_path: "/".to_owned(),
            role_id: "AROAEXAMPLE".to_owned(),
            session_name: "s".to_owned(),
            access_key_id: "ASIAEXAMPLE".to_owned(),
            issued_at: self.fixture.now,
            expires_at: self.fixture.now.plus(Duration::from_secs(3_600)),
            tags: Tags::new(),
            provided_context: None,
            federated_provider: None,
            mfa_at: None,
            handed_on: <_>::default(),
            on_behalf_of: None,
        };
        let document = Document::from_value(policy, Kind::Identity).unwrap();
        let policies = PolicySet { identity: vec![Arc::new(document)], ..PolicySet::default() };
        self.fixture.cx(Caller::role(session, Arc::new(policies)), "sso.amazonaws.com", "Call")
    }

    pub(crate) async fn permission_set(&self, name: &str) -> PermissionSet {
        let cx = self.cx("CreatePermissionSet");
        permission_sets::create(&self.fixture.store, &cx, &self.fixture.instance.id, new_set(name))
            .await
            .unwrap()
    }

    pub(crate) fn target(&self, set: &PermissionSet) -> Target {
        Target { instance: self.fixture.instance.id.clone(), arn: set.arn() }
    }

    /// An ARN of this instance that names nothing.
    pub(crate) fn unknown_set(&self) -> PermissionSetArn {
        let id = PermissionSetId::trusted("ps-0000000000000000");
        PermissionSetArn { instance_id: self.fixture.instance.id.clone(), id }
    }

    pub(crate) fn ask(&self, set: &PermissionSetArn, in_account: &str, principal: Principal) -> Ask {
        Ask {
            instance: self.fixture.instance.id.clone(),
            permission_set: set.clone(),
            account: account(in_account),
            principal,
        }
    }

    pub(crate) async fn assign(
        &self,
        set: &PermissionSet,
        in_account: &str,
        principal: Principal,
    ) -> ProvisioningRequest {
        let cx = self.cx("CreateAccountAssignment");
        account_assignments::create(&self.fixture.store, &cx, self.ask(&set.arn(), in_account, principal))
            .await
            .unwrap()
    }

    pub(crate) async fn unassign(
        &self,
        set: &PermissionSet,
        in_account: &str,
        principal: Principal,
    ) -> ProvisioningRequest {
        let cx = self.cx("DeleteAccountAssignment");
        account_assignments::delete(&self.fixture.store, &cx, self.ask(&set.arn(), in_account, principal))
            .await
            .unwrap()
    }

    pub(crate) async fn provision(
        &self,
        set: &PermissionSet,
        in_account: Option<&str>,
    ) -> ProvisioningRequest {
        let cx = self.cx("ProvisionPermissionSet");
        let instance = &self.fixture.instance.id;
        provisioning::provision(&self.fixture.store, &cx, instance, &set.arn(), in_account.map(account))
            .await
            .unwrap()
    }

    /// Suspends an account. No operation does that yet: the row is written anew.
    pub(crate) async fn suspend(&self, cx: &Cx, id: &str) {
        let id = account(id);
        self.fixture
            .store
            .maintain(cx, move |tx, cx| {
                store::accounts::accounts::set_state(tx, &id, AccountState::Suspended, cx.now)
            })
            .await
            .unwrap();
    }

    /// Puts a job into an account's lane, which comes to nothing when it is run: whoever is next in that lane waits for it.
    pub(crate) async fn busy(&self, in_account: &'static str) {
        let kind = JobKind::Provisioning;
        let insert = move |tx: &mut Tx<'_>, cx: &Cx| {
            store::jobs::insert(tx, &first_job(in_account), kind, (in_account, "nothing"), cx.now)
        };
        self.fixture.store.maintain(&self.worker(), insert).await.unwrap();
    }

    /// Takes that job away again.
    pub(crate) async fn free(&self, in_account: &'static str) {
        let delete = move |tx: &mut Tx<'_>, _: &Cx| store::jobs::delete(tx, &first_job(in_account));
        self.fixture.store.maintain(&self.worker(), delete).await.unwrap();
    }

    /// The jobs that are due now, taken for a minute.
    pub(crate) async fn claim(&self) -> Vec<Job> {
        let claim = Claim { queue: Queue::Work, after: "", limit: 100, hold: Duration::from_secs(60) };
        self.fixture
            .store
            .maintain(&self.worker(), move |tx, cx| store::jobs::claim(tx, cx.now, &claim))
            .await
            .unwrap()
    }

    pub(crate) fn worker(&self) -> Cx {
        self.fixture.cx(Caller::service(account(MANAGEMENT)), "sso.amazonaws.com", "Worker")
    }

    pub(crate) async fn run(&self, job: &Job) {
        let (store, cx) = (&self.fixture.store, self.worker());
        match job.kind {
            JobKind::AssignmentBatch => assignment_batch_work::run_one(store, &cx, job).await,
            _ => provisioning::run_one(store, &cx, job).await,
        }
        .unwrap();
    }

    /// Works until nothing is due any more, looking again as often as the worker would.
    pub(crate) async fn work(&self) {
        let mut at = self.later(1);
        for _ in 0..50 {
            for job in at.claim().await {
                at.run(&job).await;
            }
            if at.fixture.store.read(store::jobs::count).unwrap() == 0 {
                return;
            }
            at = at.later(500);
        }
        assert_eq!(at.fixture.store.read(store::jobs::count).unwrap(), 0, "jobs remain");
    }

    pub(crate) fn status(&self, request: &ProvisioningRequest) -> (RequestStatus, Option<String>) {
        let cx = self.cx("DescribeStatus");
        let instance = &self.fixture.instance.id;
        let found =
            provisioning_requests::describe(&self.fixture.store, &cx, instance, request.kind, &request.id)
                .unwrap();
        (found.status, found.failure_reason)
    }

    pub(crate) fn assert_succeeded(&self, request: &ProvisioningRequest) {
        assert_eq!(self.status(request), (RequestStatus::Succeeded, None));
    }

    pub(crate) fn assert_failed(&self, request: &ProvisioningRequest, reason: &str) {
        assert_eq!(self.status(request), (RequestStatus::Failed, Some(reason.to_owned())));
    }

    /// The role that an account holds for the permission set.
    pub(crate) fn role(&self, set: &PermissionSet, in_account: &str) -> Option<model::accounts::role::Role> {
        self.fixture
            .store
            .read(|rx| {
                let account = account(in_account);
                match store::accounts::provisioned_permission_sets::find(rx, &account, &set.id)? {
                    Some((name, _)) => Ok(Some(store::accounts::roles::find(rx, &account, &name)?.unwrap())),
                    None => Ok(None),
                }
            })
            .unwrap()
    }

    /// The accounts that hold the permission set.
    pub(crate) fn accounts_with(&self, set: &PermissionSet, latest: Latest) -> Vec<String> {
        let cx = self.cx("ListAccountsForProvisionedPermissionSet");
        let target = (&self.fixture.instance.id, &set.arn());
        provisioning::accounts(&self.fixture.store, &cx, target, latest, &PageRequest::first(100))
            .unwrap()
            .items
            .into_iter()
            .map(String::from)
            .collect()
    }

    /// The principals of the permission set in an account.
    pub(crate) fn assigned(&self, set: &PermissionSet, in_account: &str) -> Vec<Principal> {
        let cx = self.cx("ListAccountAssignments");
        let target = (&self.fixture.instance.id, &set.arn());
        let page = PageRequest::first(100);
        account_assignments::list(&self.fixture.store, &cx, target, &account(in_account), &page)
            .unwrap()
            .items
            .into_iter()
            .map(|row| row.principal)
            .collect()
    }

    pub(crate) fn requests(&self, kind: RequestKind, status: Option<RequestStatus>) -> Vec<String> {
        let cx = self.cx("ListStatus");
        let page = PageRequest::first(100);
        let instance = &self.fixture.instance.id;
        provisioning_requests::list(&self.fixture.store, &cx, instance, (kind, status), &page)
            .unwrap()
            .items
            .into_iter()
            .map(|request| request.id.to_string())
            .collect()
    }

    /// The records of this event, newest first.
    pub(crate) fn records(&self, name: &str) -> Vec<Value> {
        let all = self
            .fixture
            .store
            .read(|rx| Ok(store::audit::audit_records::page_backward(rx, "g", "", 1_000)?))
            .unwrap();
        all.iter()
            .filter(|record| record.event_name == name)
            .map(|record| serde_json::from_str(&record.json).unwrap())
            .collect()
    }
}

/// A group.
pub(crate) fn group_row(id: &str, name: &str, identity_store_id: &IdentityStoreId, cx: &Cx) -> Group {
    Group {
        id: GroupId::trusted(id),
        identity_store_id: identity_store_id.clone(),
        display_name: name.to_owned(),
        description: None,
        external_ids: Vec::new(),
        revision: 1,
        created_at: cx.now,
        created_by: String::new(),
        updated_at: cx.now,
        updated_by: String::new(),
    }
}

/// A person who may sign in, as the store keeps one.
pub(crate) fn user(id: &str, name: &str, identity_store_id: &IdentityStoreId, cx: &Cx) -> User {
    User {
        id: UserId::trusted(id),
        identity_store_id: identity_store_id.clone(),
        profile: UserProfile {
            user_name: name.to_owned(),
            display_name: name.to_owned(),
            ..UserProfile::default()
        },
        status: UserStatus::Enabled,
        external_ids: Vec::new(),
        revision: 1,
        created_at: cx.now,
        created_by: String::new(),
        updated_at: cx.now,
        updated_by: String::new(),
    }
}
