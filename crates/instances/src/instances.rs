//! Instances: describe, list, update. An instance is made by `init`; there is no public call for an organization instance at AWS either.

use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::{Instance, InstanceId};
use policy::require::{Action, require, unseen};
use policy::resource;
use store::db::Store;
use store::tx::Rx;

/// The instance, once the caller may do `action` on it. One that is not ours answers as one that the caller may not see.
pub(crate) fn guarded(rx: &mut Rx<'_>, cx: &Cx, action: Action, id: &InstanceId) -> Result<Instance, Fault> {
    let instance = store::instances::instances::find(rx, id)?.ok_or_else(|| unseen(cx, action, &id.arn()))?;
    let tags = store::instances::tags::all_of(rx, &id.arn())?;
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
    store.read(|rx| Ok(store::instances::instances::list(rx)?))
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
            guarded(tx, cx, Action("sso:UpdateInstance"), &id)?;
            patch.check()?;
            if let Some(name) = patch.name.as_deref() {
                store::instances::instances::set_name(tx, &id, Some(name).filter(|name| !name.is_empty()))?;
            }
            cx.event().touch("AWS::SSO::Instance", id.arn());
            Ok(())
        })
        .await
}
