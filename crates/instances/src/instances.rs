//! Instances: describe, list, rename. An instance is made by `init`; there is no public call for an organization instance at AWS either.

use model::cx::Cx;
use model::fault::Fault;
use model::instance::{Instance, InstanceId};
use policy::require::{Action, require};
use policy::resource;
use store::db::Store;
use store::tx::Rx;

/// The instance, once the caller may do `action` on it. One that is not ours answers as one that the caller may not see.
pub(crate) fn guarded(rx: &mut Rx<'_>, cx: &Cx, action: Action, id: &InstanceId) -> Result<Instance, Fault> {
    let Some(instance) = store::instances::find(rx, id)? else {
        return Err(Fault::access_denied(format!(
            "User: {} is not authorized to perform: {} on resource: {} because no resource-based policy allows the {} action",
            cx.caller.arn(),
            action.0,
            id.arn(),
            action.0
        )));
    };
    let tags = store::tags::all_of(rx, &id.arn())?;
    require(cx, action, &[resource::instance(&instance, tags)])?;
    Ok(instance)
}

/// An instance.
pub fn describe(store: &Store, cx: &Cx, id: &InstanceId) -> Result<Instance, Fault> {
    store.read(|rx| guarded(rx, cx, Action("sso:DescribeInstance"), id))
}

/// The instances that the caller's account may see: its organization's. Ten at most by the model; there is one.
pub fn list(store: &Store, cx: &Cx) -> Result<Vec<Instance>, Fault> {
    require(cx, Action("sso:ListInstances"), &[])?;
    store.read(|rx| Ok(store::instances::list(rx)?))
}

/// Renames an instance.
pub async fn rename(store: &Store, cx: &Cx, id: &InstanceId, name: Option<String>) -> Result<(), Fault> {
    let id = id.clone();
    store
        .write(cx, move |tx, cx| {
            guarded(tx, cx, Action("sso:UpdateInstance"), &id)?;
            if let Some(name) = &name {
                store::instances::set_name(
                    tx,
                    &id,
                    Some(name).filter(|name| !name.is_empty()).map(String::as_str),
                )?;
            }
            cx.event().touch("AWS::SSO::Instance", id.arn());
            Ok(())
        })
        .await
}
