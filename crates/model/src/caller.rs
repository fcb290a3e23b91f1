//! Who calls: an account's root key, a role session, a person behind a bearer token or browser session, the server itself, or nobody.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};

use jsontext::Json;

use crate::access::{Authority, Powerless, Unrestricted};
use crate::accounts::account::AccountId;
use crate::accounts::organizational_unit::UnitPath;
use crate::accounts::role::{RoleName, role_arn};
use crate::accounts::service_user::{ServiceUserName, user_arn};
use crate::directory::identity_store::IdentityStoreId;
use crate::directory::user::UserId;
use crate::sources::directory::Synchronizer;
use crate::sources::provisioning_tenant::Provisioner;
use crate::timestamp::Timestamp;

/// A workforce user on whose behalf a role session acts: CloudTrail's `onBehalfOf`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnBehalfOf {
    /// The user.
    pub user_id: UserId,
    /// The user's store.
    pub identity_store_id: IdentityStoreId,
}

/// By which application a role session came to act for its person: an identity-enhanced session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvidedContext {
    /// The application's ARN: `identitycenter:ApplicationArn`.
    pub application_arn: String,
    /// The instance's ARN: `identitycenter:InstanceArn`.
    pub instance_arn: String,
    /// What the application was given for the person: `identitycenter:CredentialId`.
    pub credential_id: String,
}

/// What a session hands on to every session that is made from it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HandedOn {
    /// `SourceIdentity`: once set, nobody changes it.
    pub source_identity: Option<String>,
    /// The keys of the tags that are transitive, as they are written among the session's tags.
    pub transitive_tag_keys: Vec<String>,
}

/// A session of a role in an account.
#[derive(Debug, Clone)]
pub struct RoleSession {
    /// The role's account.
    pub account_id: AccountId,
    /// Where the account lies in the organization: `aws:PrincipalOrgPaths`.
    pub account_path: UnitPath,
    /// Whether the account administers the organization's instance for the management account.
    pub is_delegated: bool,
    /// The role's name.
    pub role_name: RoleName,
    /// The role's path, `/` or `/…/`.
    pub role_path: String,
    /// The role's stable unique id, `AROA…`.
    pub role_id: String,
    /// `RoleSessionName`.
    pub session_name: String,
    /// `ASIA…`; empty for a session of the console, whose keys nobody has.
    pub access_key_id: String,
    /// When the credentials were issued: `aws:TokenIssueTime`.
    pub issued_at: Timestamp,
    /// When they end.
    pub expires_at: Timestamp,
    /// Session tags, read as `aws:PrincipalTag/<key>`.
    pub tags: BTreeMap<String, String>,
    /// The person behind the session, when the AWS access portal issued it.
    pub on_behalf_of: Option<OnBehalfOf>,
    /// By which application it came to act for its person, if by one.
    pub provided_context: Option<ProvidedContext>,
    /// The ARN of the identity provider by which the session was made; none for one made from another session or by a key.
    pub federated_provider: Option<String>,
    /// When the person behind it gave a second factor: `aws:MultiFactorAuthPresent`, `aws:MultiFactorAuthAge`. None for a session made from another.
    pub mfa_at: Option<Timestamp>,
    /// What sessions that are made from it have of it.
    pub handed_on: HandedOn,
}

impl RoleSession {
    /// `arn:aws:sts::<account>:assumed-role/<role>/<session>`
    pub fn arn(&self) -> String {
        format!("arn:aws:sts::{}:assumed-role/{}/{}", self.account_id, self.role_name, self.session_name)
    }

    /// Whether it is what a person does on the pages of the console: CloudTrail's `sessionCredentialFromConsole`.
    pub const fn is_of_console(&self) -> bool {
        self.access_key_id.is_empty()
    }

    /// `arn:aws:iam::<account>:role<path><role>`
    pub fn role_arn(&self) -> String {
        role_arn(&self.account_id, &self.role_path, &self.role_name)
    }
}

/// A session that whoever holds a key made for themselves: GetSessionToken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeySession {
    /// When the credentials were issued: `aws:TokenIssueTime`.
    pub issued_at: Timestamp,
    /// When they end.
    pub expires_at: Timestamp,
}

