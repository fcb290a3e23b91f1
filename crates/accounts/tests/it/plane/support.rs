//! An organization of two accounts, people, permission sets, and contexts of their callers.

use std::collections::BTreeMap;
use std::sync::Arc;

use accounts::effective_access::Reach;
use accounts::permission_sets::NewPermissionSet;
use accounts::role_credentials::Grants;
use accounts::role_sessions::{Credentials, Sessions};
use model::accounts::account::{Account, AccountId, AccountState};
use model::accounts::account_assignment::{AccountAssignment, Principal};
use model::accounts::organization::Organization;
use model::accounts::organizational_unit::UnitPath;
use model::accounts::permission_set::PermissionSet;
use model::accounts::role::Role;
use model::caller::{Caller, PortalUser};
use model::cx::Cx;
use model::directory::group::GroupId;
use model::directory::membership::{Membership, MembershipId};
use model::directory::user::{User, UserId, UserStatus};
use model::fault::{Fault, FaultKind};
use model::instances::tag::Tags;
use model::job::{JobKind, Queue};
use model::record::AuditRecord;
use model::signin::mfa::{Method, Proofs};
use store::jobs::Claim;
use store::signin::portal_sessions::NewPortalSession;
use store::tx::Tx;
use testkit::fixture::Fixture;

pub(crate) const MANAGEMENT: &str = "111122223333";
pub(crate) const MEMBER: &str = "222233334444";
pub(crate) const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// The account of this id.
pub(crate) fn account(id: &str) -> AccountId {
    AccountId::trusted(id)
}

/// An organization of the management account and one member.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) fixture: Fixture,
    /// What is known, as a server knows it.
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) reach: Arc<Reach>,
    pub(crate) grants: Arc<Grants>,
}

impl World {
    pub(crate) async fn new(fixture: Fixture) -> Self {
        let world = Self { fixture, sessions: Arc::default(), reach: Arc::default(), grants: Arc::default() };
        let organization = Organization {
            id: "o-a1b2c3d4e5".to_owned(),
            management_account_id: account(MANAGEMENT),
            root_id: "r-a1b2".to_owned(),
            created_at: world.fixture.now,
        };
        world.change(move |tx, _| store::accounts::organizations::insert(tx, &organization)).await;
        world.add_account(MANAGEMENT, "Management", AccountState::Active).await;
        world.add_account(MEMBER, "Member", AccountState::Active).await;
        world
    }

    pub(crate) fn later(&self, seconds: u64) -> Self {
        Self {
            fixture: self.fixture.later(std::time::Duration::from_secs(seconds)),
            sessions: self.sessions.clone(),
            reach: self.reach.clone(),
            grants: self.grants.clone(),
        }
    }

    /// Changes rows beside the domain.
    pub(crate) async fn change<T: Send + 'static>(
        &self,
        with: impl Fn(&mut Tx<'_>, &Cx) -> Result<T, Fault> + Send + 'static,
    ) -> T {
        let cx = self.fixture.root("sso.amazonaws.com", "Setup");
        self.fixture.store.maintain(&cx, with).await.unwrap()
    }

    pub(crate) async fn add_account(&self, id: &str, name: &str, state: AccountState) {
        let row = Account {
            id: account(id),
            name: name.to_owned(),
            email: format!("{id}@example.com"),
            state,
            joined_method: "CREATED".to_owned(),
            joined_at: self.fixture.now,
            path: UnitPath::ROOT,
        };
        self.change(move |tx, _| store::accounts::accounts::insert(tx, &row)).await;
    }

    /// A new person, who is signed in.
    pub(crate) async fn person(&self, user_name: &str) -> UserId {
        let identity_store_id = self.fixture.instance.identity_store_id.clone();
        let name = user_name.to_owned();
        self.change(move |tx, cx| {
            let id = model::entropy::uuid(cx.entropy()).to_string();
            let row = crate::world::user(&id, &name, &identity_store_id, cx);
            store::directory::users::insert(tx, &row)?;
            signed_in(tx, cx, &row.id, BTreeMap::new())?;
            Ok(row.id)
        })
        .await
    }

