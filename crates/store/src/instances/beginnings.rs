//! An instance that nobody has used since it was made: how it is told, and how it is cleared away so that another one can begin in its
//! place. Kept apart from every aggregate, since it knows of all of them.

use model::fault::Fault;

use crate::audit::audit_pieces;
use crate::error::StoreError;
use crate::migrate;
use crate::row::params;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    NEW_RECORDS = "SELECT COUNT(*) FROM (SELECT event_id FROM audit_records LIMIT 2) AS new";
    A_SESSION = "SELECT session_id FROM portal_sessions LIMIT 1";
}

/// Whether the trail holds nothing but the instance's making, which is one record: whatever anybody did since, reading included, has left
/// another. `in_files` are the records that are in files beside the database. A database of an older schema counts as used: where its records
/// are, this program does not know.
pub fn is_unused(rx: &mut Rx<'_>, in_files: u64) -> Result<bool, StoreError> {
    if !matches!(migrate::standing_in(rx)?, migrate::Standing::Current) || rx.exists(&A_SESSION, params![])? {
        return Ok(false);
    }
    // Those of files may stand in the database's list of pieces too, and the making still among the new ones: it is then told from a use by
    // nobody, and the instance counts as used.
    let in_pieces = audit_pieces::records(rx)?.max(in_files);
    Ok(rx.count(&NEW_RECORDS, params![])?.saturating_add(in_pieces) <= 1)
}

/// Removes every row of every table but the schema's own.
pub fn clear(tx: &mut Tx<'_>) -> Result<(), Fault> {
    for table in migrate::tables() {
        tx.script(&format!("DELETE FROM {table}"))?;
    }
    Ok(())
}
