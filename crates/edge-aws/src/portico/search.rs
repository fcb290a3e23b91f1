//! SearchUsers, SearchGroups and SearchAccounts: lists that somebody types into.

use accounts::account_search::{self, AccountSearch, FoundAccount};
use directory::search::{self, UserSearch};
use model::accounts::organizational_unit::OrganizationalUnitId;
use model::cx::Cx;
use model::directory::user::UserStatus;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use store::directory::user_texts::Sort;
use wire::generated::portico::shapes::{
    FoundAccount as AccountShape, FoundGroup, FoundUser, ResourceTag, SearchAccountsRequest,
    SearchAccountsResponse, SearchGroupsRequest, SearchGroupsResponse, SearchUsersRequest,
    SearchUsersResponse, UnitOfAccount,
};

use crate::app::App;
use crate::identitystore::ids;
use crate::sso_admin::ids as admin_ids;

pub(crate) async fn users(app: App, cx: Cx, input: SearchUsersRequest) -> Result<SearchUsersResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let (query, status, sort) = (text(&input.query), text(&input.user_status), text(&input.sort_by));
    let scope = PageScope::new("SearchUsers", &[at.id().as_str(), &query, &status, &sort]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let wanted = UserSearch {
        query: input.query,
        status: UserStatus::parse(&status),
        sort: match sort.as_str() {
            "" => None,
            "DISPLAY_NAME" => Some(Sort::DisplayName),
            _ => Some(Sort::UserName),
        },
    };
    let found = search::users(&app.store, &cx, &at, &wanted, &page)?;
    let users = found.items.into_iter().map(|user| FoundUser {
        user_id: user.id.into(),
        user_name: user.user_name,
        display_name: user.display_name,
        user_status: user.status.as_str().to_owned(),
        email_address: user.email,
        created_at: ids::seconds(user.created_at),
    });
    Ok(SearchUsersResponse {
        users: users.collect(),
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
    })
}

pub(crate) async fn groups(
    app: App,
    cx: Cx,
    input: SearchGroupsRequest,
) -> Result<SearchGroupsResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let query = input.query.as_deref();
    let scope = PageScope::new("SearchGroups", &[at.id().as_str(), query.unwrap_or_default()]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = search::groups(&app.store, &cx, &at, query, &page)?;
    let groups = found.items.into_iter().map(|group| FoundGroup {
        group_id: group.id.into(),
        display_name: group.display_name,
        description: group.description,
        created_at: ids::seconds(group.created_at),
    });
    Ok(SearchGroupsResponse {
        groups: groups.collect(),
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
    })
}

fn account(found: FoundAccount) -> AccountShape {
    let FoundAccount { account, units, tags } = found;
    AccountShape {
        account_id: account.id.into(),
        account_name: account.name,
        email_address: account.email,
        state: account.state.as_str().to_owned(),
        organizational_units: units
            .into_iter()
            .map(|unit| UnitOfAccount { organizational_unit_id: unit.id.into(), name: unit.name })
            .collect(),
        tags: tags.into_iter().map(|(key, value)| ResourceTag { key, value }).collect(),
    }
}

pub(crate) async fn accounts(
    app: App,
    cx: Cx,
    input: SearchAccountsRequest,
) -> Result<SearchAccountsResponse, Fault> {
    let instance = admin_ids::instance(&cx, &input.instance_arn)?;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let selectors = [&input.instance_arn, &text(&input.query), &text(&input.organizational_unit_id)];
    let scope = PageScope::new("SearchAccounts", &selectors.map(String::as_str));
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let unit = input.organizational_unit_id.map(OrganizationalUnitId::parse).transpose()?;
    let wanted = AccountSearch { query: input.query, unit };
    let found = account_search::search(&app.store, &cx, (&instance, &wanted), &page)?;
    Ok(SearchAccountsResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        accounts: found.items.into_iter().map(account).collect(),
    })
}
