//! StartDirectorySync, DescribeDirectorySync, ListDirectorySyncs, ListDirectorySyncChanges, StopDirectorySync, ResolveDirectoryBrake; and the runs that nobody asks
//! for, because their time has come. A run is a row and a job: what is done in it is [`crate::directory_runs`].

use std::time::Duration;

use model::cx::Cx;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::entropy::uuid_by_time;
use model::fault::Fault;
use model::job::JobKind;
use model::limits::Mode;
use model::page::{Page, PageRequest};
use model::sources::directory::{Directory, DirectoryId};
use model::sources::directory_sync::{
    DirectorySync, DirectorySyncId, SyncChange, SyncCounts, SyncKind, SyncPhase, SyncState, Taken,
};
use model::timestamp::Timestamp;
use serde_json::json;
use store::db::Store;
use store::jobs;
use store::sources::{directories, directory_sync_changes, directory_syncs};
use store::tx::{Rx, Tx};

use crate::directories::{KIND, existing, lane};
use crate::gate::enter;

/// Runs that are over and are kept of a directory.
const KEPT: i64 = 5_000;

/// Adds a run and its job, in a transaction of the caller's.
fn insert_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    directory: &DirectoryId,
    (kind, let_pass): (SyncKind, Taken),
) -> Result<DirectorySync, Fault> {
    let sync = DirectorySync {
        id: DirectorySyncId::trusted(uuid_by_time(cx.entropy(), cx.now).to_string()),
        directory_id: directory.clone(),
        kind,
        state: SyncState::Queued,
        phase: SyncPhase::Begin,
        counts: SyncCounts::default(),
        let_pass,
        held_back: Taken::default(),
        reason: None,
        is_to_stop: false,
        requested_by: cx.caller.arn(),
        created_at: cx.now,
        begun_at: None,
        ended_at: None,
    };
    directory_syncs::insert(tx, &sync)?;
    let job = uuid_by_time(cx.entropy(), cx.now).to_string();
    jobs::insert(tx, &job, JobKind::DirectorySync, (&lane(directory), sync.id.as_str()), cx.now)?;
    Ok(sync)
}

fn require_none_open(rx: &mut Rx<'_>, directory: &DirectoryId) -> Result<(), Fault> {
    match directory_syncs::find_open(rx, directory)? {
        None => Ok(()),
        Some(open) => Err(Fault::conflict(format!(
            "The run {} of this directory is not over: StopDirectorySync stops it",
            open.id
        ))),
    }
}

/// StartDirectorySync. A run that somebody asks for takes the place of one that was held: it is held in its turn where it would take away too much.
pub async fn start(
    store: &Store,
    cx: &Cx,
    (at, id): (&IdentityStoreRef, &DirectoryId),
    kind: SyncKind,
) -> Result<DirectorySync, Fault> {
    let (at, id) = (at.clone(), id.clone());
    store
        .write(cx, move |tx, cx| {
            let instance = enter("portico:StartDirectorySync", tx, cx, &at)?;
            existing(tx, &instance, &id)?;
            require_none_open(tx, &id)?;
            let sync = insert_in(tx, cx, &id, (kind, Taken::default()))?;
            cx.event().touch(KIND, id.as_str());
            cx.event().respond(json!({ "directorySyncId": sync.id.as_str() }));
            Ok(sync)
        })
        .await
}

/// ResolveDirectoryBrake: a run that was held goes on, once, and takes away as many as it wanted to, and no more.
pub async fn resolve_brake(
    store: &Store,
    cx: &Cx,
    (at, id): (&IdentityStoreRef, &DirectoryId),
    held: &DirectorySyncId,
) -> Result<DirectorySync, Fault> {
    let (at, id, held) = (at.clone(), id.clone(), held.clone());
    store
        .write(cx, move |tx, cx| {
            let instance = enter("portico:ResolveDirectoryBrake", tx, cx, &at)?;
            existing(tx, &instance, &id)?;
            let standing = directories::standing(tx, &id)?;
            if standing.and_then(|standing| standing.held).as_ref() != Some(&held) {
                return Err(Fault::conflict(format!(
                    "The run {held} is not what holds this directory: DescribeDirectory says which one does"
                )));
            }
            require_none_open(tx, &id)?;
            let before = directory_syncs::find_in(tx, &id, &held)?;
            let before = before.ok_or_else(|| Fault::internal("a held run without its row"))?;
            let sync = insert_in(tx, cx, &id, (SyncKind::Full, before.held_back))?;
            cx.event().touch(KIND, id.as_str());
            cx.event().respond(json!({ "directorySyncId": sync.id.as_str(), "letPass": before.held_back.entries, "letPassMemberships": before.held_back.memberships }));
            Ok(sync)
        })
        .await
}

fn existing_sync(
    rx: &mut Rx<'_>,
    directory: &DirectoryId,
    id: &DirectorySyncId,
) -> Result<DirectorySync, Fault> {
    directory_syncs::find_in(rx, directory, id)?
        .ok_or_else(|| Fault::not_found(format!("The directory {directory} has no run {id}")))
}

