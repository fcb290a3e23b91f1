//! Whose question stands at an address of ours, for whoever is asked to sign in first. Knows no page.

use model::applications::application::ApplicationId;

use crate::portal::Portal;

/// The application whose question stands at this path of ours.
pub(crate) fn asked_by(path: &str) -> Option<ApplicationId> {
    let id = path.strip_prefix("/oauth2/")?.strip_suffix("/authorize")?;
    ApplicationId::parse(id).ok()
}

/// The name of the application whose question stands at this path of ours.
pub(crate) fn name_of(portal: &Portal, path: &str) -> Option<String> {
    let id = asked_by(path)?;
    let found = portal.store.read(|rx| Ok(store::applications::applications::find(rx, &id)?));
    found.ok().flatten().map(|application| application.name)
}
