//! Authorization codes. A redeemed code stays until it lapses, so that a second redemption is noticed.

use model::directory::user::UserId;
use model::fault::Fault;
use model::signin::oauth::{AuthorizationCode, ClientId, FamilyId};
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{json, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO authorization_codes (code_hash, client_id, redirect_uri, code_challenge, scopes, user_id, session_id, family_id,
              created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL, ?8, ?9)";
    FIND = "SELECT client_id, redirect_uri, code_challenge, scopes, user_id, session_id, family_id, created_at, expires_at
              FROM authorization_codes WHERE code_hash = ?1";
    REDEEM = "UPDATE authorization_codes SET family_id = ?2 WHERE code_hash = ?1 AND family_id IS NULL";
    DELETE_EXPIRED = "DELETE FROM authorization_codes WHERE code_hash IN
              (SELECT code_hash FROM authorization_codes WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 500)";
}

/// Adds a code, not redeemed.
pub fn insert(tx: &mut Tx<'_>, code_hash: &[u8; 32], new: &AuthorizationCode) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            code_hash,
            new.client_id.as_str(),
            &new.redirect_uri,
            &new.code_challenge,
            &json(&new.scopes)?,
            new.user_id.as_str(),
            &new.session_id,
            new.created_at,
            new.expires_at
        ],
    )
}

/// The code with this hash.
pub fn find(rx: &mut Rx<'_>, code_hash: &[u8; 32]) -> Result<Option<AuthorizationCode>, StoreError> {
    rx.first(&FIND, params![code_hash], |row| {
        Ok(AuthorizationCode {
            client_id: ClientId::trusted(row.text(0)?),
            redirect_uri: row.text(1)?,
            code_challenge: row.text(2)?,
            scopes: row.json(3)?,
            user_id: UserId::trusted(row.text(4)?),
            session_id: row.text(5)?,
            family_id: row.opt_text(6)?.map(FamilyId::trusted),
            created_at: row.time(7)?,
            expires_at: row.time(8)?,
        })
    })
}

/// Marks a code as redeemed for `family`; it must not have been.
pub fn redeem(tx: &mut Tx<'_>, code_hash: &[u8; 32], family: &FamilyId) -> Result<(), Fault> {
    tx.execute_one(&REDEEM, params![code_hash, family.as_str()])
}

/// Removes up to [`crate::signin::sign_outs::EXPIRED_MAX`] codes that lapsed by `before`; how many.
pub fn delete_expired(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, Fault> {
    Ok(tx.execute(&DELETE_EXPIRED, params![before])?)
}
