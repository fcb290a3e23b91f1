//! Which source owns a person or group, as their pages say it.

use edge_aws::inside::Op;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::json;

use crate::administrator::Administrator;
use crate::desk::Desk;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    owner: Option<Owner>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Owner {
    name: Option<String>,
    tenant_id: Option<String>,
    source: String,
}

/// What people call the owner of what this member of a question names; `None` where there is none, and where the role may not know.
pub(crate) async fn of(
    desk: &Desk,
    admin: &mut Administrator,
    (member, id): (&'static str, &str),
) -> Result<Option<String>, Fault> {
    let asked = json!({"IdentityStoreId": desk.identity_store_id(), member: id});
    let answer = admin.call_if_allowed::<Answer>(desk, Op("portico", "DescribeOwner"), asked).await?;
    let owner = answer.and_then(|answer| answer.owner);
    Ok(owner.map(|Owner { name, tenant_id, source }| name.or(tenant_id).unwrap_or(source)))
}
