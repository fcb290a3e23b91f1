//! Organizations that accounts here follow: how each is reached, with the sealed secret of its key, and how its latest run goes.

use model::accounts::organization::OrganizationId;
use model::accounts::organization_connection::{
    OrganizationConnection, OrganizationSync, OrganizationSyncKind, OrganizationSyncStatus,
};
use model::fault::Fault;
use model::page::PageRequest;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{Row, json, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

/// The columns that [`connection`] reads.
macro_rules! columns {
    () => {
        "organization_id, settings, created_at, created_by, updated_at, updated_by, next_at, sync_id, sync_kind, sync_status, sync_reason,
         sync_suspensions_max, sync_accounts, sync_changes, sync_requested_by, sync_requested_at, sync_ended_at,
         sync_adopts, sync_suspensions, suspensions, suspensions_since"
    };
}

statements! {
    INSERT = "INSERT INTO organization_connections (organization_id, settings, sealed_secret, created_at, created_by, updated_at, updated_by)
              VALUES (?1, ?2, ?3, ?4, ?5, ?4, ?5)";
    UPDATE = "UPDATE organization_connections SET settings = ?2, sealed_secret = ?3, updated_at = ?4, updated_by = ?5 WHERE organization_id = ?1";
    FIND = concat!("SELECT ", columns!(), " FROM organization_connections WHERE organization_id = ?1");
    SECRET = "SELECT sealed_secret FROM organization_connections WHERE organization_id = ?1";
    PAGE = concat!("SELECT ", columns!(), " FROM organization_connections WHERE organization_id > ?1 ORDER BY organization_id LIMIT ?2");
    BEGIN = "UPDATE organization_connections SET sync_id = ?2, sync_kind = ?3, sync_status = ?4, sync_reason = NULL, sync_suspensions_max = ?5,
             sync_adopts = ?8, sync_suspensions = 0, sync_accounts = 0, sync_changes = 0, sync_requested_by = ?6, sync_requested_at = ?7, sync_ended_at = NULL,
             next_at = CASE WHEN CAST(?3 AS TEXT) = 'FULL' THEN NULL ELSE next_at END WHERE organization_id = ?1";
    COUNT = "UPDATE organization_connections SET sync_changes = ?2, sync_suspensions = ?3, suspensions = ?4, suspensions_since = ?5
             WHERE organization_id = ?1";
    COUNT_CHANGES = "UPDATE organization_connections SET sync_changes = ?2 WHERE organization_id = ?1";
    END = "UPDATE organization_connections SET sync_status = ?2, sync_reason = ?3, sync_accounts = ?4, sync_ended_at = ?5, next_at = ?6
           WHERE organization_id = ?1";
    PLAN = "UPDATE organization_connections SET next_at = ?2 WHERE organization_id = ?1";
    DUE = "SELECT organization_id FROM organization_connections WHERE next_at <= ?1 ORDER BY next_at LIMIT 10";
    DELETE = "DELETE FROM organization_connections WHERE organization_id = ?1";
}

fn connection(row: &Row<'_>) -> Result<OrganizationConnection, StoreError> {
    let sync = match row.opt_text(7)? {
        Some(id) => Some(OrganizationSync {
            id,
            kind: row.word(8, OrganizationSyncKind::parse)?,
            status: row.word(9, OrganizationSyncStatus::parse)?,
            reason: row.opt_text(10)?,
            suspensions_max: row.opt_int(11)?,
            adopts: row.int(17)? != 0,
            suspensions: row.int(18)?,
            accounts: row.int(12)?,
            changes: row.int(13)?,
            requested_by: row.text(14)?,
            requested_at: row.time(15)?,
            ended_at: row.opt_time(16)?,
        }),
        None => None,
    };
    Ok(OrganizationConnection {
        id: OrganizationId::trusted(row.text(0)?),
        settings: row.json(1)?,
        created_at: row.time(2)?,
        created_by: row.text(3)?,
        updated_at: row.time(4)?,
        updated_by: row.text(5)?,
        next_at: row.opt_time(6)?,
        suspensions: row.int(19)?,
        suspensions_since: row.time(20)?,
        sync,
    })
}

/// Adds one.
pub fn insert(tx: &mut Tx<'_>, new: &OrganizationConnection, sealed_secret: &[u8]) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![new.id.as_str(), &json(&new.settings)?, sealed_secret, new.created_at, &new.created_by],
    )
}