/// DescribeDirectorySync.
pub fn describe(
    store: &Store,
    cx: &Cx,
    (at, id): (&IdentityStoreRef, &DirectoryId),
    sync: &DirectorySyncId,
) -> Result<DirectorySync, Fault> {
    store.read(|rx| {
        let instance = enter("portico:DescribeDirectorySync", rx, cx, at)?;
        existing(rx, &instance, id)?;
        existing_sync(rx, id, sync)
    })
}

/// ListDirectorySyncs, the newest first.
pub fn list(
    store: &Store,
    cx: &Cx,
    (at, id): (&IdentityStoreRef, &DirectoryId),
    page: &PageRequest,
) -> Result<Page<DirectorySync>, Fault> {
    store.read(|rx| {
        let instance = enter("portico:ListDirectorySyncs", rx, cx, at)?;
        existing(rx, &instance, id)?;
        let rows = directory_syncs::page(rx, id, page)?;
        Ok(page.page(rows, |sync| sync.id.as_str().to_owned()))
    })
}

/// ListDirectorySyncChanges: of whom nothing came in a run, and what a dry run would do; what is taken away first.
pub fn list_changes(
    store: &Store,
    cx: &Cx,
    (at, id): (&IdentityStoreRef, &DirectoryId),
    (sync, page): (&DirectorySyncId, &PageRequest),
) -> Result<Page<SyncChange>, Fault> {
    store.read(|rx| {
        let instance = enter("portico:ListDirectorySyncChanges", rx, cx, at)?;
        existing(rx, &instance, id)?;
        existing_sync(rx, id, sync)?;
        let rows = directory_sync_changes::page(rx, sync, page)?;
        Ok(page.page(rows, |(key, _)| key.clone()).map(|(_, change)| change))
    })
}

/// StopDirectorySync: a run that waits is over, one that works ends with what it is at. Its changes stay.
pub async fn stop(
    store: &Store,
    cx: &Cx,
    (at, id): (&IdentityStoreRef, &DirectoryId),
    sync: &DirectorySyncId,
) -> Result<(), Fault> {
    let (at, id, sync) = (at.clone(), id.clone(), sync.clone());
    store
        .write(cx, move |tx, cx| {
            let instance = enter("portico:StopDirectorySync", tx, cx, &at)?;
            existing(tx, &instance, &id)?;
            if existing_sync(tx, &id, &sync)?.state.is_over() {
                return Err(Fault::conflict(format!("The run {sync} is over")));
            }
            cx.event().touch(KIND, id.as_str());
            directory_syncs::stop(tx, &sync, &stopped_by(&cx.caller.arn()), cx.now)
        })
        .await
}

/// Why a run ended that somebody stopped.
pub(crate) fn stopped_by(who: &str) -> String {
    format!("stopped by {who}")
}

/// Begins the runs whose time has come; how many.
pub async fn start_due(store: &Store, cx: &Cx) -> Result<usize, Fault> {
    if cx.mode == Mode::Strict {
        return Ok(0);
    }
    let due = store.read(|rx| Ok(directories::list_due(rx, cx.now)?))?;
    let mut begun = 0;
    for directory in due {
        let begin = move |tx: &mut Tx<'_>, cx: &Cx| start_one_in(tx, cx, &directory);
        begun += usize::from(store.maintain(cx, begin).await?);
    }
    Ok(begun)
}

/// The next run of a directory, unless somebody began one meanwhile.
pub(crate) fn start_one_in(tx: &mut Tx<'_>, cx: &Cx, directory: &Directory) -> Result<bool, Fault> {
    let Some(standing) = directories::standing(tx, &directory.id)? else { return Ok(false) };
    if directory_syncs::find_open(tx, &directory.id)?.is_some() || standing.held.is_some() {
        return Ok(false);
    }
    let is_full = standing.place.is_none() || standing.next_full_at <= cx.now;
    let kind = if is_full { SyncKind::Full } else { SyncKind::Incremental };
    insert_in(tx, cx, &directory.id, (kind, Taken::default()))?;
    Ok(true)
}

/// How long after a run that failed the next one begins: twice as long each time.
pub(crate) fn pause_after(failures: u32, interval: Duration) -> Duration {
    const PAUSE_MAX: Duration = Duration::from_hours(1);
    interval.saturating_mul(1 << failures.min(6)).min(PAUSE_MAX.max(interval))
}

/// Forgets runs of long ago: those of the last day are what the brake counts.
pub(crate) fn forget_old_in(tx: &mut Tx<'_>, directory: &DirectoryId, now: Timestamp) -> Result<(), Fault> {
    const DAY: Duration = Duration::from_hours(24);
    for old in directory_syncs::list_old(tx, directory, (KEPT, 50, now.minus(DAY)))? {
        directory_sync_changes::delete(tx, &old)?;
        directory_syncs::delete(tx, &old)?;
    }
    Ok(())
}
