//! The store as the domain sees it: open, read a snapshot, write a transaction. A write also appends the audit record of the
//! call that makes it, in the same transaction, so that no change can be acknowledged without its record.

use std::path::Path;
use std::sync::Arc;

use model::cx::Cx;
use model::event::Outcome;
use model::fault::Fault;
use model::job::Queue;
use tokio::sync::{Semaphore, oneshot};

use crate::audit::audit_records;
use crate::engine::group::Work;
use crate::engine::postgres::{Access, PgTransaction, Postgres};
use crate::engine::sqlite::{Sqlite, Use};
use crate::error::StoreError;
use crate::figures::Figures;
use crate::generations::{Changes, Generations};
use crate::instances::known_instances::{KNOWN_FROM, KnownInstances};
use crate::sealing::Keyring;
use crate::statement::Statement;
use crate::tx::{Link, Rx, Tx};
use crate::wakers::{Added, Wakers};

/// How often a change of the schema that lost a race runs again, and after how long.
const ALTER_RACES_MAX: usize = 50;
const ALTER_PAUSE: std::time::Duration = std::time::Duration::from_millis(100);
/// Connections to PostgreSQL.
const POSTGRES_CONNECTIONS: usize = 16;
/// Reads that run beside the workers at once: however many ask, everybody else has threads and connections left.
const ASIDE_MAX: usize = 2;

/// Where the state lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A SQLite file.
    Sqlite(std::path::PathBuf),
    /// A PostgreSQL URL.
    Postgres(String),
}

impl Location {
    /// From a `--database` value; the default is `portico.db` in the data directory.
    pub fn parse(database: Option<&str>, data_dir: &Path) -> Result<Self, Fault> {
        match database {
            None => Ok(Self::Sqlite(data_dir.join("portico.db"))),
            Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Ok(Self::Postgres(url.to_owned()))
            }
            Some(url) => match url.strip_prefix("sqlite://") {
                Some(path) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
                _ => Err(Fault::validation("database must be a postgres:// URL or sqlite:// and a path")),
            },
        }
    }
}

impl Location {
    /// The path for what belongs to the database and is kept in files: beside it, under its name, as SQLite's log is. `None` for PostgreSQL, which
    /// keeps all.
    pub fn beside(&self, what: &str) -> Option<std::path::PathBuf> {
        let Self::Sqlite(path) = self else { return None };
        let mut path = path.clone().into_os_string();
        path.push("-");
        path.push(what);
        Some(path.into())
    }

    /// Where that is, for people: a path, or host and name of a database. Never its password.
    pub fn place(&self) -> String {
        let url = match self {
            Self::Sqlite(path) => return path.display().to_string(),
            Self::Postgres(url) => url,
        };
        let Ok(config) = url.parse::<tokio_postgres::Config>() else { return "the database".to_owned() };
        let hosts = config.get_hosts().iter().enumerate().map(|(at, host)| {
            let port = config.get_ports().get(at).or_else(|| config.get_ports().first()).unwrap_or(&5432);
            match host {
                tokio_postgres::config::Host::Tcp(name) => format!("{name}:{port}"),
                tokio_postgres::config::Host::Unix(path) => format!("{}:{port}", path.display()),
            }
        });
        let hosts = hosts.collect::<Vec<_>>().join(",");
        format!("PostgreSQL database {} at {hosts}", config.get_dbname().unwrap_or("(default)"))
    }
}

#[derive(Debug)]
pub(crate) enum Engine {
    Sqlite(Sqlite),
    Postgres(Box<Postgres>),
}

// PostgreSQL's own, so it is in no registry.
static POSTGRES_SIZE: Statement =
    Statement::new("db::POSTGRES_SIZE", "SELECT pg_database_size(current_database())");

/// How large a database is, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// The database itself.
    pub database: u64,
    /// The log that is beside it.
    pub log: Option<u64>,
}

