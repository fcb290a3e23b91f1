//! An organization with something of everything in it, and callers of every kind. All of it is made through the API or the domain.

use std::collections::BTreeMap;
use std::time::Duration;

use accounts::accounts::NewAccount;
use accounts::assignment_batch_work;
use accounts::role_sessions::{Credentials, NewSession};
use directory::attribute_precedence;
use http::StatusCode;
use instances::account_instances;
use model::accounts::account::AccountId;
use model::accounts::organization::Organization;
use model::accounts::organizational_unit::UnitPath;
use model::accounts::role::{Role, RoleName};
use model::caller::Caller;
use model::clock::Clock as _;
use model::cx::Cx;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::directory::user::{UserId, UserStatus};
use model::job::{JobKind, Queue};
use model::secret::Secret;
use model::signin::mfa::{DeviceId, DeviceKind, MfaDevice};
use serde_json::{Value, json};
use signin::flows::Progress;
use signin::hashing::{Hasher, PasswordHash};
use signin::sign_in::{Brought, PasswordSignIn, by_password};
use sigv4::instant::format_basic;
use store::jobs::Claim;
use store::signin::mfa_devices::Kept;
use store::tx::Tx;
use testkit::fixture::START;
use testkit::prover::Prover;
use testkit::provider::{self, Provider};
use wire::operation::OperationMeta;

use crate::requests::{Plain, Signing};
use crate::served::{Answer, Served};

pub(crate) const OWNER: &str = "111122223333";
pub(crate) const MEMBER: &str = "444455556666";
/// An account with a key that is no member of the organization.
pub(crate) const STRANGER: &str = "777788889999";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
pub(crate) const INSTANCE: &str = "arn:aws:sso:::instance/ssoins-1234567890abcdef";
pub(crate) const STORE: &str = "d-1234567890";

/// Texts by the name of their placeholder.
pub(crate) type Words = BTreeMap<&'static str, String>;

pub(crate) struct World {
    pub(crate) served: Served,
    /// What there is.
    pub(crate) words: Words,
}

/// Every operation that the models say is served.
pub(crate) fn operations() -> Vec<&'static OperationMeta> {
    use wire::generated as g;
    [
        g::sso_admin::OPERATIONS,
        g::identitystore::OPERATIONS,
        g::sso::OPERATIONS,
        g::sso_oidc::OPERATIONS,
        g::organizations::OPERATIONS,
        g::iam::OPERATIONS,
        g::sts::OPERATIONS,
        g::cloudtrail::OPERATIONS,
        g::portico::OPERATIONS,
        g::signin::OPERATIONS,
    ]
    .concat()
}

pub(crate) fn operation(service: &str, name: &str) -> &'static OperationMeta {
    operations().into_iter().find(|meta| (meta.service, meta.name) == (service, name)).unwrap()
}

