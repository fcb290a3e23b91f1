//! Role credentials for a person at the portal: decided on rows as they are committed now, so that an assignment removed, a person disabled or a
//! session ended a moment ago counts. Nothing is changed but that a role was used, once a day; whoever asked gets them once the record of the call is durable.

use std::sync::Arc;
use std::time::Duration;

use model::accounts::account::AccountId;
use model::accounts::role::RoleReference;
use model::caller::{HandedOn, OnBehalfOf, PortalUser};
use model::cx::Cx;
use model::directory::user::UserId;
use model::fault::{Fault, FaultKind};
use model::instances::instance::{Instance, InstanceId};
use model::minted::Minted;
use model::signin::portal_session::PortalSession;
use serde_json::json;
use store::db::Store;
use store::generations::{Changes, Known};
use store::tables::Table;
use store::tx::Rx;

use crate::access_control_attributes::{self, Attributes};
use crate::access_uses::Use;
use crate::effective_access::{OF_REACH, person, unknown_session};
use crate::role_sessions::{Credentials, NewSession, credentials, session_name};

/// A role that a person may use.
#[derive(Debug)]
pub(crate) struct Grant {
    pub(crate) role: RoleReference,
    /// The identity provider by which they come, in the role's account.
    pub(crate) provider: Option<String>,
    /// The instance whose people they are.
    pub(crate) instance: Option<InstanceId>,
    pub(crate) lifetime: Duration,
    /// Whether the account is somewhere else, and its own STS gives credentials.
    pub(crate) is_connected: bool,
    /// To be noted once they do.
    pub(crate) used: Arc<Use>,
}

/// What a person may use, and in which session.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) session: Arc<PortalSession>,
    pub(crate) grant: Arc<Grant>,
    /// The tags of the role's session.
    pub(crate) tags: Attributes,
}

/// Whose, in which account, of which permission set.
type Place = (UserId, AccountId, String);

/// Grants and sessions known at most, of each kind.
const KNOWN_MAX: usize = 16_384;

/// What is known of who may use which role, of who is signed in, and of what becomes of their attributes.
#[derive(Debug)]
pub struct Grants {
    grants: Known<Place, Arc<Grant>>,
    sessions: Known<String, Arc<PortalSession>>,
    /// Of each person, also that nothing becomes of them.
    attributes: Known<UserId, Arc<Option<Attributes>>>,
}

impl Default for Grants {
    fn default() -> Self {
        let of_grants =
            OF_REACH.and(Changes::to(&[Table::Roles, Table::Instances, Table::AccountConnections]));
        // Found by their id, so that nobody else's session or person that is added changes anything.
        let of_sessions = Changes::to_rows_of(&[Table::PortalSessions, Table::Users, Table::Instances]);
        let of_attributes = Changes::to(&[Table::AccessControlAttributes])
            .and(Changes::to_rows_of(&[Table::Users, Table::Instances]));
        Self {
            grants: Known::new(of_grants, KNOWN_MAX),
            sessions: Known::new(of_sessions, KNOWN_MAX),
            attributes: Known::new(of_attributes, KNOWN_MAX),
        }
    }
}

impl Grants {
    /// Credentials of the role that permission set `role_name` is in `account`, for the caller; and the use of it, to be noted once they are handed out.
    pub fn issue(
        &self,
        store: &Store,
        cx: &Cx,
        account: &AccountId,
        role_name: &str,
    ) -> Result<(Minted<Credentials>, Arc<Use>), Fault> {
        cx.event().detail("role_name", role_name);
        cx.event().detail("account_id", account.as_str());
        let found = self.found(store, cx, account, role_name)?;
        Self::mint(store, cx, &found)
    }

    /// Credentials of ours for what was found.
    pub(crate) fn mint(
        store: &Store,
        cx: &Cx,
        found: &Found,
    ) -> Result<(Minted<Credentials>, Arc<Use>), Fault> {
        require_here(&found.grant)?;
        let new = new_session(person(cx)?, found);
        let minted = Minted::new(credentials(store.keyring(), cx, &new)?);
        Ok((minted, found.grant.used.clone()))
    }

