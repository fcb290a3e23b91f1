//! Token families with their access and refresh tokens, all kept as hashes. A family hangs on a portal session: without the
//! session's row, or its user's, an access token finds nobody.

use model::fault::Fault;
use model::oauth::{ClientId, FamilyId, TokenFamily};
use model::portal_session::PortalSession;
use model::timestamp::Timestamp;
use model::user::UserId;

use crate::error::StoreError;
use crate::oauth_clients::json;
use crate::portal_sessions::{columns, person, session};
use crate::row::params;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT_FAMILY = "INSERT INTO token_families (family_id, client_id, user_id, session_id, scopes, created_at)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    INSERT_ACCESS = "INSERT INTO access_tokens (family_id, token_hash, expires_at) VALUES (?1, ?2, ?3)";
    INSERT_REFRESH = "INSERT INTO refresh_tokens (family_id, token_hash, used_at, expires_at) VALUES (?1, ?2, NULL, ?3)";
    FIND_ACCESS = concat!("SELECT ", columns!(), ", t.expires_at, f.scopes FROM access_tokens t
              JOIN token_families f ON f.family_id = t.family_id JOIN portal_sessions s ON s.session_id = f.session_id ", person!(),
              " WHERE t.family_id = ?1 AND t.token_hash = ?2");
    FIND_REFRESH = "SELECT f.family_id, f.client_id, f.user_id, f.session_id, f.scopes, f.created_at, r.used_at, r.expires_at
              FROM refresh_tokens r JOIN token_families f ON f.family_id = r.family_id WHERE r.family_id = ?1 AND r.token_hash = ?2";
    USE_REFRESH = "UPDATE refresh_tokens SET used_at = ?3 WHERE family_id = ?1 AND token_hash = ?2 AND used_at IS NULL";
    DELETE_ACCESS_OF_FAMILY = "DELETE FROM access_tokens WHERE family_id = ?1";
    DELETE_REFRESH_OF_FAMILY = "DELETE FROM refresh_tokens WHERE family_id = ?1";
    DELETE_FAMILY = "DELETE FROM token_families WHERE family_id = ?1";
    MOVE_FAMILIES = "UPDATE token_families SET session_id = ?2 WHERE session_id = ?1";
    FAMILIES_OF_SESSION = "SELECT family_id FROM token_families WHERE session_id = ?1";
    FAMILIES_OF_USER = "SELECT family_id FROM token_families WHERE user_id = ?1";
    DELETE_FAMILIES_OF_EXPIRED_SESSIONS = "DELETE FROM token_families WHERE session_id IN
              (SELECT session_id FROM portal_sessions WHERE expires_at <= ?1 ORDER BY expires_at, session_id LIMIT 500)";
    DELETE_EXPIRED_ACCESS = "DELETE FROM access_tokens WHERE (family_id, token_hash) IN
              (SELECT family_id, token_hash FROM access_tokens WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 500)";
    DELETE_EXPIRED_REFRESH = "DELETE FROM refresh_tokens WHERE (family_id, token_hash) IN
              (SELECT family_id, token_hash FROM refresh_tokens WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 500)";
}

/// An access token with the session that it hangs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// The session and its person.
    pub session: PortalSession,
    /// When the token ends.
    pub expires_at: Timestamp,
    /// What it may be used for; empty for a legacy client.
    pub scopes: Vec<String>,
}

/// A refresh token with its family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// Its family.
    pub family: TokenFamily,
    /// When it was exchanged, if it was.
    pub used_at: Option<Timestamp>,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Adds a family.
