//! Audit records: appended, never changed, and removed when their time is over. The key is a time-ordered UUID, so one index serves appending,
//! reading newest first and bounding by time. What can be looked up has an index of its own that ends in the same key.

use model::fault::Fault;
use model::record::AuditRecord;

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::{Statement, statements};
use crate::tx::{Rx, Tx};

macro_rules! insertion {
    () => {
        "INSERT INTO audit_records (event_id, event_time, event_source, event_name, read_only, user_name, access_key_id,
              resources, record, passing) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
    };
}

/// Rows below ?1 and not below ?2, newest first, that also fulfil a condition.
macro_rules! page {
    ($condition:literal) => {
        concat!(
            "SELECT event_id, event_time, event_source, event_name, read_only, user_name, access_key_id, resources, record, passing
              FROM audit_records WHERE ",
            $condition,
            "event_id < ?1 AND event_id >= ?2 ORDER BY event_id DESC LIMIT ?3"
        )
    };
}

statements! {
    INSERT = insertion!();
    INSERT_ONCE = concat!(insertion!(), " ON CONFLICT (event_id) DO NOTHING");
    INSERT_RESOURCES = "INSERT INTO audit_resources (resource, event_id) SELECT value, ?1 FROM json_each(?2)";
    PAGE = page!("");
    PAGE_BY_NAME = page!("event_name = ?4 AND ");
    PAGE_BY_SOURCE = page!("event_source = ?4 AND ");
    PAGE_BY_USER = page!("user_name = ?4 AND ");
    PAGE_BY_ACCESS_KEY = page!("access_key_id = ?4 AND ");
    PAGE_BY_RESOURCE = "SELECT a.event_id, a.event_time, a.event_source, a.event_name, a.read_only, a.user_name, a.access_key_id, a.resources, a.record, a.passing
              FROM audit_resources r JOIN audit_records a ON a.event_id = r.event_id
              WHERE r.resource = ?4 AND r.event_id < ?1 AND r.event_id >= ?2 ORDER BY r.event_id DESC LIMIT ?3";
    PAGE_FORWARD = "SELECT event_id, event_time, event_source, event_name, read_only, user_name, access_key_id, resources, record, passing
              FROM audit_records WHERE event_id > ?1 AND event_id < ?2 ORDER BY event_id LIMIT ?3";
    DELETE = "DELETE FROM audit_records WHERE event_id = ?1";
    DELETE_RESOURCE = "DELETE FROM audit_resources WHERE resource = ?1 AND event_id = ?2";
    DONE_UNTIL = "SELECT done_until FROM audit_retention WHERE kind = ?1";
    SET_DONE_UNTIL = "INSERT INTO audit_retention (kind, done_until) VALUES (?1, ?2)
              ON CONFLICT (kind) DO UPDATE SET done_until = excluded.done_until";
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
    let resources = json(&record.resources)?;
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
            &record.json,
            record.passing
        ],
    )?;
    if rows > 0 && !record.resources.is_empty() {
        let looked_up = json(&looked_up(record))?;
        tx.execute(&INSERT_RESOURCES, params![&record.event_id, &looked_up])?;
    }
    Ok(rows)
}

/// The types and names of a record's resources, each once. What a database could not keep is left out, for no record may be lost for it.
fn looked_up(record: &AuditRecord) -> Vec<&str> {
    let mut texts: Vec<&str> = record
        .resources
        .iter()
        .flat_map(|(kind, name)| [indexed(kind), indexed(name)])
        .filter(|text| !text.contains('\0'))
        .collect();
    texts.sort_unstable();
    texts.dedup();
    texts
}

/// What of a text the index holds: PostgreSQL takes 2,704 bytes. Who looks up compares the whole.
fn indexed(text: &str) -> &str {
    model::brief::text(text, 1_024)
}

fn json<T: serde::Serialize>(list: &[T]) -> Result<String, Fault> {
    serde_json::to_string(list).map_err(Fault::internal)
}

/// By what records are found.
#[derive(Debug, Clone, Copy)]
pub enum By<'a> {
    /// All of them.
    Time,
    /// `eventName`
    Name(&'a str),
    /// `eventSource`
    Source(&'a str),
    /// The user or session name.
    User(&'a str),
    /// The access key id.
    AccessKey(&'a str),
    /// The type or the name of a resource touched: its first 1,024 bytes.
    Resource(&'a str),
}

/// Up to `limit` records with ids below `before` and not below `from`, newest first. Costs no more than it finds.
pub fn page_by(
    rx: &mut Rx<'_>,
    by: By<'_>,
    (before, from): (&str, &str),
    limit: i64,
) -> Result<Vec<AuditRecord>, StoreError> {
    let (statement, value) = match by {
        By::Time => return page_backward(rx, before, from, limit),
        By::Name(name) => (&PAGE_BY_NAME, name),
        By::Source(source) => (&PAGE_BY_SOURCE, source),
        By::User(name) => (&PAGE_BY_USER, name),
        By::AccessKey(id) => (&PAGE_BY_ACCESS_KEY, id),
        By::Resource(resource) => (&PAGE_BY_RESOURCE, indexed(resource)),
    };
    rx.all(statement, params![before, from, limit, value], record)
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

/// Up to `limit` records with ids above `after` and below `before`, oldest first.
pub fn page_forward(
    rx: &mut Rx<'_>,
    after: &str,
    before: &str,
    limit: i64,
) -> Result<Vec<AuditRecord>, StoreError> {
    rx.all(&PAGE_FORWARD, params![after, before, limit], record)
}

/// Removes a record; false when it was gone.
pub fn delete(tx: &mut Tx<'_>, record: &AuditRecord) -> Result<bool, Fault> {
    for resource in looked_up(record) {
        tx.execute(&DELETE_RESOURCE, params![resource, &record.event_id])?;
    }
    Ok(tx.execute(&DELETE, params![&record.event_id])? > 0)
}

/// Up to which id records of a kind were looked at for removal; the smallest text before the first time.
pub fn done_until(rx: &mut Rx<'_>, kind: &str) -> Result<String, StoreError> {
    Ok(rx.first(&DONE_UNTIL, params![kind], |row| row.text(0))?.unwrap_or_default())
}

/// Notes up to which id records of a kind were looked at.
pub fn set_done_until(tx: &mut Tx<'_>, kind: &str, id: &str) -> Result<(), Fault> {
    tx.execute_one(&SET_DONE_UNTIL, params![kind, id])
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
        passing: row.flag(9)?,
    })
}
