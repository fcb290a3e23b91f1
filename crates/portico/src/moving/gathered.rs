//! Where what was read goes, entry by entry.

use crate::seed_access_file::{Assignment, PermissionSet};
use crate::seed_file::SeedFile;
use crate::seed_organization_file::{Account, Instance, Organization, Unit};
use crate::seed_people_file::{Group, User};

/// An entry of a seed file.
#[derive(Debug)]
pub(crate) enum Entry {
    /// First of all: the instance is made before what is in it.
    Head(Box<(Instance, Organization)>),
    Unit(Unit),
    Account(Account),
    User(Box<User>),
    Group(Group),
    PermissionSet(Box<PermissionSet>),
    Assignment(Assignment),
}

/// Takes entries in the order of the file: what an entry names has come before it.
pub(crate) trait Sink {
    /// One more.
    fn take(&mut self, entry: Entry) -> anyhow::Result<()>;
}

impl Sink for SeedFile {
    fn take(&mut self, entry: Entry) -> anyhow::Result<()> {
        match entry {
            Entry::Head(head) => (self.instance, self.organization) = (Some(head.0), Some(head.1)),
            Entry::Unit(unit) => self.organizational_units.push(unit),
            Entry::Account(account) => self.accounts.push(account),
            Entry::User(user) => self.users.push(*user),
            Entry::Group(group) => self.groups.push(group),
            Entry::PermissionSet(set) => self.permission_sets.push(*set),
            Entry::Assignment(assignment) => self.assignments.push(assignment),
        }
        Ok(())
    }
}
