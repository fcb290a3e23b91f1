//! One connection to PostgreSQL and the runtime that drives it, which runs on the thread that has borrowed the connection and only while that
//! thread waits for the database: an answer wakes whom it is for, and nobody in between. Knows nothing of transactions.

use std::collections::HashMap;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::task::yield_now;
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row};

use super::hosts::{Hosts, Place};
use super::pool::{Pool, SILENCE};
use crate::error::StoreError;
use crate::row::Param;
use crate::statement::Statement;

/// How often it is looked whether an answer is late.
const TICK: Duration = Duration::from_millis(250);

/// A connection.
#[derive(Debug)]
pub(super) struct Connection {
    client: Client,
    pub(super) place: Place,
    prepared: HashMap<&'static str, tokio_postgres::Statement>,
    /// When to look whether whoever owes an answer lives: one clock for all answers, since to set one for each costs system calls.
    clock: Interval,
    runtime: Driver,
}

/// Taken when dropped.
#[derive(Debug)]
struct Driver(Option<Runtime>);

impl Drop for Driver {
    fn drop(&mut self) {
        // Whoever drops a store may be a task, where waiting for threads to end is not allowed.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Driver {
    fn new() -> Result<Self, StoreError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build();
        let none = |error| StoreError::Unavailable(format!("nothing drives a connection: {error}"));
        Ok(Self(Some(runtime.map_err(none)?)))
    }

    /// Runs on this thread until `future` has ended.
    fn block_on<T>(&self, future: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        match &self.0 {
            Some(runtime) => runtime.block_on(future),
            None => Err(gone()),
        }
    }
}

