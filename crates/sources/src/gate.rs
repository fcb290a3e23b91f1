//! The way into an identity store, for whoever decides where its people come from, and to an identity provider of it.

use model::cx::Cx;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::fault::Fault;
use model::instances::instance::Instance;
use model::sources::external_idp::{ExternalIdp, ExternalIdpId};
use policy::gate::{Gate, require_organizations};
use store::sources::external_idps;
use store::tx::Rx;

/// The record's word for a provider.
pub(crate) const EXTERNAL_IDP: &str = "AWS::IdentityStore::ExternalIdPConfiguration";

/// Passes the gate; the instance that the identity store belongs to.
pub(crate) fn enter_any(
    action: &'static str,
    rx: &mut Rx<'_>,
    cx: &Cx,
    at: &IdentityStoreRef,
) -> Result<Instance, Fault> {
    let found = store::instances::instances::find_by_identity_store(rx, at.id())?;
    Gate::own(action, vec![]).pass(cx, at, found)
}

/// The same for what an account instance does not have: people of another source sign in at pages, which are for the organization's people alone.
pub(crate) fn enter(
    action: &'static str,
    rx: &mut Rx<'_>,
    cx: &Cx,
    at: &IdentityStoreRef,
) -> Result<Instance, Fault> {
    let instance = enter_any(action, rx, cx, at)?;
    require_organizations(cx, &instance, "identity providers and directories")?;
    Ok(instance)
}

/// The provider of this id in the instance's identity store.
pub(crate) fn existing(
    rx: &mut Rx<'_>,
    instance: &Instance,
    id: &ExternalIdpId,
) -> Result<ExternalIdp, Fault> {
    external_idps::find_in(rx, &instance.identity_store_id, id)?.ok_or_else(|| {
        Fault::not_found(format!("There is no identity provider configuration {id}: ListExternalIdPConfigurationsForDirectory lists those that there are"))
    })
}
