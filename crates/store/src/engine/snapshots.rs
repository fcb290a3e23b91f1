//! The connections that read a SQLite database, and the snapshots in which they do: one that was given back keeps its transaction open, with
//! the number of commits that it surely holds. As long as nothing was committed since, it *is* the newest state, and the next borrower begins at
//! once; else it ends and begins anew. Decision 0009 says why that is exact. Knows nothing of the writer but what it counts here.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::error::StoreError;

/// A connection, and how many commits the snapshot that stands in it surely holds.
#[derive(Debug)]
struct Reader {
    connection: Connection,
    holds: Option<u64>,
}

impl Reader {
    /// Has another snapshot, which holds `commits` at least.
    fn renew(&mut self, commits: u64) -> Result<(), rusqlite::Error> {
        self.end()?;
        self.connection.prepare_cached("BEGIN")?.execute([])?;
        self.holds = Some(commits);
        Ok(())
    }

    fn end(&mut self) -> Result<(), rusqlite::Error> {
        self.holds = None;
        // SQLite ends a transaction itself when the disk fails.
        if !self.connection.is_autocommit() {
            self.connection.prepare_cached("COMMIT")?.execute([])?;
        }
        Ok(())
    }
}

#[derive(Debug)]
struct Pool {
    free: Vec<Reader>,
    lent: usize,
    /// Who waits for a reader. To wake is a system call even when nobody sleeps.
    waiting: usize,
    /// Nobody is lent a reader: somebody waits for all of them to be back.
    halted: bool,
    closed: bool,
}

/// The readers of a database.
#[derive(Debug)]
pub(crate) struct Snapshots {
    pool: Mutex<Pool>,
    returned: Condvar,
    all_back: Condvar,
    /// Twice the commits, and one more while one is under way.
    commits: AtomicU64,
    /// The commit under way that a new snapshot may hold already, as `commits` counted it.
    peeked: AtomicU64,
    /// Whether a snapshot may stand: without a log it would keep the writer out.
    stand: bool,
}

impl Snapshots {
    /// Lends these connections.
    pub(crate) fn new(connections: Vec<Connection>, stand: bool) -> Self {
        let free = connections.into_iter().map(|connection| Reader { connection, holds: None }).collect();
        Self {
            pool: Mutex::new(Pool { free, lent: 0, waiting: 0, halted: false, closed: false }),
            returned: Condvar::new(),
            all_back: Condvar::new(),
            commits: AtomicU64::new(0),
            peeked: AtomicU64::new(0),
            stand,
        }
    }

    /// A commit begins: from here on a new snapshot may hold it.
    pub(crate) fn begin_commit(&self) {
        self.commits.fetch_add(1, Ordering::SeqCst);
    }

    /// The commit is over, however it ended. Before anybody hears of it, so that whoever asks afterwards finds it in their snapshot.
    pub(crate) fn end_commit(&self) {
        self.commits.fetch_add(1, Ordering::SeqCst);
    }

    /// Counts a commit that is over.
    pub(crate) fn count_commit(&self) {
        self.commits.fetch_add(2, Ordering::SeqCst);
    }

    /// Gives the reader a snapshot of the newest state; whether it is a new one. What anybody was answered is in it, and also what anybody saw: a
    /// commit that is not over may have been seen in a new snapshot, and then it must be in everybody's.
    fn refresh(&self, reader: &mut Reader) -> Result<bool, rusqlite::Error> {
        // The count first: what is committed between the two is in the snapshot and not in the count, never the other way.
        let commits = self.commits.load(Ordering::SeqCst);
        let (whole, is_under_way) = (commits & !1, commits & 1 == 1);
        if reader.holds == Some(whole) && !(is_under_way && self.peeked.load(Ordering::SeqCst) == commits) {
            return Ok(false);
        }
        if is_under_way {
            self.peeked.fetch_max(commits, Ordering::SeqCst);
        }
        reader.renew(whole)?;
        Ok(true)
    }

    /// What was seen in a new snapshot is about to be told: it may hold a commit that has begun since.
    fn tell(&self) {
        let commits = self.commits.load(Ordering::SeqCst);
        if commits & 1 == 1 {
            self.peeked.fetch_max(commits, Ordering::SeqCst);
        }
    }

    /// Runs `with` in a snapshot of the newest state.
    pub(crate) fn read<T>(&self, with: impl FnOnce(&Connection) -> T) -> Result<T, StoreError> {
        let mut reader = self.borrow()?;
        let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| -> Result<T, StoreError> {
            let is_new = self.refresh(&mut reader)?;
            let value = with(&reader.connection);
            if is_new {
                self.tell();
            }
            Ok(value)
        }));
        let ended = if !self.stand || outcome.is_err() || reader.connection.is_autocommit() {
            reader.end()
        } else {
            Ok(())
        };
        self.give_back(reader);
        match outcome {
            Ok(value) => {
                ended?;
                value
            }
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }

    /// Ends the idle snapshots that are not of the newest state, so that they hold no page of the log.
    pub(crate) fn end_old(&self) {
        let newest = Some(self.commits.load(Ordering::SeqCst) & !1);
        for reader in self.lock().free.iter_mut().filter(|reader| reader.holds != newest) {
            let _ = reader.end();
        }
    }

    /// Runs `with` while nobody has a snapshot, unless somebody keeps theirs for longer than `wait`. Whoever comes meanwhile waits.
    pub(crate) fn without(&self, wait: Duration, with: impl FnOnce()) {
        let mut pool = self.halt(wait);
        for reader in &mut pool.free {
            let _ = reader.end();
        }
        if pool.lent == 0 {
            with();
        }
        pool.halted = false;
        drop(pool);
        self.returned.notify_all();
    }

    /// Lends nothing any more, and waits until everything is back, though no longer than `wait`.
    pub(crate) fn close(&self, wait: Duration) {
        self.lock().closed = true;
        self.returned.notify_all();
        let mut pool = self.halt(wait);
        pool.free.clear();
        drop(pool);
    }

    fn lock(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn halt(&self, wait: Duration) -> MutexGuard<'_, Pool> {
        let until = Instant::now() + wait;
        let mut pool = self.lock();
        pool.halted = true;
        while pool.lent > 0 {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            (pool, _) = self.all_back.wait_timeout(pool, left).unwrap_or_else(PoisonError::into_inner);
        }
        pool
    }

    fn borrow(&self) -> Result<Reader, StoreError> {
        let mut pool = self.lock();
        loop {
            if pool.closed {
                return Err(StoreError::Unavailable("the database is closed".to_owned()));
            }
            let free = if pool.halted { None } else { pool.free.pop() };
            if let Some(reader) = free {
                pool.lent += 1;
                return Ok(reader);
            }
            pool.waiting += 1;
            pool = self.returned.wait(pool).unwrap_or_else(PoisonError::into_inner);
            pool.waiting -= 1;
        }
    }

    fn give_back(&self, reader: Reader) {
        let mut pool = self.lock();
        pool.lent -= 1;
        if pool.closed {
            // Before anybody hears that it is back: whoever closes waits for it to be gone.
            drop(reader);
        } else {
            pool.free.push(reader);
        }
        let (all_back, waited_for) = (pool.halted && pool.lent == 0, pool.waiting > 0 && !pool.halted);
        drop(pool);
        if all_back {
            self.all_back.notify_all();
        }
        if waited_for {
            self.returned.notify_one();
        }
    }
}
