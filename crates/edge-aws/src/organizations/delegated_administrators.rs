//! RegisterDelegatedAdministrator, DeregisterDelegatedAdministrator, ListDelegatedAdministrators, ListDelegatedServicesForAccount.

use accounts::delegated_administrators;
use model::accounts::account::AccountId;
use model::cx::Cx;
use model::fault::Fault;
use model::page::PageScope;
use wire::generated::organizations::shapes::{
    DelegatedAdministrator, DelegatedService, DeregisterDelegatedAdministratorRequest,
    ListDelegatedAdministratorsRequest, ListDelegatedAdministratorsResponse,
    ListDelegatedServicesForAccountRequest, ListDelegatedServicesForAccountResponse,
    RegisterDelegatedAdministratorRequest,
};
use wire::operation::Nothing;
use wire::timestamp::EpochSeconds;

use crate::app::App;
use crate::organizations::pages::refuse_token;

pub(crate) async fn register(
    app: App,
    cx: Cx,
    input: RegisterDelegatedAdministratorRequest,
) -> Result<Nothing, Fault> {
    let id = AccountId::parse(input.account_id)?;
    delegated_administrators::register(&app.store, &cx, id, input.service_principal).await?;
    Ok(Nothing {})
}

pub(crate) async fn deregister(
    app: App,
    cx: Cx,
    input: DeregisterDelegatedAdministratorRequest,
) -> Result<Nothing, Fault> {
    let id = AccountId::parse(input.account_id)?;
    delegated_administrators::deregister(&app.store, &cx, id, input.service_principal).await?;
    Ok(Nothing {})
}

/// One at most, so one page.
pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListDelegatedAdministratorsRequest,
) -> Result<ListDelegatedAdministratorsResponse, Fault> {
    let service = input.service_principal.as_deref();
    let scope = PageScope::new("ListDelegatedAdministrators", &[service.unwrap_or_default()]);
    refuse_token(&scope, input.next_token.as_deref())?;
    let (found, organization) = delegated_administrators::list(&app.store, &cx, service)?;
    let shapes = found.into_iter().map(|(account, since)| DelegatedAdministrator {
        arn: Some(organization.account_arn(&account.id)),
        id: Some(account.id.into()),
        email: Some(account.email),
        name: Some(account.name),
        status: Some(account.state.as_str().to_owned()),
        state: Some(account.state.as_str().to_owned()),
        joined_method: Some(account.joined_method),
        joined_timestamp: Some(EpochSeconds(account.joined_at.epoch_seconds())),
        delegation_enabled_date: Some(EpochSeconds(since.epoch_seconds())),
    });
    Ok(ListDelegatedAdministratorsResponse {
        delegated_administrators: Some(shapes.collect()),
        next_token: None,
    })
}

/// One at most, so one page.
pub(crate) async fn list_services(
    app: App,
    cx: Cx,
    input: ListDelegatedServicesForAccountRequest,
) -> Result<ListDelegatedServicesForAccountResponse, Fault> {
    let scope = PageScope::new("ListDelegatedServicesForAccount", &[&input.account_id]);
    refuse_token(&scope, input.next_token.as_deref())?;
    let id = AccountId::parse(input.account_id)?;
    let found = delegated_administrators::services(&app.store, &cx, &id)?;
    let shapes = found.into_iter().map(|(service, since)| DelegatedService {
        service_principal: Some(service.to_owned()),
        delegation_enabled_date: Some(EpochSeconds(since.epoch_seconds())),
    });
    Ok(ListDelegatedServicesForAccountResponse {
        delegated_services: Some(shapes.collect()),
        next_token: None,
    })
}
