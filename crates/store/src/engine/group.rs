//! The works of one SQLite transaction: which of them stay, and that nothing stays of one that refused.

use std::panic::AssertUnwindSafe;
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode};

use crate::engine::lookout::Lookout;
use crate::error::StoreError;
use crate::generations::Changes;

/// Writers that one commit serves at most: bounds how long the first of them waits.
const GROUP_MAX: usize = 256;
/// How long an outsider who writes is waited for.
const OUTSIDER_WAIT: Duration = Duration::from_secs(5);
/// Groups that follow one that was undone and whose works are bounded by savepoints: whoever often changes something and then refuses makes
/// nobody's work be done twice more than now and then.
pub(super) const BOUNDED_GROUPS: u32 = 32;

/// A unit of work for the writer: runs inside the group's transaction, says whether to keep what it did, and is told how the commit went.
pub(crate) trait Work: Send {
    /// Runs, perhaps a second time after all of the first was undone; what it changed, or `None`, of which nothing may stay.
    fn run(&mut self, connection: &Connection) -> Option<Changes>;
    /// Learns the commit's result, and answers whoever waits.
    fn finish(self: Box<Self>, committed: Result<(), StoreError>);
}

/// What goes to the writer.
pub(super) enum Message {
    Work(Box<dyn Work>),
    /// Close the connection, and say when that is done.
    Close(mpsc::Sender<()>),
}

/// The works of one transaction. A savepoint for each would have SQLite copy every page before it is changed, a tenth of what a change costs,
/// though hardly any work refuses after it has changed something: it looks first. So there is none at first. When a work does, all is undone and
/// what others did is done again, each within a savepoint.
pub(super) struct Group<'a> {
    pub(super) connection: &'a Connection,
    pub(super) lookout: &'a mut Lookout,
    pub(super) works: &'a mut Vec<Box<dyn Work>>,
    pub(super) is_bounded: bool,
    pub(super) changes: Changes,
}

impl Group<'_> {
    /// Takes the right to write, and looks out while somebody else has it: they may be moving the log, which waits for the snapshots that stand here.
    fn begin(&mut self) -> Result<(), StoreError> {
        let since = Instant::now();
        loop {
            match self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([]) {
                Ok(_) => return Ok(()),
                Err(error)
                    if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                        && since.elapsed() < OUTSIDER_WAIT =>
                {
                    self.lookout.look(self.connection);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Runs a first work and what has queued up meanwhile; who asks to close, if somebody did.
    pub(super) fn run(
        &mut self,
        first: Box<dyn Work>,
        queue: &Receiver<Message>,
    ) -> Result<Option<mpsc::Sender<()>>, StoreError> {
        self.works.push(first);
        self.begin()?;
        let mut next = 0;
        while next < self.works.len() {
            self.run_at(next)?;
            next += 1;
            if next == self.works.len() && next < GROUP_MAX {
                match queue.try_recv() {
                    Ok(Message::Work(more)) => self.works.push(more),
                    Ok(Message::Close(done)) => return Ok(Some(done)),
                    Err(TryRecvError::Empty | TryRecvError::Disconnected) => {}
                }
            }
        }
        Ok(None)
    }

    fn run_at(&mut self, at: usize) -> Result<(), StoreError> {
        if self.is_bounded {
            return self.run_bounded(at);
        }
        let before = self.connection.total_changes();
        match self.try_run(at)? {
            Some(changes) => self.changes = self.changes.and(changes),
            None if self.connection.total_changes() == before => {}
            None => return self.begin_anew(at),
        }
        Ok(())
    }

    /// The work at `at` refused after it had changed something: takes everything back and does what others did again, each within a savepoint. Its
    /// own refusal stands: it saw what they did.
    fn begin_anew(&mut self, at: usize) -> Result<(), StoreError> {
        self.connection.prepare_cached("ROLLBACK")?.execute([])?;
        self.begin()?;
        (self.is_bounded, self.changes) = (true, Changes::NONE);
        (0..at).try_for_each(|again| self.run_bounded(again))
    }

    fn run_bounded(&mut self, at: usize) -> Result<(), StoreError> {
        self.connection.prepare_cached("SAVEPOINT work")?.execute([])?;
        let kept = self.try_run(at)?;
        if kept.is_none() {
            self.connection.prepare_cached("ROLLBACK TO work")?.execute([])?;
        }
        self.connection.prepare_cached("RELEASE work")?.execute([])?;
        self.changes = self.changes.and(kept.unwrap_or(Changes::NONE));
        Ok(())
    }

    /// What the work at `at` changed; `None` when it refused or panicked.
    fn try_run(&mut self, at: usize) -> Result<Option<Changes>, StoreError> {
        let Some(work) = self.works.get_mut(at) else { return Ok(None) };
        let connection = self.connection;
        let kept = std::panic::catch_unwind(AssertUnwindSafe(|| work.run(connection))).unwrap_or(None);
        if connection.is_autocommit() {
            // SQLite itself rolled everything back (disk full, I/O error): the group is lost.
            return Err(StoreError::Unavailable("the database rolled the transaction back".to_owned()));
        }
        Ok(kept)
    }
}
