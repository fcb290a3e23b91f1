//! Proofs of possession that were accepted, until they are too old to be accepted again: each counts once.

use model::fault::Fault;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::params;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO used_proofs (proof_hash, expires_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    FIND = "SELECT expires_at FROM used_proofs WHERE proof_hash = ?1";
    DELETE_EXPIRED = "DELETE FROM used_proofs WHERE proof_hash IN
              (SELECT proof_hash FROM used_proofs WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 500)";
}

/// Whether a proof is remembered.
pub fn is_used(rx: &mut Rx<'_>, proof_hash: &[u8; 32]) -> Result<bool, StoreError> {
    Ok(rx.first(&FIND, params![proof_hash], |row| row.time(0))?.is_some())
}

/// Remembers a proof; `false` if it was remembered already.
pub fn insert(tx: &mut Tx<'_>, proof_hash: &[u8; 32], expires_at: Timestamp) -> Result<bool, Fault> {
    Ok(tx.execute(&INSERT, params![proof_hash, expires_at])? == 1)
}

/// Removes up to [`crate::signin::sign_outs::EXPIRED_MAX`] proofs that expired by `before`; how many.
pub fn delete_expired(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, Fault> {
    Ok(tx.execute(&DELETE_EXPIRED, params![before])?)
}