    /// The live session of the caller, and the role that they may use: `no access` is one answer, whatever lacks.
    pub(crate) fn found(
        &self,
        store: &Store,
        cx: &Cx,
        account: &AccountId,
        role_name: &str,
    ) -> Result<Found, Fault> {
        let user = person(cx)?;
        let (session, grant, attributes) = if store.generations().is_some() {
            let session = self.sessions.find(store.generations(), user.session_id.as_str(), || {
                let found =
                    store.read(|rx| Ok(store::signin::portal_sessions::find(rx, &user.session_id)?))?;
                Ok(found.map(Arc::new))
            })?;
            let session = live(cx, user, session)?;
            let place = (user.user_id.clone(), account.clone(), role_name.to_owned());
            let grant = self.grants.find(store.generations(), &place, || {
                Ok(store.read(|rx| grant(rx, user, account, role_name))?.map(Arc::new))
            })?;
            let attributes = self.attributes.find(store.generations(), &user.user_id, || {
                Ok(Some(Arc::new(store.read(|rx| attributes(rx, user))?)))
            })?;
            (session, grant, attributes)
        } else {
            store.read(|rx| {
                let session = store::signin::portal_sessions::find(rx, &user.session_id)?.map(Arc::new);
                let session = live(cx, user, session)?;
                let grant = grant(rx, user, account, role_name)?.map(Arc::new);
                Ok((session, grant, Some(Arc::new(attributes(rx, user)?))))
            })?
        };
        let grant = grant.ok_or_else(|| Fault::new(FaultKind::Forbidden, "No access"))?;
        cx.event().touch("AWS::IAM::Role", grant.role.arn());
        let configured = attributes.as_deref().and_then(Option::as_ref);
        let tags = access_control_attributes::tags(cx.mode, configured, &session.tags)?;
        if !tags.is_empty() {
            cx.event().detail("principal_tags", json!(tags));
        }
        Ok(Found { session, grant, tags })
    }
}

/// Credentials of ours say nothing in an account that is somewhere else.
pub(crate) fn require_here(grant: &Grant) -> Result<(), Fault> {
    if grant.is_connected {
        return Err(Fault::conflict(format!(
            "Account {} is connected: its own STS gives credentials. aws sso login (GetRoleCredentials) and the page of keys hand them out; aws login does not",
            grant.role.account_id
        )));
    }
    Ok(())
}

/// What the session of a person's role is to be.
pub(crate) fn new_session<'f>(user: &PortalUser, found: &'f Found) -> NewSession<'f> {
    let Found { session, grant, tags } = found;
    NewSession {
        role: &grant.role,
        session_name: session_name(&session.user_name),
        lifetime: grant.lifetime,
        tags: tags.clone(),
        on_behalf_of: Some(OnBehalfOf {
            user_id: user.user_id.clone(),
            identity_store_id: user.identity_store_id.clone(),
        }),
        provided_context: None,
        federated_provider: grant.provider.clone(),
        policies: Vec::new(),
        mfa_at: session.proofs.mfa_at,
        handed_on: HandedOn::default(),
    }
}

/// What becomes of the person's attributes.
fn attributes(rx: &mut Rx<'_>, user: &PortalUser) -> Result<Option<Attributes>, Fault> {
    access_control_attributes::of(rx, &user.identity_store_id, &user.user_id)
}

/// The session, if it is live: whoever calls was let in by it, perhaps some time ago; only what is live now gets keys.
fn live(
    cx: &Cx,
    user: &PortalUser,
    session: Option<Arc<PortalSession>>,
) -> Result<Arc<PortalSession>, Fault> {
    session
        .filter(|session| session.is_live(cx.now) && session.user.user_id == user.user_id)
        .ok_or_else(unknown_session)
}

/// What the person may use there; `None` when they may not.
fn grant(
    rx: &mut Rx<'_>,
    user: &PortalUser,
    account: &AccountId,
    role_name: &str,
) -> Result<Option<Grant>, Fault> {
    let Some((reachable, used_at)) =
        store::accounts::effective_access::role_named(rx, &user.user_id, account, role_name)?
    else {
        return Ok(None);
    };
    let role =
        store::accounts::roles::find_reference(rx, account, &reachable.role_name)?.ok_or_else(|| {
            Fault::internal(format!(
                "role {} of account {account} is provisioned and not there",
                reachable.role_name
            ))
        })?;
    let instances = store::instances::instances::list(rx)?;
    let of_store = |instance: &&Instance| instance.identity_store_id == user.identity_store_id;
    let provider = |instance: &Instance| broker::local::saml_provider_arn(account, &instance.id);
    let instance = instances.iter().find(of_store);
    Ok(Some(Grant {
        role,
        provider: instance.map(provider),
        instance: instance.map(|instance| instance.id.clone()),
        is_connected: store::accounts::account_connections::exists(rx, account)?,
        lifetime: Duration::from_secs(u64::try_from(reachable.session_seconds).unwrap_or(3_600)),
        used: Arc::new(Use::new(
            user.user_id.clone(),
            (account.clone(), reachable.permission_set_id),
            used_at,
        )),
    }))
}
