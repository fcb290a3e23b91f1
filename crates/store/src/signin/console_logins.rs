//! What grew from the codes of `aws login`: all that is kept of its refresh tokens, which say the rest themselves. A login hangs on a portal
//! session: without the session's row, or its user's, its tokens find nobody.

use model::accounts::account::AccountId;
use model::directory::user::UserId;
use model::fault::Fault;
use model::signin::console_login::{ChosenRole, ConsoleLogin, LoginClient};
use model::signin::oauth::FamilyId;
use model::signin::portal_session::PortalSession;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::signin::portal_sessions::{SESSION, columns, person, session};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

/// The columns that [`login`] reads behind those of a session.
macro_rules! login {
    () => {
        "l.login_id, l.client_id, l.user_id, l.session_id, l.account_id, l.role_name, l.key_thumbprint, l.created_at, l.generation,
         l.exchanged_at"
    };
}

statements! {
    INSERT = "INSERT INTO console_logins (login_id, client_id, user_id, session_id, account_id, role_name, key_thumbprint, created_at)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    FIND = concat!("SELECT ", login!(), " FROM console_logins l WHERE l.login_id = ?1");
    FIND_LIVE = concat!("SELECT ", columns!(), ", ", login!(), " FROM console_logins l
              JOIN portal_sessions s ON s.session_id = l.session_id ", person!(), " WHERE l.login_id = ?1");
    LIST_BY_SESSION = concat!("SELECT ", login!(), " FROM console_logins l WHERE l.session_id = ?1
              ORDER BY l.created_at, l.login_id LIMIT ?2");
    EXCHANGE = "UPDATE console_logins SET generation = generation + 1, exchanged_at = ?3 WHERE login_id = ?1 AND generation = ?2";
    DELETE = "DELETE FROM console_logins WHERE login_id = ?1";
    MOVE = "UPDATE console_logins SET session_id = ?2 WHERE session_id = ?1";
    DELETE_BY_SESSION = "DELETE FROM console_logins WHERE session_id = ?1";
    DELETE_BY_USER = "DELETE FROM console_logins WHERE user_id = ?1";
    DELETE_OF_EXPIRED_SESSIONS = "DELETE FROM console_logins WHERE session_id IN
              (SELECT session_id FROM portal_sessions WHERE expires_at <= ?1 ORDER BY expires_at, session_id LIMIT 500)";
}

/// Reads [`login!`], from this column on.
fn login(row: &Row<'_>, at: usize) -> Result<ConsoleLogin, StoreError> {
    let exchanged_at: Vec<i64> = row.json(at + 9)?;
    Ok(ConsoleLogin {
        id: FamilyId::trusted(row.text(at)?),
        client: row.word(at + 1, LoginClient::find)?,
        user_id: UserId::trusted(row.text(at + 2)?),
        session_id: row.text(at + 3)?,
        chosen: ChosenRole {
            account_id: AccountId::trusted(row.text(at + 4)?),
            role_name: row.text(at + 5)?,
        },
        key: row.text(at + 6)?,
        created_at: row.time(at + 7)?,
        generation: row.int(at + 8)?,
        exchanged_at: exchanged_at.into_iter().map(Timestamp::from_micros).collect(),
    })
}

/// Adds a login, of which no token was exchanged yet.
pub fn insert(tx: &mut Tx<'_>, new: &ConsoleLogin) -> Result<(), Fault> {
    tx.execute_one(
        &INSERT,
        params![
            new.id.as_str(),
            new.client.id(),
            new.user_id.as_str(),
            &new.session_id,
            new.chosen.account_id.as_str(),
            &new.chosen.role_name,
            &new.key,
            new.created_at
        ],
    )
}

/// A login, with its session if that and its user are still there.
pub fn find(
    rx: &mut Rx<'_>,
    id: &FamilyId,
) -> Result<Option<(ConsoleLogin, Option<PortalSession>)>, StoreError> {
    let live =
        rx.first(&FIND_LIVE, params![id.as_str()], |row| Ok((login(row, SESSION)?, Some(session(row)?))))?;
    if live.is_some() {
        return Ok(live);
    }
    rx.first(&FIND, params![id.as_str()], |row| Ok((login(row, 0)?, None)))
}

/// The logins that came in by a session, in the order in which they were approved.
pub fn of_session(rx: &mut Rx<'_>, session_id: &str, limit: i64) -> Result<Vec<ConsoleLogin>, StoreError> {
    rx.all(&LIST_BY_SESSION, params![session_id, limit], |row| login(row, 0))
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

/// Ends a login: no token of it works any more.
pub fn delete(tx: &mut Tx<'_>, id: &FamilyId) -> Result<(), Fault> {
    tx.execute(&DELETE, params![id.as_str()])?;
    Ok(())
}

/// Hangs every login of a session on another one of the same user.
pub(crate) fn move_all(tx: &mut Tx<'_>, from: &str, to: &str) -> Result<(), Fault> {
    tx.execute(&MOVE, params![from, to])?;
    Ok(())
}

/// Ends every login of a session.
pub(crate) fn delete_by_session(tx: &mut Tx<'_>, session_id: &str) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_SESSION, params![session_id])?;
    Ok(())
}

/// Ends every login of a user.
pub(crate) fn delete_by_user(tx: &mut Tx<'_>, user: &UserId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_USER, params![user.as_str()])?;
    Ok(())
}

/// Removes the logins of up to [`crate::signin::sign_outs::EXPIRED_MAX`] sessions that ended by `now`, those that [`crate::signin::sign_outs::expired`] removes next.
pub(crate) fn delete_of_expired_sessions(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), Fault> {
    tx.execute(&DELETE_OF_EXPIRED_SESSIONS, params![now])?;
    Ok(())
}
