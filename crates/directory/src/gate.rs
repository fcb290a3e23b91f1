//! The way into an identity store, with the row of its instance.

use model::cx::Cx;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::fault::Fault;
use model::instances::instance::Instance;
use policy::gate::Gate;
use store::tx::Rx;

/// Passes the gate; the instance that the identity store belongs to.
pub(crate) fn enter(gate: Gate, rx: &mut Rx<'_>, cx: &Cx, at: &IdentityStoreRef) -> Result<Instance, Fault> {
    let found = store::instances::instances::find_by_identity_store(rx, at.id())?;
    gate.pass(cx, at, found)
}
