//! Portal sessions: recognised by their cookie value, listed, ended. A session begins in [`crate::sign_in`] only; what it opened ends with it.

use std::collections::BTreeMap;
use std::time::Duration;

use model::applications::saml_participant::SamlParticipant;
use model::caller::{Identity, PortalUser};
use model::cx::Cx;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::directory::user::UserId;
use model::fault::{Fault, FaultKind, ResourceType};
use model::page::{Page, PageRequest};
use model::saying::Saying;
use model::secret::Secret;
use model::signin::console_login::{ChosenRole, ConsoleLogin};
use model::signin::mfa::{Proofs, device_name};
use model::signin::oauth::{ClientId, SessionClient};
use model::signin::portal_session::PortalSession;
use model::signin::session_settings::SessionSettings;
use model::sources::arrival::ExternalSession;
use model::timestamp::Timestamp;
use policy::gate::{ALL_USERS, Gate};
use store::db::Store;
use store::signin::portal_sessions::NewPortalSession;
use store::tx::{Rx, Tx};

use crate::gate::{enter, require_user};
use crate::settings;

/// Sessions of one user that are shown at most.
const LISTED_MAX: i64 = 200;
/// Programs of one session that are shown at most.
const CLIENTS_LISTED_MAX: i64 = 100;
/// Characters of a browser's name for itself that are kept.
const USER_AGENT_CHARACTERS_MAX: usize = 512;

/// The live session whose cookie value is `token`.
pub fn find(rx: &mut Rx<'_>, token: &Secret, now: Timestamp) -> Result<Option<PortalSession>, Fault> {
    let hash = rx.keyring().hash_token(token.expose());
    let found = store::signin::portal_sessions::find_by_token(rx, &hash)?;
    Ok(found.filter(|session| session.is_live(now) && !session.is_idle(now)))
}

/// How long a session's last use may be known too early: so often it is written at most.
const SEEN: Duration = Duration::from_secs(60);

/// Whether it is time to write that a session does not lie idle.
pub fn is_to_be_seen(session: &PortalSession, now: Timestamp) -> bool {
    session.idle.is_some_and(|idle| now.since(session.seen_at) > SEEN.min(idle / 4))
}

/// Writes that a session does not lie idle.
pub async fn see(store: &Store, cx: &Cx, session: &PortalSession) -> Result<(), Fault> {
    let id = session.user.session_id.clone();
    store.maintain(cx, move |tx, cx| store::signin::portal_sessions::see(tx, &id, cx.now)).await
}

/// The live session with this id: for what hangs on a session.
pub(crate) fn live(rx: &mut Rx<'_>, id: &str, now: Timestamp) -> Result<Option<PortalSession>, Fault> {
    Ok(store::signin::portal_sessions::find(rx, id)?.filter(|session| session.is_live(now)))
}

/// Begins the session of a user who proved who they are. Always a new one with a new token: nothing that a browser brought along
/// becomes a session. What it did bring ends, by its id `brought`: programs of the same person go on, until their own end; another person's session ends
/// with everything (ASVS 5.0, 7.2.4).
pub(crate) fn begin(
    tx: &mut Tx<'_>,
    cx: &Cx,
    token: &Secret,
    user: &PortalUser,
    (proofs, brought): (&Proofs, Option<&str>),
) -> Result<PortalSession, Fault> {
    begin_by(tx, cx, token, user, (proofs, brought, None))
}

/// What an external identity provider has to do with a session.
#[derive(Debug, Clone)]
pub(crate) struct Outside {
    /// Which one, and what it calls person and session.
    pub(crate) external: ExternalSession,
    /// When it wants the session to end.
    pub(crate) until: Option<Timestamp>,
    /// What it said that becomes session tags.
    pub(crate) tags: BTreeMap<String, String>,
}

