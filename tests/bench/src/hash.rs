//! What a sign-in cannot do without: the hash of the password, by itself, on the processor that servers have, with the library and at the cost of the
//! server's. It runs in a process of its own, of which the kernel says what it cost.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use hdrhistogram::Histogram;
use serde_json::{Value, json};

use crate::company::PASSWORD;
use crate::load::Measured;
use crate::process::{SERVER_CPU, Usage, usage_of};

/// The cost of Portico's own hashes, as [`crate::company::PASSWORD_HASH`] names it.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const HASH_BYTES: usize = 32;

/// Hashes for so long, in a process on the servers' processor.
pub(crate) async fn measure(period: Duration) -> anyhow::Result<Measured> {
    let millis = period.as_millis().to_string();
    let mut child = Command::new("taskset")
        .args(["-c", SERVER_CPU])
        .arg(std::env::current_exe()?)
        .args(["hash", "--millis", &millis])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("taskset")?;
    // The client is never idle beside a server: two processors of a virtual machine may be one of the real one, and each then slows the other.
    while child.try_wait()?.is_none() {
        tokio::task::yield_now().await;
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("the bare hash: {}", String::from_utf8_lossy(&output.stderr));
    }
    let told: Value = serde_json::from_slice(&output.stdout)?;
    let figure = |name: &str| told[name].as_f64().with_context(|| format!("{name} of the bare hash"));
    let mut latency = Histogram::new(3)?;
    for micros in told["latency"].as_array().context("latency of the bare hash")? {
        latency.record(micros.as_u64().unwrap_or_default())?;
    }
    let used = Usage {
        own_seconds: figure("own")?,
        kernel_seconds: figure("kernel")?,
        page_faults: figure("pageFaults")?,
    };
    Measured::of(&latency, figure("seconds")?, used)
}

/// Hashes in this process, over and over in the same memory; what it came to, as JSON.
pub(crate) fn run(period: Duration) -> anyhow::Result<String> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, Some(HASH_BYTES)).map_err(anyhow::Error::msg)?;
    let mut memory = vec![Block::default(); params.block_count()];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let (mut hash, mut latency) = ([0; HASH_BYTES], Vec::new());
    let before = usage_of(std::process::id())?;
    let begun = Instant::now();
    while begun.elapsed() < period {
        let once = Instant::now();
        argon2
            .hash_password_into_with_memory(PASSWORD.as_bytes(), &[7; 16], &mut hash, memory.as_mut_slice())
            .map_err(anyhow::Error::msg)?;
        latency.push(u64::try_from(once.elapsed().as_micros())?);
    }
    let (seconds, after) = (begun.elapsed().as_secs_f64(), usage_of(std::process::id())?);
    Ok(json!({
        "seconds": seconds, "latency": latency, "own": after.own_seconds - before.own_seconds,
        "kernel": after.kernel_seconds - before.kernel_seconds, "pageFaults": after.page_faults - before.page_faults,
    })
    .to_string())
}
