//! Commits that others make in our SQLite database: `revoke-issued` beside a server, or a person with a shell. They are noticed within
//! [`PERIOD`], and whoever made one can wait until that has happened.
//!
//! A snapshot always stands here, and is let go only after a look that covers all that the next one holds. What an outsider has committed cannot be
//! moved from the log into the database while an older snapshot stands, so a full checkpoint that succeeds says that every process has looked.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;

use crate::error::StoreError;

/// How often to look, at least.
pub(crate) const PERIOD: Duration = Duration::from_millis(100);
/// How long whoever asks waits to be heard.
const HEARD_WAIT: Duration = Duration::from_secs(15);

/// The look-out of one database.
#[derive(Debug)]
pub(crate) struct Outsiders {
    stands: Connection,
    next: Connection,
    version: i64,
}

impl Outsiders {
    /// Looks out with these connections, which only read, beside the one that writes.
    pub(crate) fn new(
        writer: &Connection,
        stands: Connection,
        next: Connection,
    ) -> Result<Self, rusqlite::Error> {
        begin(&stands)?;
        Ok(Self { stands, next, version: version(writer)? })
    }

    /// Calls `changed` if others have committed since the last look, or if that cannot be known.
    pub(crate) fn look(&mut self, writer: &Connection, changed: impl FnOnce()) {
        let begun = begin(&self.next);
        // Of the writer's own commits its version does not speak.
        match version(writer) {
            Ok(version) if begun.is_ok() && version == self.version => {}
            Ok(version) => {
                self.version = version;
                changed();
            }
            Err(_) => changed(),
        }
        if begun.is_ok() {
            let _ = end(&self.stands);
            std::mem::swap(&mut self.stands, &mut self.next);
        }
    }
}

fn version(writer: &Connection) -> Result<i64, rusqlite::Error> {
    writer.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))
}

/// Takes a snapshot: it begins with the first look at a page.
fn begin(connection: &Connection) -> Result<(), rusqlite::Error> {
    end(connection)?;
    connection.prepare_cached("BEGIN")?.execute([])?;
    connection.prepare_cached("SELECT COUNT(*) FROM sqlite_master")?.query_row([], |_| Ok(()))
}

fn end(connection: &Connection) -> Result<(), rusqlite::Error> {
    if !connection.is_autocommit() {
        connection.prepare_cached("COMMIT")?.execute([])?;
    }
    Ok(())
}

/// Waits until every process that has the database open has noticed what is committed in it; whether that was seen.
pub(crate) fn heard(path: &Path) -> Result<bool, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(HEARD_WAIT)?;
    Ok(connection.query_row("PRAGMA wal_checkpoint(FULL)", [], |row| row.get::<_, i64>(0))? == 0)
}