    /// Signs a person in again, as one whose sign-in brought tags.
    pub(crate) async fn sign_in_with(&self, user: &UserId, tags: BTreeMap<String, String>) {
        self.sign_out(user).await;
        let user = user.clone();
        self.change(move |tx, cx| signed_in(tx, cx, &user, tags.clone())).await;
    }

    /// Ends what [`Self::person`] began.
    pub(crate) async fn sign_out(&self, user: &UserId) {
        let id = user.to_string();
        self.change(move |tx, _| store::signin::sign_outs::one(tx, &id).map(|_| ())).await;
    }

    pub(crate) async fn set_status(&self, user: &UserId, status: UserStatus) {
        let (identity_store_id, id) = (self.fixture.instance.identity_store_id.clone(), user.clone());
        self.change(move |tx, _| {
            let found = store::directory::users::find(tx, &identity_store_id, &id)?.unwrap();
            store::directory::users::update(tx, &User { status, ..found })
        })
        .await;
    }

    /// Puts a person into a new group.
    pub(crate) async fn group_of(&self, user: &UserId) -> GroupId {
        let (identity_store_id, user) = (self.fixture.instance.identity_store_id.clone(), user.clone());
        self.change(move |tx, cx| {
            let id = |cx: &Cx| model::entropy::uuid(cx.entropy()).to_string();
            let row = Membership {
                id: MembershipId::parse(id(cx))?,
                identity_store_id: identity_store_id.clone(),
                group_id: GroupId::parse(id(cx))?,
                user_id: user.clone(),
                created_at: cx.now,
                created_by: String::new(),
            };
            store::directory::memberships::insert(tx, &row)?;
            Ok(row.group_id)
        })
        .await
    }

    /// A permission set with attached policies.
    pub(crate) async fn permission_set(&self, name: &str, duration: &str, managed: &[&str]) -> PermissionSet {
        let instance = self.fixture.instance.id.clone();
        let new = NewPermissionSet {
            id: None,
            name: name.to_owned(),
            description: Some(format!("About {name}")),
            session_duration: Some(duration.to_owned()),
            relay_state: None,
            tags: Tags::new(),
        };
        let managed: Vec<String> = managed.iter().map(|arn| (*arn).to_owned()).collect();
        self.change(move |tx, cx| {
            let set = accounts::permission_sets::insert_in(tx, cx, &instance, &new)?;
            for arn in &managed {
                accounts::permission_set_policies::attach_managed_in(tx, &set.id, arn)?;
            }
            Ok(set)
        })
        .await
    }

    /// Provisions and assigns.
    pub(crate) async fn assign(&self, id: &str, set: &PermissionSet, principal: Principal) {
        let instance = self.fixture.instance.clone();
        let row = AccountAssignment { account_id: account(id), permission_set_id: set.id.clone(), principal };
        self.change(move |tx, cx| accounts::account_assignments::assign_in(tx, cx, &instance, &row)).await;
    }

    /// The rows of an assignment that was made before its account was suspended, as in the member account.
    pub(crate) async fn assigned_before(&self, id: &str, set: &PermissionSet, principal: Principal) {
        let role = Role { account_id: account(id), ..self.role_of(MEMBER, set) };
        let row = AccountAssignment { account_id: account(id), permission_set_id: set.id.clone(), principal };
        self.change(move |tx, cx| {
            let place = (role.name.as_str(), 1);
            store::accounts::roles::upsert(tx, &role)?;
            store::accounts::provisioned_permission_sets::upsert(
                tx,
                &row.account_id,
                &row.permission_set_id,
                place,
                cx.now,
            )?;
            store::accounts::account_assignments::insert(tx, &row, cx.now)
        })
        .await;
    }

    pub(crate) async fn unassign(&self, id: &str, set: &PermissionSet, principal: Principal) {
        let row = AccountAssignment { account_id: account(id), permission_set_id: set.id.clone(), principal };
        self.change(move |tx, cx| store::accounts::account_assignments::delete(tx, &row, cx.now)).await;
    }

