//! Who of a directory is meant: below which entries, and by which filters.

use crate::dn::Dn;
use crate::filter::Filter;
use crate::schema::Schema;

/// Whom of a directory is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Below which entries people are.
    pub people: Vec<Dn>,
    /// Below which groups are; none: where people are.
    pub groups: Vec<Dn>,
    /// Which entries are people.
    pub people_filter: Filter,
    /// Which are groups.
    pub group_filter: Filter,
}

impl Scope {
    /// All people and groups below an entry.
    pub fn of(schema: Schema, base: Dn) -> Self {
        Self {
            people: vec![base],
            groups: Vec::new(),
            people_filter: schema.people(),
            group_filter: schema.groups(),
        }
    }

    /// Where people are, each entry once.
    pub fn people_bases(&self) -> Vec<&Dn> {
        outermost(&self.people)
    }

    /// Where groups are, each entry once.
    pub fn group_bases(&self) -> Vec<&Dn> {
        outermost(if self.groups.is_empty() { &self.people } else { &self.groups })
    }
}

/// Those that are not below another of them: what is below would be read twice.
fn outermost(bases: &[Dn]) -> Vec<&Dn> {
    let mut kept: Vec<&Dn> = Vec::new();
    for (at, base) in bases.iter().enumerate() {
        let is_inside = bases
            .iter()
            .enumerate()
            .any(|(other, outer)| base.is_within(outer) && (base != outer || other < at));
        if !is_inside {
            kept.push(base);
        }
    }
    kept
}
