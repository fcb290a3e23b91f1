//! The PostgreSQL engine: a pool of connections, used from blocking threads. Writes run SERIALIZABLE, which gives them the
//! meaning that SQLite's single writer has; whoever loses a race runs again ([`crate::races`]). No advisory locks, no LISTEN/NOTIFY: nothing
//! that a PostgreSQL-compatible database might lack.
//!
//! The connections are driven by a runtime of their own. Its threads never wait for anybody, so that whoever waits for the database, and
//! however many they are, the answers that they wait for come in.

mod hosts;
mod pool;

use std::cell::Cell;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::{Handle, Runtime};
use tokio::sync::Semaphore;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

use self::hosts::Hosts;
use self::pool::{Lent, NoConnection, Pool};
use crate::error::StoreError;
use crate::figures::{Counters, Figures};
use crate::row::Param;
use crate::statement::Statement;

/// How long a caller waits for a connection before it is told that the database is unavailable.
const CONNECTION_WAIT: Duration = Duration::from_secs(5);
/// How long a statement may take. A database whose process or host stands still keeps its connections and never answers.
const STATEMENT_WAIT: Duration = Duration::from_secs(10);
/// How long a database that was away is left alone before one caller tries again, while the others are answered at once.
const AWAY: Duration = Duration::from_millis(500);
/// Who may read at a time, those who wait for a connection among them. Each keeps a thread, of which Tokio has 512 for this; the next one is
/// told to try again.
const READERS_MAX: usize = 128;
/// Who may write at a time: some connections are left to those who read. The next one waits, without a thread.
pub(crate) const WRITERS_MAX: u32 = 12;
/// Threads that drive the connections.
const DRIVERS: usize = 2;
/// What each connection is told when it is made. A table that is read as a whole is locked as a whole against everybody's changes, and
/// small tables are read so unless it is forbidden: see docs/decisions/0006-isolation-on-postgresql.md.
const SESSION: &str = "SET enable_seqscan = off";

/// An open PostgreSQL database.
#[derive(Debug)]
pub(crate) struct Postgres {
    pool: Pool,
    /// Taken when dropped.
    runtime: Option<Runtime>,
    handle: Handle,
    readers: Semaphore,
    pub(crate) writers: Arc<Semaphore>,
    /// When to try again, while the database is away.
    retry_at: Mutex<Option<Instant>>,
    pub(crate) counters: Arc<Counters>,
}

/// What a transaction may do.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Access {
    /// Read one snapshot.
    Read,
    /// Decide by what it reads, and change.
    Write,
    /// For migrations: what another one committed while this one waited for its lock is seen.
    Alter,
    /// Add rows whatever else there is.
    Append,
}

impl Postgres {
    /// A pool of `connections` to `url`. Does not connect yet.
    pub(crate) fn open(url: &str, connections: usize) -> Result<Self, StoreError> {
        let counters = Arc::<Counters>::default();
        let pool = Pool::new(Hosts::parse(url)?, connections.max(2), counters.clone());
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(DRIVERS)
            .thread_name("store-postgres")
            .enable_all()
            .build()
            .map_err(|error| StoreError::Unavailable(format!("no threads for the database: {error}")))?;
        let handle = runtime.handle().clone();
        Ok(Self {
            pool,
            runtime: Some(runtime),
            handle,
            readers: Semaphore::new(READERS_MAX),
            writers: Arc::new(Semaphore::new(WRITERS_MAX as usize)),
            retry_at: Mutex::default(),
            counters,
        })
    }

    /// The counts since it was opened.
    pub(crate) fn figures(&self) -> Figures {
        self.counters.read(self.pool.connections())
    }

