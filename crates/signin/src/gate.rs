//! The way into the directory for an administrator's calls about how its people sign in.

use model::cx::Cx;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::directory::user::UserId;
use model::fault::{Fault, ResourceType};
use model::instances::instance::Instance;
use policy::gate::{Gate, not_found, require_organizations};
use store::tx::Rx;

/// Passes the gate; the instance that the identity store belongs to: the organization's, since the pages are for its people alone.
pub(crate) fn enter(gate: Gate, rx: &mut Rx<'_>, cx: &Cx, at: &IdentityStoreRef) -> Result<Instance, Fault> {
    let found = store::instances::instances::find_by_identity_store(rx, at.id())?;
    let instance = gate.pass(cx, at, found)?;
    require_organizations(cx, &instance, "pages at which its people sign in")?;
    Ok(instance)
}

/// A gate for what is done to one person.
pub(crate) fn on(action: &'static str, user: &UserId) -> Gate {
    Gate::own(action, vec![user.arn()])
}

/// Refuses an id that nobody has.
pub(crate) fn require_user(rx: &mut Rx<'_>, instance: &Instance, user: &UserId) -> Result<(), Fault> {
    if store::directory::users::exists(rx, &instance.identity_store_id, user)? {
        return Ok(());
    }
    Err(not_found(ResourceType::User, user.as_str()))
}
