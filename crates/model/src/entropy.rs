//! Where random bytes come from: a parameter of every call, so that tests are repeatable and no code reaches for an
//! ambient generator.

use std::fmt;
use std::sync::Mutex;

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use uuid::Uuid;

use crate::timestamp::Timestamp;

/// A source of random bytes.
pub trait Entropy: Send + Sync + fmt::Debug {
    /// Fills `bytes` with randomness.
    fn fill(&self, bytes: &mut [u8]);
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

/// A random UUID (version 4).
pub fn uuid(entropy: &dyn Entropy) -> Uuid {
    uuid::Builder::from_random_bytes(bytes(entropy)).into_uuid()
}

/// A UUID (version 7) that sorts by time: rows that carry it are appended to an index, not scattered over it. The twelve
/// bits after the milliseconds hold the fraction of the millisecond, so that order holds below a millisecond too.
pub fn uuid_by_time(entropy: &dyn Entropy, now: Timestamp) -> Uuid {
    let millis = u64::try_from(now.millis()).unwrap_or(0);
    let fraction = u16::try_from(now.micros().rem_euclid(1_000) * 4_096 / 1_000).unwrap_or(0);
    let mut random = bytes::<10>(entropy);
    let [high, low] = fraction.to_be_bytes();
    random[0] = high;
    random[1] = low;
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}
