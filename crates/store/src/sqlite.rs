//! The SQLite engine: a pool of read-only connections that the calling thread borrows, and one writer thread that groups many
//! requests into one durable commit. Figures behind this shape: one fsync serves up to [`GROUP_MAX`] writers, and a read
//! inline costs a tenth of one that hops to another thread.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, SyncSender, TryRecvError};
use std::sync::{Condvar, Mutex, PoisonError};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::error::StoreError;

/// Writers that one commit serves at most: bounds how long the first of them waits.
const GROUP_MAX: usize = 256;
/// Writers that may queue; the next one waits for its turn to queue.
const QUEUE_MAX: usize = 4_096;
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

/// An open SQLite database.
#[derive(Debug)]
pub(crate) struct Sqlite {
    readers: Mutex<Vec<Connection>>,
    returned: Condvar,
    writer: SyncSender<Box<dyn Work>>,
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
            .spawn(move || write_loop(&writing, &queue))
            .map_err(|error| StoreError::Unavailable(format!("no thread for the writer: {error}")))?;
        Ok(Self { readers: Mutex::new(pool), returned: Condvar::new(), writer, path: path.to_owned() })
    }

    /// The database's file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Lends a reading connection inside a snapshot.
    pub(crate) fn read<T>(&self, with: impl FnOnce(&Connection) -> T) -> Result<T, StoreError> {
        let connection = self.borrow();
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

    /// Hands work to the writer. Blocks only while the queue is full.
    pub(crate) fn write(&self, work: Box<dyn Work>) -> Result<(), StoreError> {
        self.writer.send(work).map_err(|_| StoreError::Unavailable("the writer has stopped".to_owned()))
    }

    fn borrow(&self) -> Connection {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(connection) = readers.pop() {
                return connection;
            }
            readers = self.returned.wait(readers).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn give_back(&self, connection: Connection) {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        self.returned.notify_one();
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
        Use::Fill => "PRAGMA cache_size = -1048576;",
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

/// Takes work until every sender is gone: one transaction for what has queued up, a savepoint for each.
fn write_loop(connection: &Connection, queue: &Receiver<Box<dyn Work>>) {
    while let Ok(first) = queue.recv() {
        let mut group = Vec::new();
        let committed = run_group(connection, first, queue, &mut group);
        if committed.is_err() && !connection.is_autocommit() {
            // Nothing of the group may stay: whoever waits is told that nothing changed.
            let _ = connection.execute_batch("ROLLBACK");
        }
        for work in group {
            work.finish(committed.clone());
        }
    }
}

fn run_group(
    connection: &Connection,
    first: Box<dyn Work>,
    queue: &Receiver<Box<dyn Work>>,
    group: &mut Vec<Box<dyn Work>>,
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
                Ok(more) => group.push(more),
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
