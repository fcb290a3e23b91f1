//! One application, as all pages about it begin.

use applications::catalog::{self, Protocol, Provider};
use edge_aws::inside::Op;
use model::fault::{Fault, FaultKind};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::desk::Desk;
use crate::moment::Moment;
use crate::page::encoded;

/// Which one, as its address names it: whose it is, and its id.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct At {
    account: String,
    id: String,
}

impl At {
    /// The one of an ARN; `None` where that is none of an application.
    pub(crate) fn of(arn: &str) -> Option<Self> {
        let (account, path) = arn.strip_prefix("arn:aws:sso::")?.split_once(":application/")?;
        let (_, id) = path.split_once('/')?;
        Some(Self { account: account.to_owned(), id: id.to_owned() })
    }

    /// What operations call it.
    pub(crate) fn arn(&self, desk: &Desk) -> String {
        let Self { account, id } = self;
        format!("arn:aws:sso::{account}:application/{}/{id}", desk.portal.instance.id)
    }

    /// What calls about it say.
    pub(crate) fn input(&self, desk: &Desk) -> Value {
        json!({ "ApplicationArn": self.arn(desk) })
    }

    /// [`Self::input`] with more members.
    pub(crate) fn with(&self, desk: &Desk, more: Value) -> Value {
        let mut input = self.input(desk);
        if let (Some(members), Value::Object(more)) = (input.as_object_mut(), more) {
            members.extend(more);
        }
        input
    }

    /// Where its page is, and below it what is its own.
    pub(crate) fn below(&self, end: &str) -> String {
        format!("/console/applications/{}/{}{end}", encoded(&self.account), encoded(&self.id))
    }
}

/// A page about an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tab {
    /// What it is, and what it is to be told of us.
    Overview,
    /// How it is spoken to.
    Settings,
    /// By which certificates it knows us.
    Certificates,
    /// By which secrets it proves itself.
    Secrets,
    /// Who may use it.
    Assignments,
    /// Its tags.
    Tags,
}

impl Tab {
    /// What it is called in the catalogs.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Overview => "app-tab-overview",
            Self::Settings => "app-tab-settings",
            Self::Certificates => "app-tab-certificates",
            Self::Secrets => "app-tab-secrets",
            Self::Assignments => "app-tab-assignments",
            Self::Tags => "app-tab-tags",
        }
    }

    const fn end(self) -> &'static str {
        match self {
            Self::Overview => "",
            Self::Settings => "/settings",
            Self::Certificates => "/certificates",
            Self::Secrets => "/secrets",
            Self::Assignments => "/assignments",
            Self::Tags => "/tags",
        }
    }

    /// Where it is.
    pub(crate) fn page(self, at: &At) -> String {
        at.below(self.end())
    }
}

/// An application.
#[derive(Debug)]
pub(crate) struct Application {
    /// As DescribeApplication answers.
    pub(crate) value: Value,
    /// Which one.
    pub(crate) at: At,
    /// What kind it is, where the catalog still has that.
    pub(crate) provider: Option<&'static Provider>,
    tab: Tab,
}

impl Application {
    /// Asks for one, for a page of `tab`.
    pub(crate) async fn of(desk: &Desk, admin: &mut Administrator, at: &At, tab: Tab) -> Result<Self, Fault> {
        let value: Value = admin.call(desk, Op("sso-admin", "DescribeApplication"), at.input(desk)).await?;
        let provider = provider(value["ApplicationProviderArn"].as_str().unwrap_or_default())?;
        Ok(Self { value, at: at.clone(), provider, tab })
    }

    fn text(&self, member: &str) -> &str {
        self.value[member].as_str().unwrap_or_default()
    }

    /// `Name`
    pub(crate) fn name(&self) -> &str {
        self.text("Name")
    }

    /// `Description`
    pub(crate) fn description(&self) -> &str {
        self.text("Description")
    }

    /// `ApplicationArn`
    pub(crate) fn arn(&self) -> &str {
        self.text("ApplicationArn")
    }

