//! ListAccounts, ListAccountRoles, GetRoleCredentials and Logout.

use model::accounts::account::AccountId;
use model::cx::Cx;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use wire::generated::sso::portal::{ListAccountRoles, ListAccounts};
use wire::generated::sso::shapes::{
    AccountInfoRow, GetRoleCredentialsRequest, GetRoleCredentialsResponse, ListAccountRolesRequest,
    ListAccountsRequest, LogoutRequest, RoleCredentials, RoleInfoRow,
};
use wire::operation::Nothing;
use wire::row::List;

use crate::app::App;

pub(crate) async fn list_accounts(app: App, cx: Cx, input: ListAccountsRequest) -> Result<String, Fault> {
    let scope = PageScope::new("ListAccounts", &[]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = app.known().reach.accounts(&app.store, &cx, &page)?;
    let written = found.written(|page| {
        let mut list = List::of::<ListAccounts>();
        for account in &page.items {
            list.push(&AccountInfoRow {
                account_id: Some(account.id.as_str().into()),
                account_name: Some(account.name.as_str().into()),
                email_address: Some(account.email.as_str().into()),
            });
        }
        list.finish(page.next.as_deref().map(|key| scope.encode(key)).as_deref())
    });
    Ok(written.to_owned())
}

pub(crate) async fn list_account_roles(
    app: App,
    cx: Cx,
    input: ListAccountRolesRequest,
) -> Result<String, Fault> {
    cx.event().detail("account_id", input.account_id.clone());
    let account = AccountId::parse(input.account_id)?;
    let scope = PageScope::new("ListAccountRoles", &[account.as_str()]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = app.known().reach.roles(&app.store, &cx, &account, &page)?;
    let written = found.written(|page| {
        let mut list = List::of::<ListAccountRoles>();
        for role in &page.items {
            list.push(&RoleInfoRow {
                role_name: Some(role.permission_set_name.as_str().into()),
                account_id: Some(account.as_str().into()),
            });
        }
        list.finish(page.next.as_deref().map(|key| scope.encode(key)).as_deref())
    });
    Ok(written.to_owned())
}

pub(crate) async fn get_role_credentials(
    app: App,
    cx: Cx,
    input: GetRoleCredentialsRequest,
) -> Result<GetRoleCredentialsResponse, Fault> {
    let account = AccountId::parse(input.account_id)?;
    let reach = || accounts::reaching::reach(&app.outbound, app.clock.clone());
    let grants = &app.known().grants;
    let (minted, used) = grants.issue_anywhere(&app.store, (&cx, reach), &account, &input.role_name).await?;
    let issued = app.recorder.release(&cx, minted).await?;
    used.note(&app.store, &cx).await;
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
