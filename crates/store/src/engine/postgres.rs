//! The PostgreSQL engine: a pool of connections, used from blocking threads. Writes run SERIALIZABLE, which gives them the
//! meaning that SQLite's single writer has; whoever loses a race runs again ([`crate::engine::races`]). No advisory locks, no LISTEN/NOTIFY: nothing
//! that a PostgreSQL-compatible database might lack.
//!
//! Each connection is driven by the thread that has borrowed it, so that whoever waits for the database, and however many they are, the
//! answers that they wait for come in. What was measured, and why so: docs/decisions/0011-round-trips-to-postgresql.md.

mod connection;
mod hosts;
mod pool;
mod transaction;

use std::sync::Arc;

use tokio::sync::Semaphore;

use self::hosts::Hosts;
use self::pool::Pool;
pub(crate) use self::transaction::{Access, PgTransaction};
use crate::error::StoreError;
use crate::figures::{Counters, Figures};

/// Who may read at a time, those who wait for a connection among them. Each keeps a thread, of which Tokio has 512 for this; the next one is
/// told to try again.
const READERS_MAX: usize = 128;
/// Who may write at a time: some connections are left to those who read. The next one waits, without a thread.
pub(crate) const WRITERS_MAX: u32 = 12;
/// What each connection is told when it is made. A table that is read as a whole is locked as a whole against everybody's changes, and
/// small tables are read so unless it is forbidden: see docs/decisions/0006-isolation-on-postgresql.md. Where no index serves, what is
/// forbidden happens all the same, and counts as so dear that PostgreSQL compiles the plan anew each time: 0.2 to 0.3 s for a table of one row.
const SESSION: &str = "SET enable_seqscan = off; SET jit = off";

/// An open PostgreSQL database.
#[derive(Debug)]
pub(crate) struct Postgres {
    pool: Arc<Pool>,
    readers: Semaphore,
    pub(crate) writers: Arc<Semaphore>,
    pub(crate) counters: Arc<Counters>,
}

impl Postgres {
    /// A pool of `connections` to `url`. Does not connect yet.
    pub(crate) fn open(url: &str, connections: usize) -> Result<Self, StoreError> {
        let counters = Arc::<Counters>::default();
        Ok(Self {
            pool: Arc::new(Pool::new(Hosts::parse(url)?, connections.max(2), counters.clone())),
            readers: Semaphore::new(READERS_MAX),
            writers: Arc::new(Semaphore::new(WRITERS_MAX as usize)),
            counters,
        })
    }

    /// The counts since it was opened.
    pub(crate) fn figures(&self) -> Figures {
        self.counters.read(self.pool.connections())
    }

    /// Reads a snapshot. Must be called where blocking is allowed.
    pub(crate) fn read<T>(
        &self,
        access: Access,
        with: impl FnOnce(&mut PgTransaction) -> T,
    ) -> Result<T, StoreError> {
        let Ok(_reader) = self.readers.try_acquire() else {
            self.counters.turned_away.note();
            return Err(StoreError::Unavailable(format!("{READERS_MAX} callers are reading")));
        };
        self.transaction(access, |transaction| (with(transaction), true))
    }

    /// Runs `with` in a transaction; commits when it says so. Must be called where blocking is allowed.
    pub(crate) fn transaction<T>(
        &self,
        access: Access,
        with: impl FnOnce(&mut PgTransaction) -> (T, bool),
    ) -> Result<T, StoreError> {
        let mut transaction = PgTransaction::new(self.pool.clone(), access)?;
        let (value, keep) = with(&mut transaction);
        transaction.end(keep).map(|()| value)
    }
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
