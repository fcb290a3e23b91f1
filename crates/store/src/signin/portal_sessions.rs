//! Portal sessions, read together with their person: a session of a user who is gone is not found.

use std::collections::BTreeMap;
use std::time::Duration;

use model::accounts::account::AccountId;
use model::applications::application::ApplicationId;
use model::caller::PortalUser;
use model::directory::identity_store::IdentityStoreId;
use model::directory::user::{UserId, UserStatus};
use model::fault::Fault;
use model::page::PageRequest;
use model::signin::mfa::Proofs;
use model::signin::portal_session::PortalSession;
use model::sources::arrival::ExternalSession;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{Row, json, params};
use crate::signin::user_sign_ins;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

/// The columns that [`session`] reads, from the joins of [`FROM`].
macro_rules! columns {
    () => {
        "s.session_id, s.user_id, s.source_ip, s.user_agent, s.created_at, s.expires_at, u.identity_store_id, u.user_name,
         u.display_name, u.status, i.owner_account_id, s.methods, s.mfa_at, s.verified_at, s.idle_seconds, s.seen_at, s.name,
         s.external_idp_id, s.external_subject, s.external_index, s.tags"
    };
}
pub(crate) use columns;

/// How many [`columns`] there are: where those begin that a join reads behind them.
pub(crate) const SESSION: usize = 21;

/// A session's person and instance; a session that was begun before the instance's mark is void.
macro_rules! person {
    () => {
        "JOIN users u ON u.user_id = s.user_id JOIN instances i ON i.identity_store_id = u.identity_store_id
              AND i.not_before < s.created_at"
    };
}
pub(crate) use person;

/// Of a session that an application holds: it is there and enabled.
macro_rules! held {
    () => {
        "AND (s.application_id IS NULL OR EXISTS (SELECT 1 FROM applications a WHERE a.application_id = s.application_id AND a.status = 'ENABLED'))"
    };
}

statements! {
    INSERT = "INSERT INTO portal_sessions (session_id, token_hash, user_id, source_ip, user_agent, created_at, expires_at, methods, mfa_at,
              idle_seconds, verified_at, seen_at, external_idp_id, external_subject, external_index, tags)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?6, ?6, ?11, ?12, ?13, ?14)";
    VERIFY = "UPDATE portal_sessions SET methods = ?2, mfa_at = ?3, verified_at = ?4 WHERE session_id = ?1";
    SEE = "UPDATE portal_sessions SET seen_at = ?2 WHERE session_id = ?1 AND seen_at < ?2";
    NAME = "UPDATE portal_sessions SET name = ?2 WHERE session_id = ?1";
    FIND = concat!("SELECT ", columns!(), " FROM portal_sessions s ", person!(), " WHERE s.session_id = ?1");
    FIND_BY_TOKEN = concat!("SELECT ", columns!(), " FROM portal_sessions s ", person!(), " WHERE s.token_hash = ?1");
    LIST_BY_USER = concat!("SELECT ", columns!(), " FROM portal_sessions s ", person!(),
              " WHERE s.user_id = ?1 AND s.expires_at > ?2 ", held!(), " ORDER BY (CASE WHEN s.application_id IS NULL THEN 0 ELSE 1 END),
              s.created_at DESC, s.session_id LIMIT ?3");
    PAGE = concat!("SELECT ", columns!(), " FROM portal_sessions s ", person!(),
              " WHERE u.identity_store_id = ?1 AND s.session_id > ?2 AND s.expires_at > ?3 ", held!(), " ORDER BY s.session_id LIMIT ?4");
    PAGE_BY_USER = concat!("SELECT ", columns!(), " FROM portal_sessions s ", person!(),
              " WHERE s.user_id = ?1 AND s.session_id > ?2 AND s.expires_at > ?3 ", held!(), " ORDER BY s.session_id LIMIT ?4");
    OF_EXTERNAL = "SELECT session_id, external_index FROM portal_sessions WHERE external_idp_id = ?1 AND external_subject = ?2";
    OF_EXTERNAL_INDEX = "SELECT session_id, external_index FROM portal_sessions WHERE external_idp_id = ?1 AND external_index = ?2";
    FROM_SOURCE = "SELECT session_id FROM portal_sessions WHERE user_id = ?1 AND source_ip = ?2 AND expires_at > ?3 AND application_id IS NULL
              AND created_at > (SELECT COALESCE(MAX(not_before), 0) FROM instances) LIMIT 1";
    MARK = "UPDATE portal_sessions SET application_id = ?2 WHERE session_id = ?1";
    PROLONG = "UPDATE portal_sessions SET expires_at = ?2 WHERE session_id = ?1 AND expires_at < ?2";
    OF_APPLICATION = concat!("SELECT s.session_id FROM portal_sessions s ", person!(),
              " WHERE s.user_id = ?1 AND s.application_id = ?2 AND s.expires_at > ?3 LIMIT 1");
    TOKEN_HASH = "SELECT token_hash FROM portal_sessions WHERE session_id = ?1";
    DELETE = "DELETE FROM portal_sessions WHERE session_id = ?1";
    DELETE_BY_USER = "DELETE FROM portal_sessions WHERE user_id = ?1";
    DELETE_EXPIRED = "DELETE FROM portal_sessions WHERE session_id IN
              (SELECT session_id FROM portal_sessions WHERE expires_at <= ?1 ORDER BY expires_at, session_id LIMIT 500)";
}

