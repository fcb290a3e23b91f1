//! CreateOrganizationConnection, DescribeOrganizationConnection, ListOrganizationConnections, UpdateOrganizationConnection, DeleteOrganizationConnection. The secret is
//! never answered.

use accounts::organization_connections;
use model::accounts::organization::OrganizationId;
use model::accounts::organization_connection::{OrganizationConnection, OrganizationSettings};
use model::cx::Cx;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use model::secret::Secret;
use wire::generated::portico::shapes::{
    self, CreateOrganizationConnectionRequest, CreateOrganizationConnectionResponse,
    DeleteOrganizationConnectionRequest, DeleteOrganizationConnectionResponse,
    DescribeOrganizationConnectionRequest, DescribeOrganizationConnectionResponse,
    ListOrganizationConnectionsRequest, ListOrganizationConnectionsResponse,
    OrganizationConnectionConfiguration, UpdateOrganizationConnectionRequest,
    UpdateOrganizationConnectionResponse,
};

use crate::app::App;
use crate::identitystore::ids::seconds;
use crate::portico::organization_syncs::sync;
use crate::sso_admin::ids::instance;

fn settings(given: OrganizationConnectionConfiguration) -> OrganizationSettings {
    OrganizationSettings {
        access_key_id: given.access_key_id,
        role_arn: given.role_arn,
        external_id: given.external_id,
        organizations_endpoint: given.organizations_endpoint,
        iam_endpoint: given.iam_endpoint,
        sts_endpoint: given.sts_endpoint,
        region: given.region,
        parent_id: given.parent_id,
        sync_minutes: given.sync_minutes,
        connects_accounts: given.connect_accounts.unwrap_or(false),
        account_role_name: given.account_role_name,
        account_external_id: given.account_external_id,
        role_path: given.role_path,
        role_name_prefix: given.role_name_prefix,
        drift_detection_hours: given.drift_detection_hours,
    }
}

fn shape(connection: OrganizationConnection) -> shapes::OrganizationConnection {
    let settings = connection.settings;
    shapes::OrganizationConnection {
        organization_id: connection.id.into(),
        configuration: OrganizationConnectionConfiguration {
            access_key_id: settings.access_key_id,
            role_arn: settings.role_arn,
            external_id: settings.external_id,
            organizations_endpoint: settings.organizations_endpoint,
            iam_endpoint: settings.iam_endpoint,
            sts_endpoint: settings.sts_endpoint,
            region: settings.region,
            parent_id: settings.parent_id,
            sync_minutes: settings.sync_minutes,
            connect_accounts: Some(settings.connects_accounts),
            account_role_name: settings.account_role_name,
            account_external_id: settings.account_external_id,
            role_path: settings.role_path,
            role_name_prefix: settings.role_name_prefix,
            drift_detection_hours: settings.drift_detection_hours,
        },
        created_at: seconds(connection.created_at),
        created_by: connection.created_by,
        updated_at: seconds(connection.updated_at),
        updated_by: connection.updated_by,
        latest_sync: connection.sync.map(sync),
        next_sync_at: connection.next_at.map(seconds),
    }
}

pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: CreateOrganizationConnectionRequest,
) -> Result<CreateOrganizationConnectionResponse, Fault> {
    let (at, id) = (instance(&cx, &input.instance_arn)?, OrganizationId::parse(input.organization_id)?);
    let given = (settings(input.configuration), Secret::new(input.secret_access_key));
    let made = organization_connections::create(&app.store, &cx, &app.outbound, (&at, &id), given).await?;
    Ok(CreateOrganizationConnectionResponse { organization_connection: shape(made) })
}

pub(crate) async fn update(
    app: App,
    cx: Cx,
    input: UpdateOrganizationConnectionRequest,
) -> Result<UpdateOrganizationConnectionResponse, Fault> {
    let (at, id) = (instance(&cx, &input.instance_arn)?, OrganizationId::parse(input.organization_id)?);
    let given = (settings(input.configuration), input.secret_access_key.map(Secret::new));
    let changed = organization_connections::update(&app.store, &cx, &app.outbound, (&at, &id), given).await?;
    Ok(UpdateOrganizationConnectionResponse { organization_connection: shape(changed) })
}

pub(crate) async fn describe(
    app: App,
    cx: Cx,
    input: DescribeOrganizationConnectionRequest,
) -> Result<DescribeOrganizationConnectionResponse, Fault> {
    let (at, id) = (instance(&cx, &input.instance_arn)?, OrganizationId::parse(input.organization_id)?);
    let found = organization_connections::describe(&app.store, &cx, (&at, &id))?;
    Ok(DescribeOrganizationConnectionResponse { organization_connection: shape(found) })
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListOrganizationConnectionsRequest,
) -> Result<ListOrganizationConnectionsResponse, Fault> {
    let at = instance(&cx, &input.instance_arn)?;
    let scope = PageScope::new("ListOrganizationConnections", &[at.as_str()]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = organization_connections::list(&app.store, &cx, &at, &page)?;
    Ok(ListOrganizationConnectionsResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        organization_connections: found.items.into_iter().map(shape).collect(),
    })
}

pub(crate) async fn delete(
    app: App,
    cx: Cx,
    input: DeleteOrganizationConnectionRequest,
) -> Result<DeleteOrganizationConnectionResponse, Fault> {
    let (at, id) = (instance(&cx, &input.instance_arn)?, OrganizationId::parse(input.organization_id)?);
    organization_connections::delete(&app.store, &cx, (&at, &id)).await?;
    Ok(DeleteOrganizationConnectionResponse {})
}
