//! An organization with accounts, people and groups, and applications as one line each.

use std::sync::Arc;
use std::time::Duration;

use applications::applications::{NewApplication, create};
use model::accounts::account::{Account, AccountId, AccountState};
use model::accounts::account_assignment::Principal;
use model::accounts::organizational_unit::UnitPath;
use model::accounts::role::RoleName;
use model::applications::application::{Application, ApplicationArn, ApplicationId, Switch};
use model::applications::application_provider::ApplicationProviderId;
use model::caller::{Caller, RoleSession};
use model::cx::Cx;
use model::directory::group::{Group, GroupId};
use model::directory::identity_store::IdentityStoreId;
use model::directory::member_group::{MemberGroup, NestingKey};
use model::directory::membership::{Membership, MembershipId};
use model::directory::user::{User, UserId, UserProfile, UserStatus};
use model::fault::Fault;
use model::instances::tag::Tags;
use policy::document::{Document, Kind};
use policy::evaluate::PolicySet;
use serde_json::{Value, json};
use store::tx::Tx;
use testkit::fixture::Fixture;
pub(crate) use testkit::refusals::{is_conflict, is_denied, is_not_found, is_validation, refusal};

pub(crate) const MANAGEMENT: &str = "111122223333";
pub(crate) const DEV: &str = "222233334444";
pub(crate) const PROD: &str = "333344445555";
/// No account of the organization.
pub(crate) const STRANGER: &str = "999988887777";
pub(crate) const JANE: &str = "11111111-1111-4111-8111-111111111111";
pub(crate) const JOHN: &str = "22222222-2222-4222-8222-222222222222";
/// Jane is in it, and it is in `EVERYBODY`.
pub(crate) const ADMINS: &str = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
pub(crate) const EVERYBODY: &str = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb";

pub(crate) struct World {
    pub(crate) fixture: Fixture,
}

pub(crate) fn account(id: &str) -> AccountId {
    AccountId::trusted(id)
}

pub(crate) fn user(id: &str) -> Principal {
    Principal::User(UserId::trusted(id))
}

pub(crate) fn group(id: &str) -> Principal {
    Principal::Group(GroupId::trusted(id))
}

pub(crate) fn new(name: &str) -> NewApplication {
    NewApplication {
        provider: ApplicationProviderId::trusted("custom"),
        name: name.to_owned(),
        description: None,
        status: Switch::Enabled,
        visibility: Switch::Enabled,
        sign_in: None,
        tags: Tags::new(),
        client_token: None,
    }
}

fn person(id: &str, name: &str, store: &IdentityStoreId, cx: &Cx) -> User {
    User {
        id: UserId::trusted(id),
        identity_store_id: store.clone(),
        profile: UserProfile {
            user_name: name.to_owned(),
            display_name: name.to_owned(),
            ..UserProfile::default()
        },
        external_ids: Vec::new(),
        status: UserStatus::Enabled,
        revision: 1,
        created_at: cx.now,
        created_by: String::new(),
        updated_at: cx.now,
        updated_by: String::new(),
    }
}

fn group_row(id: &str, store: &IdentityStoreId, cx: &Cx) -> Group {
    Group {
        id: GroupId::trusted(id),
        identity_store_id: store.clone(),
        display_name: id.to_owned(),
        description: None,
        external_ids: Vec::new(),
        revision: 1,
        created_at: cx.now,
        created_by: String::new(),
        updated_at: cx.now,
        updated_by: String::new(),
    }
}

impl World {
    pub(crate) async fn new(fixture: Fixture) -> Self {
        let world = Self { fixture };
        let at = world.fixture.instance.identity_store_id.clone();
        world
            .change(move |tx, cx| {
                for id in [MANAGEMENT, DEV, PROD] {
                    let new = Account {
                        id: account(id),
                        name: id.to_owned(),
                        email: format!("{id}@example.com"),
                        state: AccountState::Active,
                        joined_method: "CREATED".to_owned(),
                        joined_at: cx.now,
                        path: UnitPath::ROOT,
                    };
                    store::accounts::accounts::insert(tx, &new)?;
                }
                for (id, name) in [(JANE, "jane"), (JOHN, "john")] {
                    store::directory::users::insert(tx, &person(id, name, &at, cx))?;
                }
                for id in [ADMINS, EVERYBODY] {
                    store::directory::groups::insert(tx, &group_row(id, &at, cx))?;
                }
                let membership = Membership {
                    id: MembershipId::trusted("cccccccc-cccc-4ccc-8ccc-cccccccccccc"),
                    identity_store_id: at.clone(),
                    group_id: GroupId::trusted(ADMINS),
                    user_id: UserId::trusted(JANE),
                    created_at: cx.now,
                    created_by: String::new(),
                };
                store::directory::memberships::insert(tx, &membership)?;
                let nested = MemberGroup {
                    group_id: GroupId::trusted(EVERYBODY),
                    member_group_id: GroupId::trusted(ADMINS),
                    identity_store_id: at.clone(),
                    created_at: cx.now,
                    created_by: String::new(),
                };
                let concerned = store::directory::member_groups::concerned(
                    tx,
                    &nested.group_id,
                    &nested.member_group_id,
                )?;
                let key = || NestingKey::fresh(cx.entropy());
                store::directory::member_groups::insert(tx, &nested, &concerned, key)
            })
            .await;
        world
    }

    #[must_use]
    pub(crate) fn later(&self, millis: u64) -> Self {
        Self { fixture: self.fixture.later(Duration::from_millis(millis)) }
    }

    #[must_use]
    pub(crate) fn strict(&self) -> Self {
        Self { fixture: self.fixture.strict() }
    }

    pub(crate) fn cx(&self) -> Cx {
        self.fixture.root("sso.amazonaws.com", "Call")
    }

    /// Changes rows with no question of who asks.
    pub(crate) async fn change(&self, with: impl Fn(&mut Tx<'_>, &Cx) -> Result<(), Fault> + Send + 'static) {
        self.fixture.store.maintain(&self.cx(), with).await.unwrap();
    }

    /// A session in an account that may do all.
    pub(crate) fn admin(&self, of: &str) -> Cx {
        self.session(
            of,
            &json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}),
        )
    }

    /// A session in an account that may do what `policy` says.
    pub(crate) fn session(&self, of: &str, policy: &Value) -> Cx {
        let session = RoleSession {
            is_delegated: false,
            account_id: account(of),
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

    pub(crate) async fn application(&self, name: &str) -> Application {
        self.application_of(&self.cx(), name).await
    }

    pub(crate) async fn application_of(&self, cx: &Cx, name: &str) -> Application {
        create(&self.fixture.store, cx, &self.fixture.instance.id, new(name)).await.unwrap().1
    }

    /// An ARN of this instance that names nothing.
    pub(crate) fn unknown(&self) -> ApplicationArn {
        ApplicationArn {
            account_id: account(MANAGEMENT),
            instance_id: self.fixture.instance.id.clone(),
            id: ApplicationId::trusted("apl-0000000000000000"),
        }
    }
}
