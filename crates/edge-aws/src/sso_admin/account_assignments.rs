//! CreateAccountAssignment, DeleteAccountAssignment, their statuses, and the lists.

use accounts::account_assignments::{self as assignments, Ask};
use accounts::provisioning_requests as requests;
use model::accounts::account::AccountId;
use model::accounts::account_assignment::{
    AccountAssignment as Row, Principal, ProvisioningRequest, RequestKind,
};
use model::accounts::permission_set::PermissionSetArn;
use model::cx::Cx;
use model::fault::Fault;
use model::id::RequestId;
use model::instances::instance::InstanceId;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use wire::generated::sso_admin::shapes::{
    AccountAssignment, AccountAssignmentForPrincipal, AccountAssignmentOperationStatus,
    AccountAssignmentOperationStatusMetadata, CreateAccountAssignmentRequest,
    CreateAccountAssignmentResponse, DeleteAccountAssignmentRequest, DeleteAccountAssignmentResponse,
    DescribeAccountAssignmentCreationStatusRequest, DescribeAccountAssignmentCreationStatusResponse,
    DescribeAccountAssignmentDeletionStatusRequest, DescribeAccountAssignmentDeletionStatusResponse,
    ListAccountAssignmentCreationStatusRequest, ListAccountAssignmentCreationStatusResponse,
    ListAccountAssignmentDeletionStatusRequest, ListAccountAssignmentDeletionStatusResponse,
    ListAccountAssignmentsForPrincipalRequest, ListAccountAssignmentsForPrincipalResponse,
    ListAccountAssignmentsRequest, ListAccountAssignmentsResponse,
};

use crate::app::App;
use crate::sso_admin::ids;

fn full(request: ProvisioningRequest, instance: &InstanceId) -> AccountAssignmentOperationStatus {
    let arn = PermissionSetArn { instance_id: instance.clone(), id: request.permission_set_id };
    AccountAssignmentOperationStatus {
        status: Some(request.status.as_str().to_owned()),
        request_id: Some(request.id.into()),
        failure_reason: request.failure_reason,
        target_id: request.account_id.map(String::from),
        target_type: Some("AWS_ACCOUNT".to_owned()),
        permission_set_arn: Some(arn.to_string()),
        principal_type: request.principal.as_ref().map(|principal| principal.kind().to_owned()),
        principal_id: request.principal.as_ref().map(|principal| principal.id().to_owned()),
        created_date: Some(ids::seconds(request.created_at)),
    }
}

fn short(request: ProvisioningRequest) -> AccountAssignmentOperationStatusMetadata {
    AccountAssignmentOperationStatusMetadata {
        status: Some(request.status.as_str().to_owned()),
        request_id: Some(request.id.into()),
        created_date: Some(ids::seconds(request.created_at)),
    }
}

/// What both calls ask for: the set in its instance, the account, and the principal as type and id.
fn ask(
    cx: &Cx,
    (instance, permission_set): (&str, &str),
    account: String,
    (principal_type, principal_id): (&str, &str),
) -> Result<Ask, Fault> {
    Ok(Ask {
        instance: ids::instance(cx, instance)?,
        permission_set: ids::permission_set(permission_set)?,
        account: AccountId::parse(account)?,
        principal: Principal::parse(principal_type, principal_id)?,
    })
}

pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: CreateAccountAssignmentRequest,
) -> Result<CreateAccountAssignmentResponse, Fault> {
    let set = (input.instance_arn.as_str(), input.permission_set_arn.as_str());
    let ask = ask(&cx, set, input.target_id, (&input.principal_type, &input.principal_id))?;
    let instance = ask.instance.clone();
    let request = assignments::create(&app.store, &cx, ask).await?;
    Ok(CreateAccountAssignmentResponse { account_assignment_creation_status: Some(full(request, &instance)) })
}

pub(crate) async fn delete(
    app: App,
    cx: Cx,
    input: DeleteAccountAssignmentRequest,
) -> Result<DeleteAccountAssignmentResponse, Fault> {
    let set = (input.instance_arn.as_str(), input.permission_set_arn.as_str());
    let ask = ask(&cx, set, input.target_id, (&input.principal_type, &input.principal_id))?;
    let instance = ask.instance.clone();
    let request = assignments::delete(&app.store, &cx, ask).await?;
    Ok(DeleteAccountAssignmentResponse { account_assignment_deletion_status: Some(full(request, &instance)) })
}

pub(crate) async fn describe_creation(
    app: App,
    cx: Cx,
    input: DescribeAccountAssignmentCreationStatusRequest,
) -> Result<DescribeAccountAssignmentCreationStatusResponse, Fault> {
    let instance = ids::instance(&cx, &input.instance_arn)?;
    let id = RequestId::parse(input.account_assignment_creation_request_id)?;
    let request = requests::describe(&app.store, &cx, &instance, RequestKind::CreateAssignment, &id)?;
    Ok(DescribeAccountAssignmentCreationStatusResponse {
        account_assignment_creation_status: Some(full(request, &instance)),
    })
}

