//! What is wrong with a document, and where in its text: found by whoever reads the parsed value, who knows elements, and told to people,
//! who look at lines. Knows nothing of what is right.

use std::fmt;
use std::ops::Range;

use model::fault::{Fault, FaultKind};

use crate::spot::{self, Step};

/// What is wrong, and the way to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    why: String,
    /// From the inmost step outwards, as it is known on the way back.
    way: Vec<Step>,
}

impl<T: Into<String>> From<T> for Wrong {
    fn from(why: T) -> Self {
        Self { why: why.into(), way: Vec::new() }
    }
}

impl Wrong {
    /// The same, as seen from one step further out.
    pub(crate) fn within(mut self, step: impl Into<Step>) -> Self {
        self.way.push(step.into());
        self
    }

    /// What is wrong, where a text around it says more.
    pub(crate) fn put(self, say: impl FnOnce(&str) -> String) -> Self {
        Self { why: say(&self.why), way: self.way }
    }

    /// Of this text. The statement is named by its number, from 1.
    pub(crate) fn of(mut self, text: &str) -> Flaw {
        self.way.reverse();
        let statement = match self.way.as_slice() {
            [Step::Member(_), Step::Element(at), ..] => Some(at + 1),
            _ => None,
        };
        let range = spot::find(text, &self.way);
        Flaw { why: self.why, statement, place: Some(Place::of(text, range)) }
    }

    /// Of a value whose text is not known.
    pub(crate) fn of_value(mut self) -> Flaw {
        self.way.reverse();
        let statement = match self.way.as_slice() {
            [Step::Member(_), Step::Element(at), ..] => Some(at + 1),
            _ => None,
        };
        Flaw { why: self.why, statement, place: None }
    }
}

/// Where in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The character of the line, from 1.
    pub column: usize,
    /// The bytes that are at fault.
    pub bytes: Range<usize>,
}

impl Place {
    /// Of bytes of a text.
    pub(crate) fn of(text: &str, bytes: Range<usize>) -> Self {
        let before = text.get(..bytes.start).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self { line, column, bytes }
    }
}

/// What is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// What is wrong.
    pub why: String,
    /// In which statement, from 1; `None`: in the document itself.
    pub statement: Option<usize>,
    /// Where.
    pub place: Option<Place>,
}

impl fmt::Display for Flaw {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(statement) = self.statement {
            write!(out, "statement {statement}: ")?;
        }
        out.write_str(&self.why)?;
        match &self.place {
            Some(Place { line, column, .. }) => write!(out, " (line {line}, column {column})"),
            None => Ok(()),
        }
    }
}

impl From<Flaw> for Fault {
    fn from(flaw: Flaw) -> Self {
        Self::new(
            FaultKind::Service("MalformedPolicyDocument"),
            format!("The policy document is malformed: {flaw}"),
        )
    }
}