/// Reads [`columns`].
pub(crate) fn session(row: &Row<'_>) -> Result<PortalSession, StoreError> {
    Ok(PortalSession {
        user: PortalUser {
            session_id: row.text(0)?,
            user_id: UserId::trusted(row.text(1)?),
            user_name: row.text(7)?,
            identity_store_id: IdentityStoreId::trusted(row.text(6)?),
            account_id: AccountId::trusted(row.text(10)?),
        },
        source_ip: row.text(2)?,
        user_agent: row.text(3)?,
        created_at: row.time(4)?,
        expires_at: row.time(5)?,
        user_name: row.text(7)?,
        display_name: row.text(8)?,
        status: row.word(9, UserStatus::parse)?,
        proofs: Proofs { methods: row.json(11)?, mfa_at: row.opt_time(12)? },
        verified_at: row.time(13)?,
        idle: row.opt_int(14)?.and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs),
        seen_at: row.time(15)?,
        name: row.text(16)?,
        external: external(row)?,
        tags: row.opt_text(20)?.map_or(Ok(BTreeMap::new()), |_| row.json(20))?,
    })
}

/// By which provider it was begun, for a session that was.
fn external(row: &Row<'_>) -> Result<Option<ExternalSession>, StoreError> {
    let Some(external_idp_id) = row.opt_text(17)? else { return Ok(None) };
    Ok(Some(ExternalSession { external_idp_id, subject: row.text(18)?, index: row.opt_text(19)? }))
}

/// A session that begins.
#[derive(Debug, Clone)]
pub struct NewPortalSession {
    /// The hash of its token.
    pub token_hash: [u8; 32],
    /// Its id.
    pub session_id: String,
    /// Its person.
    pub user_id: UserId,
    /// Where the person signs in from.
    pub source_ip: String,
    /// With what.
    pub user_agent: String,
    /// When.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// By what it was begun.
    pub proofs: Proofs,
    /// How long it may lie idle.
    pub idle: Option<Duration>,
    /// By which external identity provider, if by one.
    pub external: Option<ExternalSession>,
    /// What that said which becomes session tags.
    pub tags: BTreeMap<String, String>,
}

/// Adds a session: its person signs in.
pub fn insert(tx: &mut Tx<'_>, new: &NewPortalSession) -> Result<(), Fault> {
    add(tx, new)?;
    user_sign_ins::put(tx, &new.user_id, new.created_at)
}

/// Adds a session that an application holds for its person. Nobody signs in: it says nothing of where the person is, nor when they last came.
pub fn insert_of_application(
    tx: &mut Tx<'_>,
    new: &NewPortalSession,
    application: &ApplicationId,
) -> Result<(), Fault> {
    add(tx, new)?;
    tx.execute_one(&MARK, params![&new.session_id, application.as_str()])
}

/// The session that an application holds for a person.
pub fn find_of_application(
    rx: &mut Rx<'_>,
    (user, application): (&UserId, &ApplicationId),
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    rx.first(&OF_APPLICATION, params![user.as_str(), application.as_str(), now], |row| row.text(0))
}

/// Has a session end no earlier than `expires_at`.
pub fn prolong(tx: &mut Tx<'_>, id: &str, expires_at: Timestamp) -> Result<(), Fault> {
    tx.execute(&PROLONG, params![id, expires_at])?;
    Ok(())
}

