//! Runs of directories.

use model::fault::Fault;
use model::page::PageRequest;
use model::sources::directory::DirectoryId;
use model::sources::directory_sync::{
    DirectorySync, DirectorySyncId, SyncCounts, SyncKind, SyncPhase, SyncState, Taken,
};
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{Row, json, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

/// The columns that [`sync`] reads.
macro_rules! columns {
    () => {
        "sync_id, directory_id, kind, state, phase, counts, let_pass, let_pass_members, held_back, held_members, reason, is_to_stop, requested_by,
         created_at, begun_at, ended_at"
    };
}

statements! {
    INSERT = "INSERT INTO directory_syncs (sync_id, directory_id, kind, state, phase, counts, let_pass, let_pass_members, held_back, held_members, taken,
              taken_members, is_to_stop, requested_by, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, 0, 0, 0, 0, ?9, ?10)";
    FIND = concat!("SELECT ", columns!(), " FROM directory_syncs WHERE sync_id = ?1");
    FIND_IN = concat!("SELECT ", columns!(), " FROM directory_syncs WHERE sync_id = ?1 AND directory_id = ?2");
    // The newest first.
    PAGE_FIRST = concat!("SELECT ", columns!(), " FROM directory_syncs WHERE directory_id = ?1 ORDER BY sync_id DESC LIMIT ?2");
    PAGE = concat!("SELECT ", columns!(), " FROM directory_syncs WHERE directory_id = ?1 AND sync_id < ?2 ORDER BY sync_id DESC LIMIT ?3");
    OPEN = concat!("SELECT ", columns!(), " FROM directory_syncs WHERE directory_id = ?1 AND state IN ('QUEUED', 'RUNNING')");
    LAST_END = "SELECT MAX(ended_at) FROM directory_syncs WHERE directory_id = ?1 AND sync_id >= (SELECT COALESCE(MAX(sync_id), '') FROM directory_syncs
                WHERE directory_id = ?1 AND kind <> 'DRY_RUN')";
    BEGIN = "UPDATE directory_syncs SET state = 'RUNNING', runner = ?2, begun_at = COALESCE(begun_at, ?3) WHERE sync_id = ?1 AND state IN ('QUEUED', 'RUNNING')";
    IS_OF = "SELECT sync_id FROM directory_syncs WHERE sync_id = ?1 AND runner = ?2 AND state = 'RUNNING'";
    GO_ON = "UPDATE directory_syncs SET phase = ?3, counts = ?4, taken = ?5, taken_members = ?6 WHERE sync_id = ?1 AND runner = ?2 AND state = 'RUNNING'";
    SET_PLACE = "UPDATE directory_syncs SET place = ?2 WHERE sync_id = ?1";
    PLACE = "SELECT place FROM directory_syncs WHERE sync_id = ?1";
    END = "UPDATE directory_syncs SET state = ?3, counts = ?4, held_back = ?5, held_members = ?6, taken = ?7, taken_members = ?8, reason = ?9,
              ended_at = ?10 WHERE sync_id = ?1 AND runner = ?2 AND state = 'RUNNING'";
    STOP = "UPDATE directory_syncs SET is_to_stop = 1 WHERE sync_id = ?1";
    STOP_QUEUED = "UPDATE directory_syncs SET state = 'STOPPED', reason = ?2, ended_at = ?3 WHERE sync_id = ?1 AND state = 'QUEUED'";
    DELETE_BY_DIRECTORY = "DELETE FROM directory_syncs WHERE directory_id = ?1";
    DELETE = "DELETE FROM directory_syncs WHERE sync_id = ?1";
    // What runs took away since then, beyond what somebody let pass who had looked at it.
    TAKEN = "SELECT CAST(COALESCE(SUM(CASE WHEN taken > let_pass THEN taken - let_pass ELSE 0 END), 0) AS BIGINT),
              CAST(COALESCE(SUM(CASE WHEN taken_members > let_pass_members THEN taken_members - let_pass_members ELSE 0 END), 0) AS BIGINT)
              FROM directory_syncs WHERE directory_id = ?1 AND sync_id <> ?2 AND kind <> 'DRY_RUN' AND (ended_at IS NULL OR ended_at > ?3)";
    // Runs that were over by then, but the last so many.
    OLD = "SELECT sync_id FROM directory_syncs WHERE directory_id = ?1 AND ended_at <= ?4 ORDER BY sync_id DESC LIMIT ?3 OFFSET ?2";
}

