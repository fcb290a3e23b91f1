//! Portal sessions: recognised by their cookie value, listed, ended. A session begins in [`crate::sign_in`] only; what it opened ends with it.

use model::caller::{Identity, PortalUser};
use model::cx::Cx;
use model::directory::user::UserId;
use model::fault::{Fault, FaultKind};
use model::limits::PORTAL_SESSION;
use model::secret::Secret;
use model::signin::portal_session::PortalSession;
use model::timestamp::Timestamp;
use policy::require::{Action, require};
use store::db::Store;
use store::signin::portal_sessions::NewPortalSession;
use store::tx::{Rx, Tx};

use crate::config::Config;

/// Sessions of one user that are shown at most.
const LISTED_MAX: i64 = 200;
/// Characters of a browser's name for itself that are kept.
const USER_AGENT_CHARACTERS_MAX: usize = 512;

/// The live session whose cookie value is `token`.
pub fn find(rx: &mut Rx<'_>, token: &Secret, now: Timestamp) -> Result<Option<PortalSession>, Fault> {
    let hash = rx.keyring().hash_token(token.expose());
    Ok(store::signin::portal_sessions::find_by_token(rx, &hash)?.filter(|session| session.is_live(now)))
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
    brought: Option<&str>,
) -> Result<PortalSession, Fault> {
    let new = NewPortalSession {
        token_hash: tx.keyring().hash_token(token.expose()),
        session_id: user.session_id.clone(),
        user_id: user.user_id.clone(),
        source_ip: cx.source_ip.to_string(),
        user_agent: cx.user_agent.chars().take(USER_AGENT_CHARACTERS_MAX).collect(),
        created_at: cx.now,
        expires_at: cx.now.plus(PORTAL_SESSION),
    };
    store::signin::portal_sessions::insert(tx, &new)?;
    if let Some(old) = brought.map_or(Ok(None), |id| store::signin::portal_sessions::find(tx, id))? {
        if old.user.user_id == user.user_id {
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
        _ => Err(Fault::new(FaultKind::Unauthorized, "Session token not found or invalid")),
    }
}

/// Signs the person who calls out: the session behind the cookie or the bearer token ends, with all its tokens.
pub async fn sign_out(store: &Store, cx: &Cx) -> Result<(), Fault> {
    let id = caller(cx)?.session_id.clone();
    store.write(cx, move |tx, _| store::signin::sign_outs::one(tx, &id).map(|_| ())).await
}

/// The live sessions of the person who calls, newest first.
pub fn list_own(store: &Store, cx: &Cx) -> Result<Vec<PortalSession>, Fault> {
    let user = caller(cx)?;
    store.read(|rx| Ok(store::signin::portal_sessions::list_by_user(rx, &user.user_id, cx.now, LISTED_MAX)?))
}

/// Ends one session of the person who calls; another person's is not found.
pub async fn end_own(store: &Store, cx: &Cx, id: &str) -> Result<(), Fault> {
    let (user, id) = (caller(cx)?.user_id.clone(), id.to_owned());
    store
        .write(cx, move |tx, cx| {
            let found =
                store::signin::portal_sessions::find(tx, &id)?.filter(|session| session.user.user_id == user);
            if found.is_none() {
                return Err(Fault::not_found("There is no such session."));
            }
            store::signin::sign_outs::one(tx, &id)?;
            cx.event().detail("sessionId", id.as_str());
            Ok(())
        })
        .await
}

/// An administrator ends every session of a user, and with them the user's tokens; how many sessions. BatchDeleteSession of AWS's
/// console.
pub async fn revoke_all_of_user(
    store: &Store,
    cx: &Cx,
    config: &Config,
    user: &UserId,
) -> Result<u64, Fault> {
    let resource = store.read(|rx| crate::user_resource::resource(rx, config, user))?;
    require(cx, Action("sso:BatchDeleteSession"), &[resource])?;
    let user = user.clone();
    store
        .write(cx, move |tx, cx| {
            cx.event().touch("AWS::IdentityStore::User", user.arn());
            store::signin::sign_outs::of_user(tx, &user)
        })
        .await
}
