//! What every device flow (RFC 8628) has in common, whoever asks: the code that a person compares, and the turns of those who poll. Knows no row.

use crate::entropy::{Entropy, bytes};
use crate::fault::{Fault, OAuthError};
use crate::timestamp::Timestamp;

/// Consonants and digits without the look-alikes 0, 1, I, O and without vowels, so that no word is spelled. 28 characters: eight
/// of them hold 38 bits.
const ALPHABET: &[u8; 28] = b"BCDFGHJKLMNPQRSTVWXZ23456789";
const USER_CODE_CHARACTERS: usize = 8;
/// A poll may come this much before its turn: networks are not clocks.
const POLL_TOLERANCE_MICROS: i64 = 200_000;
/// What a client that polls too fast must wait longer (RFC 8628 §3.5).
const SLOW_DOWN_SECONDS: i64 = 5;
const INTERVAL_SECONDS_MAX: i64 = 300;

/// A code as it is shown: `XXXX-XXXX`.
pub fn new_user_code(entropy: &dyn Entropy) -> String {
    let mut code = String::with_capacity(USER_CODE_CHARACTERS + 1);
    let mut drawn = 0;
    while drawn < USER_CODE_CHARACTERS {
        let [byte] = bytes::<1>(entropy);
        // Bytes beyond the last whole multiple of 28 would favour some characters: draw again.
        if usize::from(byte) >= 256 / ALPHABET.len() * ALPHABET.len() {
            continue;
        }
        if let Some(letter) = ALPHABET.get(usize::from(byte) % ALPHABET.len()) {
            if drawn == USER_CODE_CHARACTERS / 2 {
                code.push('-');
            }
            code.push(char::from(*letter));
            drawn += 1;
        }
    }
    code
}

/// The code as it was given out, from what a person typed: any case, with or without hyphen or spaces.
pub fn canonical(typed: &str) -> Option<String> {
    if typed.len() > 64 {
        return None;
    }
    let letters: Vec<u8> = typed
        .bytes()
        .filter(|byte| !matches!(byte, b'-' | b' '))
        .map(|byte| byte.to_ascii_uppercase())
        .collect();
    if letters.len() != USER_CODE_CHARACTERS || !letters.iter().all(|letter| ALPHABET.contains(letter)) {
        return None;
    }
    let mut code = String::from_utf8(letters).ok()?;
    code.insert(USER_CODE_CHARACTERS / 2, '-');
    Some(code)
}

/// What a poll hears while nobody has decided, the turn that it takes, and the interval from now on. A poll that comes early takes the next turn
/// in advance: AWS CLI 2.38 polls twice within a tenth of a second when it begins. One that comes before a turn taken in advance is
/// the second early one, and slows its client down.
pub fn wait((last_polled_at, interval_seconds): (Timestamp, i64), now: Timestamp) -> (Fault, Timestamp, i64) {
    let turns = |count: i64| last_polled_at.micros().saturating_add(count.saturating_mul(1_000_000));
    if now.micros().saturating_add(POLL_TOLERANCE_MICROS) >= turns(0) {
        let turn = turns(interval_seconds);
        let on_time = now.micros().saturating_add(POLL_TOLERANCE_MICROS) >= turn;
        let pending = Fault::oauth(OAuthError::AuthorizationPending, "The request waits for a person.");
        return (pending, if on_time { now } else { Timestamp::from_micros(turn) }, interval_seconds);
    }
    let slower = interval_seconds.saturating_add(SLOW_DOWN_SECONDS).min(INTERVAL_SECONDS_MAX);
    let message = format!("Polling too fast. Wait {slower} seconds between polls.");
    let turn = now.micros().saturating_add(slower.saturating_mul(1_000_000));
    (Fault::oauth(OAuthError::SlowDown, message), Timestamp::from_micros(turn), slower)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_code_is_read_as_people_type() {
        for typed in ["BCDF-2345", "bcdf-2345", "bcdf2345", " BCDF 2345 "] {
            assert_eq!(canonical(typed).as_deref(), Some("BCDF-2345"), "{typed}");
        }
        for typed in
            ["", "BCDF-234", "BCDF-23456", "BCDF-2340", "ACDF-2345", "BCDF\u{2011}2345", &"-".repeat(100)]
        {
            assert_eq!(canonical(typed), None, "{typed}");
        }
    }

    #[test]
    fn the_code_holds_at_least_38_bits() {
        let distinct: std::collections::BTreeSet<_> = ALPHABET.iter().collect();
        assert_eq!(distinct.len(), 28);
        assert!(28_u64.pow(8) >= 1 << 38);
    }
}
