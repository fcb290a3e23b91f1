//! Service users: programs that call with keys of their own, in the account that owns the instance, with policies as permission sets have them.

use broker::local::entity_id;
use model::access::Context;
use model::accounts::service_user::{AccessKey, SERVICE_POLICY, ServiceUser, ServiceUserName};
use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::{Instance, InstanceId};
use model::limits::POLICIES_PER_PERMISSION_SET_MAX;
use model::page::{Page, PageRequest};
use policy::gate::require_organizations;
use policy::managed;
use policy::require::{Action, require_unnamed};
use policy::resource;
use store::accounts::{access_keys, service_users};
use store::db::Store;
use store::tx::{Rx, Tx};

use crate::instance::find;
use crate::permission_set_policies::check_inline;

/// Every service user, where a call names none.
const ALL: &str = "*";

/// The instance, once the caller may do `action` to this user, or to all.
pub(crate) fn guarded(
    rx: &mut Rx<'_>,
    cx: &Cx,
    action: Action,
    (instance, name): (&InstanceId, Option<&ServiceUserName>),
) -> Result<Instance, Fault> {
    let instance = find(rx, cx, action, instance)?;
    let named = match name {
        Some(name) => name.arn(&instance.owner),
        None => format!("arn:aws:iam::{}:user/{ALL}", instance.owner),
    };
    // What IAM made may have a path, of which who may not learns nothing.
    let found = match name {
        Some(name) => service_users::find(rx, &instance.owner, name)?,
        None => None,
    };
    let arn = found.map_or_else(|| named.clone(), |user| user.arn());
    let resource = resource::owned(arn, &instance.owner);
    require_unnamed(cx, action, &[resource], &Context::new(), &named)?;
    has_keys(cx, &instance)?;
    Ok(instance)
}

/// Refuses for an account instance: whoever calls with a key of the server's is of the management account.
pub(crate) fn has_keys(cx: &Cx, instance: &Instance) -> Result<(), Fault> {
    require_organizations(cx, instance, "service users and access keys")
}

pub(crate) fn existing(
    rx: &mut Rx<'_>,
    instance: &Instance,
    name: &ServiceUserName,
) -> Result<ServiceUser, Fault> {
    service_users::find(rx, &instance.owner, name)?.ok_or_else(|| {
        let owner = &instance.owner;
        Fault::not_found(format!("There is no service user {name}")).with_resource_id(name.arn(owner))
    })
}

/// CreateServiceUser: one that may do nothing yet.
pub async fn create(
    store: &Store,
    cx: &Cx,
    instance: &InstanceId,
    name: ServiceUserName,
    description: Option<String>,
) -> Result<ServiceUser, Fault> {
    let (instance, id) = (instance.clone(), entity_id("AIDA", cx));
    store
        .write(cx, move |tx, cx| {
            let instance = guarded(tx, cx, Action("portico:CreateServiceUser"), (&instance, Some(&name)))?;
            if service_users::find(tx, &instance.owner, &name)?.is_some() {
                return Err(Fault::conflict(format!("There is a service user {name} already")));
            }
            let user = ServiceUser {
                account_id: instance.owner,
                name: name.clone(),
                id: id.clone(),
                description: description.clone(),
                path: "/".to_owned(),
                managed_policies: Vec::new(),
                inline_policies: Vec::new(),
                permissions_boundary: None,
                created_at: cx.now,
            };
            service_users::insert(tx, &user)?;
            cx.event().touch("AWS::IAM::User", user.arn());
            Ok(user)
        })
        .await
}

/// DescribeServiceUser, with its keys.
pub fn describe(
    store: &Store,
    cx: &Cx,
    (instance, name): (&InstanceId, &ServiceUserName),
) -> Result<(ServiceUser, Vec<AccessKey>), Fault> {
    store.read(|rx| {
        let instance = guarded(rx, cx, Action("portico:DescribeServiceUser"), (instance, Some(name)))?;
        let user = existing(rx, &instance, name)?;
        let keys = access_keys::list_by_holder(rx, &instance.owner, Some(&user.id))?;
        Ok((user, keys))
    })
}

