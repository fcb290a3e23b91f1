//! What a file of the catalog says, and everything that is asked of it: `Provider::read` takes no member that it does not know, and no address that is not
//! whole. Does not know where the files are.

use serde::Deserialize;

use super::pattern::{Pattern, Value, ValueKind, named};

/// As the model has it (`DisplayData`).
const DISPLAY_NAME_MAX: usize = 100;
const DESCRIPTION_MAX: usize = 128;
/// What is said beside the facts.
const HINT_MAX: usize = 240;
/// Schemes that no program of a person's own is called by.
const NOT_OWN_SCHEMES: [&str; 8] =
    ["http", "https", "javascript", "vbscript", "data", "file", "blob", "about"];

/// A well-known application.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Provider {
    /// The last part of its ARN, and the name of its file: lower case, digits and hyphens.
    pub name: String,
    /// What people call it.
    pub display_name: String,
    /// What it is, in a sentence.
    pub description: String,
    /// By which protocol it signs people in.
    pub protocol: Protocol,
    /// What an administrator must know of their own before the patterns are addresses.
    #[serde(default)]
    pub values: Vec<Value>,
    /// What must be done at the application, or known of it, that no setting here says.
    pub hint: Option<String>,
    /// The facts for SAML; a custom application has none.
    pub saml: Option<SamlFacts>,
    /// The facts for OAuth 2.0 and OpenID Connect; a custom application has none.
    pub oauth: Option<OauthFacts>,
    /// Where the facts are from.
    pub sources: Vec<Source>,
}

/// As `FederationProtocol` says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Protocol {
    /// SAML 2.0.
    Saml,
    /// OAuth 2.0 and OpenID Connect.
    Oauth,
}

impl Protocol {
    /// As people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Saml => "SAML",
            Self::Oauth => "OAuth 2.0",
        }
    }
}

/// What a service provider of SAML wants.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SamlFacts {
    /// Where assertions are sent; the first is the default.
    pub acs_urls: Vec<Pattern>,
    /// Its entity id.
    pub audience: Pattern,
    /// The subject.
    pub name_id: NameId,
    /// What it reads of a person.
    #[serde(default)]
    pub attributes: Vec<Attribute>,
    /// Where somebody begins who comes from the portal, where the application wants to ask first.
    pub start_url: Option<Pattern>,
    /// What is handed over unchanged with an assertion that was not asked for.
    pub relay_state: Option<Pattern>,
    /// Where sign-outs are sent.
    pub logout_url: Option<Pattern>,
    /// Where it publishes its metadata.
    pub metadata_url: Option<Pattern>,
    /// Whether it wants the response signed too, not only the assertion.
    #[serde(default)]
    pub sign_response: bool,
}

/// The subject of an assertion.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameId {
    /// Its format.
    pub format: NameIdFormat,
    /// The text that it is filled from: `${user:email}`.
    pub value: Pattern,
}

/// Formats of a subject, by the last word of their URN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NameIdFormat {
    /// The application does not say, or reads any.
    Unspecified,
    /// An address.
    EmailAddress,
    /// The same for ever.
    Persistent,
    /// Another at each sign-in.
    Transient,
}

/// An attribute of an assertion.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// As the application calls it.
    pub name: String,
    /// The format of its name.
    #[serde(default)]
    pub format: AttributeFormat,
    /// The text that it is filled from.
    pub value: Pattern,
}

/// Formats of an attribute's name, by the last word of their URN.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AttributeFormat {
    /// The application does not say.
    #[default]
    Unspecified,
    /// A plain word.
    Basic,
    /// A URI.
    Uri,
}

/// What a client of OAuth 2.0 or OpenID Connect wants.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OauthFacts {
    /// Where codes are sent.
    pub redirect_uris: Vec<Pattern>,
    /// Where it leads people after a sign-out.
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<Pattern>,
    /// What it asks for.
    pub scopes: Vec<String>,
    /// Where somebody begins who comes from the portal.
    pub start_url: Option<Pattern>,
}

/// Where a fact is from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// What the page is called.
    pub title: String,
    /// Where it is.
    pub url: String,
    /// As of when, or of which version, where that matters.
    pub of: Option<String>,
}

impl Provider {
    /// Reads a file of the catalog and holds it to everything that is asked of one.
    pub(super) fn read(name: &str, text: &str) -> Result<Self, String> {
        let read: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if read.name != name {
            return Err(format!("is named {}", read.name));
        }
        read.check_words()?;
        read.check_facts()?;
        read.check_values()?;
        Ok(read)
    }

    /// Whether every word of a text, in lower case, stands in what it is called, said to be or speaks.
    pub(super) fn says(&self, text: &str) -> bool {
        let speaks = match self.protocol {
            Protocol::Saml => "SAML 2.0",
            Protocol::Oauth => "OAuth 2.0 OpenID Connect OIDC",
        };
        let said =
            format!("{} {} {} {speaks}", self.name, self.display_name, self.description).to_lowercase();
        text.split_whitespace().all(|word| said.contains(word))
    }

    /// Whether it stands for whatever speaks its protocol.
    pub fn is_custom(&self) -> bool {
        super::CUSTOM.contains(&self.name.as_str())
    }

