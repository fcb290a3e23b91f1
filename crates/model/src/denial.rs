//! Why policies refused something, as values: what is sealed into a refusal for who administers the caller. Knows nothing of how policies are read.

use std::collections::BTreeMap;

/// A statement that applies to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchedStatement {
    /// Its `Sid`, or its number from 1.
    pub statement: String,
    /// Whether it forbids; otherwise it allows.
    pub forbids: bool,
    /// Its actions, as they are written; with a `!` before them for all but these.
    pub actions: Vec<String>,
    /// Its resources, likewise.
    pub resources: Vec<String>,
    /// Its conditions: keys and values.
    pub conditions: Vec<(String, Vec<String>)>,
}

/// An answer's reasons.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reasons {
    /// In words; empty where there are no policies to speak of.
    pub words: String,
    /// The statements that apply.
    pub matched: Vec<MatchedStatement>,
}

/// A refusal with its reasons, for who administers the caller: DecodeAuthorizationMessage. The caller itself reads nothing of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// What was asked for: `service:Operation`.
    pub action: String,
    /// On what.
    pub resource: String,
    /// Whether a statement forbids it.
    pub explicit: bool,
    /// Why.
    pub reasons: Reasons,
    /// Condition keys of the request.
    pub context: BTreeMap<String, Vec<String>>,
}
