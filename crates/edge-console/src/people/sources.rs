//! Whose each attribute of a person is, where several sources speak of them.

use edge_aws::inside::Op;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::json;

use crate::administrator::Administrator;
use crate::desk::Desk;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    sources: Vec<Source>,
    attributes: Vec<Attribute>,
}

/// A source. One without a name and an id is the administrators here.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Source {
    name: Option<String>,
    tenant_id: Option<String>,
    configuration_id: Option<String>,
}

impl Source {
    /// What people call it; nothing for the administrators here.
    pub(crate) fn called(&self) -> Option<&str> {
        self.name.as_deref().or(self.tenant_id.as_deref()).or(self.configuration_id.as_deref())
    }
}

/// An attribute.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Attribute {
    /// Its path.
    pub(crate) attribute_path: String,
    /// Whose it is.
    pub(crate) owner: Source,
    /// Who says something else of it, or the same.
    pub(crate) kept_aside: Vec<Source>,
}

/// The attributes of a person; none where one source alone speaks of them, and where the role may not know.
pub(crate) async fn of(desk: &Desk, admin: &mut Administrator, id: &str) -> Result<Vec<Attribute>, Fault> {
    let asked = json!({"IdentityStoreId": desk.identity_store_id(), "UserId": id});
    let answer = admin.call_if_allowed::<Answer>(desk, Op("portico", "DescribeUserSources"), asked).await?;
    let several = answer.filter(|answer| answer.sources.len() > 1);
    Ok(several.map(|answer| answer.attributes).unwrap_or_default())
}
