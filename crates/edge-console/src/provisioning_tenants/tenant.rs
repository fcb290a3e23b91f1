//! A provisioning tenant and its tokens, as operations answer them.

use std::time::Duration;

use edge_aws::inside::Op;
use model::fault::Fault;
use model::timestamp::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::desk::Desk;
use crate::moment::Moment;
use crate::page::encoded;

/// More than an identity store has: the model's.
const ALL: usize = 100;
/// A token that ends so soon is to be replaced.
const SOON: Duration = Duration::from_hours(30 * 24);

/// A tenant.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tenant {
    pub(crate) tenant_id: String,
    name: Option<String>,
    pub(crate) scim_endpoint: String,
    pub(crate) created_at: Moment,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tenants {
    provisioning_tenants: Vec<Tenant>,
}

/// A token, without its secret.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Token {
    pub(crate) token_id: String,
    name: Option<String>,
    pub(crate) created_at: Moment,
    pub(crate) expires_at: Moment,
    pub(crate) last_used_at: Option<Moment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tokens {
    bearer_tokens: Vec<Token>,
}

impl Tenant {
    /// The one of this id.
    pub(crate) async fn of(desk: &Desk, admin: &mut Administrator, id: &str) -> Result<Self, Fault> {
        let all: Tenants = admin.call(desk, LIST, list(desk)).await?;
        let found = all.provisioning_tenants.into_iter().find(|tenant| tenant.tenant_id == id);
        found.ok_or_else(|| Fault::not_found(format!("There is no provisioning tenant {id}")))
    }

    /// All of them; nothing where the role may not know.
    pub(crate) async fn all_if_allowed(
        desk: &Desk,
        admin: &mut Administrator,
    ) -> Result<Option<Vec<Self>>, Fault> {
        let all = admin.call_if_allowed::<Tenants>(desk, LIST, list(desk)).await?;
        Ok(all.map(|all| all.provisioning_tenants))
    }

    /// What people call it; its id where nobody named it.
    pub(crate) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.tenant_id)
    }

    /// What calls about it say.
    pub(crate) fn input(&self, desk: &Desk) -> Value {
        json!({ "IdentityStoreId": desk.identity_store_id(), "TenantId": self.tenant_id })
    }

    /// Where its page is, and below it what is its own.
    pub(crate) fn below(&self, end: &str) -> String {
        place(&self.tenant_id, end)
    }

    /// Its tokens.
    pub(crate) async fn tokens(&self, desk: &Desk, admin: &mut Administrator) -> Result<Vec<Token>, Fault> {
        let mut input = self.input(desk);
        input["MaxResults"] = Value::from(ALL);
        let found: Tokens = admin.call(desk, Op("portico", "ListBearerTokens"), input).await?;
        Ok(found.bearer_tokens)
    }
}

const LIST: Op = Op("portico", "ListProvisioningTenants");

fn list(desk: &Desk) -> Value {
    json!({ "IdentityStoreId": desk.identity_store_id(), "MaxResults": ALL })
}

/// Where a tenant's page is, by an id that may be anything.
pub(crate) fn place(id: &str, end: &str) -> String {
    format!("/console/provisioning-tenants/{}{end}", encoded(id))
}

impl Token {
    /// What people call it; the beginning of its id where nobody named it.
    pub(crate) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_else(|| self.token_id.get(..8).unwrap_or(&self.token_id))
    }

    /// Whether it has ended.
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        !self.expires_at.is_after(now)
    }

    /// Whether it is to be replaced.
    pub(crate) fn is_soon_over(&self, now: Timestamp) -> bool {
        !self.expires_at.is_after(now.plus(SOON))
    }
}
