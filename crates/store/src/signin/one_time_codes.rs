//! Codes that work once, as keyed hashes.

use model::directory::user::UserId;
use model::fault::Fault;
use model::signin::mfa::CodeKind;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::params;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO one_time_codes (user_id, kind, code_hash, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    TAKE = "DELETE FROM one_time_codes WHERE user_id = ?1 AND kind = ?2 AND code_hash = ?3 AND (expires_at IS NULL OR expires_at > ?4)";
    COUNT = "SELECT COUNT(*) FROM one_time_codes WHERE user_id = ?1 AND kind = ?2 AND (expires_at IS NULL OR expires_at > ?3)";
    DELETE_KIND = "DELETE FROM one_time_codes WHERE user_id = ?1 AND kind = ?2";
    DELETE_BY_USER = "DELETE FROM one_time_codes WHERE user_id = ?1";
    DELETE_EXPIRED = "DELETE FROM one_time_codes WHERE (user_id, kind, code_hash) IN
           (SELECT user_id, kind, code_hash FROM one_time_codes WHERE expires_at IS NOT NULL AND expires_at <= ?1 ORDER BY expires_at LIMIT 500)";
}

/// Adds a code.
pub fn insert(
    tx: &mut Tx<'_>,
    (user, kind): (&UserId, CodeKind),
    code_hash: &[u8; 32],
    now: Timestamp,
    expires_at: Option<Timestamp>,
) -> Result<(), Fault> {
    tx.insert(&INSERT, params![user.as_str(), kind.as_str(), code_hash, now, expires_at])
}

/// Uses a code up; false when there is none, or it was used, or its time is over.
pub fn take(
    tx: &mut Tx<'_>,
    (user, kind): (&UserId, CodeKind),
    code_hash: &[u8; 32],
    now: Timestamp,
) -> Result<bool, Fault> {
    Ok(tx.execute(&TAKE, params![user.as_str(), kind.as_str(), code_hash, now])? > 0)
}

/// How many codes of a kind still work.
pub fn count(rx: &mut Rx<'_>, (user, kind): (&UserId, CodeKind), now: Timestamp) -> Result<u64, StoreError> {
    rx.count(&COUNT, params![user.as_str(), kind.as_str(), now])
}

/// Removes a user's codes of a kind.
pub fn delete_kind(tx: &mut Tx<'_>, user: &UserId, kind: CodeKind) -> Result<(), Fault> {
    tx.execute(&DELETE_KIND, params![user.as_str(), kind.as_str()])?;
    Ok(())
}

/// Removes every code of a user.
pub fn delete_by_user(tx: &mut Tx<'_>, user: &UserId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_USER, params![user.as_str()])?;
    Ok(())
}

/// Removes up to [`crate::signin::sign_outs::EXPIRED_MAX`] codes whose time is over; how many.
pub fn delete_expired(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, Fault> {
    Ok(tx.execute(&DELETE_EXPIRED, params![now])?)
}