/// A user of IAM, by one of its keys or by a session that it made with one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IamUser {
    /// Its account.
    pub account_id: AccountId,
    /// Where the account lies in the organization: `aws:PrincipalOrgPaths`.
    pub account_path: UnitPath,
    /// Whether the account administers the organization's instance for the management account.
    pub is_delegated: bool,
    /// Its name.
    pub name: ServiceUserName,
    /// `/` or `/…/`
    pub path: String,
    /// `AIDA…`
    pub id: String,
    /// `AKIA…`; `ASIA…` of a session.
    pub access_key_id: String,
    /// Its tags, read as `aws:PrincipalTag/<key>`.
    pub tags: BTreeMap<String, String>,
    /// The session, if it calls by one.
    pub session: Option<KeySession>,
}

impl IamUser {
    /// `arn:aws:iam::<account>:user<path><name>`
    pub fn arn(&self) -> String {
        user_arn(&self.account_id, &self.path, self.name.as_str())
    }
}

/// A person signed in to the AWS access portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalUser {
    /// The person.
    pub user_id: UserId,
    /// The person's sign-in name, by which records are looked up.
    pub user_name: String,
    /// The person's store.
    pub identity_store_id: IdentityStoreId,
    /// The account that owns the instance.
    pub account_id: AccountId,
    /// The sign-in session behind the token or cookie: CloudTrail's `credentialId`.
    pub session_id: String,
}

/// Who calls.
#[derive(Debug, Clone)]
pub enum Identity {
    /// The root key of an account.
    Root {
        /// The account.
        account_id: AccountId,
        /// `AKIA…`; `ASIA…` of a session.
        access_key_id: String,
        /// The session, if it calls by one.
        session: Option<KeySession>,
    },
    /// A user of IAM, a service user among them.
    User(Box<IamUser>),
    /// A role session.
    Role(Box<RoleSession>),
    /// A person at the portal, with a bearer token or a browser session.
    PortalUser(PortalUser),
    /// An identity provider, with a token of its tenant.
    Provisioner(Provisioner),
    /// A directory, of whose people a run reads.
    Synchronizer(Synchronizer),
    /// The server itself: its worker, `init`, the seed file.
    Service {
        /// The account on whose behalf it works.
        account_id: AccountId,
    },
    /// Nobody that we know.
    Anonymous,
}

/// Who calls, and what decides for them. Cheap to clone: whoever calls often is known, and is the same value each time.
#[derive(Debug, Clone)]
pub struct Caller {
    who: Arc<Who>,
    /// What decides.
    pub authority: Arc<dyn Authority>,
}

/// An identity, and what records say of it.
#[derive(Debug)]
struct Who {
    identity: Identity,
    /// How it is written in the trail of this account.
    written: OnceLock<(AccountId, Json)>,
}

impl Caller {
    fn new(identity: Identity, authority: Arc<dyn Authority>) -> Self {
        Self { who: Arc::new(Who { identity, written: OnceLock::new() }), authority }
    }

    /// Nobody.
    pub fn anonymous() -> Self {
        static NOBODY: LazyLock<Caller> =
            LazyLock::new(|| Caller::new(Identity::Anonymous, Arc::new(Powerless)));
        NOBODY.clone()
    }

    /// The root of an account.
    pub fn root(account_id: AccountId, access_key_id: impl Into<String>) -> Self {
        Self::root_by(account_id, access_key_id, None, Arc::new(Unrestricted))
    }

    /// The root of an account, by a session that it may have made; and what the organization lets the account do.
    pub fn root_by(
        account_id: AccountId,
        access_key_id: impl Into<String>,
        session: Option<KeySession>,
        authority: Arc<dyn Authority>,
    ) -> Self {
        let access_key_id = access_key_id.into();
        Self::new(Identity::Root { account_id, access_key_id, session }, authority)
    }

    /// A user of IAM and the policies that bind it.
    pub fn user(user: IamUser, authority: Arc<dyn Authority>) -> Self {
        Self::new(Identity::User(Box::new(user)), authority)
    }

