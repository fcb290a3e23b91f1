//! What of identity providers ends soon, or has ended: an item of what needs attention.

use edge_aws::inside::Op;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::json;

use crate::administrator::Administrator;
use crate::attention::{Attention, Example, Item, REASONS, counted};
use crate::desk::Desk;
use crate::moment::Moment;
use crate::owned::source::Source;

const LIST: Op = Op("portico", "ListExpiringCredentials");
/// Rows that are counted at most.
const ROWS: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Expiring {
    credentials: Vec<Credential>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Credential {
    tenant_id: Option<String>,
    token_name: Option<String>,
    configuration_id: Option<String>,
    source_name: String,
    expires_at: Moment,
}

impl Credential {
    fn example(self) -> Example {
        let of = self.tenant_id.map(Source::Tenant).or_else(|| self.configuration_id.map(Source::Provider));
        let name = self.token_name.map(|name| format!(" · {name}")).unwrap_or_default();
        Example {
            text: format!("{}{name}", self.source_name),
            page: of.map(|source| source.below("")),
            why: String::new(),
            at: Some(self.expires_at),
        }
    }
}

/// Looks.
pub(crate) async fn look(desk: &Desk, admin: &mut Administrator, found: &mut Attention) -> Result<(), Fault> {
    let input = json!({ "IdentityStoreId": desk.identity_store_id(), "MaxResults": ROWS });
    let answer = admin.call::<Expiring>(desk, LIST, input).await;
    let Some(answer) = found.allowed(LIST, answer)? else { return Ok(()) };
    if answer.credentials.is_empty() {
        return Ok(());
    }
    let (now, language) = (admin.visitor.cx.now, admin.visitor.language);
    let count = (answer.credentials.len(), answer.next_token.is_some());
    found.items.push(Item {
        bad: false,
        heading: counted(language, "overview-expiring", count),
        todo: language.say(if answer.credentials.iter().any(|one| !one.expires_at.is_after(now)) {
            "overview-expired-todo"
        } else {
            "overview-expiring-todo"
        }),
        link: "/console/identity-providers",
        link_text: "overview-to-providers",
        examples: answer.credentials.into_iter().take(REASONS).map(Credential::example).collect(),
    });
    Ok(())
}
