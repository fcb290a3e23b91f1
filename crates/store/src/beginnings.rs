//! An instance that nobody has used since it was made: how it is told, and how it is cleared away so that another one can begin in its
//! place. Kept apart from every aggregate, since it knows of all of them.

use model::fault::Fault;

use crate::error::StoreError;
use crate::migrate;
use crate::row::params;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    // The making of the instance is one record.
    SECOND_RECORD = "SELECT event_id FROM audit_records ORDER BY event_id LIMIT 1 OFFSET 1";
    // What retention has looked at may have been removed.
    RETAINED = "SELECT kind FROM audit_retention LIMIT 1";
    A_SESSION = "SELECT session_id FROM portal_sessions LIMIT 1";
}

/// Whether the trail holds nothing but the instance's making: whatever anybody did since, reading included, has left a record. Where
/// retention has been at work that cannot be told, and the instance counts as used.
pub fn is_unused(rx: &mut Rx<'_>) -> Result<bool, StoreError> {
    if rx.exists(&SECOND_RECORD, params![])? || rx.exists(&A_SESSION, params![])? {
        return Ok(false);
    }
    // A database of before retention has nothing that it could have removed.
    let is_current = matches!(migrate::standing_in(rx)?, migrate::Standing::Current);
    Ok(!is_current || !rx.exists(&RETAINED, params![])?)
}

/// Removes every row of every table but the schema's own.
pub fn clear(tx: &mut Tx<'_>) -> Result<(), Fault> {
    for table in migrate::tables() {
        tx.script(&format!("DELETE FROM {table}"))?;
    }
    Ok(())
}
