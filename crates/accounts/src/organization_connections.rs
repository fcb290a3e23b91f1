//! CreateOrganizationConnection, DescribeOrganizationConnection, ListOrganizationConnections, UpdateOrganizationConnection, DeleteOrganizationConnection: organizations of
//! AWS that accounts here follow. Nothing changes here before somebody has asked for a run (`organization_syncs`).

use model::accounts::organization::OrganizationId;
use model::accounts::organization_connection::{
    OrganizationConnection, OrganizationSettings, OrganizationSync, OrganizationSyncKind,
    OrganizationSyncStatus,
};
use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::InstanceId;
use model::job::Queue;
use model::page::{Page, PageRequest};
use model::secret::Secret;
use outbound::client::Outbound;
use policy::require::Action;
use serde_json::json;
use store::accounts::{
    account_connections, accounts, organization_connections, organization_syncs, organizational_units,
};
use store::db::Store;
use store::sealing::Purpose;
use store::tx::{Rx, Tx};

use crate::account_connections::{Way, check_way, disconnect_in, require_empty};
use crate::drift_schedule;
use crate::instance::guarded;
use crate::organization::{organization, parent};

/// What records call a connection.
pub(crate) const KIND: &str = "AWS::SSO::OrganizationConnection";

/// The lane of an organization's runs: beside those of its accounts.
pub(crate) fn lane(id: &OrganizationId) -> String {
    let (begin, _) = Queue::Connected.lanes();
    format!("{begin}{id}")
}

/// The connection, in words that tell how to make one.
pub(crate) fn existing(rx: &mut Rx<'_>, id: &OrganizationId) -> Result<OrganizationConnection, Fault> {
    organization_connections::find(rx, id)?.ok_or_else(|| {
        Fault::not_found(format!("Organization {id} is not connected")).with_resource_id(id.as_str())
    })
}

/// Refuses what could not be asked whatever lies behind it.
fn checked(outbound: &Outbound, settings: OrganizationSettings) -> Result<OrganizationSettings, Fault> {
    settings.check()?;
    check_way(
        outbound,
        &Way {
            region: settings.region.as_deref(),
            role_arn: settings.role_arn.as_deref(),
            endpoints: &[
                ("OrganizationsEndpoint", settings.organizations_endpoint.as_deref()),
                ("IamEndpoint", settings.iam_endpoint.as_deref()),
                ("StsEndpoint", settings.sts_endpoint.as_deref()),
            ],
        },
    )?;
    Ok(settings)
}

/// Refuses a place that is not there, or that is itself brought to what an organization says.
fn require_place(rx: &mut Rx<'_>, settings: &OrganizationSettings) -> Result<(), Fault> {
    let Some(id) = &settings.parent_id else { return Ok(()) };
    let ours = organization(rx)?;
    let place = parent(rx, &ours, id)?;
    let place = place.ok_or_else(|| {
        Fault::validation(format!("ParentId {id} is neither the root nor an organizational unit here"))
    })?;
    if let Some(unit) = place.path.innermost()
        && let Some(organization) = organizational_units::follows(rx, &unit)?
    {
        return Err(Fault::validation(format!(
            "ParentId {id} follows organization {organization}: give a unit that follows none"
        )));
    }
    Ok(())
}

fn seal(tx: &Tx<'_>, cx: &Cx, id: &OrganizationId, secret: &Secret) -> Result<Vec<u8>, Fault> {
    // Bound to the organization's id, which no account's is.
    tx.keyring().seal(cx.entropy(), Purpose::AccountSecret, id.as_str(), secret.expose().as_bytes())
}

/// CreateOrganizationConnection.
pub async fn create(
    store: &Store,
    cx: &Cx,
    outbound: &Outbound,
    (instance, id): (&InstanceId, &OrganizationId),
    (settings, secret): (OrganizationSettings, Secret),
) -> Result<OrganizationConnection, Fault> {
    let (instance, id) = (instance.clone(), id.clone());
    let checked = checked(outbound, settings);
    store
        .write(cx, move |tx, cx| {
            guarded(tx, cx, Action("portico:CreateOrganizationConnection"), &instance)?;
            let settings = checked.clone()?;
            require_place(tx, &settings)?;
            if organization_connections::find(tx, &id)?.is_some() {
                return Err(Fault::conflict(format!("Organization {id} is connected already")));
            }
            let by = cx.caller.arn();
            let new = OrganizationConnection {
                id: id.clone(),
                settings,
                created_at: cx.now,
                created_by: by.clone(),
                updated_at: cx.now,
                updated_by: by,
                sync: None,
                suspensions: 0,
                suspensions_since: cx.now,
                next_at: None,
            };
            organization_connections::insert(tx, &new, &seal(tx, cx, &id, &secret)?)?;
            cx.event().touch(KIND, id.as_str());
            cx.event().respond(json!({"organizationId": id.as_str()}));
            Ok(new)
        })
        .await
}