    /// Every pattern of it, each with what it is and whether it must be an address.
    pub fn patterns(&self) -> Vec<(&'static str, &Pattern, bool)> {
        let mut patterns = Vec::new();
        if let Some(saml) = &self.saml {
            patterns.extend(saml.acs_urls.iter().map(|acs_url| ("acsUrls", acs_url, true)));
            patterns.push(("audience", &saml.audience, false));
            patterns.push(("nameId", &saml.name_id.value, false));
            patterns.extend(saml.attributes.iter().map(|attribute| ("attributes", &attribute.value, false)));
            patterns.extend(saml.relay_state.iter().map(|state| ("relayState", state, false)));
            patterns.extend(saml.start_url.iter().map(|url| ("startUrl", url, true)));
            patterns.extend(saml.logout_url.iter().map(|url| ("logoutUrl", url, true)));
            patterns.extend(saml.metadata_url.iter().map(|url| ("metadataUrl", url, true)));
        }
        if let Some(oauth) = &self.oauth {
            patterns.extend(oauth.redirect_uris.iter().map(|url| ("redirectUris", url, true)));
            let after = oauth.post_logout_redirect_uris.iter();
            patterns.extend(after.map(|url| ("postLogoutRedirectUris", url, true)));
            patterns.extend(oauth.start_url.iter().map(|url| ("startUrl", url, true)));
        }
        patterns
    }

    fn check_words(&self) -> Result<(), String> {
        let plain = |one: char| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '-';
        if self.name.is_empty() || !self.name.chars().all(plain) {
            return Err("the name is not of lower case, digits and hyphens".to_owned());
        }
        if !(1..=DISPLAY_NAME_MAX).contains(&self.display_name.chars().count()) {
            return Err(format!("displayName has not 1 to {DISPLAY_NAME_MAX} characters"));
        }
        let length = self.description.chars().count();
        if !(1..=DESCRIPTION_MAX).contains(&length) || !self.description.ends_with('.') {
            return Err(format!("description is not a sentence of at most {DESCRIPTION_MAX} characters"));
        }
        if self.hint.as_ref().is_some_and(|hint| !hint.ends_with('.') || hint.chars().count() > HINT_MAX) {
            return Err(format!("hint is not a sentence of at most {HINT_MAX} characters"));
        }
        if self.sources.is_empty() {
            return Err("has no source".to_owned());
        }
        let untold = |source: &Source| source.title.is_empty() || !source.url.starts_with("https://");
        match self.sources.iter().find(|source| untold(source)) {
            Some(source) => Err(format!("a source has no title, or no https address: {}", source.url)),
            None => Ok(()),
        }
    }

    fn check_values(&self) -> Result<(), String> {
        for (at, value) in self.values.iter().enumerate() {
            let name = &value.name;
            if !named(name) || self.values.iter().take(at).any(|other| other.name == *name) {
                return Err(format!("{name} is no name of a value, or is there twice"));
            }
            if value.meaning.is_empty() || !value.kind.allows(&value.example) {
                return Err(format!("{name} has no meaning, or an example that is not of its kind"));
            }
            if !self.patterns().iter().any(|(_, pattern, _)| pattern.places().any(|place| place == name)) {
                return Err(format!("{name} is asked for and never used"));
            }
        }
        Ok(())
    }

    fn check_facts(&self) -> Result<(), String> {
        let told = match self.protocol {
            Protocol::Saml => (self.saml.is_some(), self.oauth.is_some()),
            Protocol::Oauth => (self.oauth.is_some(), self.saml.is_some()),
        };
        if told != (!self.is_custom(), false) {
            return Err("does not say the facts of its protocol, and no others".to_owned());
        }
        if self.saml.as_ref().is_some_and(|saml| saml.acs_urls.is_empty()) {
            return Err("has no ACS URL".to_owned());
        }
        if self.oauth.as_ref().is_some_and(|oauth| oauth.redirect_uris.is_empty() || oauth.scopes.is_empty())
        {
            return Err("has no redirect URI, or no scope".to_owned());
        }
        for (what, pattern, address) in self.patterns() {
            let at = |why: String| format!("{what}: {pattern}: {why}");
            if pattern.as_str().is_empty() {
                return Err(at("is empty".to_owned()));
            }
            if let Some(place) = pattern.places().find(|place| self.value(place).is_none()) {
                return Err(at(format!("{place} is not among the values")));
            }
            if address {
                self.check_address(pattern, what == "redirectUris").map_err(at)?;
            }
        }
        Ok(())
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|value| value.name == name)
    }

    /// That a pattern is an address however its places are filled: https, a host that no value but a host's name or a part of it can change, no fragment.
    /// What comes back to a program on the person's own machine is http on loopback or a scheme of its own (RFC 8252, sections 7.1 and 7.3).
    fn check_address(&self, pattern: &Pattern, redirect: bool) -> Result<(), String> {
        let text = pattern.as_str();
        if text.contains(|one: char| one.is_whitespace() || one.is_control() || one == '#') {
            return Err("has a blank or a fragment".to_owned());
        }
        let Some((scheme, rest)) = text.split_once(':') else { return Err("is no address".to_owned()) };
        let authority =
            rest.strip_prefix("//").map_or("", |rest| rest.split(['/', '?']).next().unwrap_or_default());
        let loopback = ["localhost", "127.0.0.1"].contains(&authority.split(':').next().unwrap_or_default());
        let own_scheme = redirect && !NOT_OWN_SCHEMES.contains(&scheme) && named(scheme) && !rest.is_empty();
        if own_scheme || scheme == "http" && loopback {
            return Ok(());
        }
        if scheme != "https" || authority.is_empty() || authority.contains('@') {
            return Err("is not https with a host".to_owned());
        }
        let authority = Pattern::try_from(authority.to_owned())?;
        let odd = authority.places().find(|place| match self.value(place).map(|value| value.kind) {
            // With its port, it is the whole of what stands there.
            Some(ValueKind::Host) => authority.as_str() != format!("{{{place}}}"),
            Some(ValueKind::Domain | ValueKind::Label) => false,
            Some(ValueKind::Id) | None => true,
        });
        odd.map_or(Ok(()), |place| Err(format!("{place} could change the host")))
    }
}
