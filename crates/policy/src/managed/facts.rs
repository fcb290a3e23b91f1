//! The facts as they lie in `api/managed-policies.txt`: a line for each policy, sorted by path, of which only the line that is asked for
//! is ever read. Does not know ARNs.

use std::sync::LazyLock;

use model::timestamp::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// What a line says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Facts {
    /// The default version, `v1`.
    pub(super) version: String,
    created: String,
    updated: String,
    /// Whether the statements are all that it has.
    #[serde(default)]
    pub(super) whole: bool,
    /// The statements that concern us.
    #[serde(default)]
    pub(super) statements: Vec<Value>,
}

impl Facts {
    /// When the policy was made.
    pub(super) fn created_at(&self) -> Timestamp {
        moment(&self.created)
    }

    /// When it was changed last.
    pub(super) fn updated_at(&self) -> Timestamp {
        moment(&self.updated)
    }
}

fn moment(text: &str) -> Timestamp {
    let read = OffsetDateTime::parse(text, &Rfc3339);
    Timestamp::from_seconds(read.map_or(0, OffsetDateTime::unix_timestamp))
}

static LINES: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    include_str!("../../../../api/managed-policies.txt")
        .lines()
        .filter_map(|line| line.split_once(' '))
        .collect()
});

/// The facts of the policy at a path (`job-function/Billing`).
pub(super) fn at(path: &str) -> Option<Facts> {
    let at = LINES.binary_search_by_key(&path, |(known, _)| known).ok()?;
    LINES.get(at).and_then(|(_, facts)| serde_json::from_str(facts).ok())
}

/// The paths of all policies, in order.
pub(super) fn paths() -> impl Iterator<Item = &'static str> {
    LINES.iter().map(|(path, _)| *path)
}
