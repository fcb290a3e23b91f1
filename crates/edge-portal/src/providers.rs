//! The identity providers that pages lead to: those that the sign-in page offers, the one of a name's domain, the one where somebody proves themselves again
//! or signs out too. The way there and back is `external.rs`.

use model::fault::Fault;
use model::sources::arrival::ExternalSession;
use model::sources::external_idp::ExternalIdp;
use sources::{external_idps, external_logouts};

use crate::form::encoded;
use crate::portal::Portal;
use crate::return_to;
use crate::visitor::Visitor;

/// A provider that the sign-in page offers.
pub(crate) struct Offered {
    /// What people know it by.
    pub(crate) name: String,
    /// Where it begins.
    pub(crate) address: String,
}

/// What the sign-in page shows of providers: those that it offers, by name, and whether some are found by the name that somebody gives.
pub(crate) fn offered(portal: &Portal, back: &str) -> Result<(Vec<Offered>, bool), Fault> {
    let enabled = portal.store.read(|rx| external_idps::enabled(rx, &portal.signin.identity_store_id))?;
    let by_name = enabled.iter().any(|idp| !idp.settings.domains.is_empty());
    let shown = enabled.into_iter().filter(|idp| !idp.settings.hidden);
    let offered = shown.map(|idp| Offered { address: address(&idp, back, None), name: idp.settings.name });
    let mut offered: Vec<Offered> = offered.collect();
    offered.sort_by(|one, other| one.name.cmp(&other.name));
    Ok((offered, by_name))
}

/// Where signing in by a provider begins.
fn address(idp: &ExternalIdp, back: &str, hint: Option<&str>) -> String {
    let hint = hint.map(|hint| format!("&hint={}", encoded(hint))).unwrap_or_default();
    return_to::after(&format!("/signin/external?idp={}", idp.id), back) + &hint
}

/// Where somebody goes on who gave this name, if its domain is one of a provider's.
pub(crate) fn routed(portal: &Portal, user_name: &str, back: &str) -> Result<Option<String>, Fault> {
    let enabled = portal.store.read(|rx| external_idps::enabled(rx, &portal.signin.identity_store_id))?;
    let found = enabled.into_iter().find(|idp| idp.settings.is_of_its_domains(user_name));
    Ok(found.map(|idp| address(&idp, back, Some(user_name))))
}

/// Where somebody proves themselves again whom a provider that is still in use signed in.
pub(crate) fn again(portal: &Portal, visitor: &Visitor, back: &str) -> Result<Option<String>, Fault> {
    let external = visitor.session.as_ref().and_then(|session| session.external.as_ref());
    let Some(external) = external else { return Ok(None) };
    let enabled = portal.store.read(|rx| external_idps::enabled(rx, &portal.signin.identity_store_id))?;
    let found = enabled.into_iter().find(|idp| idp.id.as_str() == external.external_idp_id);
    Ok(found.map(|idp| format!("{}&again=1", address(&idp, back, None))))
}

/// Where somebody who signed out here goes to sign out at their provider too, and what people know that by. They are signed out here whatever becomes of it.
pub(crate) fn onward(
    portal: &Portal,
    visitor: &Visitor,
    external: &ExternalSession,
) -> Option<(String, String)> {
    let found = external_logouts::onward(&portal.store, &visitor.cx, external);
    found.unwrap_or_else(|fault| {
        tracing::warn!(%fault, context = fault.context(), "nobody can be led to sign out at their provider");
        None
    })
}