/// Changes how one is reached.
pub fn update(tx: &mut Tx<'_>, new: &OrganizationConnection, sealed_secret: &[u8]) -> Result<(), Fault> {
    tx.execute_one(
        &UPDATE,
        params![new.id.as_str(), &json(&new.settings)?, sealed_secret, new.updated_at, &new.updated_by],
    )
}

/// The one of this id.
pub fn find(rx: &mut Rx<'_>, id: &OrganizationId) -> Result<Option<OrganizationConnection>, StoreError> {
    rx.first(&FIND, params![id.as_str()], connection)
}

/// The sealed secret of the key by which one is reached.
pub fn sealed_secret(rx: &mut Rx<'_>, id: &OrganizationId) -> Result<Option<Vec<u8>>, StoreError> {
    rx.first(&SECRET, params![id.as_str()], |row| row.blob(0))
}

/// A page of them, by id.
pub fn page(rx: &mut Rx<'_>, request: &PageRequest) -> Result<Vec<OrganizationConnection>, StoreError> {
    rx.all(&PAGE, params![request.after_or_start(), request.rows()], connection)
}

/// A new run takes the place of the one before. A whole one is what the next by itself would have been.
pub fn begin(tx: &mut Tx<'_>, id: &OrganizationId, new: &OrganizationSync) -> Result<(), Fault> {
    tx.execute_one(
        &BEGIN,
        params![
            id.as_str(),
            &new.id,
            new.kind.as_str(),
            new.status.as_str(),
            new.suspensions_max,
            &new.requested_by,
            new.requested_at,
            i64::from(new.adopts)
        ],
    )
}

/// How many changes the run has made by now, and from how many accounts it, and all runs of a day, took access away.
pub fn count(
    tx: &mut Tx<'_>,
    connection: &OrganizationConnection,
    (changes, in_run): (i64, i64),
    (in_day, since): (i64, Timestamp),
) -> Result<(), Fault> {
    tx.execute_one(&COUNT, params![connection.id.as_str(), changes, in_run, in_day, since])
}

/// How many changes the run has made by now, or would make.
pub fn count_changes(tx: &mut Tx<'_>, id: &OrganizationId, changes: i64) -> Result<(), Fault> {
    tx.execute_one(&COUNT_CHANGES, params![id.as_str(), changes])
}

/// How a run ended: with how many accounts it found, and when the next one begins by itself.
pub fn end(
    tx: &mut Tx<'_>,
    id: &OrganizationId,
    (status, reason): (OrganizationSyncStatus, Option<&str>),
    accounts: i64,
    (at, next_at): (Timestamp, Option<Timestamp>),
) -> Result<(), Fault> {
    tx.execute_one(&END, params![id.as_str(), status.as_str(), reason, accounts, at, next_at])
}

/// When one is read next by itself.
pub fn plan(tx: &mut Tx<'_>, id: &OrganizationId, next_at: Option<Timestamp>) -> Result<(), Fault> {
    tx.execute_one(&PLAN, params![id.as_str(), next_at])
}

/// Those whose time has come.
pub fn due(rx: &mut Rx<'_>, now: Timestamp) -> Result<Vec<OrganizationId>, StoreError> {
    rx.all(&DUE, params![now], |row| Ok(OrganizationId::trusted(row.text(0)?)))
}

/// Removes one.
pub fn delete(tx: &mut Tx<'_>, id: &OrganizationId) -> Result<(), Fault> {
    tx.execute_one(&DELETE, params![id.as_str()])
}
