//! Passes read to their end, as whoever keeps people would.

use std::collections::{BTreeMap, BTreeSet};

use ldap::cursor::Cursor;
use ldap::found::{Change, Deletions, Group, Person};
use outbound::ldap::failure::Failure;
use outbound::ldap::pass::Pass;

/// What a pass found, from its first page to its last.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) people: BTreeMap<String, Person>,
    pub(crate) groups: BTreeMap<String, Group>,
    pub(crate) gone: BTreeSet<String>,
    pub(crate) still: BTreeSet<String>,
    pub(crate) pages: usize,
    pub(crate) cursor: Option<Cursor>,
    pub(crate) deletions: Option<Deletions>,
}

/// All of a pass: people by user name, groups by name, others by identifier.
pub(crate) async fn read(pass: Result<Pass, Failure>) -> Result<Found, Failure> {
    let mut pass = pass?;
    let mut found = Found::default();
    while let Some(page) = pass.next().await? {
        assert!(found.deletions.is_none(), "a page behind the last");
        assert!(page.changes.len() <= 500, "{} changes in one page", page.changes.len());
        found.pages += 1;
        found.cursor = page.cursor.or(found.cursor);
        found.deletions = page.end;
        for change in page.changes {
            match change {
                Change::Person(person) => {
                    found.people.insert(person.user_name.clone().unwrap_or_default(), *person);
                }
                Change::Group(group) => {
                    found.groups.insert(group.name.clone().unwrap_or_default(), *group);
                }
                Change::Gone(id) => {
                    found.gone.insert(id.to_string());
                }
                Change::Still(id) => {
                    found.still.insert(id.to_string());
                }
            }
        }
    }
    assert!(found.deletions.is_some(), "a pass that has no last page");
    Ok(found)
}

impl Found {
    /// How many were named at all.
    pub(crate) fn named(&self) -> usize {
        self.people.len() + self.groups.len() + self.gone.len() + self.still.len()
    }

    pub(crate) fn user_names(&self) -> Vec<&str> {
        self.people.keys().map(String::as_str).collect()
    }
}
