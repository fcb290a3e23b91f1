//! Records that nobody waits for: plain reads and refusals. They are gathered and written together, a few times a second, so that
//! a reader pays nothing and the disk little. While the queue is full nobody is answered without a record: callers are told that the service
//! is unavailable. Refusals, of which anyone can make any number, have half of the queue; what repeats, and what finds no room there, is counted
//! ([`crate::tally`]).

use std::sync::Arc;
use std::time::Duration;

use model::caller::Caller;
use model::clock::Clock;
use model::cx::{Cx, Surroundings};
use model::event::{EventHead, Outcome};
use model::fault::{Fault, FaultKind};
use model::record::AuditRecord;
use store::db::Store;
use store::tx::Tx;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use crate::tally::{STRANGERS_BYTES_A_DAY, Tally};

/// Records waiting at most, and their kibibytes.
const QUEUE_MAX: usize = 16_384;
const QUEUE_KIB_MAX: u32 = 65_536;
/// Records written in one transaction at most, and their kibibytes: whoever else writes waits for them.
const BATCH_MAX: usize = 1_000;
const BATCH_KIB_MAX: usize = 4_096;
/// How long a caller waits for room in the queue.
const ROOM_WAIT: Duration = Duration::from_secs(2);
/// How long a record waits for company.
const GATHER: Duration = Duration::from_millis(200);
/// How often it is looked for counts that are due, while nothing else is to be written.
const TICK: Duration = Duration::from_secs(1);
/// How long to wait before writing again what a database that was away did not take.
const RETRY: Duration = Duration::from_millis(500);

/// A record and its room in the queue, given back when it is written.
struct Waiting {
    record: AuditRecord,
    room: OwnedSemaphorePermit,
}

enum Message {
    Record(Box<Waiting>),
    Flush(oneshot::Sender<()>),
}

/// Takes records and sees to it that they are written.
#[derive(Debug, Clone)]
pub struct Recorder {
    queue: mpsc::Sender<Message>,
    /// A permit for each kibibyte.
    room: Arc<Semaphore>,
    tally: Arc<Tally>,
}

impl Recorder {
    /// Starts the writing task.
    pub fn start(store: Store, surroundings: Surroundings, clock: Arc<dyn Clock>) -> Self {
        Self::start_bounded(store, surroundings, clock, STRANGERS_BYTES_A_DAY)
    }

    /// [`Self::start`] where strangers may make the trail grow by so many bytes a day.
    pub fn start_bounded(
        store: Store,
        surroundings: Surroundings,
        clock: Arc<dyn Clock>,
        strangers_bytes_a_day: u64,
    ) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        let tally = Arc::new(Tally::new(surroundings.clone(), strangers_bytes_a_day));
        let writer = Writer { store, surroundings, clock, tally: tally.clone() };
        tokio::spawn(writer.run(waiting));
        let room = Arc::new(Semaphore::new(QUEUE_KIB_MAX as usize));
        Self { queue, room, tally }
    }

    /// Takes a record; `Unavailable` when there is no room for it, and then the caller must not be answered as if there were.
    pub async fn record(&self, record: AuditRecord) -> Result<(), Fault> {
        let sent = tokio::time::timeout(ROOM_WAIT, async {
            let room = self.room.clone().acquire_many_owned(kibibytes(&record)).await.ok()?;
            self.queue.send(Message::Record(Box::new(Waiting { record, room }))).await.ok()
        });
        if let Ok(Some(())) = sent.await {
            return Ok(());
        }
        let message = "The service is unavailable for a moment: the call cannot be recorded. Nothing was changed; try again.";
        Err(Fault::new(FaultKind::Unavailable, message).with_context("no room among the records that wait"))
    }

    /// Takes what may come in any number: a refusal, or a look at a page. It is recorded, or counted; nobody waits.
    pub fn tally(&self, cx: &Cx, outcome: Outcome<'_>) {
        if let Some(record) = self.tally.take(cx, outcome)
            && self.try_record(record).is_none()
        {
            self.tally.put_back(cx, outcome);
        }
    }

    fn try_record(&self, record: AuditRecord) -> Option<()> {
        let kibibytes = kibibytes(&record);
        let left = self.room.available_permits().checked_sub(kibibytes as usize)?;
        if self.queue.capacity() <= QUEUE_MAX / 2 || left <= QUEUE_KIB_MAX as usize / 2 {
            return None;
        }
        let room = self.room.clone().try_acquire_many_owned(kibibytes).ok()?;
        self.queue.try_send(Message::Record(Box::new(Waiting { record, room }))).ok()
    }

    /// How many were counted instead of recorded one by one.
    pub fn counted(&self) -> u64 {
        self.tally.counted()
    }

    /// Returns once everything taken so far is written: before the server stops.
    pub async fn flush(&self) {
        let (done, waiting) = oneshot::channel();
        if self.queue.send(Message::Flush(done)).await.is_ok() {
            let _ = waiting.await;
        }
    }
}