/// What is sent.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ask<'a> {
    /// A command without parameters.
    Command(&'static str),
    /// A statement whose rows are wanted. It changes nothing: none of the store's returns rows of a change.
    Rows(&'a Statement, &'a [Param<'a>]),
    /// A statement of which the number of changed rows is wanted.
    Count(&'a Statement, &'a [Param<'a>]),
}

/// What the database says to it: rows, or how many were changed.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) rows: Vec<Row>,
    pub(super) changed: u64,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Failed {
    /// The connection had broken before anything was sent.
    Closed,
    /// The host did not answer and turned out not to live.
    Dead,
    /// It did not answer in time.
    Late(Duration),
    /// A statement could not be prepared, so that nothing was sent.
    Unprepared(tokio_postgres::Error),
    /// What the database says against the ask of this number, or how it was cut off.
    Asked(usize, tokio_postgres::Error),
}

type Answering<'a> = Pin<Box<dyn Future<Output = Result<Answer, tokio_postgres::Error>> + 'a>>;

impl Connection {
    /// A new connection to the first host that may be used.
    pub(super) fn open(hosts: &Hosts) -> Result<Self, StoreError> {
        let runtime = Driver::new()?;
        let (client, place, clock) = runtime.block_on(async {
            let connected = hosts.connect().await;
            let (client, place) =
                connected.map_err(|said| StoreError::Unavailable(format!("no connection: {said}")))?;
            let mut clock = interval(TICK);
            clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
            Ok((client, place, clock))
        })?;
        Ok(Self { client, place, prepared: HashMap::new(), clock, runtime })
    }

    /// Whether it is known to have ended.
    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Sends everything at once and waits for all answers, in order; the last one.
    pub(super) fn ask(
        &mut self,
        pool: &Pool,
        asks: &[Ask<'_>],
        (limit, idle): (Duration, bool),
    ) -> Result<Answer, Failed> {
        let Self { client, place, prepared, clock, runtime } = self;
        let Some(runtime) = &runtime.0 else { return Err(Failed::Closed) };
        runtime.block_on(async {
            if idle {
                // What the host said while nobody listened: that it closes the connection.
                for _ in 0..2 {
                    yield_now().await;
                }
            }
            if client.is_closed() {
                return Err(Failed::Closed);
            }
            let answers = async {
                let asked = answering(client, prepared, asks).await?;
                all(asked).await
            };
            in_time(answers, limit, (pool, *place, clock)).await
        })
    }

    /// Sends a command whose answer nobody waits for.
    pub(super) fn tell(&mut self, command: &'static str) -> Result<(), StoreError> {
        let client = &self.client;
        self.runtime.block_on(async {
            let mut told = pin!(client.batch_execute(command));
            let _ = std::future::poll_fn(|cx| Poll::Ready(told.as_mut().poll(cx))).await;
            // What drives the connection has its turn now, and sends it.
            yield_now().await;
            if client.is_closed() { Err(gone()) } else { Ok(()) }
        })
    }

    /// Runs a script, as long as it takes.
    pub(super) fn script(&self, sql: &str) -> Result<(), StoreError> {
        self.runtime.block_on(async { Ok(self.client.batch_execute(sql).await?) })
    }
}

/// The connection can be used no more.
pub(super) fn gone() -> StoreError {
    StoreError::Unavailable("the connection was closed".to_owned())
}

/// A statement as this connection knows it.
async fn prepare(
    client: &Client,
    prepared: &mut HashMap<&'static str, tokio_postgres::Statement>,
    statement: &Statement,
) -> Result<tokio_postgres::Statement, Failed> {
    if let Some(known) = prepared.get(statement.name) {
        return Ok(known.clone());
    }
    let new = client.prepare(statement.postgres_sql()).await.map_err(Failed::Unprepared)?;
    prepared.insert(statement.name, new.clone());
    Ok(new)
}

/// For each ask what sends it when it is polled first, and ends with its answer.
async fn answering<'a>(
    client: &'a Client,
    prepared: &mut HashMap<&'static str, tokio_postgres::Statement>,
    asks: &'a [Ask<'a>],
) -> Result<Vec<Answering<'a>>, Failed> {
    let mut all = Vec::with_capacity(asks.len());
    for ask in asks {
        let answering: Answering<'a> = match *ask {
            Ask::Command(command) => {
                Box::pin(async move { client.batch_execute(command).await.map(|()| Answer::default()) })
            }
            Ask::Rows(statement, params) => {
                let known = prepare(client, prepared, statement).await?;
                Box::pin(async move {
                    let rows = client.query(&known, &as_sql(params)).await?;
                    Ok(Answer { rows, changed: 0 })
                })
            }
            Ask::Count(statement, params) => {
                let known = prepare(client, prepared, statement).await?;
                Box::pin(async move {
                    let changed = client.execute(&known, &as_sql(params)).await?;
                    Ok(Answer { rows: Vec::new(), changed })
                })
            }
        };
        all.push(answering);
    }
    Ok(all)
}

/// Polls each once, in order, so that everything is sent; then takes the answers, which come in the same order. The first failure, else the
/// last answer.
async fn all(mut asked: Vec<Answering<'_>>) -> Result<Answer, Failed> {
    let mut early: Vec<Option<Result<Answer, tokio_postgres::Error>>> = Vec::with_capacity(asked.len());
    std::future::poll_fn(|cx| {
        for answer in &mut asked {
            early.push(match answer.as_mut().poll(cx) {
                Poll::Ready(answer) => Some(answer),
                Poll::Pending => None,
            });
        }
        Poll::Ready(())
    })
    .await;
    let (mut last, mut failed) = (Answer::default(), None);
    for (at, (answer, early)) in asked.into_iter().zip(early).enumerate() {
        let answer = match early {
            Some(answer) => answer,
            None => answer.await,
        };
        match answer {
            Ok(answer) => last = answer,
            Err(error) => failed = failed.or(Some(Failed::Asked(at, error))),
        }
    }
    failed.map_or(Ok(last), Err)
}

/// What the database answers, if it does so in time.
async fn in_time(
    answers: impl Future<Output = Result<Answer, Failed>>,
    limit: Duration,
    (pool, place, clock): (&Pool, Place, &mut Interval),
) -> Result<Answer, Failed> {
    let begun = Instant::now();
    let mut answers = pin!(answers);
    loop {
        tokio::select! {
            biased;
            answers = &mut answers => return answers,
            _ = clock.tick() => {}
        }
        // A tick comes at any time; only one that comes after a while means silence.
        if begun.elapsed() >= limit {
            return Err(Failed::Late(limit));
        }
        if begun.elapsed() < SILENCE {
            continue;
        }
        let lives = tokio::select! {
            biased;
            answers = &mut answers => return answers,
            lives = pool.lives(place) => lives,
        };
        if !lives {
            return Err(Failed::Dead);
        }
    }
}

fn as_sql<'p>(params: &'p [Param<'p>]) -> Vec<&'p (dyn ToSql + Sync)> {
    params.iter().map(|param| param as &(dyn ToSql + Sync)).collect()
}
