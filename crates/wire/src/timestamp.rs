//! Times on the wire: JSON 1.1 writes epoch seconds with a fraction, Query and its XML write ISO 8601; both are read.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A time in seconds since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[serde(transparent)]
pub struct EpochSeconds(pub f64);

impl<'de> Deserialize<'de> for EpochSeconds {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(from)?;
        read(&value).map(Self).ok_or_else(|| D::Error::custom("not a timestamp"))
    }
}

/// The seconds that a JSON value means: a number, or ISO 8601 text.
pub fn read(value: &serde_json::Value) -> Option<f64> {
    match value {
        serde_json::Value::Number(number) => number.as_f64().filter(|seconds| seconds.abs() < 1e12),
        serde_json::Value::String(text) => {
            let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
            #[expect(
                clippy::cast_precision_loss,
                reason = "microseconds of any calendar year stay below 2^53"
            )]
            let micros = (at.unix_timestamp_nanos() / 1_000) as f64;
            Some(micros / 1e6)
        }
        _ => None,
    }
}

/// ISO 8601 in UTC with whole seconds.
pub fn iso(seconds: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "whole seconds are what is written; `as` saturates")]
    let whole = seconds.floor() as i64;
    OffsetDateTime::from_unix_timestamp(whole)
        .ok()
        .and_then(|at| at.format(&Rfc3339).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_forms_are_read() {
        assert_eq!(read(&json!(1_650_989_104.461)), Some(1_650_989_104.461));
        assert_eq!(read(&json!("2022-04-26T16:05:04Z")), Some(1_650_989_104.0));
        assert_eq!(read(&json!(true)), None);
        assert_eq!(iso(1_650_989_104.9), "2022-04-26T16:05:04Z");
    }
}
