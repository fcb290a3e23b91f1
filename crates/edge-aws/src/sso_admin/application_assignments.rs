//! CreateApplicationAssignment, DescribeApplicationAssignment, DeleteApplicationAssignment, ListApplicationAssignments,
//! ListApplicationAssignmentsForPrincipal, PutApplicationAssignmentConfiguration, GetApplicationAssignmentConfiguration.

use applications::application_assignments as assignments;
use model::accounts::account_assignment::Principal;
use model::applications::application_assignment::ApplicationAssignment as Row;
use model::cx::Cx;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use wire::generated::sso_admin::shapes::{
    ApplicationAssignment, ApplicationAssignmentForPrincipal, CreateApplicationAssignmentRequest,
    CreateApplicationAssignmentResponse, DeleteApplicationAssignmentRequest,
    DeleteApplicationAssignmentResponse, DescribeApplicationAssignmentRequest,
    DescribeApplicationAssignmentResponse, GetApplicationAssignmentConfigurationRequest,
    GetApplicationAssignmentConfigurationResponse, ListApplicationAssignmentsForPrincipalRequest,
    ListApplicationAssignmentsForPrincipalResponse, ListApplicationAssignmentsRequest,
    ListApplicationAssignmentsResponse, PutApplicationAssignmentConfigurationRequest,
    PutApplicationAssignmentConfigurationResponse,
};

use crate::app::App;
use crate::sso_admin::ids;

fn assignment(application: &str, kind: &str, id: &str) -> Result<Row, Fault> {
    Ok(Row { application: ids::application(application)?, principal: Principal::parse(kind, id)? })
}

pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: CreateApplicationAssignmentRequest,
) -> Result<CreateApplicationAssignmentResponse, Fault> {
    let new = assignment(&input.application_arn, &input.principal_type, &input.principal_id)?;
    assignments::create(&app.store, &cx, new).await?;
    Ok(CreateApplicationAssignmentResponse {})
}

pub(crate) async fn describe(
    app: App,
    cx: Cx,
    input: DescribeApplicationAssignmentRequest,
) -> Result<DescribeApplicationAssignmentResponse, Fault> {
    let it = assignment(&input.application_arn, &input.principal_type, &input.principal_id)?;
    assignments::describe(&app.store, &cx, &it)?;
    Ok(DescribeApplicationAssignmentResponse {
        principal_type: Some(it.principal.kind().to_owned()),
        principal_id: Some(it.principal.id().to_owned()),
        application_arn: Some(it.application.to_string()),
    })
}

pub(crate) async fn delete(
    app: App,
    cx: Cx,
    input: DeleteApplicationAssignmentRequest,
) -> Result<DeleteApplicationAssignmentResponse, Fault> {
    let old = assignment(&input.application_arn, &input.principal_type, &input.principal_id)?;
    assignments::delete(&app.store, &cx, old).await?;
    Ok(DeleteApplicationAssignmentResponse {})
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListApplicationAssignmentsRequest,
) -> Result<ListApplicationAssignmentsResponse, Fault> {
    let scope = PageScope::new("ListApplicationAssignments", &[&input.application_arn]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let arn = ids::application(&input.application_arn)?;
    let found = assignments::list(&app.store, &cx, &arn, &page)?;
    let shape = |principal: Principal| ApplicationAssignment {
        application_arn: arn.to_string(),
        principal_id: principal.id().to_owned(),
        principal_type: principal.kind().to_owned(),
    };
    Ok(ListApplicationAssignmentsResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        application_assignments: Some(found.items.into_iter().map(shape).collect()),
    })
}

pub(crate) async fn list_for_principal(
    app: App,
    cx: Cx,
    input: ListApplicationAssignmentsForPrincipalRequest,
) -> Result<ListApplicationAssignmentsForPrincipalResponse, Fault> {
    let instance = ids::instance(&cx, &input.instance_arn)?;
    let principal = Principal::parse(&input.principal_type, &input.principal_id)?;
    let filter = input.filter.and_then(|filter| filter.application_arn);
    let selectors = [&input.instance_arn, principal.id(), filter.as_deref().unwrap_or_default()];
    let scope = PageScope::new("ListApplicationAssignmentsForPrincipal", &selectors);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let application = filter.as_deref().map(ids::application).transpose()?;
    let which = (&instance, &principal);
    let found = assignments::list_for_principal(&app.store, &cx, which, application.as_ref(), &page)?;
    let shape = |row: Row| ApplicationAssignmentForPrincipal {
        application_arn: Some(row.application.to_string()),
        principal_id: Some(row.principal.id().to_owned()),
        principal_type: Some(row.principal.kind().to_owned()),
    };
    Ok(ListApplicationAssignmentsForPrincipalResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        application_assignments: Some(found.items.into_iter().map(shape).collect()),
    })
}

pub(crate) async fn put_configuration(
    app: App,
    cx: Cx,
    input: PutApplicationAssignmentConfigurationRequest,
) -> Result<PutApplicationAssignmentConfigurationResponse, Fault> {
    let arn = ids::application(&input.application_arn)?;
    assignments::put_configuration(&app.store, &cx, &arn, input.assignment_required).await?;
    Ok(PutApplicationAssignmentConfigurationResponse {})
}

pub(crate) async fn get_configuration(
    app: App,
    cx: Cx,
    input: GetApplicationAssignmentConfigurationRequest,
) -> Result<GetApplicationAssignmentConfigurationResponse, Fault> {
    let arn = ids::application(&input.application_arn)?;
    let assignment_required = assignments::get_configuration(&app.store, &cx, &arn)?;
    Ok(GetApplicationAssignmentConfigurationResponse { assignment_required })
}
