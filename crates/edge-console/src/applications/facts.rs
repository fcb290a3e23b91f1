//! What the catalog knows of an application, as the settings that an administrator is shown before they are theirs: nothing of it is applied by itself.

use std::collections::BTreeMap;

use applications::catalog::{
    AttributeFormat, NameIdFormat, OauthFacts, Pattern, Provider, SamlFacts, Value as Asked,
};
use model::fault::Fault;
use serde_json::{Value, json};

use crate::fields::Fields;
use crate::lines::without_nulls;
use crate::page::encoded;

/// What is before the names of values in forms and addresses.
const BEFORE: &str = "v-";

/// What an administrator must know of their own, as a form asks for it.
pub(crate) struct Needed {
    pub(crate) field: String,
    pub(crate) meaning: &'static str,
    pub(crate) example: &'static str,
    pub(crate) value: String,
    pub(crate) fault: Option<String>,
}

/// All of it for a provider, with what was typed, and with a refusal beside the one that it names.
pub(crate) fn needed(
    provider: &'static Provider,
    typed: &Fields,
    why: Option<(&Fault, &str)>,
) -> Vec<Needed> {
    let of = |value: &'static Asked| {
        let field = format!("{BEFORE}{}", value.name);
        let is_it = |(why, _): &(&Fault, &str)| why.message().starts_with(&format!("{} is ", value.name));
        Needed {
            value: typed.text(&field).to_owned(),
            meaning: &value.meaning,
            example: &value.example,
            fault: why.filter(is_it).map(|(_, said)| said.to_owned()),
            field,
        }
    };
    provider.values.iter().map(of).collect()
}

/// The values that were typed.
fn given(provider: &Provider, typed: &Fields) -> BTreeMap<String, String> {
    let of = |value: &Asked| {
        let text = typed.some(&format!("{BEFORE}{}", value.name))?;
        Some((value.name.clone(), text.to_owned()))
    };
    provider.values.iter().filter_map(of).collect()
}

/// The same as a query, to be carried to the settings.
pub(crate) fn carried(provider: &Provider, typed: &Fields) -> String {
    let mut query = String::new();
    for (name, value) in given(provider, typed) {
        query.extend(["&", BEFORE, &name, "=", &encoded(&value)]);
    }
    query
}

/// A provider with its values.
struct Filled<'a> {
    provider: &'a Provider,
    given: BTreeMap<String, String>,
}

impl Filled<'_> {
    fn text(&self, pattern: &Pattern) -> Result<String, Fault> {
        pattern.fill(&self.provider.values, &self.given)
    }

    fn maybe(&self, pattern: Option<&Pattern>) -> Result<Option<String>, Fault> {
        pattern.map(|pattern| self.text(pattern)).transpose()
    }

    fn all(&self, patterns: &[Pattern]) -> Result<Vec<String>, Fault> {
        patterns.iter().map(|pattern| self.text(pattern)).collect()
    }

    fn saml(&self, facts: &SamlFacts) -> Result<Value, Fault> {
        let consumers = self.all(&facts.acs_urls)?.into_iter().map(|url| json!({ "Url": url }));
        let format = match facts.name_id.format {
            NameIdFormat::Unspecified => "UNSPECIFIED",
            NameIdFormat::EmailAddress => "EMAIL_ADDRESS",
            NameIdFormat::Persistent => "PERSISTENT",
            NameIdFormat::Transient => "TRANSIENT",
        };
        // What is random is filled from nothing.
        let subject = (format != "TRANSIENT").then(|| self.text(&facts.name_id.value)).transpose()?;
        let mut attributes = Vec::new();
        for attribute in &facts.attributes {
            let format = match attribute.format {
                AttributeFormat::Unspecified => "UNSPECIFIED",
                AttributeFormat::Basic => "BASIC",
                AttributeFormat::Uri => "URI",
            };
            attributes.push(json!({
                "Name": attribute.name, "Value": self.text(&attribute.value)?, "Format": format,
            }));
        }
        // Not where sign-outs go: without a certificate of the application's none is believed.
        Ok(without_nulls(json!({
            "Audience": self.text(&facts.audience)?,
            "AssertionConsumerServices": consumers.collect::<Vec<_>>(),
            "Subject": { "Format": format, "Value": subject },
            "AttributeMappings": attributes,
            "RelayState": self.maybe(facts.relay_state.as_ref())?,
            "SignResponses": facts.sign_response,
        })))
    }

    fn oauth(&self, facts: &OauthFacts) -> Result<Value, Fault> {
        Ok(json!({
            "RedirectUris": self.all(&facts.redirect_uris)?,
            "PostLogoutRedirectUris": self.all(&facts.post_logout_redirect_uris)?,
            "Scopes": facts.scopes,
        }))
    }
}

/// The settings of a provider by these values, as operations have them; nothing for one that says only what it speaks.
pub(crate) fn settings(provider: &Provider, typed: &Fields) -> Result<Option<Value>, Fault> {
    let filled = Filled { provider, given: given(provider, typed) };
    match (&provider.saml, &provider.oauth) {
        (Some(facts), _) => filled.saml(facts).map(Some),
        (None, Some(facts)) => filled.oauth(facts).map(Some),
        (None, None) => Ok(None),
    }
}

/// Where people begin who come from the portal, where the catalog knows it.
pub(crate) fn start_url(provider: &Provider, typed: &Fields) -> Result<Option<String>, Fault> {
    let saml = provider.saml.as_ref().and_then(|facts| facts.start_url.as_ref());
    let pattern = saml.or_else(|| provider.oauth.as_ref().and_then(|facts| facts.start_url.as_ref()));
    Filled { provider, given: given(provider, typed) }.maybe(pattern)
}

#[cfg(test)]
mod tests {
    use applications::catalog::find;

    use super::*;

    #[test]
    fn the_catalog_fills_the_settings_and_refuses_what_would_lead_elsewhere() {
        let slack = find("slack").unwrap().unwrap();
        let typed = Fields::of([("v-workspace", "acme")]);
        let filled = settings(slack, &typed).unwrap().unwrap();
        assert_eq!(filled["AssertionConsumerServices"][0]["Url"], "https://acme.slack.com/sso/saml");
        assert_eq!(filled["Subject"], json!({"Format": "PERSISTENT", "Value": "${user:userId}"}));
        assert_eq!(carried(slack, &typed), "&v-workspace=acme");
        for bad in [Fields::of([("v-workspace", "evil.example/")]), Fields::default()] {
            let why = settings(slack, &bad).unwrap_err();
            let beside = needed(slack, &bad, Some((&why, "no")));
            assert_eq!(beside[0].fault.as_deref(), Some("no"), "{}", why.message());
        }
        assert!(settings(find("custom-saml").unwrap().unwrap(), &typed).unwrap().is_none());
    }
}
