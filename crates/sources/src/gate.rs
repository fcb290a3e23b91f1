//! The way into an identity store, for whoever decides where its people come from.

use model::cx::Cx;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::fault::Fault;
use model::instances::instance::Instance;
use policy::gate::Gate;
use store::tx::Rx;

/// Passes the gate; the instance that the identity store belongs to.
pub(crate) fn enter(
    action: &'static str,
    rx: &mut Rx<'_>,
    cx: &Cx,
    at: &IdentityStoreRef,
) -> Result<Instance, Fault> {
    let found = store::instances::instances::find_by_identity_store(rx, at.id())?;
    Gate::own(action, vec![]).pass(cx, at, found)
}
