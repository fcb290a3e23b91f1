//! Points in time on a page: as machines read them, and as people do without a script, which says them in the reader's own zone.

use model::timestamp::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Number;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, PrimitiveDateTime, Time};

/// A moment of an answer: seconds since 1970, with their fractions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Moment(Timestamp);

impl Moment {
    /// As `<time datetime>` has it.
    pub(crate) fn machine(self) -> String {
        self.0.rfc3339()
    }

    /// Whether it comes later than `other`.
    pub(crate) fn is_after(self, other: Timestamp) -> bool {
        self.0 > other
    }

    /// Seconds since 1970, to sort by.
    pub(crate) const fn seconds(self) -> i64 {
        self.0.seconds()
    }

    /// To the minute, in UTC.
    pub(crate) fn text(self) -> String {
        self.0.minute()
    }
}

/// How browsers write what is typed into a field for a moment: to the second where seconds matter.
const TYPED: [&[BorrowedFormatItem<'_>]; 2] = [
    format_description!("[year]-[month]-[day]T[hour]:[minute]"),
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]"),
];

/// A moment that was typed into a field, in UTC: with a time of day, or a day from its beginning on. `None` for what is none.
pub(crate) fn typed(text: &str) -> Option<Timestamp> {
    let text = text.trim().trim_end_matches(['Z', 'z']).replace(' ', "T");
    let at = TYPED.iter().find_map(|form| PrimitiveDateTime::parse(&text, form).ok()).or_else(|| {
        let day = Date::parse(&text, format_description!("[year]-[month]-[day]")).ok()?;
        Some(PrimitiveDateTime::new(day, Time::MIDNIGHT))
    })?;
    Some(Timestamp::from_seconds(at.assume_utc().unix_timestamp()))
}

/// As a field for a moment holds it, to the minute.
pub(crate) fn field(at: Timestamp) -> String {
    at.rfc3339().chars().take(16).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_a_moment_or_nothing() {
        for (text, expected) in [
            ("2026-11-28T12:40", Some(1_795_869_600)),
            (" 2026-11-28 12:40:00Z ", Some(1_795_869_600)),
            ("2026-11-28T12:40:30", Some(1_795_869_630)),
            ("2026-11-28", Some(1_795_824_000)),
            ("2026-02-30", None),
            ("28.11.2026", None),
            ("", None),
            ("now", None),
        ] {
            assert_eq!(typed(text).map(Timestamp::seconds), expected, "{text}");
        }
        assert_eq!(field(Timestamp::from_seconds(1_795_869_630)), "2026-11-28T12:40");
    }
}