pub fn insert_family(tx: &mut Tx<'_>, new: &TokenFamily) -> Result<(), Fault> {
    tx.execute_one(
        &INSERT_FAMILY,
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

/// Adds an access token.
pub fn insert_access(
    tx: &mut Tx<'_>,
    family: &FamilyId,
    hash: &[u8; 32],
    expires_at: Timestamp,
) -> Result<(), Fault> {
    tx.execute_one(&INSERT_ACCESS, params![family.as_str(), hash, expires_at])
}

/// Adds a refresh token.
pub fn insert_refresh(
    tx: &mut Tx<'_>,
    family: &FamilyId,
    hash: &[u8; 32],
    expires_at: Timestamp,
) -> Result<(), Fault> {
    tx.execute_one(&INSERT_REFRESH, params![family.as_str(), hash, expires_at])
}

/// The access token of this family with this hash, if its session and its user are still there.
pub fn find_access(
    rx: &mut Rx<'_>,
    family: &FamilyId,
    hash: &[u8; 32],
) -> Result<Option<AccessToken>, StoreError> {
    rx.first(&FIND_ACCESS, params![family.as_str(), hash], |row| {
        Ok(AccessToken { session: session(row)?, expires_at: row.time(11)?, scopes: row.json(12)? })
    })
}

/// The refresh token of this family with this hash.
pub fn find_refresh(
    rx: &mut Rx<'_>,
    family: &FamilyId,
    hash: &[u8; 32],
) -> Result<Option<RefreshToken>, StoreError> {
    rx.first(&FIND_REFRESH, params![family.as_str(), hash], |row| {
        Ok(RefreshToken {
            family: TokenFamily {
                id: FamilyId::trusted(row.text(0)?),
                client_id: ClientId::trusted(row.text(1)?),
                user_id: UserId::trusted(row.text(2)?),
                session_id: row.text(3)?,
                scopes: row.json(4)?,
                created_at: row.time(5)?,
            },
            used_at: row.opt_int(6)?.map(Timestamp::from_micros),
            expires_at: row.time(7)?,
        })
    })
}

/// Marks a refresh token as exchanged; it must not have been.
pub fn use_refresh(tx: &mut Tx<'_>, family: &FamilyId, hash: &[u8; 32], now: Timestamp) -> Result<(), Fault> {
    tx.execute_one(&USE_REFRESH, params![family.as_str(), hash, now])
}

/// Ends a family: no token of it works any more.
pub fn delete_family(tx: &mut Tx<'_>, family: &FamilyId) -> Result<(), Fault> {
    tx.execute(&DELETE_ACCESS_OF_FAMILY, params![family.as_str()])?;
    tx.execute(&DELETE_REFRESH_OF_FAMILY, params![family.as_str()])?;
    tx.execute(&DELETE_FAMILY, params![family.as_str()])?;
    Ok(())
}

/// Hangs every family of a session on another one of the same user.
pub(crate) fn move_families(tx: &mut Tx<'_>, from: &str, to: &str) -> Result<(), Fault> {
    tx.execute(&MOVE_FAMILIES, params![from, to])?;
    Ok(())
}

/// Ends every family of a session.
pub(crate) fn delete_by_session(tx: &mut Tx<'_>, session_id: &str) -> Result<(), Fault> {
    for family in tx.all(&FAMILIES_OF_SESSION, params![session_id], |row| row.text(0))? {
        delete_family(tx, &FamilyId::trusted(family))?;
    }
    Ok(())
}

/// Ends every family of a user.
pub(crate) fn delete_by_user(tx: &mut Tx<'_>, user: &UserId) -> Result<(), Fault> {
    for family in tx.all(&FAMILIES_OF_USER, params![user.as_str()], |row| row.text(0))? {
        delete_family(tx, &FamilyId::trusted(family))?;
    }
    Ok(())
}

/// Removes the families of up to [`crate::sign_outs::EXPIRED_MAX`] sessions that ended by `now`, those that [`crate::sign_outs::expired`] removes next.
pub(crate) fn delete_families_of_expired_sessions(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), Fault> {
    tx.execute(&DELETE_FAMILIES_OF_EXPIRED_SESSIONS, params![now])?;
    Ok(())
}

/// Removes up to [`crate::sign_outs::EXPIRED_MAX`] access tokens that ended by `now`; how many.
pub fn delete_expired_access(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, Fault> {
    Ok(tx.execute(&DELETE_EXPIRED_ACCESS, params![now])?)
}

/// Removes up to [`crate::sign_outs::EXPIRED_MAX`] refresh tokens that ended by `now`; how many.
pub fn delete_expired_refresh(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, Fault> {
    Ok(tx.execute(&DELETE_EXPIRED_REFRESH, params![now])?)
}
