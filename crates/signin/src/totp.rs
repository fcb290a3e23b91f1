//! Codes of six digits that an app shows: TOTP (RFC 6238) with what every app understands: SHA-1, thirty seconds, six digits.

use aws_lc_rs::hmac;
use model::timestamp::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use subtle::ConstantTimeEq as _;

/// Seconds that a code is shown.
const PERIOD: i64 = 30;
/// Steps before and after the present one whose codes are taken, for clocks that differ.
const DRIFT: i64 = 1;
/// Bytes of a secret: RFC 4226 §4 recommends 160 bits.
pub(crate) const SECRET_BYTES: usize = 20;

/// The six digits of a step (RFC 4226 §5.3).
fn code(secret: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let offset = tag.last().map_or(0, |last| usize::from(last & 15));
    let four = tag.get(offset..offset + 4).unwrap_or(&[0; 4]);
    let number = four.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte)) & 0x7FFF_FFFF;
    format!("{:06}", number % 1_000_000)
}

/// The step whose code this is, among those taken now that lie behind `last_step`.
pub(crate) fn step_of(secret: &[u8], given: &str, now: Timestamp, last_step: i64) -> Option<i64> {
    let present = now.seconds().div_euclid(PERIOD);
    // All are computed whichever fits: the time does not tell how far a clock is off.
    let mut found = None;
    for step in present - DRIFT..=present + DRIFT {
        let fits = bool::from(code(secret, step).as_bytes().ct_eq(given.as_bytes()));
        if fits && step > last_step {
            found = Some(step);
        }
    }
    found
}

/// The digits of what a person typed: apps show them in two groups.
pub(crate) fn digits(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}

/// A secret as apps take it: base32 without padding (RFC 4648).
pub fn base32(secret: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut out = String::new();
    for group in secret.chunks(5) {
        let mut bits = group.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        bits <<= 8 * (5 - group.len());
        let letters = (group.len() * 8).div_ceil(5);
        for at in 0..letters {
            let index = usize::try_from(bits >> (35 - 5 * at) & 31).unwrap_or_default();
            out.push(char::from(ALPHABET.get(index).copied().unwrap_or(b'A')));
        }
    }
    out
}

/// The address by which an app takes the secret, shown as a QR code.
pub fn address(secret: &[u8], user_name: &str, issuer: &str) -> String {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    format!(
        "otpauth://totp/{issuer}:{user}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period=30",
        issuer = encode(issuer),
        user = encode(user_name),
        secret = base32(secret)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_rfc_6238_appendix_b() {
        for (seconds, shown) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (2_000_000_000, "279037")]
        {
            assert_eq!(code(SECRET, seconds / PERIOD), shown);
        }
    }

    #[test]
    fn a_code_is_taken_one_step_around_and_never_twice() {
        let at = |seconds| Timestamp::from_seconds(seconds);
        assert_eq!(step_of(SECRET, "287082", at(59), 0), Some(1));
        assert_eq!(step_of(SECRET, "287082", at(89), 0), Some(1), "a clock that is behind");
        assert_eq!(step_of(SECRET, "287082", at(29), 0), Some(1), "a clock that is ahead");
        assert_eq!(step_of(SECRET, "287082", at(90), 0), None);
        assert_eq!(step_of(SECRET, "287082", at(59), 1), None, "used");
        assert_eq!(step_of(SECRET, "28708", at(59), 0), None);
    }

    #[test]
    fn secrets_are_written_as_apps_read_them() {
        assert_eq!(base32(b"foobar"), "MZXW6YTBOI");
        assert_eq!(base32(SECRET), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let address = address(SECRET, "jane doe@x", "Acme: Inc");
        assert!(
            address.starts_with("otpauth://totp/Acme%3A%20Inc:jane%20doe%40x?secret=GEZDGNBV"),
            "{address}"
        );
    }
}
