//! ProvisionPermissionSet, its statuses, and what is provisioned where.

use accounts::{provisioning, provisioning_requests as requests};
use model::accounts::account::AccountId;
use model::accounts::account_assignment::{ProvisioningRequest, RequestKind, RequestStatus};
use model::accounts::permission_set::PermissionSetArn;
use model::cx::Cx;
use model::fault::Fault;
use model::id::RequestId;
use model::instances::instance::InstanceId;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use store::accounts::provisioned_permission_sets::Latest;
use wire::generated::sso_admin::shapes::{
    DescribePermissionSetProvisioningStatusRequest, DescribePermissionSetProvisioningStatusResponse,
    ListAccountsForProvisionedPermissionSetRequest, ListAccountsForProvisionedPermissionSetResponse,
    ListPermissionSetProvisioningStatusRequest, ListPermissionSetProvisioningStatusResponse,
    ListPermissionSetsProvisionedToAccountRequest, ListPermissionSetsProvisionedToAccountResponse,
    PermissionSetProvisioningStatus, PermissionSetProvisioningStatusMetadata, ProvisionPermissionSetRequest,
    ProvisionPermissionSetResponse,
};

use crate::app::App;
use crate::sso_admin::ids;

fn full(request: ProvisioningRequest, instance: &InstanceId) -> PermissionSetProvisioningStatus {
    let arn = PermissionSetArn { instance_id: instance.clone(), id: request.permission_set_id };
    PermissionSetProvisioningStatus {
        status: Some(request.status.as_str().to_owned()),
        request_id: Some(request.id.into()),
        account_id: request.account_id.map(String::from),
        permission_set_arn: Some(arn.to_string()),
        failure_reason: request.failure_reason,
        created_date: Some(ids::seconds(request.created_at)),
    }
}

fn latest(status: Option<&str>) -> Latest {
    match status {
        Some("LATEST_PERMISSION_SET_PROVISIONED") => Latest::Yes,
        Some("LATEST_PERMISSION_SET_NOT_PROVISIONED") => Latest::No,
        _ => Latest::Any,
    }
}

pub(crate) async fn provision(
    app: App,
    cx: Cx,
    input: ProvisionPermissionSetRequest,
) -> Result<ProvisionPermissionSetResponse, Fault> {
    let (instance, arn) =
        (ids::instance(&cx, &input.instance_arn)?, ids::permission_set(&input.permission_set_arn)?);
    let account = match (input.target_type.as_str(), input.target_id) {
        ("AWS_ACCOUNT", Some(account)) => Some(AccountId::parse(account)?),
        ("AWS_ACCOUNT", None) => {
            return Err(Fault::validation("TargetId must be given when TargetType is AWS_ACCOUNT"));
        }
        (_, Some(_)) => {
            return Err(Fault::validation(
                "TargetId must not be given when TargetType is ALL_PROVISIONED_ACCOUNTS",
            ));
        }
        (_, None) => None,
    };
    let request = provisioning::provision(&app.store, &cx, &instance, &arn, account).await?;
    Ok(ProvisionPermissionSetResponse { permission_set_provisioning_status: Some(full(request, &instance)) })
}

pub(crate) async fn describe_status(
    app: App,
    cx: Cx,
    input: DescribePermissionSetProvisioningStatusRequest,
) -> Result<DescribePermissionSetProvisioningStatusResponse, Fault> {
    let instance = ids::instance(&cx, &input.instance_arn)?;
    let id = RequestId::parse(input.provision_permission_set_request_id)?;
    let request = requests::describe(&app.store, &cx, &instance, RequestKind::Provision, &id)?;
    Ok(DescribePermissionSetProvisioningStatusResponse {
        permission_set_provisioning_status: Some(full(request, &instance)),
    })
}

pub(crate) async fn list_statuses(
    app: App,
    cx: Cx,
    input: ListPermissionSetProvisioningStatusRequest,
) -> Result<ListPermissionSetProvisioningStatusResponse, Fault> {
    let instance = ids::instance(&cx, &input.instance_arn)?;
    let status = ids::status(input.filter.as_ref());
    let selector = status.map_or("", RequestStatus::as_str);
    let scope = PageScope::new("ListPermissionSetProvisioningStatus", &[&input.instance_arn, selector]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = requests::list(&app.store, &cx, &instance, (RequestKind::Provision, status), &page)?;
    let short = |request: ProvisioningRequest| PermissionSetProvisioningStatusMetadata {
        status: Some(request.status.as_str().to_owned()),
        request_id: Some(request.id.into()),
        created_date: Some(ids::seconds(request.created_at)),
    };
    Ok(ListPermissionSetProvisioningStatusResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        permission_sets_provisioning_status: Some(found.items.into_iter().map(short).collect()),
    })
}

pub(crate) async fn list_accounts(
    app: App,
    cx: Cx,
    input: ListAccountsForProvisionedPermissionSetRequest,
) -> Result<ListAccountsForProvisionedPermissionSetResponse, Fault> {
    let (instance, arn) =
        (ids::instance(&cx, &input.instance_arn)?, ids::permission_set(&input.permission_set_arn)?);
    let status = input.provisioning_status.as_deref();
    let selectors = [input.permission_set_arn.as_str(), status.unwrap_or_default()];
    let scope = PageScope::new("ListAccountsForProvisionedPermissionSet", &selectors);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = provisioning::accounts(&app.store, &cx, (&instance, &arn), latest(status), &page)?;
    Ok(ListAccountsForProvisionedPermissionSetResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        account_ids: Some(found.items.into_iter().map(String::from).collect()),
    })
}

pub(crate) async fn list_permission_sets(
    app: App,
    cx: Cx,
    input: ListPermissionSetsProvisionedToAccountRequest,
) -> Result<ListPermissionSetsProvisionedToAccountResponse, Fault> {
    let instance = ids::instance(&cx, &input.instance_arn)?;
    let account = AccountId::parse(input.account_id)?;
    let status = input.provisioning_status.as_deref();
    let scope = PageScope::new(
        "ListPermissionSetsProvisionedToAccount",
        &[account.as_str(), status.unwrap_or_default()],
    );
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = provisioning::permission_sets(&app.store, &cx, (&instance, &account), latest(status), &page)?;
    Ok(ListPermissionSetsProvisionedToAccountResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        permission_sets: Some(found.items.iter().map(ToString::to_string).collect()),
    })
}
