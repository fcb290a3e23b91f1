//! Servers of a test's own, as the scripts start them, and settings that read them.

use std::ops::Deref;
use std::time::Duration;

use ldap::dn::Dn;
use ldap::mapping::Mapping;
use ldap::schema::Schema;
use ldap::scope::Scope;
use model::secret::Secret;
use outbound::ldap::directory::Directory;
use outbound::ldap::settings::{Account, Server, Servers, Settings, Trust};
use testkit::scratch::Scratch as Started;
use time::OffsetDateTime;
use time::macros::datetime;

use crate::server::{outbound, terms};

pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-29 12:00 UTC);

/// A server that a script started, of this kind.
pub(crate) struct Scratch {
    schema: Schema,
    server: Started,
}

impl Deref for Scratch {
    type Target = Started;

    fn deref(&self) -> &Started {
        &self.server
    }
}

/// OpenLDAP.
pub(crate) struct Slapd;

impl Slapd {
    pub(crate) fn start(people: usize, groups: usize) -> Scratch {
        Self::start_without("", people, groups)
    }

    /// One whose settings lack every line with a word.
    pub(crate) fn start_without(word: &str, people: usize, groups: usize) -> Scratch {
        Scratch::start(Schema::OpenLdap, "slapd-scratch", people, groups, &["--without", word])
    }
}

impl Scratch {
    pub(crate) fn start(
        schema: Schema,
        script: &str,
        people: usize,
        groups: usize,
        options: &[&str],
    ) -> Self {
        Self { schema, server: Started::start(script, people, groups, options) }
    }

    /// Settings that read everybody, over `ldaps://`.
    pub(crate) fn settings(&self) -> Settings {
        let schema = self.schema;
        Settings {
            servers: Servers::Named(vec![Server::parse(self.said("LDAPS")).unwrap()]),
            trust: Trust { authorities: Some(self.file("AUTHORITY")), ..Trust::default() },
            account: self.account("ACCOUNT", "PASSWORD"),
            schema,
            mapping: Mapping::of(schema),
            scope: Scope::of(schema, Dn::parse(self.said("BASE")).unwrap()),
            timeout: Duration::from_secs(10),
        }
    }

    pub(crate) fn account(&self, name: &str, password: &str) -> Account {
        Account::Simple { name: self.said(name).to_owned(), password: Secret::new(self.said(password)) }
    }

    pub(crate) fn directory(&self) -> Directory {
        directory(self.settings())
    }
}

/// A directory by settings, where loopback is allowed.
pub(crate) fn directory(settings: Settings) -> Directory {
    Directory::new(&outbound(terms(&["127.0.0.1", "localhost"])), settings).unwrap()
}
