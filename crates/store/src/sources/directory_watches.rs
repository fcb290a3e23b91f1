//! Who listens to which directory, how that goes, and when something was last heard.

use model::fault::Fault;
use model::sources::directory::DirectoryId;
use model::sources::directory_watch::{DirectoryWatch, WatchState, Watching};
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    FIND = "SELECT directory_id, held_until, state, server, said, since, heard_at FROM directory_watches WHERE directory_id = ?1";
    // Nobody's any more; beyond ?5 lies what was written before the clock was set back.
    CLAIM = "INSERT INTO directory_watches (directory_id, watcher, held_until, state, since) VALUES (?1, ?2, ?3, 'WAITING', ?4)
             ON CONFLICT (directory_id) DO UPDATE SET watcher = excluded.watcher, held_until = excluded.held_until, state = excluded.state, server = NULL,
             said = NULL, since = excluded.since WHERE directory_watches.held_until <= ?4 OR directory_watches.held_until > ?5";
    HOLD = "UPDATE directory_watches SET held_until = ?3 WHERE directory_id = ?1 AND watcher = ?2";
    TELL = "UPDATE directory_watches SET state = ?3, server = ?4, said = ?5, since = ?6 WHERE directory_id = ?1 AND watcher = ?2";
    HEAR = "UPDATE directory_watches SET heard_at = ?3 WHERE directory_id = ?1 AND watcher = ?2";
    RELEASE = "DELETE FROM directory_watches WHERE directory_id = ?1 AND watcher = ?2";
    DELETE = "DELETE FROM directory_watches WHERE directory_id = ?1";
}

fn watch(row: &Row<'_>) -> Result<DirectoryWatch, StoreError> {
    Ok(DirectoryWatch {
        directory_id: DirectoryId::trusted(row.text(0)?),
        held_until: row.time(1)?,
        standing: Watching {
            state: row.word(2, WatchState::parse)?,
            server: row.opt_text(3)?,
            said: row.opt_text(4)?,
            since: row.time(5)?,
        },
        heard_at: row.opt_time(6)?,
    })
}

/// Who listens to a directory, if anybody does or did.
pub fn find(rx: &mut Rx<'_>, id: &DirectoryId) -> Result<Option<DirectoryWatch>, StoreError> {
    rx.first(&FIND, params![id.as_str()], watch)
}

/// `watcher` listens to the directory until then; `false` where somebody else does, who may hold it to `latest` at most.
pub fn claim(
    tx: &mut Tx<'_>,
    (id, watcher): (&DirectoryId, &str),
    now: Timestamp,
    (until, latest): (Timestamp, Timestamp),
) -> Result<bool, Fault> {
    Ok(tx.execute(&CLAIM, params![id.as_str(), watcher, until, now, latest])? == 1)
}

/// The same for longer; `false` where it is no longer this one's.
pub fn hold(tx: &mut Tx<'_>, (id, watcher): (&DirectoryId, &str), until: Timestamp) -> Result<bool, Fault> {
    Ok(tx.execute(&HOLD, params![id.as_str(), watcher, until])? == 1)
}

/// Says how it goes.
pub fn tell(
    tx: &mut Tx<'_>,
    (id, watcher): (&DirectoryId, &str),
    standing: &Watching,
) -> Result<bool, Fault> {
    let Watching { state, server, said, since } = standing;
    let params = params![id.as_str(), watcher, state.as_str(), server.as_ref(), said.as_ref(), *since];
    Ok(tx.execute(&TELL, params)? == 1)
}

/// Something was heard; `false` where it is no longer this one's to hear.
pub fn hear(tx: &mut Tx<'_>, (id, watcher): (&DirectoryId, &str), now: Timestamp) -> Result<bool, Fault> {
    Ok(tx.execute(&HEAR, params![id.as_str(), watcher, now])? == 1)
}

/// `watcher` listens no more.
pub fn release(tx: &mut Tx<'_>, (id, watcher): (&DirectoryId, &str)) -> Result<(), Fault> {
    tx.execute(&RELEASE, params![id.as_str(), watcher])?;
    Ok(())
}

/// Nobody listens any more.
pub fn delete(tx: &mut Tx<'_>, id: &DirectoryId) -> Result<(), Fault> {
    tx.execute(&DELETE, params![id.as_str()])?;
    Ok(())
}
