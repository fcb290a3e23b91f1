//! Where random bytes come from: a parameter of every call, so that tests are repeatable and no code reaches for an
//! ambient generator.

use std::cell::RefCell;
use std::fmt;
use std::sync::Mutex;

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use uuid::Uuid;

use crate::timestamp::Timestamp;

/// A source of random bytes.
pub trait Entropy: Send + Sync + fmt::Debug {
    /// Fills `bytes` with randomness.
    fn fill(&self, bytes: &mut [u8]);

    /// The same for ids, of which none is a secret: they may be drawn in advance.
    fn fill_id(&self, bytes: &mut [u8]) {
        self.fill(bytes);
    }
}

/// The operating system's generator, through AWS-LC.
#[derive(Debug, Default)]
pub struct SystemEntropy(SystemRandom);

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        // AWS-LC's generator aborts the process rather than hand out weak bytes; an error here means the same.
        if self.0.fill(bytes).is_err() {
            std::process::abort();
        }
    }

    /// Asking the generator costs as much for sixteen bytes as for many, and every call has two ids.
    fn fill_id(&self, bytes: &mut [u8]) {
        DRAWN.with_borrow_mut(|drawn| {
            if let Some(ready) = drawn.take(bytes.len()) {
                bytes.copy_from_slice(ready);
                return;
            }
            self.fill(&mut drawn.bytes);
            drawn.used = 0;
            match drawn.take(bytes.len()) {
                Some(ready) => bytes.copy_from_slice(ready),
                None => self.fill(bytes),
            }
        });
    }
}

/// Random bytes for ids.
struct Drawn {
    bytes: [u8; 1_024],
    used: usize,
}

thread_local! {
    static DRAWN: RefCell<Drawn> = const { RefCell::new(Drawn { bytes: [0; 1_024], used: 1_024 }) };
}

impl Drawn {
    /// The next bytes, each given once.
    fn take(&mut self, length: usize) -> Option<&[u8]> {
        let ready = self.bytes.get(self.used..)?.get(..length)?;
        self.used += length;
        Some(ready)
    }
}

/// A repeatable generator for tests (SplitMix64). Never for production.
#[derive(Debug)]
pub struct SeededEntropy(Mutex<u64>);

impl SeededEntropy {
    /// A generator that always yields the same bytes for the same seed.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for chunk in bytes.chunks_mut(8) {
            *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut word = *state;
            word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            word ^= word >> 31;
            let word = word.to_le_bytes();
            chunk.copy_from_slice(word.get(..chunk.len()).unwrap_or_default());
        }
    }
}

/// `N` random bytes.
pub fn bytes<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}

/// `N` random bytes of an id, which is no secret.
pub fn id_bytes<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill_id(&mut bytes);
    bytes
}

/// A random UUID (version 4): an id, never a secret.
pub fn uuid(entropy: &dyn Entropy) -> Uuid {
    uuid::Builder::from_random_bytes(id_bytes(entropy)).into_uuid()
}

/// A UUID (version 7) that sorts by time: rows that carry it are appended to an index, not scattered over it. The twelve
/// bits after the milliseconds hold the fraction of the millisecond, so that order holds below a millisecond too.
pub fn uuid_by_time(entropy: &dyn Entropy, now: Timestamp) -> Uuid {
    let millis = u64::try_from(now.millis()).unwrap_or(0);
    let fraction = u16::try_from(now.micros().rem_euclid(1_000) * 4_096 / 1_000).unwrap_or(0);
    let mut random = id_bytes::<10>(entropy);
    let [high, low] = fraction.to_be_bytes();
    random[0] = high;
    random[1] = low;
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn what_is_drawn_in_advance_is_given_once() {
        let entropy = SystemEntropy::default();
        let ids: HashSet<Uuid> = (0..1_000).map(|_| uuid(&entropy)).collect();
        assert_eq!(ids.len(), 1_000);
        let now = Timestamp::from_seconds(1);
        let ids: HashSet<Uuid> = (0..1_000).map(|_| uuid_by_time(&entropy, now)).collect();
        assert_eq!(ids.len(), 1_000);
        // More than is ever kept, and all of it random.
        let mut many = [0_u8; 3_000];
        entropy.fill_id(&mut many);
        assert!(many.chunks(16).all(|some| some.iter().any(|byte| *byte != 0)));
    }
}
