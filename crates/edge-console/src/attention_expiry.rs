//! What of identity providers and of applications ends soon, or has ended: an item each of what needs attention.

use edge_aws::inside::Op;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::json;

use crate::administrator::Administrator;
use crate::applications::application::{At, Tab};
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
    application_arn: Option<String>,
    secret_id: Option<String>,
    secret_name: Option<String>,
    source_name: String,
    expires_at: Moment,
}

impl Credential {
    fn example(self) -> Example {
        let of = self.tenant_id.map(Source::Tenant).or_else(|| self.configuration_id.map(Source::Provider));
        let tab = if self.secret_id.is_some() { Tab::Secrets } else { Tab::Certificates };
        let application = self.application_arn.and_then(|arn| At::of(&arn)).map(|at| tab.page(&at));
        let name = self.token_name.or(self.secret_name).map(|name| format!(" · {name}")).unwrap_or_default();
        Example {
            text: format!("{}{name}", self.source_name),
            page: of.map(|source| source.below("")).or(application),
            why: String::new(),
            at: Some(self.expires_at),
        }
    }
}

/// How what ends of something is said: what there is of it, what to do, what to do once one has ended, and where.
struct Said {
    heading: &'static str,
    todo: &'static str,
    over: &'static str,
    link: &'static str,
    link_text: &'static str,
}

const PROVIDERS: Said = Said {
    heading: "overview-expiring",
    todo: "overview-expiring-todo",
    over: "overview-expired-todo",
    link: "/console/identity-providers",
    link_text: "overview-to-providers",
};
const APPLICATIONS: Said = Said {
    heading: "overview-app-expiring",
    todo: "overview-app-expiring-todo",
    over: "overview-app-expired-todo",
    link: "/console/applications",
    link_text: "overview-to-applications",
};

/// Looks.
pub(crate) async fn look(desk: &Desk, admin: &mut Administrator, found: &mut Attention) -> Result<(), Fault> {
    let input = json!({ "IdentityStoreId": desk.identity_store_id(), "MaxResults": ROWS });
    let answer = admin.call::<Expiring>(desk, LIST, input).await;
    let Some(answer) = found.allowed(LIST, answer)? else { return Ok(()) };
    let (now, language) = (admin.visitor.cx.now, admin.visitor.language);
    let more = answer.next_token.is_some();
    let of_applications = |one: &Credential| one.application_arn.is_some();
    let (of_applications, of_providers): (Vec<_>, Vec<_>) =
        answer.credentials.into_iter().partition(of_applications);
    for (ending, said) in [(of_providers, PROVIDERS), (of_applications, APPLICATIONS)] {
        if ending.is_empty() {
            continue;
        }
        let is_over = ending.iter().any(|one| !one.expires_at.is_after(now));
        found.items.push(Item {
            bad: false,
            heading: counted(language, said.heading, (ending.len(), more)),
            todo: language.say(if is_over { said.over } else { said.todo }),
            link: said.link,
            link_text: said.link_text,
            examples: ending.into_iter().take(REASONS).map(Credential::example).collect(),
        });
    }
    Ok(())
}
