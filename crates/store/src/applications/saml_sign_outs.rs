//! Sign-outs on their way from one application to the next: found, once, by what each application gives back.

use model::fault::Fault;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::params;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO saml_sign_outs (token_hash, state, expires_at) VALUES (?1, ?2, ?3)";
    FIND = "SELECT state FROM saml_sign_outs WHERE token_hash = ?1 AND expires_at > ?2";
    DELETE = "DELETE FROM saml_sign_outs WHERE token_hash = ?1";
    DELETE_EXPIRED = "DELETE FROM saml_sign_outs WHERE token_hash IN (SELECT token_hash FROM saml_sign_outs WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 500)";
}

/// Adds one, until then.
pub fn insert(
    tx: &mut Tx<'_>,
    token_hash: &[u8; 32],
    state: &str,
    expires_at: Timestamp,
) -> Result<(), Fault> {
    tx.insert(&INSERT, params![token_hash, state, expires_at])
}

/// How far one is.
pub fn find(rx: &mut Rx<'_>, token_hash: &[u8; 32], now: Timestamp) -> Result<Option<String>, StoreError> {
    rx.first(&FIND, params![token_hash, now], |row| row.text(0))
}

/// It is further now, or over; false when it was already.
pub fn delete(tx: &mut Tx<'_>, token_hash: &[u8; 32]) -> Result<bool, Fault> {
    Ok(tx.execute(&DELETE, params![token_hash])? > 0)
}

/// Removes up to [`crate::signin::sign_outs::EXPIRED_MAX`] that nobody went on with; how many.
pub fn delete_expired(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, Fault> {
    Ok(tx.execute(&DELETE_EXPIRED, params![now])?)
}