pub(crate) async fn describe_deletion(
    app: App,
    cx: Cx,
    input: DescribeAccountAssignmentDeletionStatusRequest,
) -> Result<DescribeAccountAssignmentDeletionStatusResponse, Fault> {
    let instance = ids::instance(&cx, &input.instance_arn)?;
    let id = RequestId::parse(input.account_assignment_deletion_request_id)?;
    let request = requests::describe(&app.store, &cx, &instance, RequestKind::DeleteAssignment, &id)?;
    Ok(DescribeAccountAssignmentDeletionStatusResponse {
        account_assignment_deletion_status: Some(full(request, &instance)),
    })
}

pub(crate) async fn list_creations(
    app: App,
    cx: Cx,
    input: ListAccountAssignmentCreationStatusRequest,
) -> Result<ListAccountAssignmentCreationStatusResponse, Fault> {
    let instance = ids::instance(&cx, &input.instance_arn)?;
    let status = ids::status(input.filter.as_ref());
    let selector = status.map_or("", model::accounts::account_assignment::RequestStatus::as_str);
    let scope = PageScope::new("ListAccountAssignmentCreationStatus", &[&input.instance_arn, selector]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = requests::list(&app.store, &cx, &instance, (RequestKind::CreateAssignment, status), &page)?;
    Ok(ListAccountAssignmentCreationStatusResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        account_assignments_creation_status: Some(found.items.into_iter().map(short).collect()),
    })
}

pub(crate) async fn list_deletions(
    app: App,
    cx: Cx,
    input: ListAccountAssignmentDeletionStatusRequest,
) -> Result<ListAccountAssignmentDeletionStatusResponse, Fault> {
    let instance = ids::instance(&cx, &input.instance_arn)?;
    let status = ids::status(input.filter.as_ref());
    let selector = status.map_or("", model::accounts::account_assignment::RequestStatus::as_str);
    let scope = PageScope::new("ListAccountAssignmentDeletionStatus", &[&input.instance_arn, selector]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = requests::list(&app.store, &cx, &instance, (RequestKind::DeleteAssignment, status), &page)?;
    Ok(ListAccountAssignmentDeletionStatusResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        account_assignments_deletion_status: Some(found.items.into_iter().map(short).collect()),
    })
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListAccountAssignmentsRequest,
) -> Result<ListAccountAssignmentsResponse, Fault> {
    let (instance, arn) =
        (ids::instance(&cx, &input.instance_arn)?, ids::permission_set(&input.permission_set_arn)?);
    let account = AccountId::parse(input.account_id)?;
    let scope = PageScope::new("ListAccountAssignments", &[account.as_str(), &input.permission_set_arn]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = assignments::list(&app.store, &cx, (&instance, &arn), &account, &page)?;
    let shape = |row: Row| AccountAssignment {
        account_id: Some(row.account_id.into()),
        permission_set_arn: Some(input.permission_set_arn.clone()),
        principal_type: Some(row.principal.kind().to_owned()),
        principal_id: Some(row.principal.id().to_owned()),
    };
    Ok(ListAccountAssignmentsResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        account_assignments: Some(found.items.into_iter().map(shape).collect()),
    })
}

pub(crate) async fn list_for_principal(
    app: App,
    cx: Cx,
    input: ListAccountAssignmentsForPrincipalRequest,
) -> Result<ListAccountAssignmentsForPrincipalResponse, Fault> {
    let instance = ids::instance(&cx, &input.instance_arn)?;
    let principal = Principal::parse(&input.principal_type, &input.principal_id)?;
    let account = input.filter.and_then(|filter| filter.account_id).map(AccountId::parse).transpose()?;
    let selector = account.as_ref().map_or("", AccountId::as_str);
    let scope =
        PageScope::new("ListAccountAssignmentsForPrincipal", &[principal.kind(), principal.id(), selector]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found =
        assignments::list_for_principal(&app.store, &cx, (&instance, &principal), account.as_ref(), &page)?;
    let shape = |row: Row| AccountAssignmentForPrincipal {
        account_id: Some(row.account_id.into()),
        permission_set_arn: Some(
            PermissionSetArn { instance_id: instance.clone(), id: row.permission_set_id }.to_string(),
        ),
        principal_id: Some(row.principal.id().to_owned()),
        principal_type: Some(row.principal.kind().to_owned()),
    };
    Ok(ListAccountAssignmentsForPrincipalResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        account_assignments: Some(found.items.into_iter().map(shape).collect()),
    })
}
