//! How long records are kept: looks, refusals and strangers' calls for a while, changes for ever unless told otherwise. What goes is whole pieces,
//! the oldest first, once all that is in them has outlived its time. It is exported first, if there is a place for it: lines of JSON, one file
//! for each day of events, on the disk before the piece is gone. A server that is killed in between exports some records twice, never one too
//! few. The digest of the last piece that went stays, so that the chain holds.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::record::AuditRecord;
use model::timestamp::Timestamp;
use store::audit::audit_pieces::{self, Piece};
use store::db::Store;

use crate::events::first_id;
use crate::folder::Folder;
use crate::piece::{Kind, id_text, lines, record};

/// Pieces looked at at a time.
const BATCH: i64 = 64;

/// How long records are kept, and where they go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Retention {
    /// Of looks, refusals and strangers' calls; `None`: for ever.
    pub passing: Option<Duration>,
    /// Of changes and of secrets that were handed out; `None`: for ever.
    pub changes: Option<Duration>,
    /// The directory that they are written to before they are removed.
    pub export: Option<PathBuf>,
}

impl Retention {
    /// Removes what has outlived its time; how many records.
    pub async fn apply(&self, store: &Store, cx: &Cx) -> Result<u64, Fault> {
        let passing = self.remove(store, cx, (Kind::Passing, self.passing)).await?;
        let changes = self.remove(store, cx, (Kind::Changes, self.changes)).await?;
        Ok(passing.saturating_add(changes))
    }

    async fn remove(
        &self,
        store: &Store,
        cx: &Cx,
        (kind, keep): (Kind, Option<Duration>),
    ) -> Result<u64, Fault> {
        let Some(keep) = keep else { return Ok(0) };
        let until = id_text(first_id(cx.now.minus(keep)));
        let mut removed = 0_u64;
        loop {
            let pieces =
                store.read_aside(move |rx| Ok(audit_pieces::list(rx, kind.as_str(), 0, BATCH)?)).await?;
            let full = i64::try_from(pieces.len()).is_ok_and(|read| read == BATCH);
            for piece in pieces {
                let number = piece.number;
                if piece.gone {
                    // Its file is there still if a server was killed a moment too early.
                    remove_file(store, kind, number)?;
                    continue;
                }
                if piece.last_id >= until {
                    return Ok(removed);
                }
                removed = removed.saturating_add(u64::try_from(piece.records).unwrap_or(0));
                self.export(store, kind, piece).await?;
                store.maintain(cx, move |tx, _| audit_pieces::empty(tx, kind.as_str(), number)).await?;
                remove_file(store, kind, number)?;
            }
            if !full {
                return Ok(removed);
            }
        }
    }

    /// Writes the records of a piece to their files and sees them on the disk, if there is a place for them.
    async fn export(&self, store: &Store, kind: Kind, piece: Piece) -> Result<(), Fault> {
        let Some(directory) = self.export.clone() else { return Ok(()) };
        let number = piece.number;
        let content = read(store, kind, number).await?;
        let write = move || {
            let records = lines(&content, 0).skip(1).map(|(_, line)| record(line, kind));
            write_out(&directory, &records.collect::<Result<Vec<_>, _>>()?)
        };
        tokio::task::spawn_blocking(write).await.map_err(Fault::internal)?
    }
}

/// The bytes of a piece, wherever it is.
async fn read(store: &Store, kind: Kind, number: i64) -> Result<Vec<u8>, Fault> {
    if let Some(folder) = Folder::of(store) {
        return match folder.read(kind, number) {
            // It is lost, which verifying tells: there is nothing to write elsewhere.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            read => read.map_err(|error| folder.fault(&error)),
        };
    }
    let content = store.read_aside(move |rx| Ok(audit_pieces::content(rx, kind.as_str(), number)?)).await?;
    content.ok_or_else(|| Fault::internal("a piece of the trail has no content"))
}

fn remove_file(store: &Store, kind: Kind, number: i64) -> Result<(), Fault> {
    let Some(folder) = Folder::of(store) else { return Ok(()) };
    folder.remove(kind, number).map_err(|error| folder.fault(&error))
}

fn write_out(directory: &Path, records: &[AuditRecord]) -> Result<(), Fault> {
    let mut days = BTreeMap::<String, String>::new();
    for record in records {
        let lines = days.entry(day(record.event_time)).or_default();
        lines.push_str(&record.json);
        lines.push('\n');
    }
    for (day, lines) in days {
        let path = directory.join(format!("audit-{day}.jsonl"));
        append(directory, &path, lines.as_bytes()).map_err(|error| {
            let message = format!("audit records cannot be written to {}", path.display());
            Fault::new(FaultKind::Unavailable, message).with_context(error.to_string())
        })?;
    }
    Ok(())
}

fn append(directory: &Path, path: &Path, lines: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    file.write_all(lines)?;
    file.sync_all()?;
    // A file that is new is there once its directory is on the disk too.
    File::open(directory)?.sync_all()
}

/// `2026-11-24`
fn day(at: Timestamp) -> String {
    at.rfc3339().chars().take(10).collect()
}
