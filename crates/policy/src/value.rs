//! The kinds of values that conditions compare: numbers, moments, address blocks, ARNs. IAM user guide, "IAM JSON policy elements:
//! Condition operators". A text that is none of a kind is `None`, never a guess. Knows nothing of operators.

use std::net::IpAddr;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::wildcard::{Glob, matches};

/// Whether a text can be the value of a condition key of a type, in the words of IAM's `ContextKeyType`; of types that are unknown anything can.
pub fn is_of_type(kind: &str, text: &str) -> bool {
    match kind {
        "numeric" => number(text).is_some(),
        "boolean" => boolean(text).is_some(),
        "ip" => Network::read(text).is_some(),
        "date" => moment(text).is_some(),
        "binary" => {
            let plain = text.trim_end_matches('=');
            text.len().is_multiple_of(4)
                && text.len() - plain.len() <= 2
                && plain.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte))
        }
        _ => true,
    }
}

/// A whole or decimal number.
pub(crate) fn number(text: &str) -> Option<f64> {
    let plain =
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    plain.then(|| text.parse().ok().filter(|number: &f64| number.is_finite())).flatten()
}

/// `true` or `false`, in any case.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Nanoseconds since 1970 of a date by W3C's profile of ISO 8601 (a year, a month, a day, or a day and a time with its zone), or of epoch
/// seconds, whole or with a fraction, of a year that has four digits. Four digits alone are a year.
pub(crate) fn moment(text: &str) -> Option<i128> {
    let is_year = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_year && let Some(moment) = epoch(text) {
        return Some(moment);
    }
    let full = match (text.split_once(['T', 't']), text.len()) {
        (None, 4) => format!("{text}-01-01T00:00:00Z"),
        (None, 7) => format!("{text}-01T00:00:00Z"),
        (None, _) => format!("{text}T00:00:00Z"),
        (Some((day, time)), _) => {
            let zone = time.find(['Z', 'z', '+', '-'])?;
            let (clock, zone) = time.split_at_checked(zone)?;
            let seconds = if clock.matches(':').count() == 1 { ":00" } else { "" };
            format!("{day}T{clock}{seconds}{zone}")
        }
    };
    OffsetDateTime::parse(&full, &Rfc3339).ok().map(OffsetDateTime::unix_timestamp_nanos)
}

fn epoch(text: &str) -> Option<i128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = (1..=9).contains(&fraction.len()) && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = OffsetDateTime::from_unix_timestamp(whole.parse().ok()?).ok()?.unix_timestamp_nanos();
    let nanoseconds: i128 = digits.then(|| format!("{fraction:0<9}").parse().ok()).flatten()?;
    Some(if whole.starts_with('-') { seconds - nanoseconds } else { seconds + nanoseconds })
}

/// An address block in CIDR form; a single address is a block of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    /// Reads `192.0.2.0/24`, `2001:db8::/32` or an address.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (address, bits) =
            text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            None => most,
            Some(bits) if bits.bytes().all(|byte| byte.is_ascii_digit()) => bits.parse().ok()?,
            Some(_) => return None,
        };
        (bits <= most).then_some(Self { address, bits })
    }

    /// Whether an address lies in the block. An IPv4 address in IPv6 clothes (`::ffff:…`) counts as IPv4.
    pub(crate) fn contains(self, other: IpAddr) -> bool {
        match (self.address, other.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let head = |address| u32::from(address).checked_shr(32 - self.bits).unwrap_or(0);
                head(own) == head(other)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let head = |address| u128::from(address).checked_shr(128 - self.bits).unwrap_or(0);
                head(own) == head(other)
            }
            _ => false,
        }
    }
}

/// Whether an ARN matches. Each of its six parts is matched by itself, so that a star does not reach across a colon; the last part is
/// the rest.
pub(crate) fn arn_matches(given: &str, wanted: &[Glob]) -> bool {
    if wanted == [Glob::Many] {
        return true;
    }
    let given: Vec<&str> = given.splitn(6, ':').collect();
    let wanted: Vec<&[Glob]> = wanted.splitn(6, |glob| *glob == Glob::Literal(':')).collect();
    given.len() == 6
        && wanted.len() == 6
        && wanted.iter().zip(&given).all(|(wanted, given)| matches(wanted, given))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wildcard::pattern;

    #[test]
    fn moments() {
        let second = 1_000_000_000;
        for (text, want) in [
            ("0", Some(0)),
            ("-1", Some(-second)),
            ("253402300799", Some(253_402_300_799 * second)),
            ("253402300800", None),
            ("-100000000000000000", None),
            ("1970-01-02", Some(86_400 * second)),
            ("1970-01-01T00:01Z", Some(60 * second)),
            ("1970-01-01T01:00:00+01:00", Some(0)),
            ("1970-01-01T01:00+01:00", Some(0)),
            ("1970-01-01T00:00:00.5Z", Some(second / 2)),
            ("1970-01-01T00:00:00", None),
            ("1970-13-01", None),
            ("1970", Some(0)),
            ("1971", Some(365 * 86_400 * second)),
            ("1970-02", Some(31 * 86_400 * second)),
            ("1970-13", None),
            ("1.5", Some(3 * second / 2)),
            ("-1.5", Some(-3 * second / 2)),
            ("1.", None),
            ("1.5.5", None),
            ("1e9", None),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(moment(text), want, "{text}");
        }
    }

    #[test]
    fn numbers() {
        for (text, want) in [
            ("5", Some(5.0)),
            ("-1.5", Some(-1.5)),
            ("1e3", Some(1000.0)),
            ("inf", None),
            ("NaN", None),
            ("", None),
        ] {
            assert_eq!(number(text), want, "{text}");
        }
    }

    #[test]
    fn networks() {
        for (block, address, want) in [
            ("192.0.2.0/24", "192.0.2.255", true),
            ("192.0.2.0/24", "192.0.3.0", false),
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.6", false),
            ("0.0.0.0/0", "203.0.113.1", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("192.0.2.0/24", "::ffff:192.0.2.9", true),
            ("::/0", "2001:db8::1", true),
            ("2001:db8::/32", "2001:db8:ffff::", true),
            ("2001:db8::/32", "2001:db9::", false),
        ] {
            assert_eq!(
                Network::read(block).unwrap().contains(address.parse().unwrap()),
                want,
                "{block} {address}"
            );
        }
        for bad in ["192.0.2.0/33", "2001:db8::/129", "192.0.2.0/", "192.0.2.0/+8", "192.0.2", "*"] {
            assert_eq!(Network::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn arn_parts_stand_alone() {
        for (wild, arn, want) in [
            ("arn:aws:iam::1:role/*", "arn:aws:iam::1:role/a/b:c", true),
            ("arn:aws:iam::*:role/x", "arn:aws:iam::1:role/x", true),
            ("arn:aws:*:role/x", "arn:aws:iam::1:role/x", false),
            ("arn:*:*:*:*:*", "arn:aws:iam::1:role/x", true),
            ("arn:*:*:*:*:*", "arn", false),
            ("arn:aws:iam", "arn:aws:iam::1:role/x", false),
            ("*", "anything", true),
            ("arn:aws:iam::1:role/x", "arn:aws:iam::1:role/X", false),
        ] {
            assert_eq!(arn_matches(arn, &pattern(wild)), want, "{wild} {arn}");
        }
    }
}
