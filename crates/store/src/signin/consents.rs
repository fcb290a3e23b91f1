//! Programs that people let in without being asked again.

use model::directory::user::UserId;
use model::fault::Fault;
use model::signin::oauth::ClientId;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::params;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    PUT = "INSERT INTO consents (user_id, client_id, scopes, created_at, last_used_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?4, ?5)
           ON CONFLICT (user_id, client_id) DO UPDATE SET scopes = excluded.scopes, created_at = excluded.created_at,
           last_used_at = excluded.last_used_at, expires_at = excluded.expires_at";
    SCOPES = "SELECT scopes FROM consents WHERE user_id = ?1 AND client_id = ?2 AND expires_at > ?3";
    USE = "UPDATE consents SET last_used_at = ?3 WHERE user_id = ?1 AND client_id = ?2";
    LIST_BY_USER = "SELECT c.client_id, o.client_name, c.scopes, c.created_at, c.last_used_at FROM consents c
           JOIN oauth_clients o ON o.client_id = c.client_id AND o.created_at > (SELECT COALESCE(MAX(not_before), 0) FROM instances)
           WHERE c.user_id = ?1 AND c.expires_at > ?2 ORDER BY c.last_used_at DESC, c.client_id LIMIT ?3";
    DELETE = "DELETE FROM consents WHERE user_id = ?1 AND client_id = ?2";
    DELETE_BY_USER = "DELETE FROM consents WHERE user_id = ?1";
    DELETE_EXPIRED = "DELETE FROM consents WHERE (user_id, client_id) IN
           (SELECT user_id, client_id FROM consents WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 500)";
}

/// What a person let a program have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// The program.
    pub client_id: ClientId,
    /// What it calls itself.
    pub client_name: String,
    /// What it may ask for.
    pub scopes: Vec<String>,
    /// When the person was asked.
    pub created_at: Timestamp,
    /// When it was last let in.
    pub last_used_at: Timestamp,
}

/// Remembers what a person lets a program have, until it is not registered any more.
pub fn put(
    tx: &mut Tx<'_>,
    (user, client): (&UserId, &ClientId),
    scopes: &[String],
    (now, expires_at): (Timestamp, Timestamp),
) -> Result<(), Fault> {
    let scopes = serde_json::to_string(scopes).map_err(Fault::internal)?;
    tx.insert(&PUT, params![user.as_str(), client.as_str(), &scopes, now, expires_at])
}

/// What a person lets a program have without being asked.
pub fn scopes(
    rx: &mut Rx<'_>,
    (user, client): (&UserId, &ClientId),
    now: Timestamp,
) -> Result<Option<Vec<String>>, StoreError> {
    rx.first(&SCOPES, params![user.as_str(), client.as_str(), now], |row| row.json(0))
}

/// Says that a program was let in.
pub fn touch(tx: &mut Tx<'_>, (user, client): (&UserId, &ClientId), now: Timestamp) -> Result<(), Fault> {
    tx.execute(&USE, params![user.as_str(), client.as_str(), now])?;
    Ok(())
}

/// A person's programs, the last used first.
pub fn list_by_user(
    rx: &mut Rx<'_>,
    user: &UserId,
    (now, limit): (Timestamp, i64),
) -> Result<Vec<Consent>, StoreError> {
    rx.all(&LIST_BY_USER, params![user.as_str(), now, limit], |row| {
        Ok(Consent {
            client_id: ClientId::trusted(row.text(0)?),
            client_name: row.text(1)?,
            scopes: row.json(2)?,
            created_at: row.time(3)?,
            last_used_at: row.time(4)?,
        })
    })
}

/// Forgets a program; false when it was not remembered.
pub fn delete(tx: &mut Tx<'_>, (user, client): (&UserId, &ClientId)) -> Result<bool, Fault> {
    Ok(tx.execute(&DELETE, params![user.as_str(), client.as_str()])? > 0)
}

/// Forgets every program of a person.
pub fn delete_by_user(tx: &mut Tx<'_>, user: &UserId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_USER, params![user.as_str()])?;
    Ok(())
}

/// Forgets up to [`crate::signin::sign_outs::EXPIRED_MAX`] programs whose registration is over; how many.
pub fn delete_expired(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, Fault> {
    Ok(tx.execute(&DELETE_EXPIRED, params![now])?)
}
