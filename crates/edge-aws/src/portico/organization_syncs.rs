//! StartOrganizationSync, ListOrganizationSyncChanges.

use accounts::organization_syncs::{self, SyncAsk};
use model::accounts::organization::OrganizationId;
use model::accounts::organization_connection::{OrganizationSync, OrganizationSyncKind};
use model::cx::Cx;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use wire::generated::portico::shapes::{
    self, ListOrganizationSyncChangesRequest, ListOrganizationSyncChangesResponse, OrganizationChange,
    StartOrganizationSyncRequest, StartOrganizationSyncResponse,
};

use crate::app::App;
use crate::identitystore::ids::seconds;
use crate::sso_admin::ids::instance;

/// A run as it is answered.
pub(crate) fn sync(sync: OrganizationSync) -> shapes::OrganizationSync {
    shapes::OrganizationSync {
        sync_id: sync.id,
        kind: sync.kind.as_str().to_owned(),
        status: sync.status.as_str().to_owned(),
        status_reason: sync.reason,
        account_count: sync.accounts,
        change_count: sync.changes,
        requested_by: sync.requested_by,
        requested_at: seconds(sync.requested_at),
        ended_at: sync.ended_at.map(seconds),
    }
}

pub(crate) async fn start(
    app: App,
    cx: Cx,
    input: StartOrganizationSyncRequest,
) -> Result<StartOrganizationSyncResponse, Fault> {
    let (at, id) = (instance(&cx, &input.instance_arn)?, OrganizationId::parse(input.organization_id)?);
    let kind = input.kind.as_deref().and_then(OrganizationSyncKind::parse);
    let asked = SyncAsk {
        kind: kind.unwrap_or(OrganizationSyncKind::Full),
        suspensions_max: input.suspensions_max,
        adopts: input.follow_existing.unwrap_or(false),
    };
    let begun = organization_syncs::start(&app.store, &cx, (&at, &id), asked).await?;
    Ok(StartOrganizationSyncResponse { organization_sync: sync(begun) })
}

pub(crate) async fn list_changes(
    app: App,
    cx: Cx,
    input: ListOrganizationSyncChangesRequest,
) -> Result<ListOrganizationSyncChangesResponse, Fault> {
    let (at, id) = (instance(&cx, &input.instance_arn)?, OrganizationId::parse(input.organization_id)?);
    let scope = PageScope::new("ListOrganizationSyncChanges", &[at.as_str(), id.as_str()]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = organization_syncs::list_changes(&app.store, &cx, (&at, &id), &page)?;
    let changes = found.items.into_iter().map(|change| OrganizationChange {
        target_id: change.target_id,
        name: change.name,
        action: change.action.as_str().to_owned(),
        said: change.said,
    });
    Ok(ListOrganizationSyncChangesResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        changes: changes.collect(),
    })
}
