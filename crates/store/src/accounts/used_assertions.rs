//! Assertions that were accepted, until they expire by themselves: each counts once.

use model::fault::Fault;
use model::timestamp::Timestamp;

use crate::row::params;
use crate::statement::statements;
use crate::tx::Tx;

statements! {
    INSERT = "INSERT INTO used_assertions (issuer, assertion_id, expires_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    DELETE_EXPIRED = "DELETE FROM used_assertions WHERE (issuer, assertion_id) IN
              (SELECT issuer, assertion_id FROM used_assertions WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 500)";
}

/// Remembers an assertion of an issuer; `false` if it was remembered already.
pub fn insert(tx: &mut Tx<'_>, issuer: &str, id: &str, expires_at: Timestamp) -> Result<bool, Fault> {
    Ok(tx.execute(&INSERT, params![issuer, id, expires_at])? == 1)
}

/// Removes up to [`crate::signin::sign_outs::EXPIRED_MAX`] assertions that nobody would accept any more at `now`; how many.
pub fn delete_expired(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, Fault> {
    Ok(tx.execute(&DELETE_EXPIRED, params![now])?)
}