/// The store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    location: Arc<Location>,
    engine: Arc<Engine>,
    keyring: Arc<Keyring>,
    wakers: Arc<Wakers>,
    aside: Arc<Semaphore>,
    instances: Arc<KnownInstances>,
}

/// Waits until every other process that has the database open has noticed what this one committed there; whether that was seen. On
/// PostgreSQL whoever asks next finds it.
pub fn heard(location: &Location) -> Result<bool, Fault> {
    match location {
        Location::Sqlite(path) => Ok(crate::engine::outsiders::heard(path)?),
        Location::Postgres(_) => Ok(true),
    }
}

impl Store {
    /// Opens the engine. Does not migrate: see [`crate::migrate`]. With PostgreSQL the connections are driven by threads of the store's own;
    /// whoever reads inside a Tokio runtime needs a multi-threaded one.
    pub fn open(location: &Location, keyring: Keyring, readers: usize) -> Result<Self, Fault> {
        Self::open_for(Use::Serve, location, keyring, readers)
    }

    /// [`Self::open`] for one transaction that fills a new database, however large.
    pub fn open_to_fill(location: &Location, keyring: Keyring) -> Result<Self, Fault> {
        Self::open_for(Use::Fill, location, keyring, 1)
    }

    fn open_for(purpose: Use, location: &Location, keyring: Keyring, readers: usize) -> Result<Self, Fault> {
        let engine = match location {
            Location::Sqlite(path) => Engine::Sqlite(Sqlite::open(path, readers, purpose)?),
            Location::Postgres(url) => Engine::Postgres(Box::new(Postgres::open(url, POSTGRES_CONNECTIONS)?)),
        };
        Ok(Self {
            location: Arc::new(location.clone()),
            engine: Arc::new(engine),
            keyring: Arc::new(keyring),
            wakers: Arc::default(),
            aside: Arc::new(Semaphore::new(ASIDE_MAX)),
            instances: Arc::default(),
        })
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Bytes of the database and of the log beside it; the log of a PostgreSQL server is its own matter.
    pub fn sizes(&self) -> Result<Sizes, Fault> {
        match self.engine.as_ref() {
            Engine::Sqlite(sqlite) => {
                let (database, log) = sqlite.sizes();
                Ok(Sizes { database, log: Some(log) })
            }
            Engine::Postgres(_) => {
                let database = self.read(|rx| Ok(rx.count(&POSTGRES_SIZE, &[])?))?;
                Ok(Sizes { database, log: None })
            }
        }
    }

    /// See [`Location::beside`].
    pub fn beside(&self, what: &str) -> Option<std::path::PathBuf> {
        self.location.beside(what)
    }

    /// Whether databases of other Regions can follow this one: whether it is PostgreSQL.
    pub fn can_be_followed(&self) -> bool {
        matches!(self.engine.as_ref(), Engine::Postgres(_))
    }

    /// Closes the database: what was asked before is done, what is asked later is refused. Leaves no log beside a SQLite file.
    pub fn close(&self) {
        match self.engine.as_ref() {
            Engine::Sqlite(sqlite) => sqlite.close(),
            // Its log is the database's own matter.
            Engine::Postgres(_) => {}
        }
    }

    /// The keys for sealed columns and token hashes.
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// Waits until a change of this store's added a job of the queue. What other servers of the same database add it does not see.
    pub async fn job_added(&self, queue: Queue) {
        self.wakers.added(queue).await;
    }

    /// Wakes workers: there are jobs that they have not seen.
    pub(crate) fn wake_workers(&self, added: Added) {
        self.wakers.wake(added);
    }

    /// What was counted since the store was opened.
    pub fn figures(&self) -> Figures {
        match self.engine.as_ref() {
            Engine::Sqlite(_) => Figures::default(),
            Engine::Postgres(postgres) => postgres.figures(),
        }
    }

    /// How often the tables have changed, where this process is the only one to change them; none on PostgreSQL.
    pub fn generations(&self) -> Option<&Generations> {
        match self.engine.as_ref() {
            Engine::Sqlite(sqlite) => Some(sqlite.generations()),
            Engine::Postgres(_) => None,
        }
    }

    /// Something else than rows has changed that counts as a change of these tables: what was read before is not known any more.
    pub(crate) fn changed(&self, tables: Changes) {
        if let Some(generations) = self.generations() {
            generations.count_whole(tables);
        }
    }

    /// Reads one snapshot, on this thread.
    pub fn read<T>(&self, with: impl FnOnce(&mut Rx<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        match self.engine.as_ref() {
            Engine::Sqlite(sqlite) => {
                // Before the snapshot.
                let as_of = sqlite.generations().sum(KNOWN_FROM);
                sqlite.read(|connection| {
                    let rx = Rx::new(Link::Sqlite(connection), &self.keyring);
                    with(&mut rx.knowing(&self.instances, as_of))
                })?
            }
            Engine::Postgres(postgres) => {
                let with = |link: &mut PgTransaction| with(&mut Rx::new(Link::Postgres(link), &self.keyring));
                blocking(|| postgres.read(Access::Read, with))?
            }
        }
    }

    /// Reads by one statement alone, on this thread. It sees one snapshot by itself: PostgreSQL is spared the transaction. A second statement
    /// is refused.
    pub fn glance<T>(&self, with: impl FnOnce(&mut Rx<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        match self.engine.as_ref() {
            Engine::Sqlite(sqlite) => {
                // Before the snapshot.
                let as_of = sqlite.generations().sum(KNOWN_FROM);
                sqlite.read(|connection| {
                    let rx = Rx::new(Link::Sqlite(connection), &self.keyring).for_one_statement();
                    with(&mut rx.knowing(&self.instances, as_of))
                })?
            }
            Engine::Postgres(postgres) => {
                let with = |link: &mut PgTransaction| {
                    with(&mut Rx::new(Link::Postgres(link), &self.keyring).for_one_statement())
                };
                blocking(|| postgres.read(Access::Glance, with))?
            }
        }
    }

    /// Reads one snapshot on another thread, in turn with others who do: for what may take long. Whoever has much to read does it in slices,
    /// each a read of its own, so that nobody waits behind the whole.
    pub async fn read_aside<T: Send + 'static>(
        &self,
        with: impl FnOnce(&mut Rx<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        self.aside(move |store| store.read(with)).await
    }

    /// [`Self::read_aside`] for whoever reads by itself.
    pub async fn aside<T: Send + 'static>(
        &self,
        with: impl FnOnce(&Self) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let _turn = self.aside.acquire().await.map_err(Fault::internal)?;
        let store = self.clone();
        tokio::task::spawn_blocking(move || with(&store))
            .await
            .map_err(|error| Fault::internal(format!("a read ended badly: {error}")))?
    }

    /// Changes rows in one transaction, which also holds the call's audit record, and returns when it is durable. `with` may run
    /// more than once (a race lost on PostgreSQL), so it must have no effect but on the transaction.
    pub async fn write<T: Send + 'static>(
        &self,
        cx: &Cx,
        with: impl Fn(&mut Tx<'_>, &Cx) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let answer = self
            .transact(cx, Access::Write, move |tx, cx| {
                let value = with(tx, cx)?;
                if !cx.event().is_recorded() {
                    audit_records::insert(tx, &cx.record(Outcome::Success))?;
                }
                Ok(value)
            })
            .await?;
        cx.event().mark_recorded();
        Ok(answer)
    }

    /// Like [`Self::write`] for housekeeping that is no event: counters, expiry, claims of jobs.
    pub async fn maintain<T: Send + 'static>(
        &self,
        cx: &Cx,
        with: impl Fn(&mut Tx<'_>, &Cx) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        self.transact(cx, Access::Write, with).await
    }

    /// [`Self::maintain`] for what only adds rows, whatever else there is: nothing that it reads may decide what it does.
    pub async fn append<T: Send + 'static>(
        &self,
        cx: &Cx,
        with: impl Fn(&mut Tx<'_>, &Cx) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        self.transact(cx, Access::Append, with).await
    }

    /// Changes the schema, in one transaction without the bounds of time that requests have. Two that do so at once on PostgreSQL can stand
    /// in each other's way, so that one of them has to run again.
    pub(crate) fn alter<T>(&self, with: impl Fn(&mut Tx<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        let run = |link: Link<'_>| {
            let mut tx = Tx::new(link, &self.keyring);
            let result = with(&mut tx);
            let keep = result.is_ok();
            ((result, tx.raced()), keep)
        };
        for _ in 0..ALTER_RACES_MAX {
            let (result, raced) = match self.engine.as_ref() {
                Engine::Sqlite(sqlite) => sqlite.alter(|connection| run(Link::Sqlite(connection)))?,
                Engine::Postgres(postgres) => {
                    blocking(|| postgres.transaction(Access::Alter, |link| run(Link::Postgres(link))))?
                }
            };
            if result.is_ok() || !raced {
                return result;
            }
            std::thread::sleep(ALTER_PAUSE);
        }
        Err(StoreError::Race("others change the schema at the same time".to_owned()).into())
    }

    async fn transact<T: Send + 'static>(
        &self,
        cx: &Cx,
        access: Access,
        with: impl Fn(&mut Tx<'_>, &Cx) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let cx = cx.clone();
        match self.engine.as_ref() {
            Engine::Sqlite(sqlite) => {
                let (answer, waiting) = oneshot::channel();
                sqlite.write(Box::new(Request {
                    with,
                    cx,
                    keyring: self.keyring.clone(),
                    wakers: self.wakers.clone(),
                    added: Added::NONE,
                    outcome: None,
                    answer,
                }))?;
                waiting.await.map_err(|_| Fault::internal("the writer dropped a request"))?
            }
            Engine::Postgres(_) => crate::engine::races::run(self, cx, access, with).await,
        }
    }
}

/// Lets this worker thread block: its other tasks move to another one.
fn blocking<T>(with: impl FnOnce() -> T) -> T {
    match tokio::runtime::Handle::try_current() {
        Ok(_) => tokio::task::block_in_place(with),
        Err(_) => with(),
    }
}

/// One caller's closure on its way through the SQLite writer.
struct Request<T, F> {
    with: F,
    cx: Cx,
    keyring: Arc<Keyring>,
    wakers: Arc<Wakers>,
    added: Added,
    outcome: Option<Result<T, Fault>>,
    answer: oneshot::Sender<Result<T, Fault>>,
}

impl<T: Send, F: Fn(&mut Tx<'_>, &Cx) -> Result<T, Fault> + Send> Work for Request<T, F> {
    fn run(&mut self, connection: &rusqlite::Connection) -> Option<Changes> {
        // Of a first time, if it is run again and panics.
        self.outcome = None;
        let mut tx = Tx::new(Link::Sqlite(connection), &self.keyring);
        let outcome = (self.with)(&mut tx, &self.cx);
        let keep = outcome.is_ok();
        self.added = if keep { tx.added() } else { Added::NONE };
        self.outcome = Some(outcome);
        keep.then_some(tx.changes())
    }

    fn finish(self: Box<Self>, committed: Result<(), StoreError>) {
        if committed.is_ok() {
            self.wakers.wake(self.added);
        }
        let answer = match (committed, self.outcome) {
            (Err(error), _) => Err(error.into()),
            (Ok(()), None) => Err(Fault::internal("the write panicked; see the log")),
            (Ok(()), Some(outcome)) => outcome,
        };
        // A caller that went away no longer wants the answer; the change stands.
        let _ = self.answer.send(answer);
    }
}
