//! The SQLite engine: read-only connections that the calling thread borrows, and one writer thread that groups many requests into one durable
//! commit and moves what is in the log to where it belongs. Figures behind this shape: one fsync serves up to 256 writers, and a
//! read inline costs a tenth of one that hops to another thread.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TrySendError};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::engine::group::{BOUNDED_GROUPS, Group, Message, Work};
use crate::engine::lookout::Lookout;
use crate::engine::outsiders::{self, Outsiders};
use crate::engine::snapshots::Snapshots;
use crate::error::StoreError;
use crate::generations::{Changes, Generations};

/// Writers that may queue; the next one is told to try again: it would wait with a thread of those that answer everybody.
const QUEUE_MAX: usize = 4_096;
/// How long a change of the schema waits for others, a server or another migration, to let it write.
const ALTER_WAIT: Duration = Duration::from_secs(60);
/// How long a database that is closed waits for those that read, and for its log to be written where it belongs.
const CLOSE_WAIT: Duration = Duration::from_secs(10);
/// How long the engine itself waits for an outsider who writes; then we look out, and wait on ([`Group`]).
const LOCK_WAIT: Duration = outsiders::PERIOD;
/// Pages of the log, 16 MiB, before they go where they belong: a page that is written often goes there seldom, and a start after a kill still
/// reads the log within milliseconds.
const LOG_PAGES: i64 = 4_000;
/// How many more before that is tried again when it could not begin anew, since somebody was reading.
const LOG_PAGES_MORE: i64 = 1_000;
/// How long those that read are waited for, and who comes to read waits, so that the log can begin anew. A read takes a hundredth of it.
const LOG_WAIT: Duration = Duration::from_millis(50);
/// Prepared statements kept by each connection: more than there are statements.
const STATEMENT_CACHE: usize = 512;

/// What a database is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// Many small transactions while others read: a log that is appended to.
    Serve,
    /// One transaction that fills a new database. Its pages go where they belong at once, for there is nothing that they replace, and the
    /// indexes that it writes all over stay in memory.
    Fill,
}

/// An open SQLite database.
#[derive(Debug)]
pub(crate) struct Sqlite {
    snapshots: Arc<Snapshots>,
    generations: Arc<Generations>,
    writer: SyncSender<Message>,
    path: PathBuf,
}

impl Sqlite {
    /// Opens (and creates, if need be) the database at `path` with `readers` reading connections.
    pub(crate) fn open(path: &Path, readers: usize, purpose: Use) -> Result<Self, StoreError> {
        let connection = open_writing(path, purpose)?;
        let pool = (0..readers.max(1)).map(|_| open_reading(path)).collect::<Result<Vec<_>, _>>()?;
        let snapshots = Arc::new(Snapshots::new(pool, purpose == Use::Serve));
        let outsiders = match purpose {
            Use::Serve => Some(Outsiders::new(&connection, open_reading(path)?, open_reading(path)?)?),
            Use::Fill => None,
        };
        let generations = Arc::<Generations>::default();
        let (sender, queue) = mpsc::sync_channel(QUEUE_MAX);
        let mut writer = Writer {
            connection,
            lookout: Lookout {
                snapshots: snapshots.clone(),
                generations: generations.clone(),
                outsiders,
                looked: Instant::now(),
            },
            checkpoint_at: LOG_PAGES,
            bounded_groups: 0,
        };
        std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || {
                let closed = writer.run(&queue);
                // After the connections, and the one that writes last: whoever waits relies on the log to be gone.
                drop(writer.lookout);
                drop(writer.connection);
                drop(closed);
            })
            .map_err(|error| StoreError::Unavailable(format!("no thread for the writer: {error}")))?;
        Ok(Self { snapshots, generations, writer: sender, path: path.to_owned() })
    }

    /// Runs `with` alone with the database, in a transaction that is committed when it says so.
    pub(crate) fn alter<T>(&self, with: impl FnOnce(&Connection) -> (T, bool)) -> Result<T, StoreError> {
        let connection = Connection::open(&self.path)?;
        connection.busy_timeout(ALTER_WAIT)?;
        connection.execute_batch("PRAGMA synchronous = FULL; BEGIN IMMEDIATE")?;
        let (value, keep) = with(&connection);
        connection.execute_batch(if keep { "COMMIT" } else { "ROLLBACK" })?;
        self.snapshots.count_commit();
        self.generations.count_whole(Changes::ALL);
        Ok(value)
    }

    /// Lends a reading connection inside a snapshot of the newest state.
    pub(crate) fn read<T>(&self, with: impl FnOnce(&Connection) -> T) -> Result<T, StoreError> {
        self.snapshots.read(with)
    }

    /// How often the tables have changed.
    pub(crate) fn generations(&self) -> &Generations {
        &self.generations
    }

    /// Hands work to the writer. Never waits.
    pub(crate) fn write(&self, work: Box<dyn Work>) -> Result<(), StoreError> {
        self.writer.try_send(Message::Work(work)).map_err(|refused| match refused {
            TrySendError::Full(_) => StoreError::Unavailable(format!("{QUEUE_MAX} changes wait already")),
            TrySendError::Disconnected(_) => StoreError::Unavailable("the writer has stopped".to_owned()),
        })
    }

    /// Bytes of the file and of its log.
    pub(crate) fn sizes(&self) -> (u64, u64) {
        let bytes = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
        let mut log = self.path.clone().into_os_string();
        log.push("-wal");
        (bytes(&self.path), bytes(Path::new(&log)))
    }

    /// Closes the database once what was asked before is done; what is asked later is refused. The last connection to go takes the log
    /// with it, which only one that writes can do, so the readers go first.
    pub(crate) fn close(&self) {
        self.snapshots.close(CLOSE_WAIT);
        let (done, closed) = mpsc::channel();
        if self.writer.send(Message::Close(done)).is_ok() {
            let _ = closed.recv_timeout(CLOSE_WAIT);
        }
    }
}

