//! Token families: all that is kept of access and refresh tokens, which say the rest themselves. A family hangs on a portal session: without
//! the session's row, or its user's, its tokens find nobody.

use model::directory::user::UserId;
use model::fault::Fault;
use model::signin::oauth::{ClientId, FamilyId, SessionClient, TokenFamily};
use model::signin::portal_session::PortalSession;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{Row, json, params};
use crate::signin::portal_sessions::{SESSION, columns, person, session};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

/// The columns that [`family`] reads behind those of a session.
macro_rules! family {
    () => {
        "f.family_id, f.client_id, f.user_id, f.session_id, f.scopes, f.created_at, f.generation, f.exchanged_at"
    };
}

statements! {
    INSERT = "INSERT INTO token_families (family_id, client_id, user_id, session_id, scopes, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    FIND = concat!("SELECT ", family!(), " FROM token_families f WHERE f.family_id = ?1");
    FIND_LIVE = concat!("SELECT ", columns!(), ", ", family!(), " FROM token_families f
              JOIN portal_sessions s ON s.session_id = f.session_id ", person!(), " WHERE f.family_id = ?1");
    FIND_SESSION = concat!("SELECT ", columns!(), ", f.scopes FROM token_families f
              JOIN portal_sessions s ON s.session_id = f.session_id ", person!(), " WHERE f.family_id = ?1");
    LIST_BY_SESSION = "SELECT f.client_id, c.client_name, f.scopes, f.created_at FROM token_families f
              LEFT JOIN oauth_clients c ON c.client_id = f.client_id WHERE f.session_id = ?1 ORDER BY f.created_at, f.family_id LIMIT ?2";
    EXCHANGE = "UPDATE token_families SET generation = generation + 1, exchanged_at = ?3 WHERE family_id = ?1 AND generation = ?2";
    DELETE = "DELETE FROM token_families WHERE family_id = ?1";
    MOVE = "UPDATE token_families SET session_id = ?2 WHERE session_id = ?1";
    DELETE_BY_SESSION = "DELETE FROM token_families WHERE session_id = ?1";
    DELETE_BY_USER = "DELETE FROM token_families WHERE user_id = ?1";
    DELETE_OF_EXPIRED_SESSIONS = "DELETE FROM token_families WHERE session_id IN
              (SELECT session_id FROM portal_sessions WHERE expires_at <= ?1 ORDER BY expires_at, session_id LIMIT 500)";
}

/// Reads [`family!`], from this column on.
fn family(row: &Row<'_>, at: usize) -> Result<TokenFamily, StoreError> {
    let exchanged_at: Vec<i64> = row.json(at + 7)?;
    Ok(TokenFamily {
        id: FamilyId::trusted(row.text(at)?),
        client_id: ClientId::trusted(row.text(at + 1)?),
        user_id: UserId::trusted(row.text(at + 2)?),
        session_id: row.text(at + 3)?,
        scopes: row.json(at + 4)?,
        created_at: row.time(at + 5)?,
        generation: row.int(at + 6)?,
        exchanged_at: exchanged_at.into_iter().map(Timestamp::from_micros).collect(),
    })
}

/// Adds a family, of which no token was exchanged yet.
pub fn insert(tx: &mut Tx<'_>, new: &TokenFamily) -> Result<(), Fault> {
    tx.execute_one(
        &INSERT,
        params![
            new.id.as_str(),
            new.client_id.as_str(),
            new.user_id.as_str(),
            &new.session_id,
            &json(&new.scopes)?,
            new.created_at
        ],
    )
}

/// The session that a family hangs on and what was approved: all that a call with an access token needs. Nothing without the family, its
/// session or its user.
pub fn find_session(
    rx: &mut Rx<'_>,
    id: &FamilyId,
) -> Result<Option<(PortalSession, Vec<String>)>, StoreError> {
    rx.first(&FIND_SESSION, params![id.as_str()], |row| Ok((session(row)?, row.json(SESSION)?)))
}

/// A family, with its session if that and its user are still there.
pub fn find(
    rx: &mut Rx<'_>,
    id: &FamilyId,
) -> Result<Option<(TokenFamily, Option<PortalSession>)>, StoreError> {
    let live =
        rx.first(&FIND_LIVE, params![id.as_str()], |row| Ok((family(row, SESSION)?, Some(session(row)?))))?;
    if live.is_some() {
        return Ok(live);
    }
    rx.first(&FIND, params![id.as_str()], |row| Ok((family(row, 0)?, None)))
}

/// The programs that came in by a session, in the order in which they were approved.
pub fn clients_of_session(
    rx: &mut Rx<'_>,
    session_id: &str,
    limit: i64,
) -> Result<Vec<SessionClient>, StoreError> {
    rx.all(&LIST_BY_SESSION, params![session_id, limit], |row| {
        Ok(SessionClient {
            client_id: ClientId::trusted(row.text(0)?),
            name: row.opt_text(1)?,
            scopes: row.json(2)?,
            created_at: row.time(3)?,
        })
    })
}

/// Puts the next refresh token in force instead of that of `generation`, which must be; `exchanged_at` is what is remembered from now on.
pub fn exchange(
    tx: &mut Tx<'_>,
    id: &FamilyId,
    generation: i64,
    exchanged_at: &[Timestamp],
) -> Result<(), Fault> {
    let moments: Vec<i64> = exchanged_at.iter().map(|at| at.micros()).collect();
    let moments = serde_json::to_string(&moments).map_err(Fault::internal)?;
    tx.execute_one(&EXCHANGE, params![id.as_str(), generation, &moments])
}

/// Ends a family: no token of it works any more.
pub fn delete(tx: &mut Tx<'_>, id: &FamilyId) -> Result<(), Fault> {
    tx.execute(&DELETE, params![id.as_str()])?;
    Ok(())
}

/// Hangs every family of a session on another one of the same user.
pub(crate) fn move_all(tx: &mut Tx<'_>, from: &str, to: &str) -> Result<(), Fault> {
    tx.execute(&MOVE, params![from, to])?;
    Ok(())
}

/// Ends every family of a session.
pub(crate) fn delete_by_session(tx: &mut Tx<'_>, session_id: &str) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_SESSION, params![session_id])?;
    Ok(())
}

/// Ends every family of a user.
pub(crate) fn delete_by_user(tx: &mut Tx<'_>, user: &UserId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_USER, params![user.as_str()])?;
    Ok(())
}

/// Removes the families of up to [`crate::signin::sign_outs::EXPIRED_MAX`] sessions that ended by `now`, those that [`crate::signin::sign_outs::expired`] removes next.
pub(crate) fn delete_of_expired_sessions(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), Fault> {
    tx.execute(&DELETE_OF_EXPIRED_SESSIONS, params![now])?;
    Ok(())
}
