//! Points in time on a page: as machines read them, and as people do without a script, which says them in the reader's own zone.

use model::timestamp::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Number;

/// A moment of an answer: seconds since 1970, with their fractions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Moment(Timestamp);

impl Moment {
    /// As `<time datetime>` has it.
    pub(crate) fn machine(self) -> String {
        self.0.rfc3339()
    }

    /// To the minute, in UTC.
    pub(crate) fn text(self) -> String {
        self.0.minute()
    }
}

impl From<Timestamp> for Moment {
    fn from(moment: Timestamp) -> Self {
        Self(moment)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let written = Number::deserialize(from)?.to_string();
        let whole = written.split(['.', 'e']).next().unwrap_or_default();
        let seconds = whole.parse().map_err(|_| D::Error::custom(format!("no moment: {written}")))?;
        Ok(Self(Timestamp::from_seconds(seconds)))
    }
}
