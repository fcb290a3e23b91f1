//! How looking at each connected account goes: the latest check, and when the next one is due by itself.

use model::accounts::account::AccountId;
use model::accounts::account_drift::{AccountDrift, Detection, DetectionStatus};
use model::fault::Fault;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO account_drifts (account_id, done_to, next_at) VALUES (?1, '', NULL)";
    FIND = "SELECT account_id, detection_id, status, requested_by, requested_at, reason, done_to, checked_at, next_at FROM account_drifts
            WHERE account_id = ?1";
    BEGIN = "UPDATE account_drifts SET detection_id = ?2, status = ?3, requested_by = ?4, requested_at = ?5, reason = NULL, done_to = '' WHERE account_id = ?1";
    GO_ON = "UPDATE account_drifts SET done_to = ?2 WHERE account_id = ?1";
    COMPLETE = "UPDATE account_drifts SET status = ?2, checked_at = ?3 WHERE account_id = ?1";
    FAIL = "UPDATE account_drifts SET status = ?2, reason = ?3 WHERE account_id = ?1";
    PLAN = "UPDATE account_drifts SET next_at = ?2 WHERE account_id = ?1";
    DUE = "SELECT account_id, next_at FROM account_drifts WHERE next_at <= ?1 ORDER BY next_at LIMIT ?2";
    DELETE = "DELETE FROM account_drifts WHERE account_id = ?1";
}

/// Not yet decided, of an account that was connected before there were checks: none was ever due then.
const TO_BE_PLANNED: Timestamp = Timestamp::from_micros(0);

fn drift(row: &Row<'_>) -> Result<AccountDrift, StoreError> {
    let detection = match row.opt_text(1)? {
        Some(id) => Some(Detection {
            id,
            status: row.word(2, DetectionStatus::parse)?,
            requested_by: row.text(3)?,
            requested_at: row.time(4)?,
            reason: row.opt_text(5)?,
            done_to: row.text(6)?,
        }),
        None => None,
    };
    Ok(AccountDrift {
        account_id: AccountId::trusted(row.text(0)?),
        detection,
        checked_at: row.opt_time(7)?,
        next_at: row.opt_time(8)?.filter(|at| *at != TO_BE_PLANNED),
    })
}

/// An account that nobody looked at, nor does by themselves.
pub fn insert(tx: &mut Tx<'_>, account: &AccountId) -> Result<(), Fault> {
    tx.insert(&INSERT, params![account.as_str()])
}

/// How it goes in an account, if it is connected.
pub fn find(rx: &mut Rx<'_>, account: &AccountId) -> Result<Option<AccountDrift>, StoreError> {
    rx.first(&FIND, params![account.as_str()], drift)
}

/// A new check takes the place of the one before.
pub fn begin(tx: &mut Tx<'_>, account: &AccountId, new: &Detection) -> Result<(), Fault> {
    tx.execute_one(
        &BEGIN,
        params![account.as_str(), &new.id, new.status.as_str(), &new.requested_by, new.requested_at],
    )
}

/// The check is done with all roles up to this name.
pub fn go_on(tx: &mut Tx<'_>, account: &AccountId, done_to: &str) -> Result<(), Fault> {
    tx.execute_one(&GO_ON, params![account.as_str(), done_to])
}

/// All was looked at.
pub fn complete(tx: &mut Tx<'_>, account: &AccountId, at: Timestamp) -> Result<(), Fault> {
    tx.execute_one(&COMPLETE, params![account.as_str(), DetectionStatus::Complete.as_str(), at])
}

/// The account does not let itself be looked at.
pub fn fail(tx: &mut Tx<'_>, account: &AccountId, reason: &str) -> Result<(), Fault> {
    tx.execute_one(&FAIL, params![account.as_str(), DetectionStatus::Failed.as_str(), reason])
}

/// When an account is looked at next: none where it is not by itself.
pub fn plan(tx: &mut Tx<'_>, account: &AccountId, next_at: Option<Timestamp>) -> Result<(), Fault> {
    tx.execute_one(&PLAN, params![account.as_str(), next_at])
}

/// Accounts whose time has come, with when that was; none where that is to be decided.
pub fn due(
    rx: &mut Rx<'_>,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<(AccountId, Option<Timestamp>)>, StoreError> {
    rx.all(&DUE, params![now, limit], |row| {
        let at = row.time(1)?;
        Ok((AccountId::trusted(row.text(0)?), (at != TO_BE_PLANNED).then_some(at)))
    })
}

/// The account is connected no more.
pub fn delete(tx: &mut Tx<'_>, account: &AccountId) -> Result<(), Fault> {
    tx.execute_one(&DELETE, params![account.as_str()])
}
