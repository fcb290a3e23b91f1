//! Closed-loop load: each connection asks, waits for the answer, asks again. One thread drives all of them, so that the client costs as
//! little as it can of the machine that it shares with the server.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use hdrhistogram::Histogram;
use tokio::task::JoinSet;

use crate::http::Connection;
use crate::process::{Process, Usage};

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
    /// What was done beside the load.
    beside: u64,
    used: Usage,
    /// Microseconds.
    latency: Histogram<u64>,
}

impl Measured {
    pub(crate) fn nothing() -> anyhow::Result<Self> {
        Ok(Self {
            operations: 0,
            seconds: 0.0,
            beside: 0,
            used: Usage::default(),
            latency: Histogram::new(3)?,
        })
    }

    /// What somebody else measured.
    pub(crate) fn of(latency: &Histogram<u64>, seconds: f64, used: Usage) -> anyhow::Result<Self> {
        let mut all = Self { seconds, used, ..Self::nothing()? };
        all.add(latency)?;
        Ok(all)
    }

    /// Adds what one connection did.
    pub(crate) fn add(&mut self, latency: &Histogram<u64>) -> anyhow::Result<()> {
        self.operations += latency.len();
        self.latency.add(latency)?;
        Ok(())
    }

    /// Both as one.
    pub(crate) fn and(mut self, other: &Self) -> anyhow::Result<Self> {
        self.operations += other.operations;
        self.seconds += other.seconds;
        self.beside += other.beside;
        self.used.own_seconds += other.used.own_seconds;
        self.used.kernel_seconds += other.used.kernel_seconds;
        self.used.page_faults += other.used.page_faults;
        self.latency.add(&other.latency)?;
        Ok(self)
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of a few seconds")]
    pub(crate) fn per_second(&self) -> f64 {
        self.operations as f64 / self.seconds
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of a few seconds")]
    fn each(&self, sum: f64) -> f64 {
        sum / self.operations as f64
    }

    /// What was done beside the load in a second.
    #[expect(clippy::cast_precision_loss, reason = "counts of a few seconds")]
    pub(crate) fn beside_per_second(&self) -> f64 {
        self.beside as f64 / self.seconds
    }

    /// Microseconds of the server's processor for one operation.
    pub(crate) fn cpu_micros(&self) -> f64 {
        self.each((self.used.own_seconds + self.used.kernel_seconds) * 1e6)
    }

    /// Those of them that the kernel used.
    pub(crate) fn kernel_micros(&self) -> f64 {
        self.each(self.used.kernel_seconds * 1e6)
    }

    /// Page faults of the server for one operation.
    pub(crate) fn page_faults(&self) -> f64 {
        self.each(self.used.page_faults)
    }

    /// A percentile of the latency, microseconds.
    pub(crate) fn percentile(&self, at: f64) -> u64 {
        self.latency.value_at_percentile(at)
    }
}

/// What is done beside the load, on connections of its own, and not counted as the load.
#[derive(Debug)]
pub(crate) enum Beside<O> {
    /// At a rate of its own.
    Paced { operation: O, every: Duration },
    /// As fast as it is answered, on a connection each.
    Closed(Vec<O>),
}

/// Connections that share what is paced: one alone waits too long for each answer.
const PACED_CONNECTIONS: u32 = 8;

/// Runs one operation on each connection for `period`. Every answer must be right: the first that is not ends it all.
pub(crate) async fn run<O: Operation + Clone>(
    server: &Process,
    operations: Vec<O>,
    period: Duration,
) -> anyhow::Result<Measured> {
    run_beside(server, operations, None::<Beside<O>>, period).await
}

/// [`run`] while something else goes on, whose cost to the server counts as the load's.
pub(crate) async fn run_beside<O: Operation + Clone, B: Operation + Clone>(
    server: &Process,
    operations: Vec<O>,
    beside: Option<Beside<B>>,
    period: Duration,
) -> anyhow::Result<Measured> {
    let before = server.usage()?;
    let begun = Instant::now();
    let mut paced = JoinSet::new();
    match beside {
        Some(Beside::Paced { operation, every }) => {
            for at in 0..PACED_CONNECTIONS {
                let connection = Connection::new(server.address);
                let first = begun + every * at;
                let pace = (first, every * PACED_CONNECTIONS);
                paced.spawn_local(keep_pace(connection, operation.clone(), pace, begun + period));
            }
        }
        Some(Beside::Closed(operations)) => {
            for operation in operations {
                let connection = Connection::new(server.address);
                paced.spawn_local(async move {
                    repeat(connection, operation, begun + period).await.map(|latency| latency.len())
                });
            }
        }
        None => {}
    }
    let mut connections = JoinSet::new();
    for operation in operations {
        connections.spawn_local(repeat(Connection::new(server.address), operation, begun + period));
    }
    let awake = tokio::task::spawn_local(stay_awake());
    let mut all = Measured::nothing()?;
    while let Some(done) = connections.join_next().await {
        all.add(&done.context("a connection's task")??)?;
    }
    while let Some(done) = paced.join_next().await {
        all.beside += done.context("a paced connection's task")??;
    }
    awake.abort();
    all.seconds = begun.elapsed().as_secs_f64();
    all.used = server.usage()?.since(before);
    Ok(all)
}

/// Does so many operations, each connection the next one as soon as it is answered.
pub(crate) async fn run_through<O: Operation + Clone>(
    server: &Process,
    operations: Vec<O>,
    count: usize,
) -> anyhow::Result<Measured> {
    let before = server.usage()?;
    let begun = Instant::now();
    let left = Rc::new(Cell::new(count));
    let mut connections = JoinSet::new();
    for operation in operations {
        connections.spawn_local(finish(Connection::new(server.address), operation, left.clone()));
    }
    let awake = tokio::task::spawn_local(stay_awake());
    let mut all = Measured::nothing()?;
    while let Some(done) = connections.join_next().await {
        all.add(&done.context("a connection's task")??)?;
    }
    awake.abort();
    all.seconds = begun.elapsed().as_secs_f64();
    all.used = server.usage()?.since(before);
    Ok(all)
}

async fn finish(
    mut connection: Connection,
    mut operation: impl Operation,
    left: Rc<Cell<usize>>,
) -> anyhow::Result<Histogram<u64>> {
    let mut latency = Histogram::new(3)?;
    while let Some(then) = left.get().checked_sub(1) {
        left.set(then);
        let begun = Instant::now();
        operation.perform(&mut connection).await?;
        latency.record(u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX))?;
    }
    Ok(latency)
}

/// Keeps the client's processor from falling asleep. To wake it would be the server's work: on a virtual machine that is dearer than all else
/// that the kernel does for an answer, and only a client that is never idle, as the empty handler's, would be spared it.
pub(crate) async fn stay_awake() {
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

/// Does an operation every so often. One that comes late is followed at once by the next, so that the rate is what was asked for,
/// unless the server cannot keep it; how many were done.
async fn keep_pace(
    mut connection: Connection,
    mut operation: impl Operation,
    (first, every): (Instant, Duration),
    end: Instant,
) -> anyhow::Result<u64> {
    let (mut due, mut done) = (first, 0);
    while due < end && Instant::now() < end {
        tokio::time::sleep_until(due.into()).await;
        operation.perform(&mut connection).await?;
        due += every;
        done += 1;
    }
    Ok(done)
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