/// The same, of somebody whom an external identity provider may have sent.
pub(crate) fn begin_by(
    tx: &mut Tx<'_>,
    cx: &Cx,
    token: &Secret,
    user: &PortalUser,
    (proofs, brought, outside): (&Proofs, Option<&str>, Option<Outside>),
) -> Result<PortalSession, Fault> {
    let settings: SessionSettings = settings::find(tx, &user.identity_store_id)?;
    let own_end = cx.now.plus(settings.session());
    let (external, until, tags) = outside.map_or((None, None, BTreeMap::new()), |outside| {
        (Some(outside.external), outside.until, outside.tags)
    });
    let new = NewPortalSession {
        token_hash: tx.keyring().hash_token(token.expose()),
        session_id: user.session_id.clone(),
        user_id: user.user_id.clone(),
        source_ip: cx.source_ip.to_string(),
        user_agent: cx.user_agent.chars().take(USER_AGENT_CHARACTERS_MAX).collect(),
        created_at: cx.now,
        expires_at: until.map_or(own_end, |until| until.min(own_end)),
        proofs: proofs.clone(),
        idle: settings.idle(),
        external,
        tags,
    };
    store::signin::portal_sessions::insert(tx, &new)?;
    if let Some(old) = brought.map_or(Ok(None), |id| store::signin::portal_sessions::find(tx, id))? {
        if old.user.user_id == user.user_id {
            store::signin::portal_sessions::name(tx, &user.session_id, &old.name)?;
            store::signin::sign_outs::replaced(tx, &old.user.session_id, &user.session_id)?;
        } else {
            store::signin::sign_outs::one(tx, &old.user.session_id)?;
        }
    }
    store::signin::portal_sessions::find(tx, &user.session_id)?
        .ok_or_else(|| Fault::internal("a session just begun is not there"))
}

/// The person who calls.
pub(crate) fn caller(cx: &Cx) -> Result<&PortalUser, Fault> {
    match cx.caller.identity() {
        Identity::PortalUser(user) => Ok(user),
        _ => Err(Fault::say(FaultKind::Unauthorized, Saying::SessionUnknown)),
    }
}

/// Signs the person who calls out: the session behind the cookie or the bearer token ends, with all its tokens. Which applications were told of it by then: none is
/// told of it afterwards.
pub async fn sign_out(store: &Store, cx: &Cx) -> Result<Vec<SamlParticipant>, Fault> {
    let id = caller(cx)?.session_id.clone();
    store
        .write(cx, move |tx, _| {
            let told = store::applications::saml_participants::of_session(tx, &id)?;
            store::signin::sign_outs::one(tx, &id)?;
            Ok(told)
        })
        .await
}

/// The live sessions of the person who calls, newest first.
pub fn list_own(store: &Store, cx: &Cx) -> Result<Vec<PortalSession>, Fault> {
    let user = caller(cx)?;
    store.read(|rx| Ok(store::signin::portal_sessions::list_by_user(rx, &user.user_id, cx.now, LISTED_MAX)?))
}

/// Refuses unless this is a session of the person: another's is not found.
fn require_own(tx: &mut Tx<'_>, user: &UserId, id: &str) -> Result<(), Fault> {
    let found = store::signin::portal_sessions::find(tx, id)?.filter(|session| session.user.user_id == *user);
    let unknown = || Fault::say(FaultKind::NotFound(ResourceType::Other), Saying::NoSuchSession);
    found.map(|_| ()).ok_or_else(unknown)
}

/// Ends one session of the person who calls; another person's is not found.
pub async fn end_own(store: &Store, cx: &Cx, id: &str) -> Result<(), Fault> {
    let (user, id) = (caller(cx)?.user_id.clone(), id.to_owned());
    store
        .write(cx, move |tx, cx| {
            require_own(tx, &user, &id)?;
            store::signin::sign_outs::one(tx, &id)?;
            cx.event().detail("sessionId", id.as_str());
            Ok(())
        })
        .await
}

/// Calls a session of the person who calls something; another person's is not found.
pub async fn name_own(store: &Store, cx: &Cx, id: &str, name: &str) -> Result<(), Fault> {
    let (user, id, name) = (caller(cx)?.user_id.clone(), id.to_owned(), device_name(name)?);
    store
        .write(cx, move |tx, cx| {
            require_own(tx, &user, &id)?;
            cx.event().detail("sessionId", id.as_str());
            store::signin::portal_sessions::name(tx, &id, &name)
        })
        .await
}

