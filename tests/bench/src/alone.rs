//! Work that is measured by itself: in a process of its own on the processor that servers have, of which the kernel says what it cost. This program runs itself for it. Knows not
//! what the work is.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use hdrhistogram::Histogram;
use serde_json::{Value, json};

use crate::load::Measured;
use crate::process::{SERVER_CPU, Usage, usage_of};

/// Runs this program with these arguments on the servers' processor; what it tells ([`told`]).
pub(crate) async fn measure(arguments: &[&str]) -> anyhow::Result<Measured> {
    let what = arguments.first().copied().unwrap_or_default();
    let mut child = Command::new("taskset")
        .args(["-c", SERVER_CPU])
        .arg(std::env::current_exe()?)
        .args(arguments)
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
        bail!("bench {what}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let told: Value = serde_json::from_slice(&output.stdout)?;
    let figure = |name: &str| told[name].as_f64().with_context(|| format!("{name} of bench {what}"));
    let mut latency = Histogram::new(3)?;
    for pair in told["latency"].as_array().context("latency")? {
        let at = |place: usize| pair.get(place).and_then(Value::as_u64).context("a count of microseconds");
        latency.record_n(at(0)?, at(1)?)?;
    }
    let used = Usage {
        own_seconds: figure("own")?,
        kernel_seconds: figure("kernel")?,
        page_faults: figure("pageFaults")?,
    };
    Measured::of(&latency, figure("seconds")?, used)
}

/// Does it over and over in this process; what it came to, as JSON: latencies as microseconds and how often, so that it fits into a pipe whatever there is of them.
pub(crate) fn told(period: Duration, mut once: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<String> {
    let mut latency = Histogram::<u64>::new(3)?;
    let before = usage_of(std::process::id())?;
    let begun = Instant::now();
    while begun.elapsed() < period {
        let one = Instant::now();
        once()?;
        latency.record(u64::try_from(one.elapsed().as_micros())?)?;
    }
    let (seconds, used) = (begun.elapsed().as_secs_f64(), usage_of(std::process::id())?.since(before));
    let counts: Vec<(u64, u64)> =
        latency.iter_recorded().map(|one| (one.value_iterated_to(), one.count_at_value())).collect();
    Ok(json!({
        "seconds": seconds, "latency": counts, "own": used.own_seconds, "kernel": used.kernel_seconds, "pageFaults": used.page_faults,
    })
    .to_string())
}
