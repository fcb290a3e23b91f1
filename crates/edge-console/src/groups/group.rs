//! One group, as all pages about it begin.

use edge_aws::inside::Op;
use model::fault::Fault;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::desk::Desk;
use crate::page::encoded;

/// A page about a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tab {
    /// Who is in it.
    Members,
    /// Which groups are in it, and which it is in.
    Groups,
}

impl Tab {
    /// As they are listed.
    pub(crate) const ALL: [Self; 2] = [Self::Members, Self::Groups];

    /// What it is called in the catalogs.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Members => "groups-tab-members",
            Self::Groups => "groups-tab-groups",
        }
    }
}

/// A group.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    /// As DescribeGroup answers.
    pub(crate) value: Value,
    tab: Tab,
}

impl Group {
    /// Asks for a group, for a page of `tab`.
    pub(crate) async fn of(
        desk: &Desk,
        admin: &mut Administrator,
        id: &str,
        tab: Tab,
    ) -> Result<Self, Fault> {
        let input = json!({"IdentityStoreId": desk.identity_store_id(), "GroupId": id});
        let value = admin.call(desk, Op("identitystore", "DescribeGroup"), input).await?;
        Ok(Self { value, tab })
    }

    fn text(&self, member: &str) -> &str {
        self.value.get(member).and_then(Value::as_str).unwrap_or_default()
    }

    /// `GroupId`
    pub(crate) fn id(&self) -> &str {
        self.text("GroupId")
    }

    /// `DisplayName`
    pub(crate) fn name(&self) -> &str {
        self.text("DisplayName")
    }

    /// `Description`
    pub(crate) fn description(&self) -> &str {
        self.text("Description")
    }

    /// `Revision`
    pub(crate) fn revision(&self) -> &str {
        self.text("Revision")
    }

    /// Whether this is the page that is shown.
    pub(crate) fn is_at(&self, tab: Tab) -> bool {
        self.tab == tab
    }

    /// Where a page about it is.
    pub(crate) fn at(&self, tab: Tab) -> String {
        match tab {
            Tab::Members => self.below(""),
            Tab::Groups => self.below("/groups"),
        }
    }

    /// Where what is its own is.
    pub(crate) fn below(&self, end: &str) -> String {
        place(self.id(), end)
    }
}

/// Where a group's page is, by an id that may be anything.
pub(crate) fn place(id: &str, end: &str) -> String {
    format!("/console/groups/{}{end}", encoded(id))
}
