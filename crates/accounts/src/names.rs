//! What people, groups, accounts and permission sets are called, many at a time: for whoever has their ids from a list.

use std::collections::BTreeSet;

use model::accounts::account::{Account, AccountId};
use model::accounts::permission_set::{PermissionSet, PermissionSetArn};
use model::cx::Cx;
use model::directory::group::GroupId;
use model::directory::user::UserId;
use model::fault::Fault;
use model::instances::instance::InstanceId;
use policy::require::Action;
use store::db::Store;
use store::directory::rosters::{GroupNames, UserNames};

use crate::access::{Of, guarded as guarded_of};

/// Whose names.
#[derive(Debug, Clone, Default)]
pub struct Named {
    /// People.
    pub users: BTreeSet<UserId>,
    /// Groups.
    pub groups: BTreeSet<GroupId>,
    /// Accounts.
    pub accounts: BTreeSet<AccountId>,
    /// Permission sets.
    pub permission_sets: BTreeSet<PermissionSetArn>,
}

/// Those that are there, each kind by id.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// People.
    pub users: Vec<UserNames>,
    /// Groups.
    pub groups: Vec<GroupNames>,
    /// Accounts.
    pub accounts: Vec<Account>,
    /// Permission sets.
    pub permission_sets: Vec<PermissionSet>,
}

/// What they are called, for whoever may know it of each of them.
pub fn get(store: &Store, cx: &Cx, instance_id: &InstanceId, named: &Named) -> Result<Names, Fault> {
    let users = named.users.iter().cloned().map(Of::User);
    let groups = named.groups.iter().cloned().map(Of::Group);
    let accounts = named.accounts.iter().cloned().map(Of::Account);
    let sets = named.permission_sets.iter().cloned().map(Of::PermissionSet);
    let of: Vec<Of> = users.chain(groups).chain(accounts).chain(sets).collect();
    store.read(|rx| {
        let instance = guarded_of(rx, cx, Action("portico:GetNames"), (instance_id, &of))?;
        let at = &instance.identity_store_id;
        let own = named.permission_sets.iter().filter(|arn| arn.instance_id == instance.id);
        let sets = store::accounts::permission_sets::find_each(rx, &instance.id, own.map(|arn| &arn.id))?;
        let mut names = Names {
            users: store::directory::rosters::users_named(rx, at, &named.users)?,
            groups: store::directory::rosters::groups_named(rx, at, &named.groups)?,
            accounts: store::accounts::accounts::find_each(rx, &named.accounts)?.into_values().collect(),
            permission_sets: sets.into_values().collect(),
        };
        names.accounts.sort_unstable_by(|left, right| left.id.cmp(&right.id));
        names.permission_sets.sort_unstable_by(|left, right| left.id.cmp(&right.id));
        Ok(names)
    })
}
