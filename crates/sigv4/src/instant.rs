//! The two time forms that a signature may carry.

use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc2822;
use time::macros::format_description;
use time::{Date, Month, OffsetDateTime, Time};

const BASIC: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day]T[hour][minute][second]Z");

/// Seconds since the epoch of `20260101T000000Z`; `None` for any other form.
pub fn parse_basic(text: &str) -> Option<i64> {
    let (digits, rest) = text.as_bytes().split_at_checked(8)?;
    let [b'T', time @ .., b'Z'] = rest else { return None };
    let ([century, year, month, day], [hour, minute, second]) = (pairs(digits)?, pairs(time)?);
    let year = i32::from(century) * 100 + i32::from(year);
    let date = Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()?;
    let time = Time::from_hms(hour, minute, second).ok()?;
    Some(date.with_time(time).assume_utc().unix_timestamp())
}

/// `N` numbers of two digits each.
fn pairs<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let (pairs, rest) = text.as_chunks::<2>();
    let pairs = <[[u8; 2]; N]>::try_from(pairs).ok().filter(|_| rest.is_empty())?;
    let are_digits = pairs.as_flattened().iter().all(u8::is_ascii_digit);
    are_digits.then(|| pairs.map(|[tens, ones]| (tens - b'0') * 10 + (ones - b'0')))
}

/// `20260101T000000Z`.
pub fn format_basic(seconds: i64) -> String {
    OffsetDateTime::from_unix_timestamp(seconds).ok().and_then(|at| at.format(BASIC).ok()).unwrap_or_default()
}

/// The basic form of an HTTP `Date` header.
pub(crate) fn from_http_date(text: &str) -> Option<String> {
    OffsetDateTime::parse(text, &Rfc2822).ok().map(|at| format_basic(at.unix_timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_nothing_else() {
        for seconds in [0, 1_795_507_200, 951_782_399, 951_868_800, 4_107_542_400, -1] {
            assert_eq!(parse_basic(&format_basic(seconds)), Some(seconds));
        }
        for text in [
            "",
            "20260101T000000",
            "20260101 000000Z",
            "20260101T000000z",
            "+2026101T000000Z",
            "20260229T000000Z",
            "20260101T240000Z",
            "20260101T006000Z",
            "20260101T000060Z",
            "20261301T000000Z",
            "20260100T000000Z",
            "2026010１T00000Z",
            "120260101T000000Z",
            "2026-01-01T00:00:00Z",
        ] {
            assert_eq!(parse_basic(text), None, "{text}");
        }
    }
}
