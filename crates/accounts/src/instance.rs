//! The instance and permission set that a call names, found and guarded. An instance that is not ours answers as one that the caller may
//! not see: access denied, as AWS answers for a deleted one.

use model::access::Context;
use model::accounts::account::AccountId;
use model::accounts::permission_set::{PermissionSet, PermissionSetArn};
use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::{Instance, InstanceId};
use policy::delegation::is_read;
use policy::gate::{is_to_be_seen, require_organizations};
use policy::require::{Action, require, require_unnamed, unseen};
use policy::resource;
use store::tx::Rx;

/// Every account, where a call names none.
pub(crate) const ALL_ACCOUNTS: &str = "arn:aws:sso:::account/*";

/// The instance of this id, if the caller may know of it; otherwise the answer is that of one that is not there.
pub(crate) fn find(rx: &mut Rx<'_>, cx: &Cx, action: Action, id: &InstanceId) -> Result<Instance, Fault> {
    let found = store::instances::instances::find(rx, id)?.filter(|found| is_to_be_seen(cx, found));
    found.ok_or_else(|| unseen(cx, action, &id.arn()))
}

/// The instance, once the caller may do `action` on it.
pub(crate) fn guarded(rx: &mut Rx<'_>, cx: &Cx, action: Action, id: &InstanceId) -> Result<Instance, Fault> {
    let instance = find(rx, cx, action, id)?;
    let tags = store::instances::tags::all_of(rx, &id.arn())?;
    require(cx, action, &[resource::instance(&instance, tags)])?;
    has_accounts(cx, &instance)?;
    Ok(instance)
}

/// Refuses for an account instance, which leads to no accounts: asked once the caller may.
pub(crate) fn has_accounts(cx: &Cx, instance: &Instance) -> Result<(), Fault> {
    require_organizations(cx, instance, "permission sets and leads to no accounts")
}

/// The permission set, once the caller may do `action` on it, its instance and, if given, an account. Who may not learns nothing of
/// what is there.
pub(crate) fn guarded_set(
    rx: &mut Rx<'_>,
    cx: &Cx,
    action: Action,
    (instance_id, arn): (&InstanceId, &PermissionSetArn),
    account: Option<&AccountId>,
) -> Result<(Instance, PermissionSet), Fault> {
    let instance = ask(rx, cx, action, (instance_id, arn), account)?;
    Ok((instance, existing_set(rx, instance_id, arn)?))
}

/// The same for what is done in every account that holds the permission set: the caller may do `action` in each of them. One who may in
/// none but their own hears the same whether others hold it or none does.
pub(crate) fn guarded_set_everywhere(
    rx: &mut Rx<'_>,
    cx: &Cx,
    action: Action,
    (instance_id, arn): (&InstanceId, &PermissionSetArn),
) -> Result<(Instance, PermissionSet), Fault> {
    let instance = ask(rx, cx, action, (instance_id, arn), None)?;
    let holders = store::accounts::provisioned_permission_sets::holders(rx, &arn.id)?;
    let mut accounts: Vec<_> =
        holders.iter().map(|account| resource::account(account, &instance.owner)).collect();
    if accounts.is_empty() {
        accounts.push(resource::owned(ALL_ACCOUNTS, &instance.owner));
    }
    require_unnamed(cx, action, &accounts, &Context::new(), ALL_ACCOUNTS)?;
    Ok((instance, existing_set(rx, instance_id, arn)?))
}

/// The instance, once the caller may do `action` on it, the permission set and, if given, an account, whether or not they are there.
fn ask(
    rx: &mut Rx<'_>,
    cx: &Cx,
    action: Action,
    (instance_id, arn): (&InstanceId, &PermissionSetArn),
    account: Option<&AccountId>,
) -> Result<Instance, Fault> {
    let instance = find(rx, cx, action, instance_id)?;
    let (instance_tags, set_tags) =
        store::instances::tags::all_of_both(rx, &instance_id.arn(), &arn.to_string())?;
    let mut resources = vec![
        resource::instance(&instance, instance_tags),
        resource::permission_set(arn, &instance.owner, set_tags),
    ];
    resources.extend(account.map(|account| resource::account(account, &instance.owner)));
    require(cx, action, &resources)?;
    has_accounts(cx, &instance)?;
    require_not_protected(rx, cx, action, arn)?;
    Ok(instance)
}

/// A delegated administrator changes no permission set that the management account holds or is being given, nor where it stands: it would change its own rights there.
pub(crate) fn require_not_protected(
    rx: &mut Rx<'_>,
    cx: &Cx,
    action: Action,
    arn: &PermissionSetArn,
) -> Result<(), Fault> {
    if !cx.caller.is_delegated() || is_read(action.0) {
        return Ok(());
    }
    let held = store::accounts::provisioned_permission_sets::find(rx, &cx.owner, &arn.id)?.is_some();
    if held || store::accounts::provisioning_requests::is_assigning(rx, arn, &cx.owner)? {
        return Err(unseen(cx, action, &arn.to_string()));
    }
    Ok(())
}

/// The permission set, in this instance.
pub(crate) fn existing_set(
    rx: &mut Rx<'_>,
    instance_id: &InstanceId,
    arn: &PermissionSetArn,
) -> Result<PermissionSet, Fault> {
    let found = if arn.instance_id == *instance_id {
        store::accounts::permission_sets::find(rx, instance_id, &arn.id)?
    } else {
        None
    };
    found.ok_or_else(|| {
        Fault::not_found(format!("Could not find PermissionSet with id {}", arn.id))
            .with_resource_id(arn.to_string())
    })
}

/// The account must be one of the organization.
pub(crate) fn require_account(rx: &mut Rx<'_>, account: &AccountId) -> Result<(), Fault> {
    match store::accounts::accounts::find(rx, account)? {
        Some(_) => Ok(()),
        None => Err(Fault::not_found(format!("Account {account} is not in the organization"))
            .with_resource_id(account.as_str())),
    }
}
