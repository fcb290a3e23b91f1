//! Directories, with the sealed password by which we are somebody there, and when and from where each is read next.

use model::directory::identity_store::IdentityStoreId;
use model::fault::Fault;
use model::page::PageRequest;
use model::sources::directory::{Directory, DirectoryId, DirectoryStatus};
use model::sources::directory_sync::DirectorySyncId;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{Row, json, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

/// The columns that [`directory`] reads.
macro_rules! columns {
    () => {
        "directory_id, identity_store_id, status, settings, created_at, created_by, updated_at, updated_by"
    };
}

statements! {
    INSERT = "INSERT INTO directories (directory_id, identity_store_id, status, settings, sealed_password, next_incremental_at, next_full_at, failures,
              created_at, created_by, updated_at, updated_by) VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, 0, ?6, ?7, ?6, ?7)";
    UPDATE = "UPDATE directories SET status = ?2, settings = ?3, updated_at = ?4, updated_by = ?5 WHERE directory_id = ?1";
    SET_PASSWORD = "UPDATE directories SET sealed_password = ?2 WHERE directory_id = ?1";
    FIND = concat!("SELECT ", columns!(), " FROM directories WHERE directory_id = ?1");
    FIND_IN = concat!("SELECT ", columns!(), " FROM directories WHERE directory_id = ?1 AND identity_store_id = ?2");
    PAGE = concat!("SELECT ", columns!(), " FROM directories WHERE identity_store_id = ?1 AND directory_id > ?2 ORDER BY directory_id LIMIT ?3");
    LIST = concat!("SELECT ", columns!(), " FROM directories WHERE identity_store_id = ?1 ORDER BY directory_id LIMIT 100");
    COUNT = "SELECT COUNT(*) FROM directories WHERE identity_store_id = ?1";
    DELETE = "DELETE FROM directories WHERE directory_id = ?1";
    STANDING = "SELECT sealed_password, place, next_incremental_at, next_full_at, held_sync_id, failures, asks_since FROM directories WHERE directory_id = ?1";
    DUE = concat!("SELECT ", columns!(), " FROM directories d WHERE d.status = 'ENABLED' AND d.held_sync_id IS NULL
              AND (d.next_incremental_at <= ?1 OR d.next_full_at <= ?1)
              AND NOT EXISTS (SELECT 1 FROM directory_syncs s WHERE s.directory_id = d.directory_id AND s.state IN ('QUEUED', 'RUNNING'))
              ORDER BY d.directory_id LIMIT 100");
    // Those that nobody listens to; beyond ?2 lies what was written before the clock was set back.
    UNHEARD = concat!("SELECT ", columns!(), " FROM directories d WHERE d.status = 'ENABLED' AND NOT EXISTS (SELECT 1 FROM directory_watches w
              WHERE w.directory_id = d.directory_id AND w.held_until > ?1 AND w.held_until <= ?2) ORDER BY d.directory_id LIMIT 100");
    SET_SCHEDULE = "UPDATE directories SET next_incremental_at = ?2, next_full_at = ?3, failures = ?4 WHERE directory_id = ?1";
    SET_PLACE = "UPDATE directories SET place = ?2 WHERE directory_id = ?1";
    SET_ASKS = "UPDATE directories SET asks_since = ?2 WHERE directory_id = ?1";
    SET_HELD = "UPDATE directories SET held_sync_id = ?2 WHERE directory_id = ?1";
}

fn directory(row: &Row<'_>) -> Result<Directory, StoreError> {
    Ok(Directory {
        id: DirectoryId::trusted(row.text(0)?),
        identity_store_id: IdentityStoreId::trusted(row.text(1)?),
        status: row.word(2, DirectoryStatus::parse)?,
        settings: row.json(3)?,
        created_at: row.time(4)?,
        created_by: row.text(5)?,
        updated_at: row.time(6)?,
        updated_by: row.text(7)?,
    })
}

/// What is kept of a directory beside what was decided of it.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The password by which we are somebody there, sealed.
    pub sealed_password: Vec<u8>,
    /// From where the next incremental run reads.
    pub place: Option<Vec<u8>>,
    /// When it is read next.
    pub next_incremental_at: Timestamp,
    /// When all of it is read next.
    pub next_full_at: Timestamp,
    /// The run that was held.
    pub held: Option<DirectorySyncId>,
    /// Runs that failed since one did not.
    pub failures: u32,
    /// Since when nothing is taken away before somebody looked: what is read, or what may be taken away, was decided otherwise.
    pub asks_since: Option<Timestamp>,
}

/// When a directory is read next.
#[derive(Debug, Clone, Copy)]
pub struct NextRuns {
    /// What changed.
    pub incremental_at: Timestamp,
    /// All of it.
    pub full_at: Timestamp,
    /// Runs that failed since one did not.
    pub failures: u32,
}

