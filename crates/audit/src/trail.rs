//! The trail in files, beside a SQLite database: whoever has a record puts it into one buffer, and one thread writes what is there, a few times
//! a second, or at once when somebody waits for it; many who wait share one flush. A piece that is full is closed, and the next one begins with
//! its digest. Memory is bounded: while the disk takes nothing, the buffer fills, and then nobody is answered without a record.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use model::fault::Fault;
use model::record::NewRecord;
use store::db::Store;
use tokio::sync::oneshot;

use crate::chain::Chain;
use crate::faults::no_room;
use crate::folder::Folder;
use crate::open_piece::{OpenPiece, OpenPieces};
use crate::piece::{Kind, write_line};

/// Bytes that may wait.
const ROOM: usize = 64 << 20;
/// How long a record waits for company.
const GATHER: Duration = Duration::from_millis(200);
/// Bytes of company that are enough: what is written is still near the processor then, and the memory that it was in serves again.
const COMPANY: usize = 512 << 10;
/// How often the log says that the disk takes nothing.
const COMPLAIN: Duration = Duration::from_secs(5);

/// The trail. Cheap to clone; the thread ends when the last one is gone and everything is written.
#[derive(Debug, Clone)]
pub(crate) struct Trail(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    folder: Folder,
    waiting: Mutex<Waiting>,
    wake: Condvar,
    open: Arc<OpenPieces>,
    cut: u64,
}

type Answer = oneshot::Sender<Result<(), Fault>>;

/// What waits to be written.
#[derive(Debug, Default)]
struct Waiting {
    changes: Lot,
    passing: Lot,
    /// Bytes of all, and of what is on its way.
    bytes: usize,
    urgent: bool,
    /// Who wants to hear once everything that came before is written.
    flushed: Vec<oneshot::Sender<()>>,
}

/// What waits for one chain.
#[derive(Debug, Default)]
struct Lot {
    /// Lines that nobody waits for: they are written again until they are there.
    kept: Vec<u8>,
    /// Lines whose callers wait: if they cannot be written, those hear it and the lines are gone.
    held: Vec<u8>,
    waiters: Vec<Answer>,
}

impl Lot {
    /// Nothing, in memory that is there; where much had piled up, that is given back.
    fn emptied(mut kept: Vec<u8>, mut held: Vec<u8>) -> Self {
        for lines in [&mut kept, &mut held] {
            lines.clear();
            lines.shrink_to(2 * COMPANY);
        }
        Self { kept, held, waiters: Vec::new() }
    }
}

impl Waiting {
    fn lot(&mut self, kind: Kind) -> &mut Lot {
        match kind {
            Kind::Changes => &mut self.changes,
            Kind::Passing => &mut self.passing,
        }
    }
}

impl Trail {
    /// Takes up the trail of a database where it was left: a torn end is cut and counted.
    pub(crate) fn start(store: &Store, folder: Folder) -> Result<Self, Fault> {
        let (open, mut chains, mut cut) = (Arc::<OpenPieces>::default(), Vec::new(), 0_u64);
        for kind in Kind::ALL {
            let (chain, torn) = Chain::take_up(store, &folder, kind, open.clone())?;
            chains.push(chain);
            cut = cut.saturating_add(torn);
        }
        let shared = Arc::new(Shared { folder, waiting: Mutex::default(), wake: Condvar::new(), open, cut });
        let writer = Writer { shared: shared.clone(), chains, next: Waiting::default(), complained: None };
        std::thread::Builder::new()
            .name("trail".to_owned())
            .spawn(move || writer.run())
            .map_err(|error| Fault::internal(format!("no thread for the trail: {error}")))?;
        Ok(Self(shared))
    }

    /// Takes a record that nobody waits for, as long as no more than `share` of the room is full; whether there was room.
    pub(crate) fn append(&self, record: NewRecord<'_>, share: Share) -> bool {
        let mut waiting = self.0.waiting();
        let room = match share {
            Share::Whole => ROOM,
            Share::Half => ROOM / 2,
        };
        if waiting.bytes >= room {
            return false;
        }
        let kept = &mut waiting.lot(Kind::of(record.passing)).kept;
        let before = kept.len();
        write_line(kept, record);
        let (size, grown) = (kept.len(), kept.len().saturating_sub(before));
        waiting.bytes = waiting.bytes.saturating_add(grown);
        if size >= COMPANY {
            self.0.wake(&mut waiting);
        }
        true
    }

