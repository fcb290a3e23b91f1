//! The SQLite engine: a pool of read-only connections that the calling thread borrows, and one writer thread that groups many
//! requests into one durable commit. Figures behind this shape: one fsync serves up to [`GROUP_MAX`] writers, and a read
//! inline costs a tenth of one that hops to another thread.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, SyncSender, TryRecvError, TrySendError};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::error::StoreError;

/// Writers that one commit serves at most: bounds how long the first of them waits.
const GROUP_MAX: usize = 256;
/// Writers that may queue; the next one is told to try again: it would wait with a thread of those that answer everybody.
const QUEUE_MAX: usize = 4_096;
/// How long a change of the schema waits for others, a server or another migration, to let it write.
const ALTER_WAIT: Duration = Duration::from_secs(60);
/// How long a database that is closed waits for those that read, and for its log to be written where it belongs.
const CLOSE_WAIT: Duration = Duration::from_secs(10);
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

/// A unit of work for the writer: runs inside its savepoint, says whether to keep what it did, and is told how the commit went.
pub(crate) trait Work: Send {
    /// Runs; `false` rolls its savepoint back.
    fn run(&mut self, connection: &Connection) -> bool;
    /// Learns the commit's result, and answers whoever waits.
    fn finish(self: Box<Self>, committed: Result<(), StoreError>);
}

/// What goes to the writer.
enum Message {
    Work(Box<dyn Work>),
    /// Close the connection, and say when that is done.
    Close(mpsc::Sender<()>),
}

/// The reading connections that nobody has borrowed.
#[derive(Debug)]
struct Readers {
    free: Vec<Connection>,
    lent: usize,
    closed: bool,
}

/// An open SQLite database.
#[derive(Debug)]
pub(crate) struct Sqlite {
    readers: Mutex<Readers>,
    returned: Condvar,
    writer: SyncSender<Message>,
    path: PathBuf,
}

impl Sqlite {
    /// Opens (and creates, if need be) the database at `path` with `readers` reading connections.
    pub(crate) fn open(path: &Path, readers: usize, purpose: Use) -> Result<Self, StoreError> {
        let writing = open_writing(path, purpose)?;
        let pool = (0..readers.max(1)).map(|_| open_reading(path)).collect::<Result<Vec<_>, _>>()?;
        let (writer, queue) = mpsc::sync_channel(QUEUE_MAX);
        std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || {
                let closed = write_loop(&writing, &queue);
                // After the connection: whoever waits relies on the log to be gone.
                drop(writing);
                drop(closed);
            })
            .map_err(|error| StoreError::Unavailable(format!("no thread for the writer: {error}")))?;
        let readers = Mutex::new(Readers { free: pool, lent: 0, closed: false });
        Ok(Self { readers, returned: Condvar::new(), writer, path: path.to_owned() })
    }

    /// Runs `with` alone with the database, in a transaction that is committed when it says so.
    pub(crate) fn alter<T>(&self, with: impl FnOnce(&Connection) -> (T, bool)) -> Result<T, StoreError> {
        let connection = Connection::open(&self.path)?;
        connection.busy_timeout(ALTER_WAIT)?;
        connection.execute_batch("PRAGMA synchronous = FULL; BEGIN IMMEDIATE")?;
        let (value, keep) = with(&connection);
        connection.execute_batch(if keep { "COMMIT" } else { "ROLLBACK" })?;
        Ok(value)
    }

    /// Lends a reading connection inside a snapshot.
    pub(crate) fn read<T>(&self, with: impl FnOnce(&Connection) -> T) -> Result<T, StoreError> {
        let connection = self.borrow()?;
        let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| -> Result<T, StoreError> {
            connection.prepare_cached("BEGIN")?.execute([])?;
            Ok(with(&connection))
        }));
        // A snapshot must end whatever happened in it, or the log could never be truncated.
        let ended = if connection.is_autocommit() {
            Ok(())
        } else {
            connection.prepare_cached("COMMIT").and_then(|mut end| end.execute([])).map(|_| ())
        };
        self.give_back(connection);
        match outcome {
            Ok(value) => {
                ended?;
                value
            }
            Err(panic) => std::panic::resume_unwind(panic),
        }
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
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        readers.closed = true;
        self.returned.notify_all();
        let until = Instant::now() + CLOSE_WAIT;
        while readers.lent > 0 && Instant::now() < until {
            let wait = until.saturating_duration_since(Instant::now());
            (readers, _) = self.returned.wait_timeout(readers, wait).unwrap_or_else(PoisonError::into_inner);
        }
        readers.free.clear();
        drop(readers);
        let (done, closed) = mpsc::channel();
        if self.writer.send(Message::Close(done)).is_ok() {
            let _ = closed.recv_timeout(CLOSE_WAIT);
        }
    }

    fn borrow(&self) -> Result<Connection, StoreError> {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if readers.closed {
                return Err(StoreError::Unavailable("the database is closed".to_owned()));
            }
            if let Some(connection) = readers.free.pop() {
                readers.lent += 1;
                return Ok(connection);
            }
            readers = self.returned.wait(readers).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn give_back(&self, connection: Connection) {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        readers.lent -= 1;
        if readers.closed {
            // Before anybody hears that it is back: whoever closes waits for it to be gone.
            drop(connection);
            self.returned.notify_all();
        } else {
            readers.free.push(connection);
            self.returned.notify_one();
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
        // A log of 16 MiB before its pages go where they belong: a page that is written often goes there seldom, and a start after a
        // kill still reads the log within milliseconds.
        Use::Serve => {
            "PRAGMA journal_mode = WAL; PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 4000;"
        }
        // Looking at the file first takes back what a process left half written that was killed: those that only read could not.
        Use::Fill => "PRAGMA schema_version; PRAGMA cache_size = -1048576;",
    })?;
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA busy_timeout = 5000;
         PRAGMA mmap_size = 1099511627776; PRAGMA journal_size_limit = 67108864;",
    )?;
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

