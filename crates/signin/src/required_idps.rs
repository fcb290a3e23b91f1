//! Who must sign in by an external identity provider and in no other way.

use model::directory::identity_store::IdentityStoreId;
use model::fault::{Fault, FaultKind};
use model::saying::Saying;
use store::sources::external_idps;
use store::tx::Rx;

/// Refuses whoever must sign in by a provider: it depends on the name that they typed alone, and tells nobody who there is.
pub(crate) fn require_own(rx: &mut Rx<'_>, store: &IdentityStoreId, user_name: &str) -> Result<(), Fault> {
    match required(rx, store, user_name)? {
        Some(provider) => Err(Fault::say(FaultKind::Unauthorized, Saying::ExternalRequired { provider })),
        None => Ok(()),
    }
}

/// The provider by which somebody of this name must sign in, if there is one.
pub(crate) fn required(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    user_name: &str,
) -> Result<Option<String>, Fault> {
    let all = external_idps::list_enabled(rx, store)?;
    let mut settings = all.into_iter().map(|idp| idp.settings);
    let of_name = settings.find(|settings| settings.required && settings.is_of_its_domains(user_name));
    Ok(of_name.map(|settings| settings.name))
}