/// ListServiceUsers, by name.
pub fn list(
    store: &Store,
    cx: &Cx,
    instance: &InstanceId,
    page: &PageRequest,
) -> Result<Page<ServiceUser>, Fault> {
    store.read(|rx| {
        let instance = guarded(rx, cx, Action("portico:ListServiceUsers"), (instance, None))?;
        Ok(page.page(service_users::page(rx, &instance.owner, page)?, service_users::key))
    })
}

/// DeleteServiceUser, with its keys: from the next call on they open nothing.
pub async fn delete(
    store: &Store,
    cx: &Cx,
    (instance, name): (&InstanceId, &ServiceUserName),
) -> Result<(), Fault> {
    change(store, cx, Action("portico:DeleteServiceUser"), (instance, name), |tx, user| {
        access_keys::delete_by_holder(tx, &user.account_id, &user.id)?;
        store::accounts::iam_groups::remove_user(tx, &user.id)?;
        store::instances::tags::delete_all(tx, &user.arn())?;
        service_users::delete(tx, &user.id)
    })
    .await
}

async fn change(
    store: &Store,
    cx: &Cx,
    action: Action,
    (instance, name): (&InstanceId, &ServiceUserName),
    with: impl Fn(&mut Tx<'_>, ServiceUser) -> Result<(), Fault> + Send + 'static,
) -> Result<(), Fault> {
    let (instance, name) = (instance.clone(), name.clone());
    store
        .write(cx, move |tx, cx| {
            let instance = guarded(tx, cx, action, (&instance, Some(&name)))?;
            let user = existing(tx, &instance, &name)?;
            cx.event().touch("AWS::IAM::User", user.arn());
            with(tx, user)
        })
        .await
}

/// AttachManagedPolicyToServiceUser.
pub async fn attach(
    store: &Store,
    cx: &Cx,
    of: (&InstanceId, &ServiceUserName),
    arn: String,
) -> Result<(), Fault> {
    let known =
        managed::attachable(&arn).map(drop).map_err(|missing| Fault::validation(missing.sentence(&arn)));
    change(store, cx, Action("portico:AttachManagedPolicyToServiceUser"), of, move |tx, mut user| {
        known.clone()?;
        if user.managed_policies.contains(&arn) {
            return Err(Fault::conflict(format!("{} has the policy {arn} already", user.name)));
        }
        if user.managed_policies.len() >= POLICIES_PER_PERMISSION_SET_MAX {
            let most = POLICIES_PER_PERMISSION_SET_MAX;
            return Err(Fault::quota(format!("A service user has at most {most} managed policies")));
        }
        user.managed_policies.push(arn.clone());
        service_users::set_policies(tx, &user)
    })
    .await
}

/// DetachManagedPolicyFromServiceUser.
pub async fn detach(
    store: &Store,
    cx: &Cx,
    of: (&InstanceId, &ServiceUserName),
    arn: String,
) -> Result<(), Fault> {
    change(store, cx, Action("portico:DetachManagedPolicyFromServiceUser"), of, move |tx, mut user| {
        let before = user.managed_policies.len();
        user.managed_policies.retain(|attached| *attached != arn);
        if user.managed_policies.len() == before {
            return Err(Fault::not_found(format!("{} does not have the policy {arn}", user.name)));
        }
        service_users::set_policies(tx, &user)
    })
    .await
}

/// PutInlinePolicyToServiceUser; `None` takes it away: DeleteInlinePolicyFromServiceUser.
pub async fn set_inline(
    store: &Store,
    cx: &Cx,
    of: (&InstanceId, &ServiceUserName),
    policy: Option<String>,
) -> Result<(), Fault> {
    let checked = policy.as_deref().map_or(Ok(()), check_inline);
    let action = match policy {
        Some(_) => Action("portico:PutInlinePolicyToServiceUser"),
        None => Action("portico:DeleteInlinePolicyFromServiceUser"),
    };
    change(store, cx, action, of, move |tx, mut user| {
        checked.clone()?;
        if policy.is_none() && user.service_policy().is_none() {
            return Err(Fault::not_found(format!("{} has no inline policy", user.name)));
        }
        user.inline_policies.retain(|(name, _)| name != SERVICE_POLICY);
        user.inline_policies.extend(policy.clone().map(|text| (SERVICE_POLICY.to_owned(), text)));
        service_users::set_policies(tx, &user)
    })
    .await
}
