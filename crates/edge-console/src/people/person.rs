//! One person, as all pages about them begin: who it is, whether they may come in, and the pages that there are.

use edge_aws::inside::Op;
use model::fault::Fault;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::command;
use crate::desk::Desk;
use crate::page::encoded;
use crate::people::profile::ENTERPRISE;

/// A page about a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tab {
    /// Profile and status.
    Overview,
    /// Groups.
    Groups,
    /// Password, invitations, factors, sessions.
    SignIn,
}

impl Tab {
    /// As they are listed.
    pub(crate) const ALL: [Self; 3] = [Self::Overview, Self::Groups, Self::SignIn];

    /// What it is called in the catalogs.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Overview => "people-tab-overview",
            Self::Groups => "people-tab-groups",
            Self::SignIn => "people-tab-sign-in",
        }
    }

    /// The end of its address.
    const fn end(self) -> &'static str {
        match self {
            Self::Overview => "",
            Self::Groups => "/groups",
            Self::SignIn => "/sign-in",
        }
    }
}

/// A person.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    /// As DescribeUser answers.
    pub(crate) user: Value,
    tab: Tab,
}

impl Person {
    /// Asks for somebody, for a page of `tab`.
    pub(crate) async fn of(
        desk: &Desk,
        admin: &mut Administrator,
        id: &str,
        tab: Tab,
    ) -> Result<Self, Fault> {
        let input = json!({
            "IdentityStoreId": desk.identity_store_id(), "UserId": id, "Extensions": [ENTERPRISE],
        });
        let user = admin.call(desk, Op("identitystore", "DescribeUser"), input).await?;
        Ok(Self { user, tab })
    }

    fn text(&self, member: &str) -> &str {
        self.user.get(member).and_then(Value::as_str).unwrap_or_default()
    }

    /// `UserId`
    pub(crate) fn id(&self) -> &str {
        self.text("UserId")
    }

    /// `UserName`
    pub(crate) fn user_name(&self) -> &str {
        self.text("UserName")
    }

    /// What they are called; the user name where that is all there is.
    pub(crate) fn name(&self) -> &str {
        Some(self.text("DisplayName")).filter(|name| !name.is_empty()).unwrap_or_else(|| self.user_name())
    }

    /// `Revision`
    pub(crate) fn revision(&self) -> &str {
        self.text("Revision")
    }

    /// Whether they may come in.
    pub(crate) fn is_enabled(&self) -> bool {
        self.text("UserStatus") != "DISABLED"
    }

    /// Whether this is the page that is shown.
    pub(crate) fn is_at(&self, tab: Tab) -> bool {
        self.tab == tab
    }

    /// Where a page about them is.
    pub(crate) fn at(&self, tab: Tab) -> String {
        self.below(tab.end())
    }

    /// The command that does something of the service `portico` with them.
    pub(crate) fn command(&self, operation: &'static str) -> String {
        let input = json!({"IdentityStoreId": self.text("IdentityStoreId"), "UserId": self.id()});
        command::text(Op("portico", operation), &input)
    }

    /// Where what is theirs is.
    pub(crate) fn below(&self, end: &str) -> String {
        place(self.id(), end)
    }
}

/// Where a person's page is, by an id that may be anything.
pub(crate) fn place(id: &str, end: &str) -> String {
    format!("/console/people/{}{end}", encoded(id))
}
