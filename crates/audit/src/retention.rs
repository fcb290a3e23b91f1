//! How long records are kept: looks, refusals and strangers' calls for a while, changes for ever unless told otherwise. What goes is exported
//! first, if there is a place for it: lines of JSON, one file for each day of events, on the disk before the rows are gone. A server that is killed
//! in between exports some records twice, never one too few.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::record::AuditRecord;
use model::timestamp::Timestamp;
use store::audit_records;
use store::db::Store;
use tokio::time::Instant;

use crate::events::id_prefix;

/// Records looked at, exported and removed at a time.
const BATCH: i64 = 250;

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
        let passing = self.remove(store, cx, ("passing", self.passing)).await?;
        let changes = self.remove(store, cx, ("changes", self.changes)).await?;
        Ok(passing.saturating_add(changes))
    }

    async fn remove(
        &self,
        store: &Store,
        cx: &Cx,
        (kind, keep): (&'static str, Option<Duration>),
    ) -> Result<u64, Fault> {
        let Some(keep) = keep else { return Ok(0) };
        let until = id_prefix(cx.now.minus(keep));
        let mut removed = 0_u64;
        loop {
            let begun = Instant::now();
            let before = until.clone();
            let looked_at = store
                .read_aside(move |rx| {
                    let after = audit_records::done_until(rx, kind)?;
                    Ok(audit_records::page_forward(rx, &after, &before, BATCH)?)
                })
                .await?;
            let Some(last) = looked_at.last().map(|record| record.event_id.clone()) else {
                return Ok(removed);
            };
            let (count, over) = (looked_at.len(), looked_at.into_iter());
            let over: Vec<AuditRecord> =
                over.filter(|record| record.passing == (kind == "passing")).collect();
            let over = self.export(over).await?;
            removed = removed.saturating_add(over.len() as u64);
            store
                .maintain(cx, move |tx, _| {
                    for record in &over {
                        audit_records::delete(tx, record)?;
                    }
                    audit_records::set_done_until(tx, kind, &last)
                })
                .await?;
            if count < usize::try_from(BATCH).unwrap_or(usize::MAX) {
                return Ok(removed);
            }
            tokio::time::sleep(begun.elapsed()).await;
        }
    }

    /// Writes the records to their files and sees them on the disk, if there is a place for them.
    async fn export(&self, records: Vec<AuditRecord>) -> Result<Vec<AuditRecord>, Fault> {
        let Some(directory) = self.export.clone() else { return Ok(records) };
        let write = move || write_out(&directory, &records).map(|()| records);
        tokio::task::spawn_blocking(write).await.map_err(Fault::internal)?
    }
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