    /// The server itself.
    pub fn service(account_id: AccountId) -> Self {
        Self::new(Identity::Service { account_id }, Arc::new(Unrestricted))
    }

    /// A role session and the policies that bind it.
    pub fn role(session: RoleSession, authority: Arc<dyn Authority>) -> Self {
        Self::new(Identity::Role(Box::new(session)), authority)
    }

    /// A person at the portal: may use the portal, and nothing that IAM guards.
    pub fn portal_user(user: PortalUser) -> Self {
        Self::new(Identity::PortalUser(user), Arc::new(Powerless))
    }

    /// An identity provider with a token of its tenant, and what that may do.
    pub fn provisioner(provisioner: Provisioner, authority: Arc<dyn Authority>) -> Self {
        Self::new(Identity::Provisioner(provisioner), authority)
    }

    /// A directory, and what it may do.
    pub fn synchronizer(synchronizer: Synchronizer, authority: Arc<dyn Authority>) -> Self {
        Self::new(Identity::Synchronizer(synchronizer), authority)
    }

    /// The same, for whom nothing is decided any more.
    #[must_use]
    pub fn powerless(&self) -> Self {
        Self { who: self.who.clone(), authority: Arc::new(Powerless) }
    }

    /// Who.
    pub fn identity(&self) -> &Identity {
        &self.who.identity
    }

    /// What `write` makes of the identity for the trail of `owner`, once for all calls.
    pub(crate) fn written(&self, owner: &AccountId, write: impl Fn(&Identity) -> Json) -> Cow<'_, Json> {
        let first = || (owner.clone(), write(self.identity()).to_keep());
        let (of, written) = self.who.written.get_or_init(first);
        if of == owner { Cow::Borrowed(written) } else { Cow::Owned(write(self.identity())) }
    }

    /// The account that the caller belongs to.
    pub fn account_id(&self) -> Option<&AccountId> {
        match self.identity() {
            Identity::Root { account_id, .. } | Identity::Service { account_id } => Some(account_id),
            Identity::User(user) => Some(&user.account_id),
            Identity::Role(session) => Some(&session.account_id),
            Identity::PortalUser(user) => Some(&user.account_id),
            Identity::Provisioner(provisioner) => Some(&provisioner.account_id),
            Identity::Synchronizer(synchronizer) => Some(&synchronizer.account_id),
            Identity::Anonymous => None,
        }
    }

    /// Whether the caller's account administers the organization's instance for the management account.
    pub fn is_delegated(&self) -> bool {
        match self.identity() {
            Identity::Role(session) => session.is_delegated,
            Identity::User(user) => user.is_delegated,
            _ => false,
        }
    }

    /// The session that the caller made with a key of its own, if it calls by one.
    pub fn key_session(&self) -> Option<&KeySession> {
        match self.identity() {
            Identity::Root { session, .. } => session.as_ref(),
            Identity::User(user) => user.session.as_ref(),
            _ => None,
        }
    }

    /// Where the caller's account lies in the organization. Whoever is neither a role session nor a user is of the management account, which stays at the root.
    pub fn account_path(&self) -> &UnitPath {
        static AT_ROOT: UnitPath = UnitPath::ROOT;
        match self.identity() {
            Identity::Role(session) => &session.account_path,
            Identity::User(user) => &user.account_path,
            _ => &AT_ROOT,
        }
    }

    /// The caller's ARN: what `aws:PrincipalArn` reads and what `CreatedBy` keeps. Empty for nobody.
    pub fn arn(&self) -> String {
        match self.identity() {
            Identity::Root { account_id, .. } => format!("arn:aws:iam::{account_id}:root"),
            Identity::User(user) => user.arn(),
            Identity::Role(session) => session.arn(),
            Identity::PortalUser(user) => user.user_id.arn(),
            Identity::Provisioner(provisioner) => provisioner.arn(),
            Identity::Synchronizer(synchronizer) => synchronizer.arn(),
            Identity::Service { account_id } => {
                format!(
                    "arn:aws:iam::{account_id}:role/aws-service-role/sso.amazonaws.com/AWSServiceRoleForSSO"
                )
            }
            Identity::Anonymous => String::new(),
        }
    }
}
