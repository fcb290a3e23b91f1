//! A trusted token issuer, as operations answer it.

use edge_aws::inside::Op;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::desk::Desk;
use crate::page::encoded;

/// Rows of a call: the most that there are.
const ROWS: usize = 100;
/// Calls that read all of them: few companies trust more than ten.
const CALLS: usize = 5;

/// One of the list.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Summary {
    trusted_token_issuer_arn: String,
    pub(crate) name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    #[serde(default)]
    trusted_token_issuers: Vec<Summary>,
    next_token: Option<String>,
}

impl Summary {
    /// Where its page is.
    pub(crate) fn place(&self) -> String {
        place(self.trusted_token_issuer_arn.rsplit('/').next().unwrap_or_default(), "")
    }
}

/// An issuer.
#[derive(Debug)]
pub(crate) struct Issuer {
    /// As DescribeTrustedTokenIssuer answers.
    pub(crate) value: Value,
    pub(crate) id: String,
}

impl Issuer {
    /// Asks for one.
    pub(crate) async fn of(desk: &Desk, admin: &mut Administrator, id: &str) -> Result<Self, Fault> {
        let op = Op("sso-admin", "DescribeTrustedTokenIssuer");
        let value = admin.call(desk, op, input(desk, id)).await?;
        Ok(Self { value, id: id.to_owned() })
    }

    /// `Name`
    pub(crate) fn name(&self) -> &str {
        self.value["Name"].as_str().unwrap_or_default()
    }

    fn told(&self, member: &str) -> &str {
        let told = &self.value["TrustedTokenIssuerConfiguration"]["OidcJwtConfiguration"];
        told[member].as_str().unwrap_or_default()
    }

    /// `IssuerUrl`
    pub(crate) fn url(&self) -> &str {
        self.told("IssuerUrl")
    }

    /// `ClaimAttributePath`
    pub(crate) fn claim(&self) -> &str {
        self.told("ClaimAttributePath")
    }

    /// `IdentityStoreAttributePath`
    pub(crate) fn attribute(&self) -> &str {
        self.told("IdentityStoreAttributePath")
    }

    /// Where its page is, and below it what is its own.
    pub(crate) fn below(&self, end: &str) -> String {
        place(&self.id, end)
    }
}

/// What calls about one say: `tti-…` of the account that owns the instance.
pub(crate) fn input(desk: &Desk, id: &str) -> Value {
    let instance = &desk.portal.instance;
    let arn = format!("arn:aws:sso::{}:trustedTokenIssuer/{}/{id}", instance.owner, instance.id);
    json!({ "TrustedTokenIssuerArn": arn })
}

/// Where the page of one is, by an id that may be anything.
pub(crate) fn place(id: &str, end: &str) -> String {
    format!("/console/token-issuers/{}{end}", encoded(id))
}

/// All of them, by name; nothing where the role may not know.
pub(crate) async fn all_if_allowed(
    desk: &Desk,
    admin: &mut Administrator,
) -> Result<Option<Vec<Summary>>, Fault> {
    let (mut all, mut token): (Vec<Summary>, Option<String>) = (Vec::new(), None);
    for _ in 0..CALLS {
        let input = json!({"InstanceArn": desk.instance_arn(), "MaxResults": ROWS, "NextToken": token});
        let found: Option<Listed> =
            admin.call_if_allowed(desk, Op("sso-admin", "ListTrustedTokenIssuers"), input).await?;
        let Some(found) = found else { return Ok(None) };
        all.extend(found.trusted_token_issuers);
        token = found.next_token;
        if token.is_none() {
            break;
        }
    }
    all.sort_by_cached_key(|one| one.name.to_lowercase());
    Ok(Some(all))
}