/// What a record takes of the queue's room: its text, and a kibibyte for everything else of it.
fn kibibytes(record: &AuditRecord) -> u32 {
    u32::try_from(record.json.len() / 1_024 + 1).unwrap_or(u32::MAX).min(QUEUE_KIB_MAX)
}

/// The writing task.
struct Writer {
    store: Store,
    surroundings: Surroundings,
    clock: Arc<dyn Clock>,
    tally: Arc<Tally>,
}

impl Writer {
    async fn run(self, mut queue: mpsc::Receiver<Message>) {
        loop {
            let mut batch = Batch::default();
            match tokio::time::timeout(TICK, queue.recv()).await {
                Ok(Some(first)) => batch.take(first),
                Ok(None) => return,
                Err(_) => {}
            }
            let deadline = tokio::time::Instant::now() + GATHER;
            while !batch.is_full() && !batch.records.is_empty() {
                match tokio::time::timeout_at(deadline, queue.recv()).await {
                    Ok(Some(message)) => batch.take(message),
                    Ok(None) | Err(_) => break,
                }
            }
            let now = self.clock.now();
            let counts =
                if batch.flushed.is_empty() { self.tally.due(now, BATCH_MAX) } else { self.tally.all(now) };
            batch.records.extend(counts);
            self.write(batch.records.into()).await;
            drop(batch.room);
            for done in batch.flushed {
                let _ = done.send(());
            }
        }
    }

    /// Writes until it is done: the database may be away for a while, and what it misses then is kept here meanwhile. It may go away while it
    /// commits, so a record that is there already counts as written.
    async fn write(&self, records: Arc<[AuditRecord]>) {
        if records.is_empty() {
            return;
        }
        loop {
            let caller = Caller::service(self.surroundings.owner.clone());
            let cx = Cx::new(&self.surroundings, caller, self.clock.now(), EventHead::default());
            let rows = records.clone();
            let insert = move |tx: &mut Tx<'_>, _: &Cx| {
                rows.iter().try_for_each(|record| store::audit_records::insert_once(tx, record))
            };
            match self.store.append(&cx, insert).await {
                Ok(()) => return,
                Err(fault) => {
                    tracing::warn!(%fault, context = fault.context(), records = records.len(), "audit records wait for the database");
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }
}

/// What is written in one transaction, the room that it takes until then, and who wants to hear of it.
#[derive(Default)]
struct Batch {
    records: Vec<AuditRecord>,
    room: Option<OwnedSemaphorePermit>,
    flushed: Vec<oneshot::Sender<()>>,
}

impl Batch {
    fn take(&mut self, message: Message) {
        match message {
            Message::Record(waiting) => {
                self.records.push(waiting.record);
                match &mut self.room {
                    Some(room) => room.merge(waiting.room),
                    None => self.room = Some(waiting.room),
                }
            }
            Message::Flush(done) => self.flushed.push(done),
        }
    }

    fn is_full(&self) -> bool {
        let kibibytes = self.room.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        self.records.len() >= BATCH_MAX || kibibytes >= BATCH_KIB_MAX || !self.flushed.is_empty()
    }
}
