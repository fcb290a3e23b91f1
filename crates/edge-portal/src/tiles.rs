//! The applications that a person may go to from their portal, by name, a page at a time. Who may use one is `applications`'s to say; one that has nowhere to lead to is not shown.

use applications::application_access::list_for_person;
use applications::catalog::{self, Protocol};
use model::applications::application::{Application, SignInOrigin};
use model::fault::Fault;
use model::page::PageRequest;

use crate::form::encoded;
use crate::portal::Portal;
use crate::visitor::Visitor;

/// Applications of one page.
const PAGE: usize = 100;

/// An application.
pub(crate) struct Tile {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: String,
}

/// A page of them.
#[derive(Default)]
pub(crate) struct Tiles {
    pub(crate) shown: Vec<Tile>,
    /// Where the next ones are, as an address has it.
    pub(crate) next: Option<String>,
}

impl Tiles {
    /// Those of a visitor, after this place.
    pub(crate) fn of(portal: &Portal, visitor: &Visitor, after: Option<&str>) -> Result<Self, Fault> {
        let Some(session) = &visitor.session else { return Ok(Self::default()) };
        let mut page = PageRequest::first(PAGE);
        page.after = after.map(str::to_owned);
        let found = portal.store.read(|rx| list_for_person(rx, &session.user.user_id, &page))?;
        let next = found.next.as_deref().map(encoded);
        let mut shown = Vec::with_capacity(found.items.len());
        for application in found.items {
            if leads_somewhere(&application)? {
                shown.push(Tile {
                    id: application.id.to_string(),
                    name: application.name,
                    description: application.description.unwrap_or_default(),
                });
            }
        }
        Ok(Self { shown, next })
    }
}

fn leads_somewhere(application: &Application) -> Result<bool, Fault> {
    if application.sign_in.as_ref().is_some_and(|options| options.origin == SignInOrigin::Application) {
        return Ok(true);
    }
    Ok(catalog::find(application.provider_id.as_str())?.is_some_and(|it| it.protocol == Protocol::Saml))
}
