//! A source, as pages name it: a provisioning tenant, an identity provider outside, or a directory. And how many it owns.

use edge_aws::inside::Op;
use edge_portal::words::language::Language;
use edge_portal::words::sentence::Sentence;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::attention::counted;
use crate::count::CountOf;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::page::encoded;

/// A source by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    Tenant(String),
    Provider(String),
    Directory(String),
}

impl Source {
    /// The one that an address or form names.
    pub(crate) fn asked(fields: &Fields) -> Option<Self> {
        let named = |name: &str, of: fn(String) -> Self| fields.some(name).map(|id| of(id.to_owned()));
        named("tenant", Self::Tenant)
            .or_else(|| named("provider", Self::Provider))
            .or_else(|| named("directory", Self::Directory))
    }

    /// Its name and id, as an address or form names it.
    pub(crate) fn field(&self) -> (&'static str, &str) {
        match self {
            Self::Tenant(id) => ("tenant", id),
            Self::Provider(id) => ("provider", id),
            Self::Directory(id) => ("directory", id),
        }
    }

    /// Where its page is, and below it what is its own.
    pub(crate) fn below(&self, end: &str) -> String {
        match self {
            Self::Tenant(id) => format!("/console/provisioning-tenants/{}{end}", encoded(id)),
            Self::Provider(id) => format!("/console/identity-providers/{}{end}", encoded(id)),
            Self::Directory(id) => format!("/console/directories/{}{end}", encoded(id)),
        }
    }

    /// What calls about it say.
    pub(crate) fn input(&self, desk: &Desk) -> Value {
        let (member, id) = match self {
            Self::Tenant(id) => ("TenantId", id),
            Self::Provider(id) => ("ConfigurationId", id),
            Self::Directory(id) => ("DirectoryId", id),
        };
        json!({ "IdentityStoreId": desk.identity_store_id(), member: id })
    }

    /// How many it owns; nothing where the role may not know.
    pub(crate) async fn counts(
        &self,
        desk: &Desk,
        admin: &mut Administrator,
    ) -> Result<Option<Counts>, Fault> {
        admin.call_if_allowed(desk, Op("portico", "GetOwnedCounts"), self.input(desk)).await
    }
}

/// How many a source owns.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Counts {
    users: CountOf,
    groups: CountOf,
}

impl Counts {
    /// Whether it owns nobody.
    pub(crate) fn is_nothing(self) -> bool {
        self.users.count == 0 && self.groups.count == 0
    }

    /// `3 people`
    pub(crate) fn users(self, language: impl std::borrow::Borrow<Language>) -> Sentence {
        counted(*language.borrow(), "owned-users", (self.users.count, self.users.at_least))
    }

    /// `2 groups`
    pub(crate) fn groups(self, language: impl std::borrow::Borrow<Language>) -> Sentence {
        counted(*language.borrow(), "owned-groups", (self.groups.count, self.groups.at_least))
    }
}
