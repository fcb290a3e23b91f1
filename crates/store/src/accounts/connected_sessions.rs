//! Sessions that the STS of connected accounts gave to people, for as long as they live, and which of them are void.

use model::accounts::account::AccountId;
use model::accounts::permission_set::PermissionSetId;
use model::directory::user::UserId;
use model::fault::Fault;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    // What was revoked stays so for as long as any of it lives.
    UPSERT = "INSERT INTO connected_sessions (account_id, role_name, session_name, permission_set_id, user_id, issued_at, expires_at)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (account_id, role_name, session_name, user_id) DO UPDATE SET
              permission_set_id = excluded.permission_set_id, issued_at = excluded.issued_at,
              expires_at = CASE WHEN connected_sessions.expires_at > excluded.expires_at THEN connected_sessions.expires_at ELSE excluded.expires_at END";
    // Live, not void since they were given, and of somebody who is not let in any more or reaches the permission set there no more, or where nobody is led any more.
    LOST = "SELECT s.account_id, s.role_name, s.session_name, s.user_id FROM connected_sessions s
              WHERE s.expires_at > ?1 AND (s.revoked_at IS NULL OR s.revoked_at < s.issued_at) AND NOT EXISTS (
                SELECT 1 FROM users u JOIN account_assignments a ON a.account_id = s.account_id AND a.permission_set_id = s.permission_set_id
                JOIN accounts t ON t.account_id = s.account_id AND t.state = 'ACTIVE' WHERE u.user_id = s.user_id AND u.status = 'ENABLED' AND (a.principal_id = s.user_id
                  OR a.principal_id IN (SELECT m.group_id FROM memberships m WHERE m.user_id = s.user_id)
                  OR a.principal_id IN (SELECT n.outer_group_id FROM memberships m JOIN nested_groups n ON n.group_id = m.group_id WHERE m.user_id = s.user_id)))
              ORDER BY s.account_id, s.role_name, s.session_name LIMIT ?2";
    OF_USER = "SELECT account_id, role_name, session_name, user_id FROM connected_sessions WHERE user_id = ?1 AND expires_at > ?2
              AND (CAST(?3 AS TEXT) = '' OR account_id = CAST(?3 AS TEXT)) ORDER BY account_id, role_name, session_name";
    REVOKE = "UPDATE connected_sessions SET revoked_at = ?5 WHERE account_id = ?1 AND role_name = ?2 AND session_name = ?3 AND user_id = ?4";
    REVOKED = "SELECT session_name, MAX(revoked_at) FROM connected_sessions WHERE account_id = ?1 AND role_name = ?2 AND expires_at > ?3 AND revoked_at IS NOT NULL
              GROUP BY session_name ORDER BY session_name";
    ENDED = "SELECT account_id, role_name, session_name, user_id, revoked_at FROM connected_sessions WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2";
    DELETE = "DELETE FROM connected_sessions WHERE account_id = ?1 AND role_name = ?2 AND session_name = ?3 AND user_id = ?4";
    DELETE_BY_ACCOUNT = "DELETE FROM connected_sessions WHERE account_id = ?1";
}

/// A session that is given.
#[derive(Debug, Clone)]
pub struct NewConnectedSession<'a> {
    /// Where.
    pub account_id: &'a AccountId,
    /// Of which role.
    pub role_name: &'a str,
    /// Its name.
    pub session_name: &'a str,
    /// What the role is of.
    pub permission_set_id: &'a PermissionSetId,
    /// Whose it is.
    pub user_id: &'a UserId,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

/// Where a session is: its account, its role, its name; and whose it is, for a name may become somebody else's.
pub type Place = (AccountId, String, String, UserId);

fn place(row: &Row<'_>) -> Result<Place, StoreError> {
    Ok((AccountId::trusted(row.text(0)?), row.text(1)?, row.text(2)?, UserId::trusted(row.text(3)?)))
}

/// Notes one that is about to be given.
pub fn note(tx: &mut Tx<'_>, new: &NewConnectedSession<'_>, now: Timestamp) -> Result<(), Fault> {
    tx.execute_one(
        &UPSERT,
        params![
            new.account_id.as_str(),
            new.role_name,
            new.session_name,
            new.permission_set_id.as_str(),
            new.user_id.as_str(),
            now,
            new.expires_at
        ],
    )
}

/// Those of people who lost what they reached, and which are good still.
pub fn lost(rx: &mut Rx<'_>, now: Timestamp, limit: i64) -> Result<Vec<Place>, StoreError> {
    rx.all(&LOST, params![now, limit], place)
}

/// The live ones of a person, in one account if it is named.
pub fn of_user(
    rx: &mut Rx<'_>,
    user: &UserId,
    account: Option<&AccountId>,
    now: Timestamp,
) -> Result<Vec<Place>, StoreError> {
    rx.all(&OF_USER, params![user.as_str(), now, account.map_or("", AccountId::as_str)], place)
}

/// Whatever was given under this name until `now` is void.
pub fn revoke(tx: &mut Tx<'_>, (account, role, name, user): &Place, now: Timestamp) -> Result<(), Fault> {
    tx.execute_one(&REVOKE, params![account.as_str(), role, name, user.as_str(), now])
}

/// Which names of a role are void, and since when.
pub fn revoked(
    rx: &mut Rx<'_>,
    account: &AccountId,
    role: &str,
    now: Timestamp,
) -> Result<Vec<(String, Timestamp)>, StoreError> {
    rx.all(&REVOKED, params![account.as_str(), role, now], |row| Ok((row.text(0)?, row.time(1)?)))
}

/// Those that have ended, and whether they were void.
pub fn ended(rx: &mut Rx<'_>, now: Timestamp, limit: i64) -> Result<Vec<(Place, bool)>, StoreError> {
    rx.all(&ENDED, params![now, limit], |row| Ok((place(row)?, row.opt_time(4)?.is_some())))
}

/// It has ended.
pub fn delete(tx: &mut Tx<'_>, (account, role, name, user): &Place) -> Result<(), Fault> {
    tx.execute(&DELETE, params![account.as_str(), role, name, user.as_str()])?;
    Ok(())
}

/// The account is connected no more.
pub fn delete_by_account(tx: &mut Tx<'_>, account: &AccountId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_ACCOUNT, params![account.as_str()])?;
    Ok(())
}
