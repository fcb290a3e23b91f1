//! ListAccounts, DescribeAccount, CreateAccount and its statuses, CloseAccount.

use accounts::{account_creations, organizations};
use model::accounts::account::{Account, AccountId};
use model::accounts::organization::{AccountCreation, Organization};
use model::cx::Cx;
use model::fault::Fault;
use model::limits::ORGANIZATIONS_PAGE_MAX;
use model::page::PageScope;
use wire::generated::organizations::shapes::{
    Account as AccountShape, CloseAccountRequest, CreateAccountRequest, CreateAccountResponse,
    CreateAccountStatus, DescribeAccountRequest, DescribeAccountResponse, DescribeCreateAccountStatusRequest,
    DescribeCreateAccountStatusResponse, ListAccountsForParentRequest, ListAccountsForParentResponse,
    ListAccountsRequest, ListAccountsResponse, ListCreateAccountStatusRequest,
    ListCreateAccountStatusResponse,
};
use wire::operation::Nothing;
use wire::timestamp::EpochSeconds;

use crate::app::App;
use crate::organizations::pages::limit;
use crate::organizations::tags;

fn shape(account: Account, organization: &Organization) -> AccountShape {
    let path = organization.account_path(&account.path, &account.id);
    AccountShape {
        arn: Some(organization.account_arn(&account.id)),
        id: Some(account.id.into()),
        email: Some(account.email),
        name: Some(account.name),
        status: Some(account.state.as_str().to_owned()),
        state: Some(account.state.as_str().to_owned()),
        paths: Some(vec![path]),
        joined_method: Some(account.joined_method),
        joined_timestamp: Some(EpochSeconds(account.joined_at.epoch_seconds())),
    }
}

fn status(creation: AccountCreation) -> CreateAccountStatus {
    let done = creation.failure_reason.is_none();
    CreateAccountStatus {
        id: Some(creation.id),
        account_name: Some(creation.name),
        state: Some(creation.state.as_str().to_owned()),
        requested_timestamp: Some(EpochSeconds(creation.requested_at.epoch_seconds())),
        completed_timestamp: creation.completed_at.map(|at| EpochSeconds(at.epoch_seconds())),
        account_id: (done && creation.completed_at.is_some()).then(|| creation.account_id.into()),
        gov_cloud_account_id: None,
        failure_reason: creation.failure_reason,
    }
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListAccountsRequest,
) -> Result<ListAccountsResponse, Fault> {
    let scope = PageScope::new("organizations:ListAccounts", &[]);
    let page =
        scope.request(Some(limit(input.max_results)), input.next_token.as_deref(), ORGANIZATIONS_PAGE_MAX)?;
    let (found, organization) = accounts::accounts::list(&app.store, &cx, &page)?;
    Ok(ListAccountsResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        accounts: Some(found.items.into_iter().map(|account| shape(account, &organization)).collect()),
    })
}

pub(crate) async fn list_for_parent(
    app: App,
    cx: Cx,
    input: ListAccountsForParentRequest,
) -> Result<ListAccountsForParentResponse, Fault> {
    let scope = PageScope::new("ListAccountsForParent", &[&input.parent_id]);
    let page =
        scope.request(Some(limit(input.max_results)), input.next_token.as_deref(), ORGANIZATIONS_PAGE_MAX)?;
    let (found, organization) = organizations::accounts(&app.store, &cx, &input.parent_id, &page)?;
    Ok(ListAccountsForParentResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        accounts: Some(found.items.into_iter().map(|account| shape(account, &organization)).collect()),
    })
}

pub(crate) async fn describe(
    app: App,
    cx: Cx,
    input: DescribeAccountRequest,
) -> Result<DescribeAccountResponse, Fault> {
    let (account, organization) =
        accounts::accounts::describe(&app.store, &cx, &AccountId::parse(input.account_id)?)?;
    Ok(DescribeAccountResponse { account: Some(shape(account, &organization)) })
}

pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: CreateAccountRequest,
) -> Result<CreateAccountResponse, Fault> {
    let (tags, named) = (tags::read(input.tags.unwrap_or_default())?, (input.account_name, input.email));
    let creation = account_creations::create(&app.store, &cx, named, input.role_name, tags).await?;
    Ok(CreateAccountResponse { create_account_status: Some(status(creation)) })
}

pub(crate) async fn describe_creation(
    app: App,
    cx: Cx,
    input: DescribeCreateAccountStatusRequest,
) -> Result<DescribeCreateAccountStatusResponse, Fault> {
    let creation = account_creations::describe(&app.store, &cx, &input.create_account_request_id)?;
    Ok(DescribeCreateAccountStatusResponse { create_account_status: Some(status(creation)) })
}

pub(crate) async fn list_creations(
    app: App,
    cx: Cx,
    input: ListCreateAccountStatusRequest,
) -> Result<ListCreateAccountStatusResponse, Fault> {
    let states = input.states.unwrap_or_default();
    let scope =
        PageScope::new("ListCreateAccountStatus", &states.iter().map(String::as_str).collect::<Vec<_>>());
    let page =
        scope.request(Some(limit(input.max_results)), input.next_token.as_deref(), ORGANIZATIONS_PAGE_MAX)?;
    let found = account_creations::list(&app.store, &cx, &states, &page)?;
    Ok(ListCreateAccountStatusResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        create_account_statuses: Some(found.items.into_iter().map(status).collect()),
    })
}

pub(crate) async fn close(app: App, cx: Cx, input: CloseAccountRequest) -> Result<Nothing, Fault> {
    accounts::accounts::close(&app.store, &cx, AccountId::parse(input.account_id)?).await?;
    Ok(Nothing {})
}