    /// The role that a permission set is in an account.
    pub(crate) fn role_of(&self, id: &str, set: &PermissionSet) -> Role {
        self.fixture
            .store
            .read(|rx| {
                let (name, _) =
                    store::accounts::provisioned_permission_sets::find(rx, &account(id), &set.id)?.unwrap();
                Ok(store::accounts::roles::find(rx, &account(id), &name)?.unwrap())
            })
            .unwrap()
    }

    /// A person's call of the portal.
    pub(crate) fn portal(&self, user: &UserId, operation: &str) -> Cx {
        let user = PortalUser {
            user_id: user.clone(),
            user_name: "jane".to_owned(),
            identity_store_id: self.fixture.instance.identity_store_id.clone(),
            account_id: account(MANAGEMENT),
            session_id: user.to_string(),
        };
        self.fixture.cx(Caller::portal_user(user), "sso.amazonaws.com", operation)
    }

    /// Role credentials for a person.
    pub(crate) async fn issue(&self, user: &UserId, id: &str, role: &str) -> Result<Credentials, Fault> {
        let cx = self.portal(user, "GetRoleCredentials");
        let (minted, used) = self.grants.issue(&self.fixture.store, &cx, &account(id), role)?;
        // As the recorder does: first the record.
        self.fixture.store.write(&cx, |_, _| Ok(())).await?;
        let made = minted.release(&cx)?;
        used.note(&self.fixture.store, &cx).await;
        Ok(made)
    }

    /// Whoever is behind credentials.
    pub(crate) fn caller(&self, credentials: &Credentials) -> Result<Caller, Fault> {
        let (key, token) = (&credentials.access_key_id, credentials.session_token.expose());
        self.sessions
            .open(&self.fixture.store, key, token, self.fixture.now)
            .map(|opened| opened.caller.clone())
    }

    /// The call of a role session.
    pub(crate) fn cx(&self, credentials: &Credentials, source: &str, operation: &str) -> Cx {
        self.fixture.cx(self.caller(credentials).unwrap(), source, operation)
    }

    /// A session with every right in an account, of a person named `admin`.
    pub(crate) async fn admin(&self, id: &str) -> Credentials {
        let (person, set) =
            (self.person("admin").await, self.permission_set("Admin", "PT8H", &[ADMIN]).await);
        self.assign(id, &set, Principal::User(person.clone())).await;
        self.issue(&person, id, "Admin").await.unwrap()
    }

    /// Runs every account creation that waits; how many.
    pub(crate) async fn work(&self) -> usize {
        let claim =
            Claim { queue: Queue::Work, after: "", limit: 100, hold: std::time::Duration::from_secs(60) };
        let jobs = self.change(move |tx, cx| store::jobs::claim(tx, cx.now, &claim)).await;
        let service = Caller::service(account(MANAGEMENT));
        for job in &jobs {
            assert_eq!(job.kind, JobKind::CreateAccount);
            let cx = self.fixture.cx(service.clone(), "", "");
            accounts::account_creations::run_one(&self.fixture.store, &cx, job).await.unwrap();
        }
        jobs.len()
    }

    /// The records of an event.
    pub(crate) fn records(&self, name: &str) -> Vec<AuditRecord> {
        let all = self
            .fixture
            .store
            .read(|rx| Ok(store::audit::audit_records::page_backward(rx, "g", "", 1_000)?))
            .unwrap();
        all.into_iter().filter(|record| record.event_name == name).collect()
    }
}

/// The kind of a refusal.
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, Fault>) -> FaultKind {
    result.unwrap_err().kind().clone()
}

/// A session of a person, named as they are.
fn signed_in(tx: &mut Tx<'_>, cx: &Cx, user: &UserId, tags: BTreeMap<String, String>) -> Result<(), Fault> {
    let session = NewPortalSession {
        token_hash: tx.keyring().hash_token(user.as_str()),
        session_id: user.to_string(),
        user_id: user.clone(),
        source_ip: String::new(),
        user_agent: String::new(),
        created_at: cx.now,
        expires_at: cx.now.plus(model::limits::PORTAL_SESSION),
        proofs: Proofs { methods: vec![Method::Password], mfa_at: None },
        idle: None,
        external: None,
        tags,
    };
    store::signin::portal_sessions::insert(tx, &session)
}
