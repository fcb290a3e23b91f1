//! Argon2id on a bounded share of the machine. Each hash takes 19 MiB and tens of milliseconds, so only so many run at once,
//! only so many wait, and everyone beyond that is told to come back: a flood of sign-ins cannot starve the rest of the server. The memory of
//! a hash serves the next one, so that it is bounded whatever the allocator does.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use model::cx::Cx;
use model::entropy::bytes;
use model::fault::{Fault, FaultKind};
use model::saying::Saying;
use model::secret::Secret;
use subtle::ConstantTimeEq as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

/// OWASP's recommendation for Argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;
/// What a hash made elsewhere may cost or be worth: below, it protects nobody; above, it is a way to stop the server.
const MEMORY_KIB_RANGE: std::ops::RangeInclusive<u32> = 7_168..=65_536;
const PASSES_RANGE: std::ops::RangeInclusive<u32> = 1..=10;
const LANES_RANGE: std::ops::RangeInclusive<u32> = 1..=4;
/// Longer passwords than any policy admits are not normalised or hashed, only answered as wrong.
const PASSWORD_BYTES_MAX: usize = 1_024;

/// How long memory waits for the next hash before it is given back.
const SPARE: Duration = Duration::from_secs(10);

/// The bounded pool. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Hasher {
    permits: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    waiting_max: usize,
    spare: Spare,
}

/// Memory of hashes that are done, one for each permit at most, for as long as others follow.
#[derive(Debug, Clone, Default)]
struct Spare(Arc<Kept>);

#[derive(Debug, Default)]
struct Kept {
    memory: Mutex<Vec<Vec<Block>>>,
    /// Hashes that were computed.
    hashes: AtomicU64,
    /// Whether somebody waits to give the memory back.
    watched: AtomicBool,
}

impl Spare {
    fn memory(&self) -> MutexGuard<'_, Vec<Vec<Block>>> {
        self.0.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Vec<Block> {
        self.memory().pop().unwrap_or_default()
    }

    fn give(&self, memory: Vec<Block>) {
        self.0.hashes.fetch_add(1, Ordering::AcqRel);
        self.memory().push(memory);
    }

    /// Gives the memory back when no hash was computed for a while: a server whose people are all signed in has no use for 19 MiB.
    fn watch(&self) {
        if self.0.watched.swap(true, Ordering::AcqRel) {
            return;
        }
        let spare = self.clone();
        tokio::spawn(async move {
            loop {
                let before = spare.0.hashes.load(Ordering::Acquire);
                tokio::time::sleep(SPARE).await;
                if spare.0.hashes.load(Ordering::Acquire) == before {
                    break;
                }
            }
            spare.0.watched.store(false, Ordering::Release);
            *spare.memory() = Vec::new();
        });
    }
}

/// Leave to compute one hash.
#[derive(Debug)]
pub struct Admission {
    permit: OwnedSemaphorePermit,
    spare: Spare,
}

struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Hasher {
    /// A pool that computes `permits` hashes at once while up to `waiting_max` callers wait.
    pub fn new(permits: usize, waiting_max: usize) -> Self {
        let permits = Arc::new(Semaphore::new(permits.max(1)));
        Self { permits, waiting: Arc::default(), waiting_max, spare: Spare::default() }
    }

    /// Waits for its turn; `Throttled` when too many wait already.
    pub async fn admit(&self) -> Result<Admission, Fault> {
        self.queue(self.waiting_max).await
    }

    /// The same for somebody of whom nothing is known: strangers fill half of the queue at most, so that a flood of them never turns away
    /// people at browsers that they used before.
    pub async fn admit_stranger(&self) -> Result<Admission, Fault> {
        self.queue(self.waiting_max / 2).await
    }

    async fn queue(&self, waiting_max: usize) -> Result<Admission, Fault> {
        if let Ok(permit) = self.permits.clone().try_acquire_owned() {
            return Ok(Admission { permit, spare: self.spare.clone() });
        }
        if self.waiting.fetch_add(1, Ordering::AcqRel) >= waiting_max {
            self.waiting.fetch_sub(1, Ordering::AcqRel);
            return Err(Fault::say(FaultKind::Throttled(1), Saying::TooManySignIns));
        }
        let waiting = Waiting(&self.waiting);
        let permit = self.permits.clone().acquire_owned().await.map_err(Fault::internal)?;
        drop(waiting);
        Ok(Admission { permit, spare: self.spare.clone() })
    }
}

impl Admission {
    /// A new hash of `password`.
    pub async fn hash(self, cx: &Cx, password: &Secret) -> Result<PasswordHash, Fault> {
        let salt = bytes::<SALT_BYTES>(cx.entropy());
        let password = normal(password);
        self.run(move |memory| {
            let phc = Phc {
                memory_kib: MEMORY_KIB,
                passes: PASSES,
                lanes: LANES,
                salt: salt.to_vec(),
                hash: vec![0; HASH_BYTES],
            };
            let hash = phc.compute(password.as_bytes(), memory)?;
            Ok(PasswordHash(Phc { hash: hash.to_vec(), ..phc }.to_text()))
        })
        .await
    }

