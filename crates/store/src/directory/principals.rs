//! Users and groups as what something is assigned to.

use model::accounts::account_assignment::Principal;
use model::directory::identity_store::IdentityStoreId;
use model::fault::{Fault, FaultKind, ResourceType};

use crate::directory::{groups, users};
use crate::tx::Rx;

/// Refuses a principal that is not in the identity store.
pub fn require(rx: &mut Rx<'_>, store_id: &IdentityStoreId, principal: &Principal) -> Result<(), Fault> {
    let (found, kind) = match principal {
        Principal::User(id) => (users::exists(rx, store_id, id)?, ResourceType::User),
        Principal::Group(id) => (groups::exists(rx, store_id, id)?, ResourceType::Group),
    };
    if found {
        return Ok(());
    }
    let message =
        format!("{} {} was not found in identity store {store_id}", principal.kind(), principal.id());
    Err(Fault::new(FaultKind::NotFound(kind), message).with_resource_id(principal.id()))
}
