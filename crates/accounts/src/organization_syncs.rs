//! StartOrganizationSync, ListOrganizationSyncChanges, and the runs that nobody asks for, because their time has come. A run is a row and a job; what is done in
//! it is `organization_following`'s.

use std::time::Duration;

use model::accounts::organization::OrganizationId;
use model::accounts::organization_connection::{
    OrganizationChange, OrganizationConnection, OrganizationSync, OrganizationSyncKind,
    OrganizationSyncStatus,
};
use model::cx::Cx;
use model::entropy::uuid_by_time;
use model::fault::Fault;
use model::instances::instance::InstanceId;
use model::job::JobKind;
use model::page::{Page, PageRequest};
use policy::require::Action;
use serde_json::json;
use store::accounts::{organization_connections, organization_syncs};
use store::db::Store;
use store::tx::Tx;

use crate::instance::guarded;
use crate::organization_connections::{KIND, existing, lane};

/// How much later a run begins by itself where another, which changes nothing, is under way.
const BESIDE: Duration = Duration::from_mins(1);

pub(crate) fn is_open(sync: &OrganizationSync) -> bool {
    sync.status == OrganizationSyncStatus::InProgress
}

/// What a run is asked for.
#[derive(Debug, Clone, Copy)]
pub struct SyncAsk {
    /// What it is to do.
    pub kind: OrganizationSyncKind,
    /// From how many accounts it may take access away, where somebody says so.
    pub suspensions_max: Option<i64>,
    /// Whether accounts and units that were here before follow from now on.
    pub adopts: bool,
}

impl SyncAsk {
    /// What begins because its time has come: it takes nothing that is not the organization's.
    const BY_ITSELF: Self = Self { kind: OrganizationSyncKind::Full, suspensions_max: None, adopts: false };
}

/// Adds a run and its job. What the one before changed is forgotten.
fn begin(tx: &mut Tx<'_>, cx: &Cx, id: &OrganizationId, asked: SyncAsk) -> Result<OrganizationSync, Fault> {
    let new = OrganizationSync {
        id: uuid_by_time(cx.entropy(), cx.now).to_string(),
        kind: asked.kind,
        status: OrganizationSyncStatus::InProgress,
        reason: None,
        suspensions_max: asked.suspensions_max,
        adopts: asked.adopts,
        suspensions: 0,
        accounts: 0,
        changes: 0,
        requested_by: cx.caller.arn(),
        requested_at: cx.now,
        ended_at: None,
    };
    organization_syncs::delete_all(tx, id)?;
    organization_connections::begin(tx, id, &new)?;
    let job = uuid_by_time(cx.entropy(), cx.now).to_string();
    store::jobs::insert(tx, &job, JobKind::OrganizationSync, (&lane(id), &new.id), cx.now)?;
    Ok(new)
}

/// StartOrganizationSync.
pub async fn start(
    store: &Store,
    cx: &Cx,
    (instance, id): (&InstanceId, &OrganizationId),
    asked: SyncAsk,
) -> Result<OrganizationSync, Fault> {
    let (instance, id) = (instance.clone(), id.clone());
    store
        .write(cx, move |tx, cx| {
            guarded(tx, cx, Action("portico:StartOrganizationSync"), &instance)?;
            let connection = existing(tx, &id)?;
            if connection.sync.as_ref().is_some_and(is_open) {
                return Err(Fault::conflict(format!(
                    "A run of organization {id} is under way: DescribeOrganizationConnection says how it goes"
                )));
            }
            let new = begin(tx, cx, &id, asked)?;
            cx.event().touch(KIND, id.as_str());
            cx.event().respond(json!({"syncId": new.id}));
            Ok(new)
        })
        .await
}

/// ListOrganizationSyncChanges: what the latest run changed, or would change, in the order in which it did.
pub fn list_changes(
    store: &Store,
    cx: &Cx,
    (instance, id): (&InstanceId, &OrganizationId),
    page: &PageRequest,
) -> Result<Page<OrganizationChange>, Fault> {
    store.read(|rx| {
        guarded(rx, cx, Action("portico:ListOrganizationSyncChanges"), instance)?;
        existing(rx, id)?;
        let rows = organization_syncs::page(rx, id, page)?;
        Ok(page.page(rows, |change| change.ordinal.to_string()))
    })
}

/// Begins the runs whose time has come; how many.
pub async fn schedule(store: &Store, cx: &Cx) -> Result<usize, Fault> {
    if store.read(|rx| Ok(organization_connections::due(rx, cx.now)?))?.is_empty() {
        return Ok(0);
    }
    let begin_due = |tx: &mut Tx<'_>, cx: &Cx| {
        let due = organization_connections::due(tx, cx.now)?;
        for id in &due {
            let open = |found: OrganizationConnection| found.sync.as_ref().is_some_and(is_open);
            if organization_connections::find(tx, id)?.is_some_and(open) {
                organization_connections::plan(tx, id, Some(cx.now.plus(BESIDE)))?;
            } else {
                begin(tx, cx, id, SyncAsk::BY_ITSELF)?;
            }
        }
        Ok(due.len())
    };
    store.maintain(cx, begin_due).await
}
