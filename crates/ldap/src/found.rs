//! What a directory was found to hold: people and groups as values, and what became of them. Members are as the directory names them: whom they mean
//! is for whoever has read everybody.

use std::collections::BTreeMap;
use std::fmt;

use crate::dn::Dn;
use crate::id::EntryId;
use crate::mapping::Field;
use crate::state::State;

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// What they stay, whatever they are called.
    pub id: EntryId,
    /// Where they are now.
    pub dn: Dn,
    /// By what they sign in, as the mapping says. None: the entry has nothing for it.
    pub user_name: Option<String>,
    /// The short name of their account.
    pub account_name: Option<String>,
    /// `userPrincipalName`, where there is one.
    pub principal_name: Option<String>,
    /// What is told of them; where only one value counts, one is there.
    pub fields: BTreeMap<Field, Vec<String>>,
    /// What else is told, by the names of the mapping.
    pub extra: BTreeMap<String, Vec<String>>,
    /// Whether they may sign in.
    pub state: State,
    /// A group that they are a member of without being in its list.
    pub primary_group: Option<GroupKey>,
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What it stays, whatever it is called.
    pub id: EntryId,
    /// Where it is now.
    pub dn: Dn,
    /// Its name.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// What people name it by whose primary group it is.
    pub key: Option<GroupKey>,
    /// Its members: people, groups, and what is gone or was never meant.
    pub members: Vec<Member>,
}

/// A member, as a group names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Member {
    /// By the name of its entry.
    Dn(Dn),
    /// By the short name of an account.
    Account(String),
}

/// By what people name their primary group: a security identifier, or the number of a group of Unix.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupKey(String);

impl GroupKey {
    pub(crate) fn new(text: String) -> Self {
        Self(text)
    }

    /// From what was kept.
    pub fn parse(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// As it is kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for GroupKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// What became of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A person is there, like this.
    Person(Box<Person>),
    /// A group is there, like this.
    Group(Box<Group>),
    /// It is deleted or out of scope. It may never have been in it: DirSync tells of everything.
    Gone(EntryId),
    /// It is as it was.
    Still(EntryId),
}

/// What a pass says of those whom it did not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletions {
    /// Each that is gone was told. The others are as they were.
    Told,
    /// Whoever was not named is gone.
    ByAbsence,
    /// Nothing: only a full pass finds out who is gone.
    Untold,
}
