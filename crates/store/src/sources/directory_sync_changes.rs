//! Of whom nothing came in a run, and what a dry run would do. What is written twice, because a phase was done again, is there once.

use model::fault::Fault;
use model::page::PageRequest;
use model::sources::directory::DirectoryId;
use model::sources::directory_sync::{ChangeKind, DirectorySyncId, EntryKind, SyncChange};

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    PUT = "INSERT INTO directory_sync_changes (sync_id, change_key, kind, entry, external_id, name, principal_id, detail)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
              ON CONFLICT (sync_id, change_key) DO UPDATE SET detail = excluded.detail, name = excluded.name, principal_id = excluded.principal_id";
    PAGE = "SELECT change_key, kind, entry, external_id, name, principal_id, detail FROM directory_sync_changes
              WHERE sync_id = ?1 AND change_key > ?2 ORDER BY change_key LIMIT ?3";
    DELETE = "DELETE FROM directory_sync_changes WHERE sync_id = ?1";
    DELETE_BY_DIRECTORY = "DELETE FROM directory_sync_changes WHERE sync_id IN (SELECT sync_id FROM directory_syncs WHERE directory_id = ?1)";
}

/// People before groups, what is taken away first; of each kind by id. One of a kind for each.
fn key(change: &SyncChange) -> String {
    let rank = match change.kind {
        ChangeKind::Delete => 1,
        ChangeKind::Disable => 2,
        ChangeKind::Skip => 3,
        ChangeKind::Create => 4,
        ChangeKind::Enable => 5,
        ChangeKind::Update => 6,
        ChangeKind::Members => 7,
    };
    let entry = match change.entry {
        EntryKind::User => 1,
        EntryKind::Group => 2,
    };
    format!("{rank}{entry}{}", change.external_id)
}

/// Writes a change of a run.
pub fn put(tx: &mut Tx<'_>, sync: &DirectorySyncId, new: &SyncChange) -> Result<(), Fault> {
    tx.insert(
        &PUT,
        params![
            sync.as_str(),
            &key(new),
            new.kind.as_str(),
            new.entry.as_str(),
            &new.external_id,
            &new.name,
            new.principal_id.as_ref(),
            &new.detail
        ],
    )
}

fn change(row: &Row<'_>) -> Result<(String, SyncChange), StoreError> {
    let change = SyncChange {
        kind: row.word(1, ChangeKind::parse)?,
        entry: row.word(2, EntryKind::parse)?,
        external_id: row.text(3)?,
        name: row.text(4)?,
        principal_id: row.opt_text(5)?,
        detail: row.text(6)?,
    };
    Ok((row.text(0)?, change))
}

/// The changes of a run, each with its place among them.
pub fn page(
    rx: &mut Rx<'_>,
    sync: &DirectorySyncId,
    page: &PageRequest,
) -> Result<Vec<(String, SyncChange)>, StoreError> {
    rx.all(&PAGE, params![sync.as_str(), page.after_or_start(), page.rows()], change)
}

/// Removes the changes of a run.
pub fn delete(tx: &mut Tx<'_>, sync: &DirectorySyncId) -> Result<(), Fault> {
    tx.execute(&DELETE, params![sync.as_str()])?;
    Ok(())
}

/// Removes the changes of all runs of a directory.
pub fn delete_by_directory(tx: &mut Tx<'_>, directory: &DirectoryId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_DIRECTORY, params![directory.as_str()])?;
    Ok(())
}