    /// Whether `password` is that of `hash`. Without a hash (no such user, no password) the same work is done for nothing.
    pub async fn verify(self, password: &Secret, hash: Option<&str>) -> Result<bool, Fault> {
        let fits = password.expose().len() <= PASSWORD_BYTES_MAX;
        let password = if fits { normal(password) } else { Zeroizing::new(String::new()) };
        let phc = hash.filter(|_| fits).map(Phc::parse).transpose()?;
        self.run(move |memory| {
            let real = phc.is_some();
            let phc = phc.unwrap_or_else(Phc::dummy);
            let found = phc.compute(password.as_bytes(), memory)?;
            Ok(real & bool::from(found.ct_eq(&phc.hash)))
        })
        .await
    }

    /// Runs on a blocking thread that keeps the permit: a caller who goes away does not make room for another hash before this
    /// one is done.
    async fn run<T: Send + 'static>(
        self,
        with: impl FnOnce(&mut Vec<Block>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        self.spare.watch();
        tokio::task::spawn_blocking(move || {
            let mut memory = self.spare.take();
            let outcome = with(&mut memory);
            // Hashes made elsewhere may have taken more than ours do.
            memory.truncate(MEMORY_KIB as usize);
            memory.shrink_to_fit();
            self.spare.give(memory);
            drop(self.permit);
            outcome
        })
        .await
        .map_err(Fault::internal)?
    }
}

/// The one form of a password that is hashed: composed (NFC), as RFC 8265 prescribes, so that two keyboards make one password.
fn normal(password: &Secret) -> Zeroizing<String> {
    Zeroizing::new(password.expose().nfc().collect())
}

/// A hash as it is kept: a PHC string whose algorithm and cost are known to be acceptable.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("PasswordHash(…)")
    }
}

impl PasswordHash {
    /// A hash made elsewhere, `$argon2id$v=19$m=…,t=…,p=…$salt$hash`.
    pub fn import(phc: &str) -> Result<Self, Fault> {
        Ok(Self(Phc::parse(phc)?.to_text()))
    }

    /// The PHC string.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A PHC string of Argon2id, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Phc {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl Phc {
    fn dummy() -> Self {
        Self {
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            lanes: LANES,
            salt: vec![0; SALT_BYTES],
            hash: vec![0; HASH_BYTES],
        }
    }

    fn parse(text: &str) -> Result<Self, Fault> {
        let refused = |what: &str| Fault::validation(format!("the password hash is not acceptable: {what}"));
        let form = || refused("it must read $argon2id$v=19$m=…,t=…,p=…$salt$hash");
        let parts: Vec<&str> = text.split('$').collect();
        let &["", "argon2id", "v=19", costs, salt, hash] = parts.as_slice() else {
            return Err(form());
        };
        let mut costs = costs.split(',');
        let mut cost = |name: &str| -> Result<u32, Fault> {
            let digits = costs.next().and_then(|cost| cost.strip_prefix(name)).ok_or_else(form)?;
            digits.parse().map_err(|_| form())
        };
        let (memory_kib, passes, lanes) = (cost("m=")?, cost("t=")?, cost("p=")?);
        if costs.next().is_some() {
            return Err(form());
        }
        for (name, value, range) in
            [("m", memory_kib, MEMORY_KIB_RANGE), ("t", passes, PASSES_RANGE), ("p", lanes, LANES_RANGE)]
        {
            if !range.contains(&value) {
                let (low, high) = (range.start(), range.end());
                return Err(refused(&format!("{name}={value} is not between {low} and {high}")));
            }
        }
        let decode = |part: &str| STANDARD_NO_PAD.decode(part).map_err(|_| form());
        let (salt, hash) = (decode(salt)?, decode(hash)?);
        if !(8..=64).contains(&salt.len()) {
            return Err(refused(&format!("a salt of {} bytes is not between 8 and 64", salt.len())));
        }
        if !(16..=64).contains(&hash.len()) {
            return Err(refused(&format!("a hash of {} bytes is not between 16 and 64", hash.len())));
        }
        Ok(Self { memory_kib, passes, lanes, salt, hash })
    }

    fn to_text(&self) -> String {
        let (salt, hash) = (STANDARD_NO_PAD.encode(&self.salt), STANDARD_NO_PAD.encode(&self.hash));
        format!("$argon2id$v=19$m={},t={},p={}${salt}${hash}", self.memory_kib, self.passes, self.lanes)
    }

    fn compute(&self, password: &[u8], memory: &mut Vec<Block>) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(self.hash.len()))
            .map_err(Fault::internal)?;
        let mut hash = Zeroizing::new(vec![0; self.hash.len()]);
        memory.resize(params.block_count(), Block::default());
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into_with_memory(password, &self.salt, &mut hash, memory.as_mut_slice())
            .map_err(Fault::internal)?;
        Ok(hash)
    }
}