    /// `ApplicationAccount`
    pub(crate) fn account(&self) -> &str {
        self.text("ApplicationAccount")
    }

    /// `CreatedDate`
    pub(crate) fn created_at(&self) -> Option<Moment> {
        serde_json::from_value(self.value["CreatedDate"].clone()).ok()
    }

    /// Where people begin who come from the portal; empty where that is for us to say.
    pub(crate) fn start_url(&self) -> &str {
        let options = &self.value["PortalOptions"]["SignInOptions"];
        options["ApplicationUrl"].as_str().filter(|_| options["Origin"] == "APPLICATION").unwrap_or_default()
    }

    /// Whether anybody may use it.
    pub(crate) fn is_enabled(&self) -> bool {
        self.text("Status") == "ENABLED"
    }

    /// Whether the portal shows it.
    pub(crate) fn is_visible(&self) -> bool {
        self.value["PortalOptions"]["Visibility"] != "DISABLED"
    }

    /// Whether it speaks SAML.
    pub(crate) fn is_saml(&self) -> bool {
        self.provider.is_some_and(|provider| provider.protocol == Protocol::Saml)
    }

    /// Whether it speaks OAuth 2.0 and OpenID Connect.
    pub(crate) fn is_oauth(&self) -> bool {
        self.provider.is_some_and(|provider| provider.protocol == Protocol::Oauth)
    }

    /// What it speaks, as people call it.
    pub(crate) fn speaks(&self) -> &'static str {
        self.provider.map_or("–", speaks)
    }

    /// What kind it is, as people call that.
    pub(crate) fn kind(&self) -> &str {
        self.provider
            .map_or_else(|| self.text("ApplicationProviderArn"), |provider| provider.display_name.as_str())
    }

    /// The pages about it.
    pub(crate) fn tabs(&self) -> Vec<Tab> {
        let own: &[Tab] = match (self.is_saml(), self.is_oauth()) {
            (true, _) => &[Tab::Settings, Tab::Certificates],
            (_, true) => &[Tab::Settings, Tab::Secrets],
            _ => &[],
        };
        [Tab::Overview].iter().chain(own).chain(&[Tab::Assignments, Tab::Tags]).copied().collect()
    }

    /// Whether this is the page that is shown.
    pub(crate) fn is_at(&self, tab: Tab) -> bool {
        self.tab == tab
    }

    /// Where a page about it is.
    pub(crate) fn to(&self, tab: Tab) -> String {
        self.below(tab.end())
    }

    /// Where what is its own is.
    pub(crate) fn below(&self, end: &str) -> String {
        self.at.below(end)
    }
}

/// What the catalog has for the ARN of a provider.
pub(crate) fn provider(arn: &str) -> Result<Option<&'static Provider>, Fault> {
    catalog::find(arn.rsplit('/').next().unwrap_or_default())
}

/// What a provider speaks, as people call it.
pub(crate) fn speaks(provider: &Provider) -> &'static str {
    match provider.protocol {
        Protocol::Saml => "SAML 2.0",
        Protocol::Oauth => "OAuth 2.0, OpenID Connect",
    }
}

/// What is decided of how an application is spoken to; nothing yet where that is nothing.
pub(crate) struct Decided(pub(crate) Option<Value>);

/// What an operation answers; nothing, where nothing is decided yet.
pub(crate) fn decided(answer: Result<Value, Fault>) -> Result<Option<Value>, Fault> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(why) if matches!(why.kind(), FaultKind::NotFound(_)) => Ok(None),
        Err(why) => Err(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_is_an_address() {
        let arn = "arn:aws:sso::123456789012:application/ssoins-0123456789abcdef/apl-0123456789abcdef";
        let at = At::of(arn).unwrap();
        assert_eq!(at.below("/tags"), "/console/applications/123456789012/apl-0123456789abcdef/tags");
        for bad in ["", "arn:aws:sso:::instance/ssoins-0123456789abcdef", "arn:aws:sso::1:application/x"] {
            assert!(At::of(bad).is_none(), "{bad}");
        }
    }
}
