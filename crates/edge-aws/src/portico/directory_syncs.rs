//! StartDirectorySync, DescribeDirectorySync, ListDirectorySyncs, ListDirectorySyncChanges, StopDirectorySync, ResolveDirectoryBrake.

use model::cx::Cx;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use model::sources::directory::DirectoryId;
use model::sources::directory_sync::{self, DirectorySyncId, EntryKind, SyncChange, SyncCounts, SyncKind};
use sources::directory_syncs;
use wire::generated::portico::shapes::{
    self, DescribeDirectorySyncRequest, DescribeDirectorySyncResponse, DirectorySyncChange,
    DirectorySyncCounts, ListDirectorySyncChangesRequest, ListDirectorySyncChangesResponse,
    ListDirectorySyncsRequest, ListDirectorySyncsResponse, ResolveDirectoryBrakeRequest,
    ResolveDirectoryBrakeResponse, StartDirectorySyncRequest, StartDirectorySyncResponse,
    StopDirectorySyncRequest, StopDirectorySyncResponse,
};

use crate::app::App;
use crate::identitystore::ids;

/// The directory that a call is about.
pub(super) fn named(store: &str, directory: String) -> Result<(IdentityStoreRef, DirectoryId), Fault> {
    Ok((ids::identity_store(store)?, DirectoryId::parse(directory)?))
}

fn int(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn counts(counts: SyncCounts) -> DirectorySyncCounts {
    DirectorySyncCounts {
        read: int(counts.read),
        created: int(counts.created),
        updated: int(counts.updated),
        unchanged: int(counts.unchanged),
        members_changed: int(counts.members_changed),
        disabled: int(counts.disabled),
        deleted: int(counts.deleted),
        skipped: int(counts.skipped),
        members_unknown: int(counts.members_unknown),
    }
}

pub(super) fn shape(sync: directory_sync::DirectorySync) -> shapes::DirectorySync {
    shapes::DirectorySync {
        directory_sync_id: sync.id.into(),
        kind: sync.kind.as_str().to_owned(),
        state: sync.state.as_str().to_owned(),
        phase: sync.phase.as_str().to_owned(),
        counts: counts(sync.counts),
        held_back: int(sync.held_back.all()),
        let_pass: int(sync.let_pass.all()),
        reason: sync.reason,
        requested_by: sync.requested_by,
        created_at: ids::seconds(sync.created_at),
        begun_at: sync.begun_at.map(ids::seconds),
        ended_at: sync.ended_at.map(ids::seconds),
    }
}

pub(crate) async fn start(
    app: App,
    cx: Cx,
    input: StartDirectorySyncRequest,
) -> Result<StartDirectorySyncResponse, Fault> {
    let (at, id) = named(&input.identity_store_id, input.directory_id)?;
    let kind = SyncKind::parse(&input.kind)
        .ok_or_else(|| Fault::validation(format!("Kind {} is none", input.kind)))?;
    let sync = directory_syncs::start(&app.store, &cx, (&at, &id), kind).await?;
    Ok(StartDirectorySyncResponse { directory_sync_id: sync.id.into() })
}

pub(crate) async fn describe(
    app: App,
    cx: Cx,
    input: DescribeDirectorySyncRequest,
) -> Result<DescribeDirectorySyncResponse, Fault> {
    let (at, id) = named(&input.identity_store_id, input.directory_id)?;
    let sync = DirectorySyncId::parse(input.directory_sync_id)?;
    let sync = directory_syncs::describe(&app.store, &cx, (&at, &id), &sync)?;
    Ok(DescribeDirectorySyncResponse { sync: shape(sync) })
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListDirectorySyncsRequest,
) -> Result<ListDirectorySyncsResponse, Fault> {
    let (at, id) = named(&input.identity_store_id, input.directory_id)?;
    let scope = PageScope::new("ListDirectorySyncs", &[at.id().as_str(), id.as_str()]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = directory_syncs::list(&app.store, &cx, (&at, &id), &page)?;
    Ok(ListDirectorySyncsResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        syncs: found.items.into_iter().map(shape).collect(),
    })
}

fn change(change: SyncChange) -> DirectorySyncChange {
    let (user_id, group_id) = match change.entry {
        EntryKind::User => (change.principal_id, None),
        EntryKind::Group => (None, change.principal_id),
    };
    DirectorySyncChange {
        kind: change.kind.as_str().to_owned(),
        entry: change.entry.as_str().to_owned(),
        external_id: change.external_id,
        name: change.name,
        user_id,
        group_id,
        detail: change.detail,
    }
}

pub(crate) async fn list_changes(
    app: App,
    cx: Cx,
    input: ListDirectorySyncChangesRequest,
) -> Result<ListDirectorySyncChangesResponse, Fault> {
    let (at, id) = named(&input.identity_store_id, input.directory_id)?;
    let sync = DirectorySyncId::parse(input.directory_sync_id)?;
    let scope = PageScope::new("ListDirectorySyncChanges", &[at.id().as_str(), id.as_str(), sync.as_str()]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = directory_syncs::list_changes(&app.store, &cx, (&at, &id), (&sync, &page))?;
    Ok(ListDirectorySyncChangesResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        changes: found.items.into_iter().map(change).collect(),
    })
}

pub(crate) async fn stop(
    app: App,
    cx: Cx,
    input: StopDirectorySyncRequest,
) -> Result<StopDirectorySyncResponse, Fault> {
    let (at, id) = named(&input.identity_store_id, input.directory_id)?;
    let sync = DirectorySyncId::parse(input.directory_sync_id)?;
    directory_syncs::stop(&app.store, &cx, (&at, &id), &sync).await?;
    Ok(StopDirectorySyncResponse {})
}

pub(crate) async fn resolve_brake(
    app: App,
    cx: Cx,
    input: ResolveDirectoryBrakeRequest,
) -> Result<ResolveDirectoryBrakeResponse, Fault> {
    let (at, id) = named(&input.identity_store_id, input.directory_id)?;
    let held = DirectorySyncId::parse(input.directory_sync_id)?;
    let sync = directory_syncs::resolve_brake(&app.store, &cx, (&at, &id), &held).await?;
    Ok(ResolveDirectoryBrakeResponse { directory_sync_id: sync.id.into() })
}
