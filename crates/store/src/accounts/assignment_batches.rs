//! Batches of assignments: the batch with what was done when it was accepted, and a part for each account where it had to wait. A part
//! keeps its own counts, so that accounts that are worked on side by side never change the same row.

use model::accounts::account::AccountId;
use model::accounts::account_assignment::RequestKind;
use model::accounts::assignment_batch::{Batch, Failure, RowText};
use model::fault::Fault;
use model::id::RequestId;
use model::instances::instance::InstanceId;

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO assignment_batches (request_id, instance_id, kind, total, succeeded, failures, created_at)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    FIND = "SELECT request_id, kind, total, succeeded, failures, created_at FROM assignment_batches
              WHERE request_id = ?1 AND instance_id = ?2";
    INSERT_PART = "INSERT INTO assignment_batch_parts (request_id, account_id, total, done, succeeded, waiting, failures)
              VALUES (?1, ?2, ?3, 0, 0, ?4, '[]')";
    PARTS = "SELECT succeeded, failures FROM assignment_batch_parts WHERE request_id = ?1 AND done = 1";
    PART = "SELECT p.waiting, b.kind, b.instance_id FROM assignment_batch_parts p
              JOIN assignment_batches b ON b.request_id = p.request_id
              WHERE p.request_id = ?1 AND p.account_id = ?2 AND p.done = 0";
    END_PART = "UPDATE assignment_batch_parts SET done = 1, succeeded = ?3, failures = ?4, waiting = '[]'
              WHERE request_id = ?1 AND account_id = ?2";
    COUNT_OPEN = "SELECT COUNT(*) FROM assignment_batches b WHERE b.instance_id = ?1 AND b.kind = ?2 AND b.request_id IN
              (SELECT p.request_id FROM assignment_batch_parts p WHERE p.done = 0)";
}

/// A row that waits, by its index.
pub type Waiting = (usize, RowText);

/// What a batch still comes to in an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its rows.
    pub waiting: Vec<Waiting>,
    /// What the batch does.
    pub kind: RequestKind,
    /// Where.
    pub instance: InstanceId,
}

fn int(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn size(count: i64) -> usize {
    usize::try_from(count).unwrap_or(0)
}

fn text(value: &impl serde::Serialize) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(Fault::internal)
}

/// Adds a batch with what was done at once.
pub fn insert(tx: &mut Tx<'_>, instance: &InstanceId, new: &Batch) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            new.id.as_str(),
            instance.as_str(),
            new.kind.as_str(),
            int(new.total),
            int(new.succeeded),
            &text(&new.failures)?,
            new.created_at
        ],
    )
}

/// Adds what waits in an account.
pub fn insert_part(
    tx: &mut Tx<'_>,
    batch: &RequestId,
    account: &AccountId,
    waiting: &[Waiting],
) -> Result<(), Fault> {
    let total = int(waiting.len());
    tx.insert(&INSERT_PART, params![batch.as_str(), account.as_str(), total, &text(&waiting)?])
}

/// The batch of this id, with what became of its parts so far.
pub fn find(rx: &mut Rx<'_>, instance: &InstanceId, id: &RequestId) -> Result<Option<Batch>, StoreError> {
    let Some(mut batch) = rx.first(&FIND, params![id.as_str(), instance.as_str()], batch)? else {
        return Ok(None);
    };
    for (succeeded, failures) in
        rx.all(&PARTS, params![id.as_str()], |row| Ok((size(row.int(0)?), row.json::<Vec<Failure>>(1)?)))?
    {
        batch.succeeded += succeeded;
        batch.failures.extend(failures);
    }
    batch.failures.sort_unstable_by_key(|failure| failure.index);
    Ok(Some(batch))
}

/// What of a batch waits in an account; `None` when that was done.
pub fn find_part(rx: &mut Rx<'_>, batch: &str, account: &AccountId) -> Result<Option<Part>, StoreError> {
    rx.first(&PART, params![batch, account.as_str()], |row| {
        Ok(Part {
            waiting: row.json(0)?,
            kind: row.word(1, RequestKind::parse)?,
            instance: InstanceId::trusted(row.text(2)?),
        })
    })
}

/// Says what became of a part.
pub fn end_part(
    tx: &mut Tx<'_>,
    batch: &str,
    account: &AccountId,
    (succeeded, failures): (usize, &[Failure]),
) -> Result<(), Fault> {
    tx.execute_one(&END_PART, params![batch, account.as_str(), int(succeeded), &text(&failures)?])
}

/// How many batches of a kind are under way.
pub fn count_open(rx: &mut Rx<'_>, instance: &InstanceId, kind: RequestKind) -> Result<u64, StoreError> {
    rx.count(&COUNT_OPEN, params![instance.as_str(), kind.as_str()])
}

fn batch(row: &Row<'_>) -> Result<Batch, StoreError> {
    Ok(Batch {
        id: RequestId::trusted(row.text(0)?),
        kind: row.word(1, RequestKind::parse)?,
        total: size(row.int(2)?),
        succeeded: size(row.int(3)?),
        failures: row.json(4)?,
        created_at: row.time(5)?,
    })
}
