//! Times as directories write them: Windows's count of ticks (MS-ADTS §3.1.1.2.2.2.3 and its neighbours), generalized time (RFC 4517 §3.3.13), days.

use time::{Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

/// Seconds from 1601 to 1970.
const WINDOWS_BEGINS: i64 = -11_644_473_600;
/// Ticks of 100 nanoseconds in a second.
const TICKS: i64 = 10_000_000;

/// A count of ticks since 1601. None where it means "never": 0, the greatest number, and what no calendar has.
pub fn windows(ticks: i64) -> Option<OffsetDateTime> {
    if ticks <= 0 || ticks == i64::MAX {
        return None;
    }
    let begin = OffsetDateTime::from_unix_timestamp(WINDOWS_BEGINS).ok()?;
    let nanoseconds = i32::try_from((ticks % TICKS) * 100).ok()?;
    begin.checked_add(Duration::new(ticks / TICKS, nanoseconds))
}

/// Days since 1970, as `shadowExpire` counts.
pub fn days(days: i64) -> Option<OffsetDateTime> {
    OffsetDateTime::UNIX_EPOCH.checked_add(Duration::days(i64::from(i32::try_from(days).ok()?)))
}

/// Generalized time: `20261129141500Z`, with or without minutes, seconds and fractions, in UTC or with an offset.
pub fn generalized(text: &str) -> Option<OffsetDateTime> {
    let zone = text.find(['Z', 'z', '+', '-'])?;
    let (stamp, offset) = text.split_at(zone);
    let (whole, fraction) =
        stamp.split_once(['.', ',']).map_or((stamp, None), |(whole, part)| (whole, Some(part)));
    if !matches!(whole.len(), 10 | 12 | 14) || !is_digits(whole) || !fraction.is_none_or(is_digits) {
        return None;
    }
    let number = |from: usize, to: usize| whole.get(from..to).map_or(Some(0), |part| part.parse::<u8>().ok());
    let year = whole.get(..4)?.parse().ok()?;
    let date = Date::from_calendar_date(year, Month::try_from(number(4, 6)?).ok()?, number(6, 8)?).ok()?;
    // A leap second is the second before it, as POSIX counts.
    let time = Time::from_hms(number(8, 10)?, number(10, 12)?, number(12, 14)?.min(59)).ok()?;
    let moment = PrimitiveDateTime::new(date, time).assume_offset(offset_of(offset)?);
    let Some(fraction) = fraction else { return Some(moment) };
    // It is one of the last unit that is written.
    let unit = match whole.len() {
        10 => 3_600,
        12 => 60,
        _ => 1,
    };
    let digits = fraction.get(..fraction.len().min(9))?;
    let nanoseconds = digits.parse::<i64>().ok()? * 10_i64.pow(9 - u32::try_from(digits.len()).ok()?) * unit;
    moment.checked_add(Duration::nanoseconds(nanoseconds))
}

/// As filters compare it: in UTC, to the second.
pub fn generalized_text(moment: OffsetDateTime) -> String {
    let moment = moment.to_offset(UtcOffset::UTC);
    let (date, time) = (moment.date(), moment.time());
    format!(
        "{:04}{:02}{:02}{:02}{:02}{:02}Z",
        date.year(),
        u8::from(date.month()),
        date.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn offset_of(text: &str) -> Option<UtcOffset> {
    if text.eq_ignore_ascii_case("z") {
        return Some(UtcOffset::UTC);
    }
    let sign: i8 = if text.starts_with('-') { -1 } else { 1 };
    let digits = text.get(1..)?;
    if !matches!(digits.len(), 2 | 4) || !is_digits(digits) {
        return None;
    }
    let hours: i8 = digits.get(..2)?.parse().ok()?;
    let minutes: i8 = digits.get(2..).filter(|rest| !rest.is_empty()).map_or(Ok(0), str::parse).ok()?;
    UtcOffset::from_hms(sign * hours, sign * minutes, 0).ok()
}
