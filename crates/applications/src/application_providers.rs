//! Application providers, as the catalog has them: describe, list, search.

use model::applications::application_provider::ApplicationProviderId;
use model::cx::Cx;
use model::fault::Fault;
use model::page::{Page, PageRequest};
use policy::require::{Action, require};
use policy::resource;

use crate::catalog::{self, Found, Protocol, Provider};

/// The provider of this id, or that there is none.
pub(crate) fn existing(id: &ApplicationProviderId) -> Result<&'static Provider, Fault> {
    catalog::find(id.as_str())?.ok_or_else(|| {
        let arn = id.arn();
        Fault::not_found(format!("ApplicationProvider {arn} was not found")).with_resource_id(arn)
    })
}

/// A provider.
pub fn describe(cx: &Cx, id: &ApplicationProviderId) -> Result<&'static Provider, Fault> {
    require(cx, Action("sso:DescribeApplicationProvider"), &[resource::application_provider(id)])?;
    existing(id)
}

/// Providers: those for applications of one's own, then by name.
pub fn list(cx: &Cx, page: &PageRequest) -> Result<Page<&'static Provider>, Fault> {
    let every = resource::every_application_provider();
    require(cx, Action("sso:ListApplicationProviders"), &[every])?;
    let rows = catalog::page(page.after.as_deref(), page.limit.saturating_add(1))?;
    Ok(page.page(rows.iter().collect(), |provider| provider.name.clone()))
}

/// SearchApplicationProviders: those in which every word of a text stands, of this protocol where one is asked for.
pub fn search(
    cx: &Cx,
    (text, protocol): (&str, Option<Protocol>),
    page: &PageRequest,
) -> Result<Page<&'static Provider>, Fault> {
    let every = resource::every_application_provider();
    require(cx, Action("portico:SearchApplicationProviders"), &[every])?;
    let after = page.after_or_start();
    let found = catalog::search(text)?.into_iter().filter(|found| {
        found.place.as_str() > after && protocol.is_none_or(|wanted| found.provider.protocol == wanted)
    });
    let rows = found.take(page.limit.saturating_add(1)).collect();
    let Page { items, next } = page.page(rows, |found: &Found| found.place.clone());
    Ok(Page { items: items.into_iter().map(|found| found.provider).collect(), next })
}
