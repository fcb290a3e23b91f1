//! Families of tokens of applications that speak OpenID Connect. A family counts for as long as its application is there and enabled, and the session that its
//! person signed in with lasts: both are read with it, so that whatever ends one of them ends the family at the next call. Whether the person may still use the
//! application is asked beside it.

use model::applications::application::ApplicationId;
use model::applications::oidc_token::OidcTokenFamily;
use model::directory::user::{UserId, UserStatus};
use model::fault::Fault;
use model::signin::oauth::FamilyId;
use model::signin::portal_session::PortalSession;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{json, params};
use crate::signin::portal_sessions::{self, SESSION};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO oidc_token_families (family_id, application_id, user_id, session_id, scopes, auth_time, created_at, expires_at, generation, exchanged_at, key_thumbprint)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, '[]', ?9)";
    FIND_LIVE = concat!("SELECT ", portal_sessions::columns!(), ", f.application_id, f.scopes, f.created_at, f.expires_at, f.generation, f.exchanged_at, f.auth_time, f.key_thumbprint
              FROM oidc_token_families f
              JOIN applications a ON a.application_id = f.application_id AND a.status = 'ENABLED'
              JOIN portal_sessions s ON s.session_id = f.session_id AND s.user_id = f.user_id AND s.expires_at > ?2 ", portal_sessions::person!(), "
              WHERE f.family_id = ?1 AND f.expires_at > ?2 AND u.status = 'ENABLED' AND u.not_before < f.created_at AND i.not_before < f.created_at");
    EXCHANGE = "UPDATE oidc_token_families SET generation = generation + 1, exchanged_at = ?3 WHERE family_id = ?1 AND generation = ?2";
    BIND = "UPDATE oidc_token_families SET key_thumbprint = ?2 WHERE family_id = ?1";
    MOVE_ALL = "UPDATE oidc_token_families SET session_id = ?2 WHERE session_id = ?1";
    DELETE = "DELETE FROM oidc_token_families WHERE family_id = ?1";
    DELETE_BY_APPLICATION = "DELETE FROM oidc_token_families WHERE application_id = ?1";
    DELETE_BY_SESSION = "DELETE FROM oidc_token_families WHERE session_id = ?1";
    DELETE_BY_USER = "DELETE FROM oidc_token_families WHERE user_id = ?1";
    DELETE_EXPIRED = "DELETE FROM oidc_token_families WHERE family_id IN
              (SELECT family_id FROM oidc_token_families WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 500)";
}

/// Adds a family, of which no token was exchanged yet.
pub fn insert(tx: &mut Tx<'_>, new: &OidcTokenFamily) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            new.id.as_str(),
            new.application_id.as_str(),
            new.user_id.as_str(),
            &new.session_id,
            &json(&new.scopes)?,
            new.auth_time,
            new.created_at,
            new.expires_at,
            new.key.as_ref()
        ],
    )
}

/// The family of this id with its session, if both count now.
pub fn find_live(
    rx: &mut Rx<'_>,
    id: &FamilyId,
    now: Timestamp,
) -> Result<Option<(OidcTokenFamily, PortalSession)>, StoreError> {
    let found = rx.first(&FIND_LIVE, params![id.as_str(), now], |row| {
        let session = portal_sessions::session(row)?;
        let exchanged_at: Vec<i64> = row.json(SESSION + 5)?;
        let family = OidcTokenFamily {
            id: id.clone(),
            application_id: ApplicationId::trusted(row.text(SESSION)?),
            user_id: session.user.user_id.clone(),
            session_id: session.user.session_id.clone(),
            scopes: row.json(SESSION + 1)?,
            key: row.opt_text(SESSION + 7)?,
            auth_time: row.time(SESSION + 6)?,
            created_at: row.time(SESSION + 2)?,
            expires_at: row.time(SESSION + 3)?,
            generation: row.int(SESSION + 4)?,
            exchanged_at: exchanged_at.into_iter().map(Timestamp::from_micros).collect(),
        };
        Ok((family, session))
    })?;
    Ok(found.filter(|(_, session)| session.status == UserStatus::Enabled && !session.is_idle(now)))
}

/// Puts the next refresh token in force instead of that of `generation`, which must be; `exchanged_at` is what is remembered from now on.
pub fn exchange(
    tx: &mut Tx<'_>,
    id: &FamilyId,
    generation: i64,
    exchanged_at: &[Timestamp],
) -> Result<(), Fault> {
    let moments: Vec<i64> = exchanged_at.iter().map(|at| at.micros()).collect();
    tx.execute_one(&EXCHANGE, params![id.as_str(), generation, &json(&moments)?])
}

/// Binds the tokens of a family to a key from now on.
pub fn bind(tx: &mut Tx<'_>, id: &FamilyId, key: &str) -> Result<(), Fault> {
    tx.execute_one(&BIND, params![id.as_str(), key])
}

/// What hangs on one session hangs on another from now on.
pub(crate) fn move_all(tx: &mut Tx<'_>, from: &str, to: &str) -> Result<(), Fault> {
    super::oidc_codes::move_all(tx, from, to)?;
    tx.execute(&MOVE_ALL, params![from, to])?;
    Ok(())
}

/// Ends a family.
pub fn delete(tx: &mut Tx<'_>, id: &FamilyId) -> Result<(), Fault> {
    tx.execute(&DELETE, params![id.as_str()])?;
    Ok(())
}

/// Ends every family of an application.
pub fn delete_by_application(tx: &mut Tx<'_>, application: &ApplicationId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_APPLICATION, params![application.as_str()])?;
    Ok(())
}

/// Ends every family that hangs on a session.
pub(crate) fn delete_by_session(tx: &mut Tx<'_>, session: &str) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_SESSION, params![session])?;
    Ok(())
}

/// Ends every family of a user.
pub(crate) fn delete_by_user(tx: &mut Tx<'_>, user: &UserId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_USER, params![user.as_str()])?;
    Ok(())
}

/// Removes up to [`crate::signin::sign_outs::EXPIRED_MAX`] families of which no token is good any more at `now`; how many.
pub fn delete_expired(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, Fault> {
    Ok(tx.execute(&DELETE_EXPIRED, params![now])?)
}
