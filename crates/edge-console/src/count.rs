//! How much there is of something that a page says it will destroy: counted by the call that lists it, as far as one page of that goes.

use edge_aws::inside::Op;
use edge_portal::words::language::Language;
use edge_portal::words::sentence::Sentence;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::Value;

use crate::administrator::Administrator;
use crate::desk::Desk;

/// Rows that are counted at most.
const MOST: usize = 100;

/// So many, or more than are counted, as operations that count answer.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CountOf {
    pub(crate) count: usize,
    pub(crate) at_least: bool,
}

/// So many, or at least so many, or nobody may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    Exactly(usize),
    AtLeast(usize),
    Unknown,
}

impl Count {
    /// How many rows a call lists as `member`.
    pub(crate) async fn of(
        desk: &Desk,
        admin: &mut Administrator,
        listed: (Op, &str),
        mut input: Value,
    ) -> Self {
        input["MaxResults"] = Value::from(MOST);
        Self::of_whole(desk, admin, listed, input).await
    }

    /// [`Self::of`] a call that has no pages.
    pub(crate) async fn of_whole(
        desk: &Desk,
        admin: &mut Administrator,
        (op, member): (Op, &str),
        input: Value,
    ) -> Self {
        let answer: Result<Value, Fault> = admin.call(desk, op, input).await;
        let Ok(found) = answer else { return Self::Unknown };
        let rows = found.get(member).and_then(Value::as_array).map_or(0, Vec::len);
        if found.get("NextToken").is_some_and(Value::is_string) {
            Self::AtLeast(rows)
        } else {
            Self::Exactly(rows)
        }
    }

    /// Said of what `exactly` or, of more than were counted, `at_least` says; nothing where there is none.
    pub(crate) fn said(
        self,
        language: Language,
        (exactly, at_least, unknown): (&'static str, &'static str, &'static str),
    ) -> Option<Sentence> {
        match self {
            Self::Exactly(0) => None,
            Self::Exactly(count) => Some(language.say(exactly).count("count", count)),
            Self::AtLeast(count) => Some(language.say(at_least).count("count", count)),
            Self::Unknown => Some(language.say(unknown)),
        }
    }
}
