//! Which source owns a person or group, as their pages say it.

use axum::response::Response;
use edge_aws::inside::Op;
use model::fault::Fault;
use model::limits::Mode;
use serde::Deserialize;
use serde_json::json;

use crate::administrator::Administrator;
use crate::desk::Desk;
use crate::owned::source::Source;
use crate::page::go;
use crate::thing::{Kind, Thing};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    owner: Option<Told>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Told {
    name: Option<String>,
    tenant_id: Option<String>,
    configuration_id: Option<String>,
    directory_id: Option<String>,
    source: String,
}

/// An owner.
pub(crate) struct Owner {
    /// What people call it.
    pub(crate) name: String,
    /// Which source it is, where it has a page.
    pub(crate) of: Option<Source>,
    /// Whether nobody else changes what it owns. In strict mode it is told, and holds nobody back.
    pub(crate) alone: bool,
}

/// The owner of what this member of a question names; `None` where there is none, and where the role may not know.
pub(crate) async fn of(
    desk: &Desk,
    admin: &mut Administrator,
    (member, id): (&'static str, &str),
) -> Result<Option<Owner>, Fault> {
    let asked = json!({"IdentityStoreId": desk.identity_store_id(), member: id});
    let answer = admin.call_if_allowed::<Answer>(desk, Op("portico", "DescribeOwner"), asked).await?;
    let alone = admin.visitor.cx.mode == Mode::Relaxed;
    let owner = answer.and_then(|answer| answer.owner);
    Ok(owner.map(|Told { name, tenant_id, configuration_id, directory_id, source }| Owner {
        name: name.or_else(|| tenant_id.clone()).unwrap_or(source),
        of: tenant_id
            .map(Source::Tenant)
            .or_else(|| configuration_id.map(Source::Provider))
            .or_else(|| directory_id.map(Source::Directory)),
        alone,
    }))
}

/// Whether nobody changes it here: such a page has no buttons for that.
pub(crate) fn is_closed(owner: Option<&Owner>) -> bool {
    owner.is_some_and(|owner| owner.alone)
}

/// Leads away from a form that would be refused, to the page that says whose this is and how that is changed.
pub(crate) async fn leads_away(
    desk: &Desk,
    admin: &mut Administrator,
    of_whom: &Thing,
) -> Result<Option<Response>, Fault> {
    let member = if of_whom.kind == Kind::Group { "GroupId" } else { "UserId" };
    let owner = of(desk, admin, (member, &of_whom.id)).await?;
    Ok(is_closed(owner.as_ref()).then(|| go(desk, &format!("/console/owners?{}", of_whom.query()))))
}