/// UpdateOrganizationConnection: the whole of its settings. The secret stays where none is given and the key is the same.
pub async fn update(
    store: &Store,
    cx: &Cx,
    outbound: &Outbound,
    (instance, id): (&InstanceId, &OrganizationId),
    (settings, secret): (OrganizationSettings, Option<Secret>),
) -> Result<OrganizationConnection, Fault> {
    let (instance, id) = (instance.clone(), id.clone());
    let checked = checked(outbound, settings);
    store
        .write(cx, move |tx, cx| {
            guarded(tx, cx, Action("portico:UpdateOrganizationConnection"), &instance)?;
            let old = existing(tx, &id)?;
            let settings = checked.clone()?;
            if settings.parent_id != old.settings.parent_id {
                require_place(tx, &settings)?;
                if !organizational_units::following(tx, &id)?.is_empty() {
                    return Err(Fault::conflict(format!(
                        "Organizational units follow organization {id} already, and a unit never moves: ParentId stays as it is"
                    )));
                }
            }
            let names = |settings: &OrganizationSettings| {
                (settings.role_path.clone(), settings.role_name_prefix.clone())
            };
            if names(&settings) != names(&old.settings) {
                for account in account_connections::by_organization(tx, &id)? {
                    require_empty(tx, &account)?;
                }
            }
            let sealed = match &secret {
                Some(secret) => Some(seal(tx, cx, &id, secret)?),
                None if settings.access_key_id == old.settings.access_key_id => {
                    organization_connections::sealed_secret(tx, &id)?
                }
                None => None,
            };
            let sealed = sealed.ok_or_else(|| {
                Fault::validation("SecretAccessKey is missing: AccessKeyId is another than before")
            })?;
            let was_whole = |sync: &OrganizationSync| {
                sync.kind == OrganizationSyncKind::Full && sync.status != OrganizationSyncStatus::InProgress
            };
            let goes_on = old.next_at.is_some() || old.sync.as_ref().is_some_and(was_whole);
            if settings.sync_every() != old.settings.sync_every() && goes_on {
                let next = settings.sync_every().map(|every| cx.now.plus(every));
                organization_connections::plan(tx, &id, next)?;
            }
            if settings.drift_detection_hours != old.settings.drift_detection_hours {
                for account in account_connections::by_organization(tx, &id)? {
                    drift_schedule::plan(tx, cx, &account, &settings.of_account(&account))?;
                }
            }
            let new = OrganizationConnection { settings, updated_at: cx.now, updated_by: cx.caller.arn(), ..old };
            organization_connections::update(tx, &new, &sealed)?;
            cx.event().touch(KIND, id.as_str());
            existing(tx, &id)
        })
        .await
}

/// DescribeOrganizationConnection.
pub fn describe(
    store: &Store,
    cx: &Cx,
    (instance, id): (&InstanceId, &OrganizationId),
) -> Result<OrganizationConnection, Fault> {
    store.read(|rx| {
        guarded(rx, cx, Action("portico:DescribeOrganizationConnection"), instance)?;
        existing(rx, id)
    })
}

/// ListOrganizationConnections, by id.
pub fn list(
    store: &Store,
    cx: &Cx,
    instance: &InstanceId,
    page: &PageRequest,
) -> Result<Page<OrganizationConnection>, Fault> {
    store.read(|rx| {
        guarded(rx, cx, Action("portico:ListOrganizationConnections"), instance)?;
        let rows = organization_connections::page(rx, page)?;
        Ok(page.page(rows, |connection| connection.id.to_string()))
    })
}

/// DeleteOrganizationConnection: what followed it stays as it is and follows nothing. Accounts that are reached by it are local again, and must be empty.
pub async fn delete(
    store: &Store,
    cx: &Cx,
    (instance, id): (&InstanceId, &OrganizationId),
) -> Result<(), Fault> {
    let (instance, id) = (instance.clone(), id.clone());
    store
        .write(cx, move |tx, cx| {
            guarded(tx, cx, Action("portico:DeleteOrganizationConnection"), &instance)?;
            existing(tx, &id)?;
            for account in account_connections::by_organization(tx, &id)? {
                require_empty(tx, &account)?;
                disconnect_in(tx, &account)?;
            }
            accounts::follow_no_more(tx, &id)?;
            organizational_units::follow_no_more(tx, &id)?;
            organization_syncs::delete_all(tx, &id)?;
            store::jobs::delete_lane(tx, &lane(&id))?;
            cx.event().touch(KIND, id.as_str());
            organization_connections::delete(tx, &id)
        })
        .await
}