fn open_writing(path: &Path, purpose: Use) -> Result<Connection, StoreError> {
    // Made readable by its owner alone; SQLite gives its log the same mode.
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .map_err(|error| StoreError::Unavailable(format!("{}: {error}", path.display())))?;
    let connection = Connection::open(path)?;
    connection.execute_batch(match purpose {
        // The writer checkpoints itself: standing snapshots would make SQLite try at every commit, in vain.
        Use::Serve => "PRAGMA journal_mode = WAL; PRAGMA cache_size = -8192; PRAGMA wal_autocheckpoint = 0;",
        // Looking at the file first takes back what a process left half written that was killed: those that only read could not.
        Use::Fill => "PRAGMA schema_version; PRAGMA cache_size = -1048576;",
    })?;
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;
         PRAGMA mmap_size = 1099511627776; PRAGMA journal_size_limit = 67108864;",
    )?;
    connection.busy_timeout(LOCK_WAIT)?;
    keep_statements(&connection)?;
    Ok(connection)
}

fn open_reading(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.execute_batch(
        "PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; PRAGMA busy_timeout = 5000; PRAGMA cache_size = -8192;
         PRAGMA mmap_size = 1099511627776;",
    )?;
    keep_statements(&connection)?;
    Ok(connection)
}

/// A statement is compiled once and its plan is the same whatever its parameters are. Without the guarantee SQLite weighs the values of
/// parameters and compiles a statement anew each time that one is bound to others: twice the work of reading a row.
fn keep_statements(connection: &Connection) -> Result<(), StoreError> {
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// The thread that writes, and its connection.
struct Writer {
    connection: Connection,
    lookout: Lookout,
    /// With so many pages in the log it is time to move them.
    checkpoint_at: i64,
    /// Groups to come whose works are bounded by savepoints.
    bounded_groups: u32,
}

impl Writer {
    /// Takes work until every sender is gone or one says to close: one transaction for what has queued up. Whoever
    /// said so waits for what is returned to be dropped.
    fn run(&mut self, queue: &Receiver<Message>) -> Option<mpsc::Sender<()>> {
        let mut closing = None;
        while closing.is_none() {
            match queue.recv_timeout(outsiders::PERIOD) {
                Ok(Message::Work(first)) => closing = self.group(first, queue),
                Ok(Message::Close(done)) => return Some(done),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if self.lookout.looked.elapsed() >= outsiders::PERIOD {
                self.lookout.look(&self.connection);
            }
        }
        closing
    }

    fn group(&mut self, first: Box<dyn Work>, queue: &Receiver<Message>) -> Option<mpsc::Sender<()>> {
        let mut works = Vec::new();
        let is_bounded = self.bounded_groups > 0;
        let mut group = Group {
            connection: &self.connection,
            lookout: &mut self.lookout,
            works: &mut works,
            is_bounded,
            changes: Changes::NONE,
        };
        let ran = group.run(first, queue);
        let (changes, was_undone) = (group.changes, group.is_bounded && !is_bounded);
        self.bounded_groups = if was_undone { BOUNDED_GROUPS } else { self.bounded_groups.saturating_sub(1) };
        let mut closing = None;
        let committed = ran.and_then(|asked| {
            closing = asked;
            // From here until it is over nobody may take what they know for what is there.
            self.lookout.generations.count(changes);
            self.lookout.snapshots.begin_commit();
            let committed = commit(&self.connection);
            // Before the generation is whole again: whoever sees that one must find all of it in their snapshot.
            self.lookout.snapshots.end_commit();
            self.lookout.generations.count(changes);
            committed
        });
        if committed.is_err() && !self.connection.is_autocommit() {
            // Nothing of the group may stay: whoever waits is told that nothing changed.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        for work in works {
            work.finish(committed.clone());
        }
        // After the answers: nobody waits for it.
        if self.lookout.outsiders.is_some() && self.log_pages() >= self.checkpoint_at {
            self.checkpoint();
        }
        closing
    }

    /// Pages in the log; none when that cannot be known.
    fn log_pages(&self) -> i64 {
        let asked = self.connection.prepare_cached("PRAGMA wal_checkpoint(NOOP)");
        asked.and_then(|mut noop| noop.query_row([], |row| row.get(1))).unwrap_or(0)
    }

    /// Moves the log's pages where they belong, while others read on, and lets it begin anew, which it only can while nobody reads from it.
    fn checkpoint(&mut self) {
        // A snapshot that stands from before the first page of the log would keep all of it.
        self.lookout.look(&self.connection);
        let _ = self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        // Now the look-out's snapshot needs nothing of the log.
        self.lookout.look(&self.connection);
        self.lookout.snapshots.without(LOG_WAIT, || {
            // At once or not at all: an outsider who reads must not keep everybody waiting.
            let _ = self.connection.busy_timeout(Duration::ZERO);
            let _ = self.connection.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(()));
            let _ = self.connection.busy_timeout(LOCK_WAIT);
        });
        self.checkpoint_at = LOG_PAGES.max(self.log_pages() + LOG_PAGES_MORE);
    }
}

fn commit(connection: &Connection) -> Result<(), StoreError> {
    connection.prepare_cached("COMMIT")?.execute([]).map(|_| ()).map_err(|error| {
        // A full disk took no commit. One that failed may yet have taken it, to be found when the log is read again.
        let failed = error.sqlite_error_code() == Some(rusqlite::ErrorCode::SystemIoFailure);
        let error = StoreError::from(error);
        if failed { error.of_commit() } else { error }
    })
}
