//! Audit records that no piece of the trail holds yet, by their time-ordered ids: written with the change that they tell of, or gathered, and
//! taken away once a piece holds them ([`crate::audit::audit_pieces`]).

use model::fault::Fault;
use model::record::{AuditRecord, KeptRecord, NewRecord};

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::{Statement, statements};
use crate::tx::{Rx, Tx};

macro_rules! insertion {
    () => {
        "INSERT INTO audit_records (event_id, passing, user_name, record) VALUES (?1, ?2, ?3, ?4)"
    };
}

statements! {
    INSERT = insertion!();
    INSERT_ONCE = concat!(insertion!(), " ON CONFLICT (event_id) DO NOTHING");
    PAGE = "SELECT record, user_name, passing FROM audit_records WHERE event_id < ?1 AND event_id >= ?2 ORDER BY event_id DESC LIMIT ?3";
    OLDEST = "SELECT record, user_name, passing, event_id FROM audit_records ORDER BY event_id LIMIT ?1";
    DELETE = "DELETE FROM audit_records WHERE event_id >= ?1 AND event_id IN (SELECT value FROM json_each(?2))";
}

/// Appends a record.
pub fn insert(tx: &mut Tx<'_>, record: &AuditRecord) -> Result<(), Fault> {
    run(tx, &INSERT, record.to_keep())
}

/// Appends a record unless it is there: for whoever does not know whether their last attempt was committed.
pub fn insert_once(tx: &mut Tx<'_>, record: NewRecord<'_>) -> Result<(), Fault> {
    run(tx, &INSERT_ONCE, record)
}

fn run(tx: &mut Tx<'_>, statement: &'static Statement, record: NewRecord<'_>) -> Result<(), Fault> {
    let NewRecord { event_id, passing, user_name, json } = record;
    // PostgreSQL keeps no text with U+0000. A name that has one is in the record too, as JSON writes it.
    let user_name = user_name.filter(|name| !name.contains('\0'));
    tx.insert(statement, params![event_id, passing, user_name, json])
}

/// Up to `limit` records with ids below `before` and not below `from`, newest first.
pub fn page_backward(
    rx: &mut Rx<'_>,
    before: &str,
    from: &str,
    limit: i64,
) -> Result<Vec<AuditRecord>, StoreError> {
    rx.all(&PAGE, params![before, from, limit], record)
}

/// Up to `limit` records, the oldest first, for whoever moves them on.
pub fn oldest(rx: &mut Rx<'_>, limit: i64) -> Result<Vec<KeptRecord>, StoreError> {
    rx.all(&OLDEST, params![limit], |row| {
        Ok(KeptRecord {
            json: row.text(0)?,
            user_name: row.opt_text(1)?,
            passing: row.flag(2)?,
            event_id: row.text(3)?,
        })
    })
}

/// Takes records away that a piece holds now; how many were still there.
pub fn delete(tx: &mut Tx<'_>, ids: &[&str]) -> Result<u64, Fault> {
    let Some(first) = ids.iter().min() else { return Ok(0) };
    let list = serde_json::to_string(ids).map_err(Fault::internal)?;
    Ok(tx.execute(&DELETE, params![*first, &list])?)
}

fn record(row: &Row<'_>) -> Result<AuditRecord, StoreError> {
    let kept = AuditRecord::kept(row.text(0)?, row.opt_text(1)?, row.flag(2)?);
    kept.map_err(|fault| StoreError::Corrupt(fault.context().unwrap_or_default().to_owned()))
}
