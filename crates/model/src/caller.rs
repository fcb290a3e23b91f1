//! Who calls: an account's root key, a role session, a person behind a bearer token or browser session, the server itself, or nobody.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::access::{Authority, Powerless, Unrestricted};
use crate::account::AccountId;
use crate::identity_store::IdentityStoreId;
use crate::role::{RoleName, role_arn};
use crate::timestamp::Timestamp;
use crate::user::UserId;

/// A workforce user on whose behalf a role session acts: CloudTrail's `onBehalfOf`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnBehalfOf {
    /// The user.
    pub user_id: UserId,
    /// The user's store.
    pub identity_store_id: IdentityStoreId,
}

/// A session of a role in an account.
#[derive(Debug, Clone)]
pub struct RoleSession {
    /// The role's account.
    pub account_id: AccountId,
    /// The role's name.
    pub role_name: RoleName,
    /// The role's path, `/` or `/…/`.
    pub role_path: String,
    /// The role's stable unique id, `AROA…`.
    pub role_id: String,
    /// `RoleSessionName`.
    pub session_name: String,
    /// `ASIA…`
    pub access_key_id: String,
    /// When the credentials were issued: `aws:TokenIssueTime`.
    pub issued_at: Timestamp,
    /// When they end.
    pub expires_at: Timestamp,
    /// Session tags, read as `aws:PrincipalTag/<key>`.
    pub tags: BTreeMap<String, String>,
    /// The person behind the session, when the AWS access portal issued it.
    pub on_behalf_of: Option<OnBehalfOf>,
    /// The ARN of the identity provider by which the session was made; none for one made from another session or by a key.
    pub federated_provider: Option<String>,
}

impl RoleSession {
    /// `arn:aws:sts::<account>:assumed-role/<role>/<session>`
    pub fn arn(&self) -> String {
        format!("arn:aws:sts::{}:assumed-role/{}/{}", self.account_id, self.role_name, self.session_name)
    }

    /// `arn:aws:iam::<account>:role<path><role>`
    pub fn role_arn(&self) -> String {
        role_arn(&self.account_id, &self.role_path, &self.role_name)
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
        /// `AKIA…`
        access_key_id: String,
    },
    /// A role session.
    Role(Box<RoleSession>),
    /// A person at the portal, with a bearer token or a browser session.
    PortalUser(PortalUser),
    /// The server itself: its worker, `init`, the seed file.
    Service {
        /// The account on whose behalf it works.
        account_id: AccountId,
    },
    /// Nobody that we know.
    Anonymous,
}

/// Who calls, and what decides for them.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who.
    pub identity: Identity,
    /// What decides.
    pub authority: Arc<dyn Authority>,
}

impl Caller {
    /// Nobody.
    pub fn anonymous() -> Self {
        Self { identity: Identity::Anonymous, authority: Arc::new(Powerless) }
    }

    /// The root of an account.
    pub fn root(account_id: AccountId, access_key_id: impl Into<String>) -> Self {
        Self {
            identity: Identity::Root { account_id, access_key_id: access_key_id.into() },
            authority: Arc::new(Unrestricted),
        }
    }

    /// The server itself.
    pub fn service(account_id: AccountId) -> Self {
        Self { identity: Identity::Service { account_id }, authority: Arc::new(Unrestricted) }
    }

    /// A role session and the policies that bind it.
    pub fn role(session: RoleSession, authority: Arc<dyn Authority>) -> Self {
        Self { identity: Identity::Role(Box::new(session)), authority }
    }

    /// A person at the portal: may use the portal, and nothing that IAM guards.
    pub fn portal_user(user: PortalUser) -> Self {
        Self { identity: Identity::PortalUser(user), authority: Arc::new(Powerless) }
    }

    /// The account that the caller belongs to.
    pub fn account_id(&self) -> Option<&AccountId> {
        match &self.identity {
            Identity::Root { account_id, .. } | Identity::Service { account_id } => Some(account_id),
            Identity::Role(session) => Some(&session.account_id),
            Identity::PortalUser(user) => Some(&user.account_id),
            Identity::Anonymous => None,
        }
    }

    /// The caller's ARN: what `aws:PrincipalArn` reads and what `CreatedBy` keeps. Empty for nobody.
    pub fn arn(&self) -> String {
        match &self.identity {
            Identity::Root { account_id, .. } => format!("arn:aws:iam::{account_id}:root"),
            Identity::Role(session) => session.arn(),
            Identity::PortalUser(user) => user.user_id.arn(),
            Identity::Service { account_id } => {
                format!(
                    "arn:aws:iam::{account_id}:role/aws-service-role/sso.amazonaws.com/AWSServiceRoleForSSO"
                )
            }
            Identity::Anonymous => String::new(),
        }
    }
}
