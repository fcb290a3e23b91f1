//! The two time forms that a signature may carry.

use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc2822;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

const BASIC: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day]T[hour][minute][second]Z");

/// Seconds since the epoch of `20260101T000000Z`; `None` for any other form.
pub fn parse_basic(text: &str) -> Option<i64> {
    PrimitiveDateTime::parse(text, BASIC).ok().map(|at| at.assume_utc().unix_timestamp())
}

/// `20260101T000000Z`.
pub fn format_basic(seconds: i64) -> String {
    OffsetDateTime::from_unix_timestamp(seconds).ok().and_then(|at| at.format(BASIC).ok()).unwrap_or_default()
}

/// The basic form of an HTTP `Date` header.
pub(crate) fn from_http_date(text: &str) -> Option<String> {
    OffsetDateTime::parse(text, &Rfc2822).ok().map(|at| format_basic(at.unix_timestamp()))
}