    /// Reads a snapshot. Must be called where blocking is allowed.
    pub(crate) fn read<T>(&self, with: impl FnOnce(PgTransaction<'_>) -> T) -> Result<T, StoreError> {
        let Ok(_reader) = self.readers.try_acquire() else {
            self.counters.turned_away.note();
            return Err(StoreError::Unavailable(format!("{READERS_MAX} callers are reading")));
        };
        self.transaction(Access::Read, |transaction| (with(transaction), true))
    }

    /// Runs `with` in a transaction; commits when it says so. Must be called where blocking is allowed.
    pub(crate) fn transaction<T>(
        &self,
        access: Access,
        with: impl FnOnce(PgTransaction<'_>) -> (T, bool),
    ) -> Result<T, StoreError> {
        self.may_try()?;
        let lent = self.begin(access)?;
        let lost = Cell::new(false);
        let (value, keep) = with(PgTransaction { postgres: self, lent: &lent, lost: &lost });
        if lost.get() {
            // The connection is of no use, not even to say so to the database.
            return if keep {
                Err(StoreError::Unavailable("the connection is gone".to_owned()))
            } else {
                Ok(value)
            };
        }
        let ended = if keep {
            self.end(lent, "COMMIT").map_err(StoreError::of_commit)
        } else {
            self.end(lent, "ROLLBACK")
        };
        ended.map(|()| value)
    }

    fn retry_at(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.retry_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// While the database is away, everybody but one caller now and then is told so at once: waiting, they would use up the threads that
    /// answer for the server's own health.
    fn may_try(&self) -> Result<(), StoreError> {
        let mut retry_at = self.retry_at();
        let now = Instant::now();
        if retry_at.is_some_and(|at| now < at) {
            return Err(StoreError::Unavailable("the database was away a moment ago".to_owned()));
        }
        *retry_at = retry_at.map(|_| now + CONNECTION_WAIT);
        Ok(())
    }

    /// A connection with a transaction open.
    fn begin(&self, access: Access) -> Result<Lent, StoreError> {
        let begun = self.handle.block_on(self.lend_begun(access));
        *self.retry_at() = matches!(begun, Err(NoConnection::Away(_))).then(|| Instant::now() + AWAY);
        begun.map_err(|none| match none {
            NoConnection::Busy(error) | NoConnection::Away(error) => error,
        })
    }

    async fn lend_begun(&self, access: Access) -> Result<Lent, NoConnection> {
        let begin = match access {
            Access::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Access::Write => "BEGIN ISOLATION LEVEL SERIALIZABLE",
            Access::Alter | Access::Append => "BEGIN ISOLATION LEVEL READ COMMITTED",
        };
        let tried = Instant::now();
        // A connection that broke since it was used last is only noticed when it is used again.
        loop {
            let lent = self.pool.lend(CONNECTION_WAIT).await?;
            match self.answer(&lent, CONNECTION_WAIT, lent.client.batch_execute(begin)).await {
                Ok(()) => return Ok(lent),
                Err(_) if lent.client.is_closed() => {}
                // Its host was given up, and there is another.
                Err(StoreError::Unavailable(_))
                    if self.pool.several_hosts() && tried.elapsed() < CONNECTION_WAIT => {}
                Err(error) => return Err(NoConnection::Away(error)),
            }
        }
    }

    /// Ends a transaction. Unless that is done in order, its connection is closed, never lent again.
    fn end(&self, lent: Lent, how: &str) -> Result<(), StoreError> {
        self.handle.block_on(self.answer(&lent, STATEMENT_WAIT, lent.client.batch_execute(how)))?;
        self.pool.give_back(lent);
        Ok(())
    }

    /// What the database answers, if it does so in time.
    async fn answer<T>(
        &self,
        lent: &Lent,
        limit: Duration,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, StoreError> {
        let mut answer = pin!(answer);
        let answered = async {
            tokio::select! {
                biased;
                answer = &mut answer => Some(answer),
                () = self.pool.dead(lent) => None,
            }
        };
        match tokio::time::timeout(limit, answered).await {
            Ok(Some(Ok(value))) => Ok(value),
            Ok(Some(Err(error))) => {
                if error.code() == Some(&SqlState::READ_ONLY_SQL_TRANSACTION) {
                    self.pool.give_up(lent, "it takes no changes");
                }
                Err(error.into())
            }
            Ok(None) => {
                self.pool.give_up(lent, "it does not answer");
                Err(StoreError::Unavailable("the host does not answer".to_owned()))
            }
            Err(_) => Err(StoreError::Unavailable(format!("no answer in {} s", limit.as_secs()))),
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Whoever drops the store may be a task, where waiting for threads to end is not allowed.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A transaction on a borrowed connection.
#[derive(Debug)]
pub(crate) struct PgTransaction<'c> {
    postgres: &'c Postgres,
    lent: &'c Lent,
    /// Whether a statement had no answer: the transaction cannot go on then, nor end.
    lost: &'c Cell<bool>,
}

impl PgTransaction<'_> {
    pub(crate) fn query(
        &self,
        statement: &Statement,
        params: &[Param<'_>],
    ) -> Result<Vec<tokio_postgres::Row>, StoreError> {
        let client = &self.lent.client;
        self.run(async {
            let prepared = client.prepare_cached(statement.postgres_sql()).await?;
            client.query(&prepared, &as_sql(params)).await
        })
    }

    pub(crate) fn execute(&self, statement: &Statement, params: &[Param<'_>]) -> Result<u64, StoreError> {
        let client = &self.lent.client;
        self.run(async {
            let prepared = client.prepare_cached(statement.postgres_sql()).await?;
            client.execute(&prepared, &as_sql(params)).await
        })
    }

    /// Runs a script, however long it takes: an index over a large table takes its time, and so does another migration.
    pub(crate) fn script(&self, sql: &str) -> Result<(), StoreError> {
        if self.lost.get() {
            return Err(StoreError::Unavailable("the connection is gone".to_owned()));
        }
        let result =
            self.postgres.handle.block_on(self.lent.client.batch_execute(sql)).map_err(StoreError::from);
        self.lost.set(matches!(result, Err(StoreError::Unavailable(_))));
        result
    }

    fn run<T>(
        &self,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, StoreError> {
        if self.lost.get() {
            return Err(StoreError::Unavailable("the connection is gone".to_owned()));
        }
        let postgres = self.postgres;
        let result = postgres.handle.block_on(postgres.answer(self.lent, STATEMENT_WAIT, answer));
        self.lost.set(matches!(result, Err(StoreError::Unavailable(_))));
        result
    }
}

fn as_sql<'p>(params: &'p [Param<'p>]) -> Vec<&'p (dyn ToSql + Sync)> {
    params.iter().map(|param| param as &(dyn ToSql + Sync)).collect()
}

/// TLS with the system's certificate authorities, for `sslmode` other than `disable`.
fn tls() -> Result<tokio_postgres_rustls::MakeRustlsConnect, StoreError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = rustls::RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| StoreError::Unavailable(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(tokio_postgres_rustls::MakeRustlsConnect::new(config))
}
