//! GetAttributePrecedence, PutAttributePrecedence.

use directory::attribute_precedence::{self, Order, Precedence, Ranked};
use directory::source_id::SourceId;
use model::cx::Cx;
use model::directory::attribute_precedence::Outranked;
use model::fault::Fault;
use wire::generated::portico::shapes::{
    self, AttributeOrder, AttributeSource, GetAttributePrecedenceRequest, GetAttributePrecedenceResponse,
    PutAttributePrecedenceRequest, PutAttributePrecedenceResponse,
};

use crate::app::App;
use crate::identitystore::ids;
use crate::portico::owners::source;
use crate::portico::user_sources::{changes, failures};

/// No source yet.
const fn none() -> AttributeSource {
    AttributeSource { tenant_id: None, configuration_id: None, directory_id: None, here: None }
}

fn told(order: Order) -> Vec<AttributeSource> {
    let one = |source: Ranked| match source {
        Ranked::Source(SourceId::Tenant(id)) => AttributeSource { tenant_id: Some(id.into()), ..none() },
        Ranked::Source(SourceId::Idp(id)) => AttributeSource { configuration_id: Some(id.into()), ..none() },
        Ranked::Source(SourceId::Directory(id)) => {
            AttributeSource { directory_id: Some(id.into()), ..none() }
        }
        Ranked::Here => AttributeSource { here: Some(true), ..none() },
    };
    order.into_iter().map(one).collect()
}

fn read(order: Vec<AttributeSource>) -> Result<Order, Fault> {
    let one =
        |one: AttributeSource| match (one.here, &one.tenant_id, &one.configuration_id, &one.directory_id) {
            (Some(true), None, None, None) => Ok(Ranked::Here),
            (None | Some(false), ..) => {
                source(one.tenant_id, one.configuration_id, one.directory_id).map(Ranked::Source)
            }
            _ => Err(Fault::validation(
                "A source is exactly one of TenantId, ConfigurationId, DirectoryId and Here",
            )),
        };
    order.into_iter().map(one).collect()
}

pub(crate) async fn get(
    app: App,
    cx: Cx,
    input: GetAttributePrecedenceRequest,
) -> Result<GetAttributePrecedenceResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let found = attribute_precedence::get(&app.store, &cx, &at)?;
    let attributes = found
        .exceptions
        .into_iter()
        .map(|(attribute_path, order)| AttributeOrder { attribute_path, order: told(order) });
    Ok(GetAttributePrecedenceResponse {
        precedence: shapes::AttributePrecedence {
            order: Some(told(found.order)),
            attributes: Some(attributes.collect()),
            outranked: Some(found.outranked.as_str().to_owned()),
        },
    })
}

pub(crate) async fn put(
    app: App,
    cx: Cx,
    input: PutAttributePrecedenceRequest,
) -> Result<PutAttributePrecedenceResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let given = input.precedence;
    let exceptions = given.attributes.unwrap_or_default().into_iter();
    let precedence = Precedence {
        order: read(given.order.unwrap_or_default())?,
        exceptions: exceptions
            .map(|one| Ok((one.attribute_path, read(one.order)?)))
            .collect::<Result<_, Fault>>()?,
        // Other words the model refuses.
        outranked: given.outranked.as_deref().and_then(Outranked::parse).unwrap_or_default(),
    };
    let how = (precedence, input.dry_run.unwrap_or(false));
    let plan = attribute_precedence::put(&app.store, &cx, &at, how).await?;
    Ok(PutAttributePrecedenceResponse {
        failures: failures(plan.outcome.failures),
        changes: changes(plan.outcome.changes),
        are_more: plan.are_more,
    })
}
