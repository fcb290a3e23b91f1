//! Counters of guesses, by opaque key. What a key stands for and what a count means is the domain's.

use model::fault::Fault;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::params;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    FIND = "SELECT failures, first_failed_at, last_failed_at FROM signin_attempts WHERE attempt_key = ?1";
    PUT = "INSERT INTO signin_attempts (attempt_key, failures, first_failed_at, last_failed_at) VALUES (?1, ?2, ?3, ?4)
           ON CONFLICT (attempt_key) DO UPDATE SET failures = excluded.failures, first_failed_at = excluded.first_failed_at,
           last_failed_at = excluded.last_failed_at";
    DELETE = "DELETE FROM signin_attempts WHERE attempt_key = ?1";
    COUNT = "SELECT COUNT(*) FROM signin_attempts";
    DELETE_OLD = "DELETE FROM signin_attempts WHERE attempt_key IN
           (SELECT attempt_key FROM signin_attempts WHERE last_failed_at < ?1 ORDER BY last_failed_at LIMIT 500)";
}

/// A counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Attempts {
    /// Failures in a row, or attempts that were not yet found right.
    pub failures: i64,
    /// The first of them.
    pub first_failed_at: Timestamp,
    /// The last of them.
    pub last_failed_at: Timestamp,
}

/// The counter of a key.
pub fn find(rx: &mut Rx<'_>, key: &str) -> Result<Option<Attempts>, StoreError> {
    rx.first(&FIND, params![key], |row| {
        Ok(Attempts { failures: row.int(0)?, first_failed_at: row.time(1)?, last_failed_at: row.time(2)? })
    })
}

/// Sets the counter of a key.
pub fn put(tx: &mut Tx<'_>, key: &str, attempts: Attempts) -> Result<(), Fault> {
    tx.execute_one(&PUT, params![key, attempts.failures, attempts.first_failed_at, attempts.last_failed_at])
}

/// Forgets a key.
pub fn delete(tx: &mut Tx<'_>, key: &str) -> Result<(), Fault> {
    tx.execute(&DELETE, params![key])?;
    Ok(())
}

/// How many keys are kept.
pub fn count(rx: &mut Rx<'_>) -> Result<u64, StoreError> {
    rx.count(&COUNT, params![])
}

/// Forgets up to [`crate::signin::sign_outs::EXPIRED_MAX`] keys whose last failure was before `before`; how many.
pub fn delete_old(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, Fault> {
    Ok(tx.execute(&DELETE_OLD, params![before])?)
}
