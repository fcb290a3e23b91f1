//! Browsers in which a person is not asked for a second factor again.

use model::directory::user::UserId;
use model::fault::Fault;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::params;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO remembered_browsers (token_hash, browser_id, user_id, source_ip, user_agent, created_at, last_used_at, expires_at)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7)";
    FIND = "SELECT browser_id FROM remembered_browsers WHERE token_hash = ?1 AND user_id = ?2 AND expires_at > ?3";
    USE = "UPDATE remembered_browsers SET last_used_at = ?2 WHERE browser_id = ?1";
    LIST_BY_USER = "SELECT browser_id, source_ip, user_agent, created_at, last_used_at, expires_at FROM remembered_browsers
           WHERE user_id = ?1 AND expires_at > ?2 ORDER BY last_used_at DESC, browser_id LIMIT ?3";
    DELETE = "DELETE FROM remembered_browsers WHERE browser_id = ?1 AND user_id = ?2";
    DELETE_BY_USER = "DELETE FROM remembered_browsers WHERE user_id = ?1";
    DELETE_EXPIRED = "DELETE FROM remembered_browsers WHERE token_hash IN
           (SELECT token_hash FROM remembered_browsers WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 500)";
}

/// A browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RememberedBrowser {
    /// Its id, which opens nothing.
    pub id: String,
    /// Where it was.
    pub source_ip: String,
    /// What it calls itself.
    pub user_agent: String,
    /// Since when it is remembered.
    pub created_at: Timestamp,
    /// When it was last used to sign in.
    pub last_used_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
}

/// Remembers a browser of a user, which holds the token of this hash.
pub fn insert(
    tx: &mut Tx<'_>,
    user: &UserId,
    token_hash: &[u8; 32],
    new: &RememberedBrowser,
) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            token_hash,
            &new.id,
            user.as_str(),
            &new.source_ip,
            &new.user_agent,
            new.created_at,
            new.expires_at
        ],
    )
}

/// The id of the user's browser that holds the token of this hash.
pub fn find(
    rx: &mut Rx<'_>,
    user: &UserId,
    token_hash: &[u8; 32],
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    rx.first(&FIND, params![token_hash, user.as_str(), now], |row| row.text(0))
}

/// Says that a browser was used to sign in.
pub fn touch(tx: &mut Tx<'_>, id: &str, now: Timestamp) -> Result<(), Fault> {
    tx.execute(&USE, params![id, now])?;
    Ok(())
}

/// A user's browsers, the last used first.
pub fn list_by_user(
    rx: &mut Rx<'_>,
    user: &UserId,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<RememberedBrowser>, StoreError> {
    rx.all(&LIST_BY_USER, params![user.as_str(), now, limit], |row| {
        Ok(RememberedBrowser {
            id: row.text(0)?,
            source_ip: row.text(1)?,
            user_agent: row.text(2)?,
            created_at: row.time(3)?,
            last_used_at: row.time(4)?,
            expires_at: row.time(5)?,
        })
    })
}

/// Forgets a browser; false when it was forgotten.
pub fn delete(tx: &mut Tx<'_>, user: &UserId, id: &str) -> Result<bool, Fault> {
    Ok(tx.execute(&DELETE, params![id, user.as_str()])? > 0)
}

/// Forgets every browser of a user.
pub fn delete_by_user(tx: &mut Tx<'_>, user: &UserId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_USER, params![user.as_str()])?;
    Ok(())
}

/// Forgets up to [`crate::signin::sign_outs::EXPIRED_MAX`] browsers whose time is over; how many.
pub fn delete_expired(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, Fault> {
    Ok(tx.execute(&DELETE_EXPIRED, params![now])?)
}
