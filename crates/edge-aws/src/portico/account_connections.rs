//! CreateAccountConnection, DescribeAccountConnection, ListAccountConnections, UpdateAccountConnection, DeleteAccountConnection, TestAccountConnection. The
//! secret is never answered.

use accounts::account_connections;
use accounts::reaching::reach;
use model::accounts::account::AccountId;
use model::accounts::account_connection::{AccountConnection, ConnectionSettings};
use model::cx::Cx;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use model::secret::Secret;
use wire::generated::portico::shapes::{
    self, AccountConnectionConfiguration, AccountConnectionTestStep, CreateAccountConnectionRequest,
    CreateAccountConnectionResponse, DeleteAccountConnectionRequest, DeleteAccountConnectionResponse,
    DescribeAccountConnectionRequest, DescribeAccountConnectionResponse, ListAccountConnectionsRequest,
    ListAccountConnectionsResponse, TestAccountConnectionRequest, TestAccountConnectionResponse,
    UpdateAccountConnectionRequest, UpdateAccountConnectionResponse,
};

use crate::app::App;
use crate::identitystore::ids;
use crate::sso_admin::ids::instance;

fn settings(given: AccountConnectionConfiguration) -> ConnectionSettings {
    ConnectionSettings {
        access_key_id: given.access_key_id,
        role_arn: given.role_arn,
        external_id: given.external_id,
        iam_endpoint: given.iam_endpoint,
        sts_endpoint: given.sts_endpoint,
        region: given.region,
        role_path: given.role_path,
        role_name_prefix: given.role_name_prefix,
        drift_detection_hours: given.drift_detection_hours,
    }
}

fn shape(connection: AccountConnection) -> shapes::AccountConnection {
    let settings = connection.settings;
    shapes::AccountConnection {
        account_id: connection.account_id.into(),
        organization_id: connection.organization_id.map(String::from),
        configuration: AccountConnectionConfiguration {
            access_key_id: settings.access_key_id,
            role_arn: settings.role_arn,
            external_id: settings.external_id,
            iam_endpoint: settings.iam_endpoint,
            sts_endpoint: settings.sts_endpoint,
            region: settings.region,
            role_path: settings.role_path,
            role_name_prefix: settings.role_name_prefix,
            drift_detection_hours: settings.drift_detection_hours,
        },
        created_at: ids::seconds(connection.created_at),
        created_by: connection.created_by,
        updated_at: ids::seconds(connection.updated_at),
        updated_by: connection.updated_by,
    }
}

pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: CreateAccountConnectionRequest,
) -> Result<CreateAccountConnectionResponse, Fault> {
    let (at, account) = (instance(&cx, &input.instance_arn)?, AccountId::parse(input.account_id)?);
    let given = (settings(input.configuration), Secret::new(input.secret_access_key));
    let made = account_connections::create(&app.store, &cx, &app.outbound, (&at, &account), given).await?;
    Ok(CreateAccountConnectionResponse { account_connection: shape(made) })
}

pub(crate) async fn update(
    app: App,
    cx: Cx,
    input: UpdateAccountConnectionRequest,
) -> Result<UpdateAccountConnectionResponse, Fault> {
    let (at, account) = (instance(&cx, &input.instance_arn)?, AccountId::parse(input.account_id)?);
    let given = (settings(input.configuration), input.secret_access_key.map(Secret::new));
    let changed = account_connections::update(&app.store, &cx, &app.outbound, (&at, &account), given).await?;
    Ok(UpdateAccountConnectionResponse { account_connection: shape(changed) })
}

pub(crate) async fn describe(
    app: App,
    cx: Cx,
    input: DescribeAccountConnectionRequest,
) -> Result<DescribeAccountConnectionResponse, Fault> {
    let (at, account) = (instance(&cx, &input.instance_arn)?, AccountId::parse(input.account_id)?);
    let found = account_connections::describe(&app.store, &cx, (&at, &account))?;
    Ok(DescribeAccountConnectionResponse { account_connection: shape(found) })
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListAccountConnectionsRequest,
) -> Result<ListAccountConnectionsResponse, Fault> {
    let at = instance(&cx, &input.instance_arn)?;
    let scope = PageScope::new("ListAccountConnections", &[at.as_str()]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = account_connections::list(&app.store, &cx, &at, &page)?;
    Ok(ListAccountConnectionsResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        account_connections: found.items.into_iter().map(shape).collect(),
    })
}

pub(crate) async fn delete(
    app: App,
    cx: Cx,
    input: DeleteAccountConnectionRequest,
) -> Result<DeleteAccountConnectionResponse, Fault> {
    let (at, account) = (instance(&cx, &input.instance_arn)?, AccountId::parse(input.account_id)?);
    account_connections::delete(&app.store, &cx, (&at, &account)).await?;
    Ok(DeleteAccountConnectionResponse {})
}

pub(crate) async fn test(
    app: App,
    cx: Cx,
    input: TestAccountConnectionRequest,
) -> Result<TestAccountConnectionResponse, Fault> {
    let (at, account) = (instance(&cx, &input.instance_arn)?, AccountId::parse(input.account_id)?);
    let reach = reach(&app.outbound, app.clock.clone());
    let tried = account_connections::test(&app.store, &cx, &reach, (&at, &account)).await?;
    let passed = tried.iter().all(|step| step.passed == Some(true));
    let steps = tried.into_iter().map(|step| AccountConnectionTestStep {
        name: step.name.to_owned(),
        outcome: match step.passed {
            Some(true) => "PASSED",
            Some(false) => "FAILED",
            None => "SKIPPED",
        }
        .to_owned(),
        said: step.said,
    });
    Ok(TestAccountConnectionResponse { passed, steps: steps.collect() })
}