/// Takes work until every sender is gone or one says to close: one transaction for what has queued up, a savepoint for each. Whoever
/// said so waits for what is returned to be dropped.
fn write_loop(connection: &Connection, queue: &Receiver<Message>) -> Option<mpsc::Sender<()>> {
    let mut closing = None;
    while closing.is_none() {
        let first = match queue.recv() {
            Ok(Message::Work(work)) => work,
            Ok(Message::Close(done)) => return Some(done),
            Err(mpsc::RecvError) => return None,
        };
        let mut group = Vec::new();
        let committed = run_group(connection, first, queue, (&mut group, &mut closing));
        if committed.is_err() && !connection.is_autocommit() {
            // Nothing of the group may stay: whoever waits is told that nothing changed.
            let _ = connection.execute_batch("ROLLBACK");
        }
        for work in group {
            work.finish(committed.clone());
        }
    }
    closing
}

fn run_group(
    connection: &Connection,
    first: Box<dyn Work>,
    queue: &Receiver<Message>,
    (group, closing): (&mut Vec<Box<dyn Work>>, &mut Option<mpsc::Sender<()>>),
) -> Result<(), StoreError> {
    group.push(first);
    let begun = connection.prepare_cached("BEGIN IMMEDIATE").and_then(|mut begin| begin.execute([]));
    begun?;
    let mut next = 0;
    while let Some(work) = group.get_mut(next) {
        run_one(connection, work.as_mut())?;
        next += 1;
        if next == group.len() && next < GROUP_MAX {
            match queue.try_recv() {
                Ok(Message::Work(more)) => group.push(more),
                Ok(Message::Close(done)) => {
                    *closing = Some(done);
                    break;
                }
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            }
        }
    }
    connection.prepare_cached("COMMIT")?.execute([]).map(|_| ()).map_err(|error| {
        // A full disk took no commit. One that failed may yet have taken it, to be found when the log is read again.
        let failed = error.sqlite_error_code() == Some(rusqlite::ErrorCode::SystemIoFailure);
        let error = StoreError::from(error);
        if failed { error.of_commit() } else { error }
    })
}

fn run_one(connection: &Connection, work: &mut dyn Work) -> Result<(), StoreError> {
    connection.prepare_cached("SAVEPOINT work")?.execute([])?;
    let keep = std::panic::catch_unwind(AssertUnwindSafe(|| work.run(connection))).unwrap_or(false);
    if connection.is_autocommit() {
        // SQLite itself rolled everything back (disk full, I/O error): the group is lost.
        return Err(StoreError::Unavailable("the database rolled the transaction back".to_owned()));
    }
    if !keep {
        connection.prepare_cached("ROLLBACK TO work")?.execute([])?;
    }
    connection.prepare_cached("RELEASE work")?.execute([])?;
    Ok(())
}
