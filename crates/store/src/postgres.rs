//! The PostgreSQL engine: a pool of connections, used from blocking threads. Writes run SERIALIZABLE, which gives them the
//! meaning that SQLite's single writer has; whoever loses a race runs again. No advisory locks, no LISTEN/NOTIFY: nothing that
//! a PostgreSQL-compatible database might lack.

use std::cell::Cell;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use tokio::runtime::Handle;
use tokio_postgres::types::ToSql;

use crate::error::StoreError;
use crate::row::Param;
use crate::statement::Statement;

/// How long a caller waits for a connection before it is told that the database is unavailable.
const CONNECTION_WAIT: Duration = Duration::from_secs(5);
/// How long a statement may take. A database whose process or host stands still keeps its connections and never answers.
const STATEMENT_WAIT: Duration = Duration::from_secs(10);
/// How long a database that was away is left alone before one caller tries again, while the others are answered at once.
const AWAY: Duration = Duration::from_millis(500);

/// An open PostgreSQL database.
#[derive(Debug)]
pub(crate) struct Postgres {
    pool: Pool,
    handle: Handle,
    /// When to try again, while the database is away.
    retry_at: Mutex<Option<Instant>>,
}

/// What a transaction may do.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Access {
    Read,
    Write,
    /// For migrations: what another one committed while this one waited for its lock is seen.
    Alter,
}

impl Postgres {
    /// A pool of `connections` to `url`. Does not connect yet.
    pub(crate) fn open(url: &str, connections: usize) -> Result<Self, StoreError> {
        let config = url
            .parse::<tokio_postgres::Config>()
            .map_err(|error| StoreError::Corrupt(format!("the database URL is not valid: {error}")))?;
        let handle = Handle::try_current().map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = if config.get_ssl_mode() == tokio_postgres::config::SslMode::Disable {
            Manager::from_config(config, tokio_postgres::NoTls, recycling)
        } else {
            Manager::from_config(config, tls()?, recycling)
        };
        let pool = Pool::builder(manager)
            .max_size(connections.max(2))
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(CONNECTION_WAIT))
            .create_timeout(Some(CONNECTION_WAIT))
            .recycle_timeout(Some(CONNECTION_WAIT))
            .build()
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Self { pool, handle, retry_at: Mutex::default() })
    }

    /// Runs `with` in a transaction; commits when it says so. Must be called where blocking is allowed.
    pub(crate) fn transaction<T>(
        &self,
        access: Access,
        with: impl FnOnce(PgTransaction<'_>) -> (T, bool),
    ) -> Result<T, StoreError> {
        self.may_try()?;
        let begun = self.begin(access);
        *self.retry_at() = begun.is_err().then(|| Instant::now() + AWAY);
        let open = OpenTransaction { client: Some(begun?), handle: &self.handle };
        let lost = Cell::new(false);
        let (value, keep) = with(PgTransaction { client: open.client()?, handle: &self.handle, lost: &lost });
        if lost.get() {
            // The connection is of no use, not even to say so to the database.
            return if keep {
                Err(StoreError::Unavailable("the connection is gone".to_owned()))
            } else {
                Ok(value)
            };
        }
        let ended =
            if keep { open.end("COMMIT").map_err(StoreError::of_commit) } else { open.end("ROLLBACK") };
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
    fn begin(&self, access: Access) -> Result<Object, StoreError> {
        let begin = match access {
            Access::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Access::Write => "BEGIN ISOLATION LEVEL SERIALIZABLE",
            Access::Alter => "BEGIN ISOLATION LEVEL READ COMMITTED",
        };
        self.handle.block_on(async {
            // A connection that broke since it was used last is only noticed when it is used again.
            loop {
                let client = self
                    .pool
                    .get()
                    .await
                    .map_err(|error| StoreError::Unavailable(format!("no connection: {error}")))?;
                match within(CONNECTION_WAIT, client.batch_execute(begin)).await {
                    Ok(()) => return Ok(client),
                    Err(_) if client.is_closed() => drop(Object::take(client)),
                    Err(error) => {
                        drop(Object::take(client));
                        return Err(error);
                    }
                }
            }
        })
    }
}

/// A connection with a transaction open: unless that transaction is ended in order, the connection is thrown away, never lent again.
struct OpenTransaction<'c> {
    client: Option<Object>,
    handle: &'c Handle,
}

impl OpenTransaction<'_> {
    fn client(&self) -> Result<&Object, StoreError> {
        self.client.as_ref().ok_or_else(|| StoreError::Unavailable("the connection is gone".to_owned()))
    }

    fn end(mut self, how: &str) -> Result<(), StoreError> {
        self.handle.block_on(within(STATEMENT_WAIT, self.client()?.batch_execute(how)))?;
        drop(self.client.take());
        Ok(())
    }
}

impl Drop for OpenTransaction<'_> {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            drop(Object::take(client));
        }
    }
}

/// A transaction on a borrowed connection.
#[derive(Debug)]
pub(crate) struct PgTransaction<'c> {
    client: &'c Object,
    handle: &'c Handle,
    /// Whether a statement had no answer: the transaction cannot go on then, nor end.
    lost: &'c Cell<bool>,
}

impl PgTransaction<'_> {
    pub(crate) fn query(
        &self,
        statement: &Statement,
        params: &[Param<'_>],
    ) -> Result<Vec<tokio_postgres::Row>, StoreError> {
        self.run(async {
            let prepared = self.client.prepare_cached(statement.postgres_sql()).await?;
            self.client.query(&prepared, &as_sql(params)).await
        })
    }

    pub(crate) fn execute(&self, statement: &Statement, params: &[Param<'_>]) -> Result<u64, StoreError> {
        self.run(async {
            let prepared = self.client.prepare_cached(statement.postgres_sql()).await?;
            self.client.execute(&prepared, &as_sql(params)).await
        })
    }

    /// Runs a script, however long it takes: an index over a large table takes its time, and so does another migration.
    pub(crate) fn script(&self, sql: &str) -> Result<(), StoreError> {
        if self.lost.get() {
            return Err(StoreError::Unavailable("the connection is gone".to_owned()));
        }
        let result = self.handle.block_on(self.client.batch_execute(sql)).map_err(StoreError::from);
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
        let result = self.handle.block_on(within(STATEMENT_WAIT, answer));
        self.lost.set(matches!(result, Err(StoreError::Unavailable(_))));
        result
    }
}

/// What the database answers, if it does so in time.
async fn within<T>(
    limit: Duration,
    answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, StoreError> {
    match tokio::time::timeout(limit, answer).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(StoreError::Unavailable(format!("no answer in {} s", limit.as_secs()))),
    }
}

fn as_sql<'p>(params: &'p [Param<'p>]) -> Vec<&'p (dyn ToSql + Sync)> {
    params.iter().map(|param| param as &(dyn ToSql + Sync)).collect()
}

/// TLS with the system's certificate authorities, for `sslmode` other than `disable`.
fn tls() -> Result<tokio_postgres_rustls::MakeRustlsConnect, StoreError> {
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
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