    /// Takes records of one chain and returns when they are on the disk. If they cannot be written, they are not in the trail.
    pub(crate) async fn append_durably(&self, kind: Kind, records: &[NewRecord<'_>]) -> Result<(), Fault> {
        let (done, written) = oneshot::channel();
        {
            let mut waiting = self.0.waiting();
            if waiting.bytes >= ROOM {
                return Err(no_room());
            }
            let lot = waiting.lot(kind);
            let before = lot.held.len();
            for record in records {
                write_line(&mut lot.held, *record);
            }
            lot.waiters.push(done);
            let grown = lot.held.len().saturating_sub(before);
            waiting.bytes = waiting.bytes.saturating_add(grown);
            self.0.wake(&mut waiting);
        }
        written.await.map_err(|_| Fault::internal("the trail's thread has ended"))?
    }

    /// Returns once everything taken so far is on the disk.
    pub(crate) async fn flush(&self) {
        let (done, written) = oneshot::channel();
        {
            let mut waiting = self.0.waiting();
            waiting.flushed.push(done);
            self.0.wake(&mut waiting);
        }
        let _ = written.await;
    }

    /// The pieces that no index has, as they are now.
    pub(crate) fn open(&self) -> Vec<Arc<OpenPiece>> {
        self.0.open.list()
    }

    /// A piece is in the index now.
    pub(crate) fn indexed(&self, piece: &Arc<OpenPiece>) {
        self.0.open.indexed(piece);
    }

    /// Returns when a piece was closed.
    pub(crate) async fn piece_closed(&self) {
        self.0.open.closed.notified().await;
    }

    /// Where the files are.
    pub(crate) fn folder(&self) -> &Folder {
        &self.0.folder
    }

    /// Bytes of torn ends that were cut when the trail was taken up.
    pub(crate) fn cut(&self) -> u64 {
        self.0.cut
    }
}

/// How much of the room a record may fill.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Share {
    /// All of it.
    Whole,
    /// What may come in any number leaves half to the rest.
    Half,
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self, waiting: &mut Waiting) {
        if !std::mem::replace(&mut waiting.urgent, true) {
            self.wake.notify_one();
        }
    }
}

/// The writing thread.
struct Writer {
    shared: Arc<Shared>,
    chains: Vec<Chain>,
    /// What waits while something is written, empty, in the memory of what was written before.
    next: Waiting,
    complained: Option<Instant>,
}

impl Writer {
    fn run(mut self) {
        loop {
            let mut waiting = {
                let held = self.shared.waiting();
                let (mut held, _) = self
                    .shared
                    .wake
                    .wait_timeout_while(held, GATHER, |held| !held.urgent)
                    .unwrap_or_else(PoisonError::into_inner);
                let bytes = held.bytes;
                std::mem::replace(&mut *held, Waiting { bytes, ..std::mem::take(&mut self.next) })
            };
            if waiting.bytes == 0 && waiting.flushed.is_empty() && Arc::strong_count(&self.shared) == 1 {
                return;
            }
            let mut whole = true;
            for at in 0..self.chains.len() {
                whole &= self.write(at, &mut waiting);
            }
            self.chains.iter_mut().for_each(Chain::close_if_over);
            if whole {
                self.complained = None;
                waiting.flushed.drain(..).for_each(|done| {
                    let _ = done.send(());
                });
            } else {
                // Not at once again: the disk takes nothing.
                std::thread::sleep(GATHER);
                self.shared.waiting().flushed.append(&mut waiting.flushed);
            }
        }
    }

    /// Writes what waits for a chain; whether all of it is there.
    fn write(&mut self, at: usize, waiting: &mut Waiting) -> bool {
        let Some(chain) = self.chains.get_mut(at) else { return true };
        let Lot { mut kept, mut held, waiters } = std::mem::take(waiting.lot(chain.kind));
        if kept.is_empty() && held.is_empty() {
            *self.next.lot(chain.kind) = Lot::emptied(kept, held);
            return true;
        }
        let (alone, awaited) = (kept.len(), held.len());
        if alone == 0 {
            std::mem::swap(&mut kept, &mut held);
        } else {
            kept.extend_from_slice(&held);
        }
        let written = chain.append(&kept);
        let answer = written.as_ref().copied().map_err(|failed| failed.fault(&self.shared.folder));
        for waiter in waiters {
            let _ = waiter.send(answer.clone());
        }
        let mut now = self.shared.waiting();
        if written.is_ok() {
            now.bytes = now.bytes.saturating_sub(kept.len());
            *self.next.lot(chain.kind) = Lot::emptied(kept, held);
            return true;
        }
        now.bytes = now.bytes.saturating_sub(awaited);
        kept.truncate(alone);
        // Before what came meanwhile.
        let lot = now.lot(chain.kind);
        kept.extend_from_slice(&lot.kept);
        lot.kept = kept;
        drop(now);
        if let Err(fault) = answer
            && self.complained.is_none_or(|at| at.elapsed() >= COMPLAIN)
        {
            self.complained = Some(Instant::now());
            tracing::warn!(context = fault.context(), "audit records wait for the disk");
        }
        false
    }
}
