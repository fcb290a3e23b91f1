//! Closed-loop load: each connection asks, waits for the answer, asks again. One thread drives all of them, so that the client costs as
//! little as it can of the machine that it shares with the server.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use hdrhistogram::Histogram;
use tokio::task::JoinSet;

use crate::http::Connection;
use crate::process::Process;

/// What one connection does over and over.
pub(crate) trait Operation: 'static {
    /// Does it once and checks the answer.
    async fn perform(&mut self, connection: &mut Connection) -> anyhow::Result<()>;
}

/// What a while of load came to.
#[derive(Debug, Clone)]
pub(crate) struct Measured {
    pub(crate) operations: u64,
    pub(crate) seconds: f64,
    pub(crate) cpu_seconds: f64,
    /// Microseconds.
    latency: Histogram<u64>,
}

impl Measured {
    fn nothing() -> anyhow::Result<Self> {
        Ok(Self { operations: 0, seconds: 0.0, cpu_seconds: 0.0, latency: Histogram::new(3)? })
    }

    /// Both as one.
    pub(crate) fn and(mut self, other: &Self) -> anyhow::Result<Self> {
        self.operations += other.operations;
        self.seconds += other.seconds;
        self.cpu_seconds += other.cpu_seconds;
        self.latency.add(&other.latency)?;
        Ok(self)
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of a few seconds")]
    pub(crate) fn per_second(&self) -> f64 {
        self.operations as f64 / self.seconds
    }

    /// Microseconds of the server's processor for one operation.
    #[expect(clippy::cast_precision_loss, reason = "counts of a few seconds")]
    pub(crate) fn cpu_micros(&self) -> f64 {
        self.cpu_seconds * 1e6 / self.operations as f64
    }

    /// A percentile of the latency, microseconds.
    pub(crate) fn percentile(&self, at: f64) -> u64 {
        self.latency.value_at_percentile(at)
    }
}

/// Runs one operation on each connection for `period`. Every answer must be right: the first that is not ends it all.
pub(crate) async fn run<O: Operation>(
    server: &Process,
    operations: Vec<O>,
    period: Duration,
) -> anyhow::Result<Measured> {
    let cpu = server.cpu_seconds()?;
    let begun = Instant::now();
    let mut connections = JoinSet::new();
    for operation in operations {
        connections.spawn_local(repeat(Connection::new(server.address), operation, begun + period));
    }
    let awake = tokio::task::spawn_local(stay_awake());
    let mut all = Measured::nothing()?;
    while let Some(done) = connections.join_next().await {
        let latency: Histogram<u64> = done.context("a connection's task")??;
        all.operations += latency.len();
        all.latency.add(&latency)?;
    }
    awake.abort();
    all.seconds = begun.elapsed().as_secs_f64();
    all.cpu_seconds = server.cpu_seconds()? - cpu;
    Ok(all)
}

/// Keeps the client's processor from falling asleep. To wake it would be the server's work: on a virtual machine that is dearer than all else
/// that the kernel does for an answer, and only a client that is never idle, as the empty handler's, would be spared it.
async fn stay_awake() {
    loop {
        tokio::task::yield_now().await;
    }
}

/// Does one operation so many times over, on one connection.
pub(crate) async fn times(
    server: &Process,
    operation: &mut impl Operation,
    count: usize,
) -> anyhow::Result<()> {
    let mut connection = Connection::new(server.address);
    for _ in 0..count {
        operation.perform(&mut connection).await?;
    }
    Ok(())
}

async fn repeat(
    mut connection: Connection,
    mut operation: impl Operation,
    end: Instant,
) -> anyhow::Result<Histogram<u64>> {
    let mut latency = Histogram::new(3)?;
    let mut now = Instant::now();
    while now < end {
        operation.perform(&mut connection).await?;
        let then = now;
        now = Instant::now();
        latency.record(u64::try_from((now - then).as_micros()).unwrap_or(u64::MAX))?;
    }
    Ok(latency)
}
