//! Audit records: appended, never changed. The key is a time-ordered UUID, so one index serves appending, reading newest first and
//! bounding by time.

use model::fault::Fault;
use model::record::AuditRecord;

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::{Statement, statements};
use crate::tx::{Rx, Tx};

macro_rules! insertion {
    () => {
        "INSERT INTO audit_records (event_id, event_time, event_source, event_name, read_only, user_name, access_key_id,
              resources, record) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
    };
}

statements! {
    INSERT = insertion!();
    INSERT_ONCE = concat!(insertion!(), " ON CONFLICT (event_id) DO NOTHING");
    PAGE_BACKWARD = "SELECT event_id, event_time, event_source, event_name, read_only, user_name, access_key_id, resources, record
              FROM audit_records WHERE event_id < ?1 AND event_id >= ?2 ORDER BY event_id DESC LIMIT ?3";
}

/// Appends a record.
pub fn insert(tx: &mut Tx<'_>, record: &AuditRecord) -> Result<(), Fault> {
    match run(tx, &INSERT, record)? {
        1 => Ok(()),
        rows => Err(Fault::internal(format!("{rows} audit records were appended instead of one"))),
    }
}

/// Appends a record unless it is there: for whoever does not know whether their last attempt was committed.
pub fn insert_once(tx: &mut Tx<'_>, record: &AuditRecord) -> Result<(), Fault> {
    run(tx, &INSERT_ONCE, record).map(|_| ())
}

fn run(tx: &mut Tx<'_>, statement: &Statement, record: &AuditRecord) -> Result<u64, Fault> {
    let resources = serde_json::to_string(&record.resources).map_err(Fault::internal)?;
    let rows = tx.execute(
        statement,
        params![
            &record.event_id,
            record.event_time,
            &record.event_source,
            &record.event_name,
            record.read_only,
            record.user_name.as_ref(),
            record.access_key_id.as_ref(),
            &resources,
            &record.json
        ],
    )?;
    Ok(rows)
}

/// Up to `limit` records with ids below `before` and not below `from`, newest first.
pub fn page_backward(
    rx: &mut Rx<'_>,
    before: &str,
    from: &str,
    limit: i64,
) -> Result<Vec<AuditRecord>, StoreError> {
    rx.all(&PAGE_BACKWARD, params![before, from, limit], record)
}

fn record(row: &Row<'_>) -> Result<AuditRecord, StoreError> {
    Ok(AuditRecord {
        event_id: row.text(0)?,
        event_time: row.time(1)?,
        event_source: row.text(2)?,
        event_name: row.text(3)?,
        read_only: row.flag(4)?,
        user_name: row.opt_text(5)?,
        access_key_id: row.opt_text(6)?,
        resources: row.json(7)?,
        json: row.text(8)?,
    })
}
