//! What a sign-in cannot do without: the hash of the password, by itself, with the library and at the cost of the server's.

use std::time::Duration;

use argon2::{Algorithm, Argon2, Block, Params, Version};

use crate::alone;
use crate::company::PASSWORD;
use crate::load::Measured;

/// The cost of Portico's own hashes, as [`crate::company::PASSWORD_HASH`] names it.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const HASH_BYTES: usize = 32;

/// Hashes for so long, in a process on the servers' processor.
pub(crate) async fn measure(period: Duration) -> anyhow::Result<Measured> {
    alone::measure(&["hash", "--millis", &period.as_millis().to_string()]).await
}

/// Hashes in this process, over and over in the same memory; what it came to, as JSON.
pub(crate) fn run(period: Duration) -> anyhow::Result<String> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, Some(HASH_BYTES)).map_err(anyhow::Error::msg)?;
    let mut memory = vec![Block::default(); params.block_count()];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut hash = [0; HASH_BYTES];
    alone::told(period, || {
        argon2
            .hash_password_into_with_memory(PASSWORD.as_bytes(), &[7; 16], &mut hash, memory.as_mut_slice())
            .map_err(anyhow::Error::msg)
    })
}