fn add(tx: &mut Tx<'_>, new: &NewPortalSession) -> Result<(), Fault> {
    let external = new.external.as_ref();
    let tags = if new.tags.is_empty() { None } else { Some(json(&new.tags)?) };
    tx.insert(
        &INSERT,
        params![
            &new.session_id,
            &new.token_hash,
            new.user_id.as_str(),
            &new.source_ip,
            &new.user_agent,
            new.created_at,
            new.expires_at,
            &json(&new.proofs.methods)?,
            new.proofs.mfa_at,
            new.idle.map(|idle| i64::try_from(idle.as_secs()).unwrap_or(i64::MAX)),
            external.map(|external| &external.external_idp_id),
            external.map(|external| &external.subject),
            external.and_then(|external| external.index.as_ref()),
            tags.as_ref()
        ],
    )
}

/// Writes that the person of a session has proved who they are again.
pub fn verify(tx: &mut Tx<'_>, id: &str, proofs: &Proofs, now: Timestamp) -> Result<(), Fault> {
    tx.execute_one(&VERIFY, params![id, &json(&proofs.methods)?, proofs.mfa_at, now])
}

/// Writes what its person calls a session.
pub fn name(tx: &mut Tx<'_>, id: &str, name: &str) -> Result<(), Fault> {
    tx.execute_one(&NAME, params![id, name])
}

/// Writes that a session does not lie idle.
pub fn see(tx: &mut Tx<'_>, id: &str, now: Timestamp) -> Result<(), Fault> {
    tx.execute(&SEE, params![id, now])?;
    Ok(())
}

/// The session with this id.
pub fn find(rx: &mut Rx<'_>, id: &str) -> Result<Option<PortalSession>, StoreError> {
    rx.first(&FIND, params![id], session)
}

/// By which token a session is held.
pub fn token_hash(rx: &mut Rx<'_>, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
    rx.first(&TOKEN_HASH, params![id], |row| row.blob(0))
}

/// The session whose token has this hash.
pub fn find_by_token(rx: &mut Rx<'_>, token_hash: &[u8; 32]) -> Result<Option<PortalSession>, StoreError> {
    rx.first(&FIND_BY_TOKEN, params![token_hash], session)
}

/// A user's sessions that have not ended by `now`, newest first: their own, then those that applications hold for them, which hide none of those.
pub fn list_by_user(
    rx: &mut Rx<'_>,
    user: &UserId,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<PortalSession>, StoreError> {
    rx.all(&LIST_BY_USER, params![user.as_str(), now, limit], session)
}

/// The sessions of a store's users that have not ended by `now`, by id; those of one user where one is named.
pub fn page(
    rx: &mut Rx<'_>,
    (store, user): (&IdentityStoreId, Option<&UserId>),
    now: Timestamp,
    request: &PageRequest,
) -> Result<Vec<PortalSession>, StoreError> {
    let (statement, whose) = user.map_or((&PAGE, store.as_str()), |user| (&PAGE_BY_USER, user.as_str()));
    rx.all(statement, params![whose, request.after_or_start(), now, request.rows()], session)
}

/// The sessions that a provider began for somebody, each with what it calls the session.
pub fn of_external(
    rx: &mut Rx<'_>,
    (idp, subject): (&str, &str),
) -> Result<Vec<(String, Option<String>)>, StoreError> {
    rx.all(&OF_EXTERNAL, params![idp, subject], |row| Ok((row.text(0)?, row.opt_text(1)?)))
}

/// The sessions that a provider calls so.
pub fn of_external_index(rx: &mut Rx<'_>, (idp, index): (&str, &str)) -> Result<Vec<String>, StoreError> {
    rx.all(&OF_EXTERNAL_INDEX, params![idp, index], |row| row.text(0))
}

/// Whether the user has a session, not ended by `now`, that began at this address: one of their own, since applications are not where their people are.
pub fn is_from_source(
    rx: &mut Rx<'_>,
    user: &UserId,
    source_ip: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    rx.exists(&FROM_SOURCE, params![user.as_str(), source_ip, now])
}

/// Removes a session; false when it was gone. Its tokens die with it.
pub(crate) fn delete(tx: &mut Tx<'_>, id: &str) -> Result<bool, Fault> {
    Ok(tx.execute(&DELETE, params![id])? > 0)
}

/// Removes every session of a user; how many.
pub(crate) fn delete_by_user(tx: &mut Tx<'_>, user: &UserId) -> Result<u64, Fault> {
    Ok(tx.execute(&DELETE_BY_USER, params![user.as_str()])?)
}

/// Removes up to [`crate::signin::sign_outs::EXPIRED_MAX`] sessions that ended by `now`; how many.
pub(crate) fn delete_expired(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, Fault> {
    Ok(tx.execute(&DELETE_EXPIRED, params![now])?)
}