pub(crate) fn allow(action: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::over(Served::new().await).await
    }

    /// The same over another router.
    pub(crate) async fn over(served: Served) -> Self {
        let mut world = Self::empty(served).await;
        world.permission_sets().await;
        world.people().await;
        world.assignments().await;
        world.applications().await;
        world.external_idp().await;
        world.directories().await;
        world.connections().await;
        world.users_and_groups().await;
        world.rest().await;
        world
    }

    /// The organization, its accounts and their keys, and nothing else.
    pub(crate) async fn empty(served: Served) -> Self {
        let mut world = Self { served, words: Words::new() };
        world.found().await;
        world
    }

    /// The root key of an account, for a service.
    pub(crate) fn root(&self, account: &str, service: &str) -> Signing {
        Signing {
            key_id: format!("AKIA{account}"),
            secret: SECRET.to_owned(),
            token: None,
            region: "us-east-1".to_owned(),
            service: service.to_owned(),
            date: self.date(0),
        }
    }

    /// Now and some seconds, as a signature has it.
    pub(crate) fn date(&self, seconds: i64) -> String {
        format_basic(self.served.clock.now().seconds() + seconds)
    }

    pub(crate) fn cx(&self) -> Cx {
        self.served.fixture.cx(Caller::service(AccountId::trusted(OWNER)), "test", "Prepare")
    }

    /// The organization, two accounts, a key for each of three.
    async fn found(&mut self) {
        let change = |tx: &mut Tx<'_>, cx: &Cx| {
            let organization = Organization {
                id: "o-1234567890".to_owned(),
                management_account_id: AccountId::trusted(OWNER),
                root_id: "r-1234".to_owned(),
                created_at: cx.now,
            };
            store::accounts::organizations::insert(tx, &organization)?;
            for account in [OWNER, MEMBER] {
                let new = NewAccount {
                    id: Some(AccountId::trusted(account)),
                    name: format!("a{account}"),
                    email: format!("{account}@example.com"),
                    path: UnitPath::ROOT,
                };
                accounts::accounts::insert_in(tx, cx, &new, "CREATED")?;
            }
            for account in [OWNER, MEMBER, STRANGER] {
                let (id, secret) = (format!("AKIA{account}"), Secret::new(SECRET));
                store::accounts::access_keys::insert(tx, cx, &id, &AccountId::trusted(account), &secret)?;
            }
            Ok(())
        };
        self.served.app.store.write(&self.cx(), change).await.unwrap();
        self.role(OWNER, "visible", &[("inline", allow("s3:*"))]).await;
        self.role(OWNER, "unattached", &[]).await;
        for name in ["seen", "unused"] {
            self.made(
                "iam",
                "CreatePolicy",
                json!({"PolicyName": name, "PolicyDocument": allow("s3:*").to_string()}),
            )
            .await;
        }
        let policy = |name: &str| format!("arn:aws:iam::{OWNER}:policy/{name}");
        for _ in 0..2 {
            let more = json!({"PolicyArn": policy("seen"), "PolicyDocument": allow("s3:*").to_string()});
            self.made("iam", "CreatePolicyVersion", more).await;
        }
        self.words.extend([
            ("instance", INSTANCE.to_owned()),
            ("store", STORE.to_owned()),
            ("account", MEMBER.to_owned()),
            ("root", "r-1234".to_owned()),
            ("role", "visible".to_owned()),
            ("bare_role", "unattached".to_owned()),
            ("policy", policy("seen")),
            ("unused_policy", policy("unused")),
        ]);
    }

    /// A role with these policies in an account; the account's root may assume it.
    pub(crate) async fn role(&self, account: &str, name: &str, policies: &[(&str, Value)]) -> Role {
        let trust = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": format!("arn:aws:iam::{account}:root")},
        }]});
        let role = Role {
            account_id: AccountId::trusted(account),
            name: RoleName::trusted(name),
            path: "/team/".to_owned(),
            role_id: format!("AROA{account}{name}"),
            description: None,
            max_session_seconds: 3_600,
            trust_policy: trust,
            managed_policies: Vec::new(),
            inline_policies: policies
                .iter()
                .map(|(name, policy)| ((*name).to_owned(), policy.clone()))
                .collect(),
            permissions_boundary: None,
            permission_set_id: None,
            created_at: START,
        };
        let row = role.clone();
        let change = move |tx: &mut Tx<'_>, _: &Cx| store::accounts::roles::upsert(tx, &row);
        self.served.app.store.write(&self.cx(), change).await.unwrap();
        role
    }

    /// Credentials of a role: `age` old, an hour of life.
    pub(crate) async fn session(&self, role: &Role, age: Duration) -> Credentials {
        let mut fixture = self.served.fixture.clone();
        fixture.now = model::timestamp::Timestamp::from_micros(
            self.served.clock.now().micros() - i64::try_from(age.as_micros()).unwrap(),
        );
        let cx = fixture.cx(Caller::service(AccountId::trusted(OWNER)), "test", "Prepare");
        let role = role.clone();
        let mint = move |tx: &mut Tx<'_>, cx: &Cx| {
            let new = NewSession {
                role: &role.reference(),
                session_name: "table".to_owned(),
                lifetime: Duration::from_secs(3_600),
                tags: BTreeMap::new(),
                provided_context: None,
                federated_provider: None,
                on_behalf_of: None,
                policies: Vec::new(),
                mfa_at: None,
                handed_on: <_>::default(),
            };
            accounts::role_sessions::credentials(tx.keyring(), cx, &new)
        };
        self.served.app.store.write(&cx, mint).await.unwrap()
    }

    /// A call of the management account's root that must succeed.
    pub(crate) async fn made(&self, service: &str, name: &str, input: Value) -> Value {
        let answer = self.as_root(service, name, &input).await;
        assert_eq!(answer.status, StatusCode::OK, "{name}: {answer:?}");
        answer.body
    }

    /// A call of the management account's root.
    pub(crate) async fn as_root(&self, service: &str, name: &str, input: &Value) -> Answer {
        let meta = operation(service, name);
        let mut plain = Plain::new(meta, input);
        plain.sign(&self.root(OWNER, meta.signing_name));
        self.served.call(plain.request()).await
    }

    pub(crate) fn word(&self, name: &str) -> &str {
        self.words.get(name).unwrap()
    }

    pub(crate) fn keep(&mut self, name: &'static str, value: &Value) {
        self.words.insert(name, value.as_str().unwrap().to_owned());
    }

    async fn people(&mut self) {
        for (word, name) in [
            ("user", "jane"),
            ("other", "john"),
            ("invited", "ines"),
            ("disabled", "dora"),
            ("gone_home", "gail"),
        ] {
            let input = json!({"IdentityStoreId": STORE, "UserName": name, "DisplayName": name,
                               "Name": {"FamilyName": name, "GivenName": name}});
            let made = self.made("identitystore", "CreateUser", input).await;
            self.keep(word, &made["UserId"]);
        }
        let user = UserId::trusted(self.word("user"));
        let hash = PasswordHash::import("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").unwrap();
        let put = move |tx: &mut Tx<'_>, cx: &Cx| signin::passwords::put(tx, cx, &user, &hash);
        self.served.app.store.write(&self.cx(), put).await.unwrap();
        self.words.insert("mfa_device", "12121212-1212-4212-8212-121212121212".to_owned());
        let input = json!({"IdentityStoreId": STORE, "UserId": self.word("invited")});
        let made = self.made("portico", "CreateInvitation", input).await;
        self.keep("invitation", &made["InvitationId"]);
        let made = self.made("portico", "CreateProvisioningTenant", json!({"IdentityStoreId": STORE})).await;
        self.keep("scim_tenant", &made["TenantId"]);
        let input = json!({"IdentityStoreId": STORE, "TenantId": self.word("scim_tenant")});
        let made = self.made("portico", "CreateBearerToken", input).await;
        self.keep("scim_token", &made["BearerToken"]["TokenId"]);
        for (word, name) in
            [("group", "the-group"), ("inner_group", "an-inner-group"), ("other_group", "one-beside")]
        {
            let input = json!({"IdentityStoreId": STORE, "DisplayName": name});
            let made = self.made("identitystore", "CreateGroup", input).await;
            self.keep(word, &made["GroupId"]);
        }
        let (group, inner) = (self.word("group"), self.word("inner_group"));
        let input = json!({"IdentityStoreId": STORE, "GroupId": group, "MemberGroupId": inner});
        self.made("portico", "AddMemberGroup", input).await;
        let member = json!({"UserId": self.word("user")});
        let input = json!({"IdentityStoreId": STORE, "GroupId": self.word("group"), "MemberId": member});
        let made = self.made("identitystore", "CreateGroupMembership", input).await;
        self.keep("membership", &made["MembershipId"]);
        self.words.extend([("user_name", "jane".to_owned()), ("group_name", "the-group".to_owned())]);
    }

    /// Jane has the permission sets in the member account; the group had it for a while.
    async fn assignments(&mut self) {
        let ask = |kind: &str, id: &str, set: &str| {
            json!({"InstanceArn": INSTANCE, "PermissionSetArn": self.word(set), "TargetId": MEMBER,
                   "TargetType": "AWS_ACCOUNT", "PrincipalType": kind, "PrincipalId": id})
        };
        let (jane, team) = (ask("USER", self.word("user"), "set"), ask("GROUP", self.word("group"), "set"));
        for set in ["set_two", "set_three"] {
            self.made("sso-admin", "CreateAccountAssignment", ask("USER", self.word("user"), set)).await;
        }
        self.made("sso-admin", "CreateAccountAssignment", team.clone()).await;
        let made = self.made("sso-admin", "CreateAccountAssignment", jane).await;
        self.keep("creation", &made["AccountAssignmentCreationStatus"]["RequestId"]);
        self.work().await;
        let made = self.made("sso-admin", "DeleteAccountAssignment", team).await;
        self.keep("deletion", &made["AccountAssignmentDeletionStatus"]["RequestId"]);
        let input = json!({"InstanceArn": INSTANCE, "PermissionSetArn": self.word("set"), "TargetType": "AWS_ACCOUNT",
                           "TargetId": MEMBER});
        let made = self.made("sso-admin", "ProvisionPermissionSet", input).await;
        self.keep("provisioning", &made["PermissionSetProvisioningStatus"]["RequestId"]);
        let rows = json!([{"PermissionSetArn": self.word("set"), "TargetId": MEMBER, "PrincipalType": "USER",
                           "PrincipalId": self.word("user")}]);
        let input = json!({"InstanceArn": INSTANCE, "Assignments": rows});
        let made = self.made("portico", "BatchCreateAccountAssignments", input).await;
        self.keep("batch", &made["RequestId"]);
        self.work().await;
    }

    /// An identity provider of the words' store with two certificates, and what makes another one.
    async fn external_idp(&mut self) {
        let said = Provider::start().await;
        for (word, path) in [("metadata_url", "/one"), ("other_metadata_url", "/two")] {
            let (one, two) = (provider::certificate(), provider::certificate());
            let text = provider::metadata(&format!("https://idp.acme.example{path}"), &[&one, &two]);
            self.words.insert(word, said.say(path, &text));
        }
        let configuration = json!({
            "Name": "Acme", "Saml": {"MetadataUrl": self.word("metadata_url")}, "AnyDomain": true,
        });
        let input = json!({"IdentityStoreId": STORE, "Configuration": configuration});
        let made = self.made("portico", "CreateExternalIdPConfigurationForDirectory", input).await;
        self.keep("idp", &made["ConfigurationId"]);
        let of_it = json!({"IdentityStoreId": STORE, "ConfigurationId": self.word("idp")});
        let listed = self.made("portico", "ListExternalIdPCertificates", of_it).await;
        self.keep("idp_certificate", &listed["Certificates"][0]["CertificateId"]);
        self.words.insert("certificate", provider::certificate().to_base64());
    }

    async fn rest(&mut self) {
        for (word, name) in [("unit", "Workloads"), ("empty_unit", "Sandbox")] {
            let input = json!({"ParentId": "r-1234", "Name": name});
            let made = self.made("organizations", "CreateOrganizationalUnit", input).await;
            self.keep(word, &made["OrganizationalUnit"]["Id"]);
        }
        self.service_control_policies().await;
        let input = json!({"AccountName": "made", "Email": "made@example.com"});
        let made = self.made("organizations", "CreateAccount", input).await;
        self.keep("car", &made["CreateAccountStatus"]["Id"]);
        let made =
            self.made("sso-oidc", "RegisterClient", json!({"clientName": "c", "clientType": "public"})).await;
        self.keep("client", &made["clientId"]);
        self.keep("client_secret", &made["clientSecret"]);
        let who = json!({"InstanceArn": INSTANCE, "UserName": "robot"});
        self.made("portico", "CreateServiceUser", who.clone()).await;
        let key = self.made("portico", "CreateAccessKey", who.clone()).await;
        self.keep("service_key", &key["AccessKeyId"]);
        let with = |name: &str, value: Value| {
            let mut input = who.clone();
            input[name] = value;
            input
        };
        let billing = json!("arn:aws:iam::aws:policy/job-function/Billing");
        self.made("portico", "AttachManagedPolicyToServiceUser", with("ManagedPolicyArn", billing)).await;
        let inline = json!(allow("sso:ListInstances").to_string());
        self.made("portico", "PutInlinePolicyToServiceUser", with("InlinePolicy", inline)).await;
        self.words.insert("service_user", "robot".to_owned());
        let proof = Prover::default().proof("http://127.0.0.1:8765/v1/token", self.served.clock.now());
        self.words.insert("proof", proof);
        self.work().await;
    }

    /// A bearer token of a person, by `aws sso login`: a device code, approved in a browser.
    pub(crate) async fn bearer(&self, user_id: &str, user_name: &str) -> String {
        let (store, config) = (&self.served.app.store, &self.served.app.signin);
        let (hasher, cx) = (Hasher::new(1, 1), self.cx());
        let password = || Secret::new("correct horse battery staple");
        let hash = signin::passwords::hash(&hasher, &cx, &password()).await.unwrap();
        let user = UserId::trusted(user_id);
        let put = move |tx: &mut Tx<'_>, cx: &Cx| signin::passwords::put(tx, cx, &user, &hash);
        store.write(&cx, put).await.unwrap();
        let attempt = PasswordSignIn {
            user_name: user_name.to_owned(),
            password: password(),
            brought: Brought::default(),
        };
        let cx = self.served.fixture.cx(Caller::anonymous(), "signin.amazonaws.com", "");
        let progress = by_password(store, &cx, config, &hasher, attempt).await.unwrap();
        let Progress::SignedIn(signed_in) = progress else { unreachable!() };
        let session = signed_in.session;
        let (id, secret) = (self.word("client"), self.word("client_secret"));
        let ask = json!({"clientId": id, "clientSecret": secret, "startUrl": "https://d-1234567890.awsapps.com/start"});
        let device = self.made("sso-oidc", "StartDeviceAuthorization", ask).await;
        let cx = self.served.fixture.cx(Caller::portal_user(session.user.clone()), "sso.amazonaws.com", "");
        let user_code = device["userCode"].as_str().unwrap();
        signin::device::approve(store, &cx, &session, user_code).await.unwrap();
        let grant = json!({"clientId": id, "clientSecret": secret, "deviceCode": device["deviceCode"],
                           "grantType": "urn:ietf:params:oauth:grant-type:device_code"});
        let made = self.made("sso-oidc", "CreateToken", grant).await;
        made["accessToken"].as_str().unwrap().to_owned()
    }

    /// A role is removed, and another made under its name.
    pub(crate) async fn make_again(&self, role: &Role) {
        let again = Role { role_id: format!("{}AGAIN", role.role_id), ..role.clone() };
        let change = move |tx: &mut Tx<'_>, _: &Cx| {
            store::accounts::roles::delete(tx, &again.account_id, again.name.as_str())?;
            store::accounts::roles::upsert(tx, &again)
        };
        self.served.app.store.write(&self.cx(), change).await.unwrap();
    }

    /// Jane has a device from now on: a password alone does not sign her in any more.
    pub(crate) async fn give_device(&self) {
        let kept = Kept {
            device: MfaDevice {
                id: DeviceId::trusted(self.word("mfa_device")),
                user_id: UserId::trusted(self.word("user")),
                kind: DeviceKind::Totp,
                name: "Phone".to_owned(),
                created_at: self.served.clock.now(),
                last_used_at: None,
            },
            sealed_secret: Some(Vec::new()),
            credential: None,
            last_step: 0,
        };
        let change = move |tx: &mut Tx<'_>, _: &Cx| store::signin::mfa_devices::insert(tx, &kept, None);
        self.served.app.store.write(&self.cx(), change).await.unwrap();
    }

    /// A person is disabled.
    pub(crate) async fn disable(&self, user_id: &str) {
        let (at, id) = (IdentityStoreRef::parse(STORE).unwrap(), UserId::trusted(user_id));
        let store = &self.served.app.store;
        directory::users::set_status(store, &self.cx(), &at, &id, UserStatus::Disabled).await.unwrap();
    }

    /// A person signs out.
    pub(crate) async fn sign_out(&self, bearer: &str) {
        let mut plain = Plain::new(operation("sso", "Logout"), &json!({}));
        plain.put("x-amz-sso_bearer_token", bearer);
        let answer = self.served.call(plain.request()).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }

    /// The same names in an instance and an identity store that are not this one.
    pub(crate) fn foreign(&self) -> Words {
        let mut words = self.words.clone();
        words.insert("instance", "arn:aws:sso:::instance/ssoins-ffffffffffffffff".to_owned());
        words.insert("store", "d-ffffffffff".to_owned());
        words
    }

    /// Does the worker's work until there is none.
    pub(crate) async fn work(&self) {
        let (store, cx) = (&self.served.app.store, self.cx());
        let claim = Claim { queue: Queue::Work, after: "", limit: 1, hold: Duration::from_secs(60) };
        let next = async || {
            let claimed = store.maintain(&cx, move |tx, cx| store::jobs::claim(tx, cx.now, &claim));
            claimed.await.unwrap().pop()
        };
        while let Some(job) = next().await {
            match job.kind {
                JobKind::Provisioning => accounts::provisioning::run_one(store, &cx, &job).await,
                JobKind::AssignmentBatch => assignment_batch_work::run_one(store, &cx, &job).await,
                JobKind::CreateAccount => accounts::account_creations::run_one(store, &cx, &job).await,
                JobKind::CreateInstance => account_instances::run_creation(store, &cx, &job).await,
                JobKind::DeleteInstance => account_instances::run_deletion(store, &cx, &job).await,
                JobKind::AttributePrecedence => attribute_precedence::run_one(store, &cx, &job).await,
                other => unreachable!("no {other:?} here"),
            }
            .unwrap();
        }
    }
}
