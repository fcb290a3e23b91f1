//! Who must sign in by an external identity provider and in no other way.

use model::directory::identity_store::IdentityStoreId;
use model::fault::{Fault, FaultKind};
use model::saying::Saying;
use store::sources::external_idps;
use store::tx::Rx;

/// Refuses whoever must sign in by a provider: it depends on the name that they typed alone, and tells nobody who there is.
pub(crate) fn require_own(rx: &mut Rx<'_>, store: &IdentityStoreId, user_name: &str) -> Result<(), Fault> {
    for idp in external_idps::list_enabled(rx, store)? {
        if idp.settings.required && idp.settings.is_of_its_domains(user_name) {
            let provider = idp.settings.name;
            return Err(Fault::say(FaultKind::Unauthorized, Saying::ExternalRequired { provider }));
        }
    }
    Ok(())
}