/// Signs the person who calls out wherever they are: every session ends, with all tokens, and every role credential that was handed out to them is void. No browser
/// is let in without a second factor any more. Which applications were told of any of the sessions by then: their browser may tell them.
pub async fn sign_out_everywhere(store: &Store, cx: &Cx) -> Result<Vec<SamlParticipant>, Fault> {
    let user = caller(cx)?.user_id.clone();
    store
        .write(cx, move |tx, cx| {
            cx.event().detail("everywhere", "true");
            store::signin::remembered_browsers::delete_by_user(tx, &user)?;
            let told = store::applications::saml_participants::of_user(tx, &user)?;
            store::signin::sign_outs::of_user(tx, &user, cx.now)?;
            Ok(told)
        })
        .await
}

/// A session as an administrator sees it: with the programs that came in by it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The session.
    pub session: PortalSession,
    /// The programs.
    pub clients: Vec<SessionClient>,
}

/// ListSessions: the live sessions of a person, or of everybody, by id.
pub fn list(
    store: &Store,
    cx: &Cx,
    (at, user): (&IdentityStoreRef, Option<&UserId>),
    page: &PageRequest,
) -> Result<Page<Listed>, Fault> {
    let asked = user.map_or_else(|| ALL_USERS.to_owned(), UserId::arn);
    let gate = Gate::own("portico:ListSessions", vec![asked]);
    store.read(|rx| {
        let instance = enter(gate, rx, cx, at)?;
        if let Some(user) = user {
            require_user(rx, &instance, user)?;
        }
        let whose = (&instance.identity_store_id, user);
        let rows = store::signin::portal_sessions::page(rx, whose, cx.now, page)?;
        let page = page.page(rows, |session| session.user.session_id.clone());
        let mut items = Vec::with_capacity(page.items.len());
        for session in page.items {
            let id = &session.user.session_id;
            let mut clients = store::signin::tokens::clients_of_session(rx, id, CLIENTS_LISTED_MAX)?;
            let logins = store::signin::console_logins::of_session(rx, id, CLIENTS_LISTED_MAX)?;
            clients.extend(logins.iter().map(shown));
            items.push(Listed { session, clients });
        }
        Ok(Page { items, next: page.next })
    })
}

/// A login of `aws login` as a program of its session.
fn shown(login: &ConsoleLogin) -> SessionClient {
    let ChosenRole { account_id, role_name } = &login.chosen;
    SessionClient {
        client_id: ClientId::trusted(login.client.id()),
        name: Some(format!("{}: {account_id}/{role_name}", login.client.name())),
        scopes: Vec::new(),
        created_at: login.created_at,
    }
}

/// Which sessions an administrator ends.
#[derive(Debug, Clone)]
pub enum Ended {
    /// These, whosever they are. The role credentials that came of them live until their own end.
    Sessions(Vec<String>),
    /// These, of this person alone.
    SessionsOf(UserId, Vec<String>),
    /// All of a person, and with them every role credential that was handed out to the person.
    AllOf(UserId),
}

impl Ended {
    fn gate(&self) -> Gate {
        let asked = match self {
            Self::Sessions(_) => ALL_USERS.to_owned(),
            Self::SessionsOf(user, _) | Self::AllOf(user) => user.arn(),
        };
        Gate::own("portico:BatchDeleteSession", vec![asked])
    }
}

/// BatchDeleteSession: ends sessions with everything that came in by them; how many. One that is gone already is no fault.
pub async fn delete(store: &Store, cx: &Cx, at: &IdentityStoreRef, ended: Ended) -> Result<u64, Fault> {
    let at = at.clone();
    store
        .write(cx, move |tx, cx| {
            let instance = enter(ended.gate(), tx, cx, &at)?;
            let (user, ids) = match &ended {
                Ended::AllOf(user) => {
                    require_user(tx, &instance, user)?;
                    cx.event().touch("AWS::IdentityStore::User", user.arn());
                    return store::signin::sign_outs::of_user(tx, user, cx.now);
                }
                Ended::SessionsOf(user, ids) => (Some(user), ids),
                Ended::Sessions(ids) => (None, ids),
            };
            let mut deleted = 0_u64;
            for id in ids {
                let found = store::signin::portal_sessions::find(tx, id)?.filter(|session| {
                    session.user.identity_store_id == instance.identity_store_id
                        && user.is_none_or(|user| session.user.user_id == *user)
                });
                if let Some(found) = found {
                    cx.event().touch("AWS::IdentityStore::User", found.user.user_id.arn());
                    deleted += u64::from(store::signin::sign_outs::one(tx, id)?);
                }
            }
            Ok(deleted)
        })
        .await
}
