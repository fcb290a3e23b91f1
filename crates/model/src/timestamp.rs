//! Points in time as the store keeps them: microseconds since the Unix epoch, UTC. Nothing here reads a clock.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A point in time, microseconds since the Unix epoch, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From whole seconds since the epoch; saturates far outside any calendar.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole milliseconds since the epoch: the unit of the portal API's `expiration`.
    pub const fn millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// Whole seconds since the epoch.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Seconds with a millisecond fraction: the form of timestamps in AWS JSON 1.1.
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds since 1970 stay below 2^53 for 285,000 years"
    )]
    pub fn epoch_seconds(self) -> f64 {
        self.millis() as f64 / 1_000.0
    }

    /// This moment plus `duration`, saturating.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)))
    }

    /// This moment minus `duration`, saturating.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)))
    }

    /// How long after `earlier` this is; zero when it is not after.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// To the minute, as people read it: `2026-11-28 12:40 UTC`.
    pub fn minute(self) -> String {
        self.rfc3339().replace('T', " ").chars().take(16).chain(" UTC".chars()).collect()
    }

    /// RFC 3339 in UTC with whole seconds, as CloudTrail and `~/.aws` caches write it: `2026-11-24T08:41:00Z`. Written by its digits:
    /// every record has one. What has no such form is written as the epoch.
    pub fn rfc3339(self) -> String {
        let at = OffsetDateTime::from_unix_timestamp(self.seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let Ok(year) = u16::try_from(at.year()) else { return "1970-01-01T00:00:00Z".to_owned() };
        let mut text = String::with_capacity(20);
        let parts = [at.month() as u8, at.day(), at.hour(), at.minute(), at.second()];
        let [century, year] = [year / 100, year % 100].map(|part| u8::try_from(part).unwrap_or(0));
        digits(&mut text, century);
        digits(&mut text, year);
        for (part, before) in parts.into_iter().zip(['-', '-', 'T', ':', ':']) {
            text.push(before);
            digits(&mut text, part);
        }
        text.push('Z');
        text
    }
}

/// Two digits.
fn digits(text: &mut String, part: u8) {
    text.push(char::from(b'0' + part / 10 % 10));
    text.push(char::from(b'0' + part % 10));
}

#[cfg(test)]
mod tests {
    use time::format_description::well_known::Rfc3339;

    use super::*;

    #[test]
    fn moments_are_written_as_rfc_3339_has_them() {
        for seconds in [
            0,
            -1,
            951_782_400,
            1_795_507_200,
            4_107_542_399,
            253_402_300_799,
            -62_135_596_800,
            -62_167_219_200,
        ] {
            let expected = OffsetDateTime::from_unix_timestamp(seconds).unwrap().format(&Rfc3339).unwrap();
            assert_eq!(Timestamp::from_seconds(seconds).rfc3339(), expected);
        }
        for seconds in [i64::MAX / 1_000_000, -62_167_219_201] {
            assert_eq!(Timestamp::from_seconds(seconds).rfc3339(), "1970-01-01T00:00:00Z");
        }
    }
}