fn number(row: &Row<'_>, column: usize) -> Result<u64, StoreError> {
    Ok(u64::try_from(row.int(column)?).unwrap_or(0))
}

fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn taken(row: &Row<'_>, column: usize) -> Result<Taken, StoreError> {
    Ok(Taken { entries: number(row, column)?, memberships: number(row, column + 1)? })
}

fn sync(row: &Row<'_>) -> Result<DirectorySync, StoreError> {
    Ok(DirectorySync {
        id: DirectorySyncId::trusted(row.text(0)?),
        directory_id: DirectoryId::trusted(row.text(1)?),
        kind: row.word(2, SyncKind::parse)?,
        state: row.word(3, SyncState::parse)?,
        phase: row.word(4, SyncPhase::parse)?,
        counts: row.json(5)?,
        let_pass: taken(row, 6)?,
        held_back: taken(row, 8)?,
        reason: row.opt_text(10)?,
        is_to_stop: row.flag(11)?,
        requested_by: row.text(12)?,
        created_at: row.time(13)?,
        begun_at: row.opt_time(14)?,
        ended_at: row.opt_time(15)?,
    })
}

/// Adds a run that waits.
pub fn insert(tx: &mut Tx<'_>, new: &DirectorySync) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            new.id.as_str(),
            new.directory_id.as_str(),
            new.kind.as_str(),
            new.state.as_str(),
            new.phase.as_str(),
            &json(&new.counts)?,
            int(new.let_pass.entries),
            int(new.let_pass.memberships),
            &new.requested_by,
            new.created_at
        ],
    )
}

/// The run of this id.
pub fn find(rx: &mut Rx<'_>, id: &DirectorySyncId) -> Result<Option<DirectorySync>, StoreError> {
    rx.first(&FIND, params![id.as_str()], sync)
}

/// The run of this id of a directory.
pub fn find_in(
    rx: &mut Rx<'_>,
    directory: &DirectoryId,
    id: &DirectorySyncId,
) -> Result<Option<DirectorySync>, StoreError> {
    rx.first(&FIND_IN, params![id.as_str(), directory.as_str()], sync)
}

/// A directory's runs, the newest first.
pub fn page(
    rx: &mut Rx<'_>,
    directory: &DirectoryId,
    page: &PageRequest,
) -> Result<Vec<DirectorySync>, StoreError> {
    match &page.after {
        None => rx.all(&PAGE_FIRST, params![directory.as_str(), page.rows()], sync),
        Some(after) => rx.all(&PAGE, params![directory.as_str(), after, page.rows()], sync),
    }
}

/// The run of a directory that waits or works.
pub fn find_open(rx: &mut Rx<'_>, directory: &DirectoryId) -> Result<Option<DirectorySync>, StoreError> {
    rx.first(&OPEN, params![directory.as_str()], sync)
}

/// When the last run of a directory that was no dry one ended.
pub fn last_end(rx: &mut Rx<'_>, directory: &DirectoryId) -> Result<Option<Timestamp>, StoreError> {
    Ok(rx.first(&LAST_END, params![directory.as_str()], |row| row.opt_time(0))?.flatten())
}

/// `runner` carries the run out from now on, and whoever did before does no more. `false` where it is over.
pub fn begin(tx: &mut Tx<'_>, id: &DirectorySyncId, runner: &str, now: Timestamp) -> Result<bool, Fault> {
    Ok(tx.execute(&BEGIN, params![id.as_str(), runner, now])? == 1)
}

