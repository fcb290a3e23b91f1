//! What a pass over a directory hands on at a time.

use ldap::cursor::Cursor;
use ldap::found::{Change, Deletions};

/// Changes of a page at most.
pub(crate) const CHANGES_MAX: usize = 500;
/// Members of the groups of a page at most, but for a single group.
pub(crate) const MEMBERS_MAX: usize = 20_000;

/// Some of what a pass found.
#[derive(Debug)]
pub struct Page {
    /// What became of whom.
    pub changes: Vec<Change>,
    /// How far this is: to be kept once the changes are. None: only as far as before.
    pub cursor: Option<Cursor>,
    /// On the last page: what the pass says of those whom it did not name.
    pub end: Option<Deletions>,
}

/// A page that fills.
#[derive(Default)]
pub(crate) struct Filling {
    changes: Vec<Change>,
    members: usize,
}

impl Filling {
    pub(crate) fn add(&mut self, change: Change) {
        if let Change::Group(group) = &change {
            self.members += group.members.len();
        }
        self.changes.push(change);
    }

    pub(crate) fn is_full(&self) -> bool {
        self.changes.len() >= CHANGES_MAX || self.members >= MEMBERS_MAX
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// A page in the middle.
    pub(crate) fn page(self, cursor: Option<Cursor>) -> Page {
        Page { changes: self.changes, cursor, end: None }
    }

    /// The last page.
    pub(crate) fn last(self, cursor: Option<Cursor>, deletions: Deletions) -> Page {
        Page { changes: self.changes, cursor, end: Some(deletions) }
    }
}