/// Adds a directory.
pub fn insert(tx: &mut Tx<'_>, new: &Directory, sealed_password: &[u8]) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            new.id.as_str(),
            new.identity_store_id.as_str(),
            new.status.as_str(),
            &json(&new.settings)?,
            sealed_password,
            new.created_at,
            &new.created_by
        ],
    )
}

/// Writes status and settings of a directory.
pub fn update(tx: &mut Tx<'_>, changed: &Directory) -> Result<(), Fault> {
    let settings = json(&changed.settings)?;
    let (status, by) = (changed.status.as_str(), &changed.updated_by);
    tx.execute_one(&UPDATE, params![changed.id.as_str(), status, &settings, changed.updated_at, by])
}

/// Writes the password by which we are somebody there, sealed.
pub fn set_password(tx: &mut Tx<'_>, id: &DirectoryId, sealed: &[u8]) -> Result<(), Fault> {
    tx.execute_one(&SET_PASSWORD, params![id.as_str(), sealed])
}

/// The directory of this id, whosever it is.
pub fn find(rx: &mut Rx<'_>, id: &DirectoryId) -> Result<Option<Directory>, StoreError> {
    rx.first(&FIND, params![id.as_str()], directory)
}

/// The directory of this id in a store.
pub fn find_in(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    id: &DirectoryId,
) -> Result<Option<Directory>, StoreError> {
    rx.first(&FIND_IN, params![id.as_str(), store.as_str()], directory)
}

/// A store's directories by id.
pub fn page(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    page: &PageRequest,
) -> Result<Vec<Directory>, StoreError> {
    rx.all(&PAGE, params![store.as_str(), page.after_or_start(), page.rows()], directory)
}

/// All of a store's directories.
pub fn list(rx: &mut Rx<'_>, store: &IdentityStoreId) -> Result<Vec<Directory>, StoreError> {
    rx.all(&LIST, params![store.as_str()], directory)
}

/// How many directories a store has.
pub fn count(rx: &mut Rx<'_>, store: &IdentityStoreId) -> Result<u64, StoreError> {
    rx.count(&COUNT, params![store.as_str()])
}

/// Removes a directory. Its runs and what was read of it are the caller's to remove.
pub fn delete(tx: &mut Tx<'_>, id: &DirectoryId) -> Result<(), Fault> {
    tx.execute_one(&DELETE, params![id.as_str()])
}

/// What is kept of a directory beside what was decided of it.
pub fn standing(rx: &mut Rx<'_>, id: &DirectoryId) -> Result<Option<Standing>, StoreError> {
    rx.first(&STANDING, params![id.as_str()], |row| {
        Ok(Standing {
            sealed_password: row.blob(0)?,
            place: row.opt_blob(1)?,
            next_incremental_at: row.time(2)?,
            next_full_at: row.time(3)?,
            held: row.opt_text(4)?.map(DirectorySyncId::trusted),
            failures: u32::try_from(row.int(5)?).unwrap_or(u32::MAX),
            asks_since: row.opt_time(6)?,
        })
    })
}

/// The directories of which a run is to begin, and none waits or works.
pub fn list_due(rx: &mut Rx<'_>, now: Timestamp) -> Result<Vec<Directory>, StoreError> {
    rx.all(&DUE, params![now], directory)
}

/// The directories that are read by a schedule, and to which nobody listens; who does holds one to `latest` at most.
pub fn list_unheard(
    rx: &mut Rx<'_>,
    now: Timestamp,
    latest: Timestamp,
) -> Result<Vec<Directory>, StoreError> {
    rx.all(&UNHEARD, params![now, latest], directory)
}

/// Writes when a directory is read next.
pub fn set_schedule(tx: &mut Tx<'_>, id: &DirectoryId, next: NextRuns) -> Result<(), Fault> {
    let NextRuns { incremental_at, full_at, failures } = next;
    tx.execute_one(&SET_SCHEDULE, params![id.as_str(), incremental_at, full_at, i64::from(failures)])
}

/// Writes from where the next incremental run reads.
pub fn set_place(tx: &mut Tx<'_>, id: &DirectoryId, place: Option<&[u8]>) -> Result<(), Fault> {
    tx.execute_one(&SET_PLACE, params![id.as_str(), place])
}

/// Writes since when nothing is taken away before somebody looked, or that it may be.
pub fn set_asks(tx: &mut Tx<'_>, id: &DirectoryId, since: Option<Timestamp>) -> Result<(), Fault> {
    tx.execute_one(&SET_ASKS, params![id.as_str(), since])
}

/// Writes which run was held, or that none is any more.
pub fn set_held(tx: &mut Tx<'_>, id: &DirectoryId, held: Option<&DirectorySyncId>) -> Result<(), Fault> {
    tx.execute_one(&SET_HELD, params![id.as_str(), held.map(DirectorySyncId::as_str)])
}
