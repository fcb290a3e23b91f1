//! What provisioning made, as IAM shows it in the caller's own account.

use model::access::Context;
use model::accounts::account::AccountId;
use model::accounts::role::Role;
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::page::{Page, PageRequest};
use policy::require::{Action, require, require_unnamed};
use policy::resource;
use serde_json::Value;
use store::db::Store;

/// The caller's account: IAM is each account's own.
fn own_account(cx: &Cx) -> Result<AccountId, Fault> {
    cx.caller.account_id().cloned().ok_or_else(|| Fault::access_denied("The caller has no account"))
}

fn absent(name: &str) -> Fault {
    Fault::new(FaultKind::Service("NoSuchEntity"), format!("The role with name {name} cannot be found."))
}

/// A role of the caller's account.
pub fn get(store: &Store, cx: &Cx, action: Action, name: &str) -> Result<Role, Fault> {
    let account = own_account(cx)?;
    let found = store.read(|rx| Ok(store::accounts::roles::find(rx, &account, name)?))?;
    let arn = found.as_ref().map_or_else(|| format!("arn:aws:iam::{account}:role/{name}"), Role::arn);
    // IAM's refusal names a role as it was asked for, `role NAME`: its ARN has a path, by which a role that is there could be told from
    // one that is not.
    require_unnamed(cx, action, &[resource::owned(arn, &account)], &Context::new(), &format!("role {name}"))?;
    found.ok_or_else(|| absent(name))
}

/// Roles of the caller's account under a path, by name.
pub fn list(store: &Store, cx: &Cx, path_prefix: &str, page: &PageRequest) -> Result<Page<Role>, Fault> {
    let account = own_account(cx)?;
    require(
        cx,
        Action("iam:ListRoles"),
        &[resource::owned(format!("arn:aws:iam::{account}:role{path_prefix}"), &account)],
    )?;
    let rows = store.read(|rx| Ok(store::accounts::roles::page_by_account(rx, &account, page)?))?;
    let mut found = page.page(rows, |role| store::accounts::roles::key(role.name.as_str()));
    found.items.retain(|role| role.path.starts_with(path_prefix));
    Ok(found)
}

/// An inline policy of a role.
pub fn inline_policy(store: &Store, cx: &Cx, role_name: &str, policy_name: &str) -> Result<Value, Fault> {
    let role = get(store, cx, Action("iam:GetRolePolicy"), role_name)?;
    let found = role.inline_policies.into_iter().find(|(name, _)| name == policy_name);
    found.map(|(_, policy)| policy).ok_or_else(|| {
        let message = format!("The role policy with name {policy_name} cannot be found.");
        Fault::new(FaultKind::Service("NoSuchEntity"), message)
    })
}
