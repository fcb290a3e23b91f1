//! How a run of a directory ends: its row, its record, and when the next one begins.

use std::time::Duration;

use model::cx::Cx;
use model::event::EventHead;
use model::fault::Fault;
use model::sources::directory::Directory;
use model::sources::directory_sync::{DirectorySync, SyncKind, SyncState};
use model::timestamp::Timestamp;
use serde_json::json;
use store::db::Store;
use store::jobs;
use store::sources::directories::{self, NextRuns, Standing};
use store::sources::directory_syncs::{self, Ending};
use store::tx::Tx;

use crate::directories::{KIND, remove_list_in};
use crate::directory_syncs::{forget_old_in, pause_after};
use crate::directory_watches::heard_since;

/// A run that is at its end.
#[derive(Debug, Clone)]
pub struct Ended {
    /// Of which directory.
    pub directory: Directory,
    /// Which.
    pub sync: DirectorySync,
    /// Who carried it out.
    pub runner: String,
    /// Its job.
    pub job: String,
    /// How it ends.
    pub ending: Ending,
    /// Whether the place from which it was to read is none any more.
    pub place_lost: bool,
    /// Whether somebody was met of whom only a full run can tell what became.
    pub wants_full: bool,
}

impl Ended {
    /// When the directory is read next.
    fn next(&self, standing: &Standing, has_place: bool, now: Timestamp) -> NextRuns {
        let schedule = self.directory.settings.schedule;
        let interval = Duration::from_secs(u64::from(schedule.incremental_seconds));
        let was_full = self.sync.kind == SyncKind::Full;
        let mut next =
            NextRuns { incremental_at: now.plus(interval), full_at: standing.next_full_at, failures: 0 };
        match self.ending.state {
            SyncState::Succeeded if was_full => {
                next.full_at = now.plus(Duration::from_hours(u64::from(schedule.full_hours)));
                // Where the directory cannot say what changed, each run reads all.
                if !has_place {
                    next.incremental_at = next.full_at;
                }
            }
            SyncState::Failed if self.place_lost => next.incremental_at = now,
            SyncState::Failed => {
                let pause = pause_after(standing.failures, interval);
                next.failures = standing.failures.saturating_add(1);
                next.incremental_at = now.plus(pause);
                if was_full {
                    next.full_at = now.plus(pause);
                }
            }
            SyncState::Stopped if was_full => next.full_at = now.plus(interval),
            _ => {}
        }
        if self.wants_full {
            next.full_at = now;
        }
        next
    }

    fn schedule_in(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<(), Fault> {
        let id = &self.directory.id;
        let Some(standing) = directories::standing(tx, id)? else { return Ok(()) };
        // Whatever it read by what was decided before is no place to go on from, and nobody has looked at what comes of the new one.
        let is_outdated = standing.asks_since.is_some_and(|since| since > self.sync.created_at);
        let place = if is_outdated { None } else { directory_syncs::place(tx, &self.sync.id)? };
        let has_place = place.is_some();
        if self.place_lost {
            directories::set_place(tx, id, None)?;
        } else if self.ending.state == SyncState::Succeeded {
            directories::set_place(tx, id, place.as_deref())?;
        }
        let mut next = self.next(&standing, has_place, now);
        if is_outdated {
            next.full_at = now;
        }
        if self.ending.state == SyncState::Succeeded
            && has_place
            && let Some(soon) = heard_since(tx, id, (self.sync.begun_at.unwrap_or(now), now))?
        {
            next.incremental_at = next.incremental_at.min(soon);
        }
        directories::set_schedule(tx, id, next)?;
        let is_full = self.sync.kind == SyncKind::Full;
        if self.ending.state == SyncState::Succeeded && is_full && !is_outdated {
            directories::set_asks(tx, id, None)?;
        }
        // What a full run was held for an incremental one did not even count.
        if !is_full && holds_all(tx, &standing)? {
            return Ok(());
        }
        match self.ending.state {
            SyncState::Held => directories::set_held(tx, id, Some(&self.sync.id)),
            SyncState::Succeeded => directories::set_held(tx, id, None),
            _ => Ok(()),
        }
    }

    fn end_in(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<(), Fault> {
        if !directory_syncs::end(tx, (&self.sync.id, &self.runner), &self.ending, now)? {
            return Ok(());
        }
        jobs::take(tx, &self.job)?;
        if self.sync.kind == SyncKind::DryRun {
            remove_list_in(tx, self.sync.id.as_str())?;
        } else {
            self.schedule_in(tx, now)?;
        }
        forget_old_in(tx, &self.directory.id, now)
    }
}

/// Whether a full run is held.
fn holds_all(tx: &mut Tx<'_>, standing: &Standing) -> Result<bool, Fault> {
    let Some(held) = &standing.held else { return Ok(false) };
    Ok(directory_syncs::find(tx, held)?.is_some_and(|held| held.kind == SyncKind::Full))
}

/// Ends a run as it came out. An incremental run of which nothing came has no record: there is one each minute.
pub async fn end(store: &Store, cx: &Cx, ended: Ended) -> Result<(), Fault> {
    say(&ended);
    let Ending { state, counts, reason, .. } = &ended.ending;
    let is_quiet = *state == SyncState::Succeeded && counts.is_quiet();
    if is_quiet && ended.sync.kind == SyncKind::Incremental {
        let cx = cx.with_event(EventHead::default());
        return store.maintain(&cx, move |tx, cx| ended.end_in(tx, cx.now)).await;
    }
    cx.event().touch(KIND, ended.directory.id.as_str());
    cx.event().respond(json!({
        "kind": ended.sync.kind.as_str(), "state": state.as_str(), "reason": reason, "created": counts.created, "updated": counts.updated,
        "disabled": counts.disabled, "deleted": counts.deleted, "skipped": counts.skipped,
    }));
    store.write(cx, move |tx, cx| ended.end_in(tx, cx.now)).await
}

fn say(ended: &Ended) {
    let (directory, sync) = (ended.directory.id.as_str(), ended.sync.id.as_str());
    let Ending { state, counts, reason, .. } = &ended.ending;
    let reason = reason.as_deref().unwrap_or_default();
    match state {
        SyncState::Succeeded if counts.is_quiet() => {
            tracing::debug!(directory, sync, read = counts.read, "nothing was to be done for a directory");
        }
        SyncState::Succeeded | SyncState::Stopped => tracing::info!(
            directory,
            sync,
            read = counts.read,
            created = counts.created,
            updated = counts.updated,
            disabled = counts.disabled,
            deleted = counts.deleted,
            skipped = counts.skipped,
            "a directory was read"
        ),
        SyncState::Held => tracing::warn!(directory, sync, reason, "a directory is held by its brake"),
        _ => tracing::warn!(directory, sync, reason, "a directory was not read"),
    }
}
