//! ListAccounts, ListAccountRoles, GetRoleCredentials and Logout.

use model::account::AccountId;
use model::cx::Cx;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use wire::generated::sso::shapes::{
    AccountInfo, GetRoleCredentialsRequest, GetRoleCredentialsResponse, ListAccountRolesRequest,
    ListAccountRolesResponse, ListAccountsRequest, ListAccountsResponse, LogoutRequest, RoleCredentials,
    RoleInfo,
};
use wire::operation::Nothing;

use crate::app::App;

pub(crate) async fn list_accounts(
    app: App,
    cx: Cx,
    input: ListAccountsRequest,
) -> Result<ListAccountsResponse, Fault> {
    let scope = PageScope::new("ListAccounts", &[]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = app.known().reach.accounts(&app.store, &cx, &page)?;
    let account = |account: model::account::Account| AccountInfo {
        account_id: Some(account.id.into()),
        account_name: Some(account.name),
        email_address: Some(account.email),
    };
    Ok(ListAccountsResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        account_list: Some(found.items.into_iter().map(account).collect()),
    })
}

pub(crate) async fn list_account_roles(
    app: App,
    cx: Cx,
    input: ListAccountRolesRequest,
) -> Result<ListAccountRolesResponse, Fault> {
    cx.event().detail("account_id", input.account_id.clone());
    let account = AccountId::parse(input.account_id)?;
    let scope = PageScope::new("ListAccountRoles", &[account.as_str()]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = app.known().reach.roles(&app.store, &cx, &account, &page)?;
    let role = |role: store::effective_access::ReachableRole| RoleInfo {
        role_name: Some(role.permission_set_name),
        account_id: Some(account.to_string()),
    };
    Ok(ListAccountRolesResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        role_list: Some(found.items.into_iter().map(role).collect()),
    })
}

pub(crate) async fn get_role_credentials(
    app: App,
    cx: Cx,
    input: GetRoleCredentialsRequest,
) -> Result<GetRoleCredentialsResponse, Fault> {
    let account = AccountId::parse(input.account_id)?;
    let issued = accounts::role_credentials::issue(&app.store, &cx, &account, &input.role_name)?;
    let issued = app.recorder.release(&cx, issued).await?;
    Ok(GetRoleCredentialsResponse {
        role_credentials: Some(RoleCredentials {
            access_key_id: Some(issued.access_key_id),
            secret_access_key: Some(issued.secret_access_key.expose().to_owned()),
            session_token: Some(issued.session_token.expose().to_owned()),
            // The portal alone counts in milliseconds (real clients read it so).
            expiration: Some(issued.expires_at.millis()),
        }),
    })
}

pub(crate) async fn logout(app: App, cx: Cx, _input: LogoutRequest) -> Result<Nothing, Fault> {
    signin::sessions::sign_out(&app.store, &cx).await?;
    Ok(Nothing {})
}
