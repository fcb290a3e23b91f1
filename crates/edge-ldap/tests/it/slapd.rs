//! An OpenLDAP server for one test, and what its administrator does to it.

use std::ops::Deref;

use testkit::scratch::Scratch;

/// The base of everything.
pub(crate) const BASE: &str = "dc=example,dc=test";

/// A server with people `u1`, `u2`, … and groups `g1`, ….
#[derive(Debug)]
pub(crate) struct Slapd(Scratch);

impl Deref for Slapd {
    type Target = Scratch;

    fn deref(&self) -> &Scratch {
        &self.0
    }
}

impl Slapd {
    pub(crate) fn start(people: usize, groups: usize) -> Self {
        Self(Scratch::slapd(people, groups))
    }

    /// Deletes people.
    pub(crate) fn dismiss(&self, people: impl IntoIterator<Item = usize>) {
        let entries = people
            .into_iter()
            .map(|number| format!("dn: uid=u{number},ou=people,{BASE}\nchangetype: delete\n\n"));
        self.change(&entries.collect::<String>());
    }
}
