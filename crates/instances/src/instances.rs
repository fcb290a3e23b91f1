//! Instances: describe, list, update. The organization's is made by `init`; there is no public call for it at AWS either. Those of single accounts are made and
//! ended by [`crate::account_instances`].

use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::{Instance, InstanceId, InstanceStatus};
use policy::gate::require_organizations;
use policy::require::{Action, require, unseen};
use policy::resource;
use store::db::Store;
use store::tx::Rx;

/// CloudTrail's word for an instance.
pub(crate) const KIND: &str = "AWS::SSO::Instance";

/// The instance, once the caller may do `action` on it. One that is not ours answers as one that the caller may not see.
pub(crate) fn guarded(rx: &mut Rx<'_>, cx: &Cx, action: Action, id: &InstanceId) -> Result<Instance, Fault> {
    let instance = store::instances::instances::find(rx, id)?.ok_or_else(|| unseen(cx, action, &id.arn()))?;
    let tags = store::instances::tags::all_of(rx, &id.arn())?;
    require(cx, action, &[resource::instance(&instance, tags)])?;
    Ok(instance)
}

/// An instance, and how far it is: one that is being made or ended too.
pub(crate) fn find_any(
    rx: &mut Rx<'_>,
    id: &InstanceId,
) -> Result<Option<(Instance, InstanceStatus)>, Fault> {
    if let Some(instance) = store::instances::instances::find(rx, id)? {
        return Ok(Some((instance, InstanceStatus::Active)));
    }
    let found = store::instances::account_instances::find(rx, id)?;
    Ok(found.map(|found| (found.instance, found.status)))
}

/// An instance, and how far it is.
pub fn describe(store: &Store, cx: &Cx, id: &InstanceId) -> Result<(Instance, InstanceStatus), Fault> {
    store.read(|rx| {
        let action = Action("sso:DescribeInstance");
        let (instance, status) = find_any(rx, id)?.ok_or_else(|| unseen(cx, action, &id.arn()))?;
        let tags = store::instances::tags::all_of(rx, &id.arn())?;
        require(cx, action, &[resource::instance(&instance, tags)])?;
        Ok((instance, status))
    })
}

/// The instances that the caller's account may see: its organization's and its own, by id. Ten at most by the model; there are two.
pub fn list(store: &Store, cx: &Cx) -> Result<Vec<(Instance, InstanceStatus)>, Fault> {
    require(cx, Action("sso:ListInstances"), &[])?;
    store.read(|rx| {
        let own = cx.caller.account_id().unwrap_or(&cx.owner);
        let active = store::instances::instances::list_visible(rx, (own, &cx.owner))?;
        let mut all: Vec<_> = active.into_iter().map(|instance| (instance, InstanceStatus::Active)).collect();
        let on_its_way = store::instances::account_instances::find_by_owner(rx, own)?
            .filter(|found| found.status != InstanceStatus::Active);
        all.extend(on_its_way.map(|found| (found.instance, found.status)));
        all.sort_unstable_by(|(one, _), (other, _)| one.id.cmp(&other.id));
        Ok(all)
    })
}

/// What to change of an instance; what is absent stays. Only the name can change here: what is asked for beside it is either true already
/// or refused, for a security setting is never accepted and ignored.
#[derive(Debug, Clone, Default)]
pub struct InstancePatch {
    /// The name; an empty one takes it away.
    pub name: Option<String>,
    /// How data is encrypted.
    pub encryption: Option<EncryptionPatch>,
    /// Whether permission sets may be used.
    pub permission_sets_enabled: Option<bool>,
    /// From where the instance may be called.
    pub network: Option<NetworkPatch>,
}

/// How data is to be encrypted.
#[derive(Debug, Clone, Copy)]
pub struct EncryptionPatch {
    /// `CUSTOMER_MANAGED_KEY` rather than `AWS_OWNED_KMS_KEY`.
    pub customer_managed: bool,
    /// Whether a key is named.
    pub names_key: bool,
}

/// From where the instance may be called.
#[derive(Debug, Clone, Copy)]
pub struct NetworkPatch {
    /// Whether any member restricts, or exempts from, anything.
    pub restricts: bool,
}

impl InstancePatch {
    fn check(&self) -> Result<(), Fault> {
        let settings =
            [self.encryption.is_some(), self.permission_sets_enabled.is_some(), self.network.is_some()];
        if settings.iter().filter(|given| **given).count() > 1 {
            let message = "Only one of EncryptionConfiguration, PermissionSetsEnabled and NetworkConfiguration may be given in a call";
            return Err(Fault::validation(message));
        }
        match self.encryption {
            Some(EncryptionPatch { customer_managed: false, names_key: true }) => {
                return Err(Fault::validation("KmsKeyArn must not be given with AWS_OWNED_KMS_KEY"));
            }
            Some(EncryptionPatch { customer_managed: true, .. }) => {
                return Err(Fault::validation(
                    "EncryptionConfiguration: KeyType CUSTOMER_MANAGED_KEY is not supported; data is encrypted under the server's own root key",
                ));
            }
            _ => {}
        }
        if self.permission_sets_enabled == Some(false) {
            return Err(Fault::validation(
                "PermissionSetsEnabled accepts only true: permission sets cannot be switched off",
            ));
        }
        if self.network.is_some_and(|network| network.restricts) {
            return Err(Fault::validation(
                "NetworkConfiguration is not supported: restrict access in front of the server",
            ));
        }
        Ok(())
    }
}

/// Changes an instance.
pub async fn update(store: &Store, cx: &Cx, id: &InstanceId, patch: InstancePatch) -> Result<(), Fault> {
    let id = id.clone();
    store
        .write(cx, move |tx, cx| {
            let instance = guarded(tx, cx, Action("sso:UpdateInstance"), &id)?;
            patch.check()?;
            if patch.permission_sets_enabled.is_some() {
                require_organizations(cx, &instance, "permission sets")?;
            }
            if let Some(name) = patch.name.as_deref() {
                store::instances::instances::set_name(tx, &id, Some(name).filter(|name| !name.is_empty()))?;
            }
            cx.event().touch(KIND, id.arn());
            Ok(())
        })
        .await
}