/// Whether this runner carries the run out.
pub fn is_of(rx: &mut Rx<'_>, id: &DirectorySyncId, runner: &str) -> Result<bool, StoreError> {
    rx.exists(&IS_OF, params![id.as_str(), runner])
}

/// Writes how far the run is; `false` where it is no longer this runner's.
pub fn go_on(
    tx: &mut Tx<'_>,
    (id, runner): (&DirectorySyncId, &str),
    (phase, counts): (SyncPhase, SyncCounts),
) -> Result<bool, Fault> {
    let (taken, counts) = (counts.taken(), json(&counts)?);
    let (entries, memberships) = (int(taken.entries), int(taken.memberships));
    Ok(tx.execute(&GO_ON, params![id.as_str(), runner, phase.as_str(), &counts, entries, memberships])? == 1)
}

/// Keeps where the directory was when the run began to read.
pub fn set_place(tx: &mut Tx<'_>, id: &DirectorySyncId, place: Option<&[u8]>) -> Result<(), Fault> {
    tx.execute_one(&SET_PLACE, params![id.as_str(), place])
}

/// Where the directory was when the run began to read.
pub fn place(rx: &mut Rx<'_>, id: &DirectorySyncId) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(rx.first(&PLACE, params![id.as_str()], |row| row.opt_blob(0))?.flatten())
}

/// How a run ends.
#[derive(Debug, Clone)]
pub struct Ending {
    /// How.
    pub state: SyncState,
    /// What it counted.
    pub counts: SyncCounts,
    /// What it wanted to take away, where it was held.
    pub held_back: Taken,
    /// Why.
    pub reason: Option<String>,
}

/// Ends a run; `false` where it is no longer this runner's.
pub fn end(
    tx: &mut Tx<'_>,
    (id, runner): (&DirectorySyncId, &str),
    ending: &Ending,
    now: Timestamp,
) -> Result<bool, Fault> {
    let Ending { state, counts, held_back, reason } = ending;
    let (taken, counts) = (counts.taken(), json(counts)?);
    let params = params![
        id.as_str(),
        runner,
        state.as_str(),
        &counts,
        int(held_back.entries),
        int(held_back.memberships),
        int(taken.entries),
        int(taken.memberships),
        reason.as_ref(),
        now
    ];
    Ok(tx.execute(&END, params)? == 1)
}

/// What a directory's runs took away since then, all but this one.
pub fn taken_since(
    rx: &mut Rx<'_>,
    directory: &DirectoryId,
    (but, since): (&DirectorySyncId, Timestamp),
) -> Result<Taken, StoreError> {
    let all = rx.first(&TAKEN, params![directory.as_str(), but.as_str(), since], |row| taken(row, 0))?;
    Ok(all.unwrap_or_default())
}

/// Asks a run to stop; one that waits has stopped then.
pub fn stop(tx: &mut Tx<'_>, id: &DirectorySyncId, reason: &str, now: Timestamp) -> Result<(), Fault> {
    tx.execute_one(&STOP, params![id.as_str()])?;
    tx.execute(&STOP_QUEUED, params![id.as_str(), reason, now])?;
    Ok(())
}

/// Removes a directory's runs. What they would have changed is the caller's to remove.
pub fn delete_by_directory(tx: &mut Tx<'_>, directory: &DirectoryId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_DIRECTORY, params![directory.as_str()])?;
    Ok(())
}

/// Runs that were over by then, the newest first, but the last so many.
pub fn list_old(
    rx: &mut Rx<'_>,
    directory: &DirectoryId,
    (kept, limit, by): (i64, i64, Timestamp),
) -> Result<Vec<DirectorySyncId>, StoreError> {
    rx.all(&OLD, params![directory.as_str(), kept, limit, by], |row| {
        Ok(DirectorySyncId::trusted(row.text(0)?))
    })
}

/// Removes a run. What it would have changed is the caller's to remove.
pub fn delete(tx: &mut Tx<'_>, id: &DirectorySyncId) -> Result<(), Fault> {
    tx.execute(&DELETE, params![id.as_str()])?;
    Ok(())
}
