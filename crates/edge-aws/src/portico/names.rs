//! GetNames.

use std::collections::BTreeSet;

use accounts::names::{self, Named};
use model::accounts::account::{Account, AccountId};
use model::accounts::permission_set::PermissionSet;
use model::cx::Cx;
use model::directory::group::GroupId;
use model::directory::user::UserId;
use model::fault::Fault;
use store::directory::rosters::{GroupNames, UserNames};
use wire::generated::portico::shapes::{
    AccountName, GetNamesRequest, GetNamesResponse, GroupName, PermissionSetName, UserName,
};

use crate::app::App;
use crate::sso_admin::ids;

fn user(one: UserNames) -> UserName {
    UserName {
        user_id: one.id.into(),
        user_name: one.user_name,
        display_name: one.display_name,
        user_status: one.status.as_str().to_owned(),
    }
}

fn group(one: GroupNames) -> GroupName {
    GroupName { group_id: one.id.into(), display_name: one.display_name }
}

fn account(one: Account) -> AccountName {
    AccountName { account_id: one.id.into(), account_name: one.name, email_address: one.email }
}

fn permission_set(one: PermissionSet) -> PermissionSetName {
    PermissionSetName { permission_set_arn: one.arn().to_string(), name: one.name }
}

/// What a list of a request names.
fn each<T: Ord>(
    given: Option<Vec<String>>,
    read: impl Fn(&str) -> Result<T, Fault>,
) -> Result<BTreeSet<T>, Fault> {
    given.unwrap_or_default().iter().map(|id| read(id)).collect()
}

pub(crate) async fn get(app: App, cx: Cx, input: GetNamesRequest) -> Result<GetNamesResponse, Fault> {
    let instance = ids::instance(&cx, &input.instance_arn)?;
    let named = Named {
        users: each(input.user_ids, UserId::from_reference)?,
        groups: each(input.group_ids, GroupId::from_reference)?,
        accounts: each(input.account_ids, |id| AccountId::parse(id))?,
        permission_sets: each(input.permission_set_arns, ids::permission_set)?,
    };
    let found = names::get(&app.store, &cx, &instance, &named)?;
    Ok(GetNamesResponse {
        users: found.users.into_iter().map(user).collect(),
        groups: found.groups.into_iter().map(group).collect(),
        accounts: found.accounts.into_iter().map(account).collect(),
        permission_sets: found.permission_sets.into_iter().map(permission_set).collect(),
    })
}
