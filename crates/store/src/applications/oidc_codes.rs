//! Codes of applications that speak OpenID Connect. One that was exchanged stays until it lapses, so that a second exchange is noticed.

use model::applications::application::ApplicationId;
use model::applications::oidc_token::OidcCode;
use model::directory::user::UserId;
use model::fault::Fault;
use model::signin::oauth::FamilyId;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{json, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO oidc_codes (code_hash, application_id, redirect_uri, code_challenge, nonce, scopes, user_id, session_id, created_at, expires_at, key_thumbprint)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    FIND = "SELECT application_id, redirect_uri, code_challenge, nonce, scopes, user_id, session_id, family_id, created_at, expires_at, key_thumbprint FROM oidc_codes WHERE code_hash = ?1";
    REDEEM = "UPDATE oidc_codes SET family_id = ?2 WHERE code_hash = ?1 AND family_id IS NULL";
    DELETE_BY_APPLICATION = "DELETE FROM oidc_codes WHERE application_id = ?1";
    DELETE_EXPIRED = "DELETE FROM oidc_codes WHERE code_hash IN (SELECT code_hash FROM oidc_codes WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 500)";
    MOVE_ALL = "UPDATE oidc_codes SET session_id = ?2 WHERE session_id = ?1";
}

/// Adds a code, not exchanged.
pub fn insert(tx: &mut Tx<'_>, code_hash: &[u8; 32], new: &OidcCode) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            code_hash,
            new.application_id.as_str(),
            &new.redirect_uri,
            new.code_challenge.as_ref(),
            new.nonce.as_ref(),
            &json(&new.scopes)?,
            new.user_id.as_str(),
            &new.session_id,
            new.created_at,
            new.expires_at,
            new.key.as_ref()
        ],
    )
}

/// The code with this hash.
pub fn find(rx: &mut Rx<'_>, code_hash: &[u8; 32]) -> Result<Option<OidcCode>, StoreError> {
    rx.first(&FIND, params![code_hash], |row| {
        Ok(OidcCode {
            application_id: ApplicationId::trusted(row.text(0)?),
            redirect_uri: row.text(1)?,
            code_challenge: row.opt_text(2)?,
            nonce: row.opt_text(3)?,
            scopes: row.json(4)?,
            user_id: UserId::trusted(row.text(5)?),
            session_id: row.text(6)?,
            family_id: row.opt_text(7)?.map(FamilyId::trusted),
            created_at: row.time(8)?,
            expires_at: row.time(9)?,
            key: row.opt_text(10)?,
        })
    })
}

/// Marks a code as exchanged for `family`; it must not have been.
pub fn redeem(tx: &mut Tx<'_>, code_hash: &[u8; 32], family: &FamilyId) -> Result<(), Fault> {
    tx.execute_one(&REDEEM, params![code_hash, family.as_str()])
}

/// What was given in one session hangs on another from now on.
pub(crate) fn move_all(tx: &mut Tx<'_>, from: &str, to: &str) -> Result<(), Fault> {
    tx.execute(&MOVE_ALL, params![from, to])?;
    Ok(())
}

/// Removes all of an application.
pub(crate) fn delete_by_application(tx: &mut Tx<'_>, application: &ApplicationId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_APPLICATION, params![application.as_str()])?;
    Ok(())
}

/// Removes up to [`crate::signin::sign_outs::EXPIRED_MAX`] codes that lapsed by `before`; how many.
pub fn delete_expired(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, Fault> {
    Ok(tx.execute(&DELETE_EXPIRED, params![before])?)
}
