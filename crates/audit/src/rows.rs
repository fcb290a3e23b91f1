//! Records on their way to a database that keeps the trail as rows: gathered, written together, and written again while the database is away.

use std::sync::Arc;
use std::time::Duration;

use model::caller::Caller;
use model::clock::Clock;
use model::cx::{Cx, Surroundings};
use model::event::EventHead;
use model::fault::Fault;
use model::record::{KeptRecord, NewRecord};
use store::db::Store;
use store::tx::Tx;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use crate::faults::{in_doubt, no_room};
use crate::trail::Share;

/// Records waiting at most, and their kibibytes.
const QUEUE_MAX: usize = 16_384;
const QUEUE_KIB_MAX: u32 = 65_536;
/// Records written in one transaction at most, and their kibibytes: whoever else writes waits for them.
const BATCH_MAX: usize = 1_000;
const BATCH_KIB_MAX: usize = 4_096;
/// How long a record waits for company.
const GATHER: Duration = Duration::from_millis(200);
/// How long to wait before writing again what a database that was away did not take.
const RETRY: Duration = Duration::from_millis(500);

/// How long somebody waits for their record: as long as for any statement.
const HELD_WAIT: Duration = Duration::from_secs(10);

enum Message {
    /// A record and its room in the queue, given back when it is written.
    Record(Box<(KeptRecord, OwnedSemaphorePermit)>),
    /// One whose caller waits, and hears it when it cannot be written.
    Held(Box<KeptRecord>, oneshot::Sender<Result<(), Fault>>),
    Flush(oneshot::Sender<()>),
}

/// Takes records for the database.
#[derive(Debug, Clone)]
pub(crate) struct Rows {
    queue: mpsc::Sender<Message>,
    /// A permit for each kibibyte.
    room: Arc<Semaphore>,
}

impl Rows {
    /// Starts the writing task.
    pub(crate) fn start(store: Store, surroundings: Surroundings, clock: Arc<dyn Clock>) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        tokio::spawn(Writer { store, surroundings, clock }.run(waiting));
        Self { queue, room: Arc::new(Semaphore::new(QUEUE_KIB_MAX as usize)) }
    }

    /// Takes a record that nobody waits for; whether there was room.
    pub(crate) fn append(&self, record: NewRecord<'_>, share: Share) -> bool {
        let kibibytes = kibibytes(record.json);
        if matches!(share, Share::Half) {
            let left = self.room.available_permits().saturating_sub(kibibytes as usize);
            if self.queue.capacity() <= QUEUE_MAX / 2 || left <= QUEUE_KIB_MAX as usize / 2 {
                return false;
            }
        }
        let Ok(room) = self.room.clone().try_acquire_many_owned(kibibytes) else { return false };
        self.queue.try_send(Message::Record(Box::new((KeptRecord::from(record), room)))).is_ok()
    }

    /// Takes a record and returns when it is durable.
    pub(crate) async fn append_durably(&self, record: NewRecord<'_>) -> Result<(), Fault> {
        let (done, written) = oneshot::channel();
        let message = Message::Held(Box::new(KeptRecord::from(record)), done);
        self.queue.try_send(message).map_err(|_| no_room())?;
        match tokio::time::timeout(HELD_WAIT, written).await {
            Ok(written) => written.map_err(|_| Fault::internal("the trail's task has ended"))?,
            Err(_) => Err(in_doubt("the database takes no records")),
        }
    }

    /// Returns once everything taken so far is written.
    pub(crate) async fn flush(&self) {
        let (done, waiting) = oneshot::channel();
        if self.queue.send(Message::Flush(done)).await.is_ok() {
            let _ = waiting.await;
        }
    }
}

/// What a record takes of the queue's room: its text, and a kibibyte for everything else of it.
fn kibibytes(json: &str) -> u32 {
    u32::try_from(json.len() / 1_024 + 1).unwrap_or(u32::MAX).min(QUEUE_KIB_MAX)
}

/// The writing task.
struct Writer {
    store: Store,
    surroundings: Surroundings,
    clock: Arc<dyn Clock>,
}

impl Writer {
    async fn run(self, mut queue: mpsc::Receiver<Message>) {
        while let Some(first) = queue.recv().await {
            let mut batch = Batch::default();
            batch.take(first);
            let deadline = tokio::time::Instant::now() + GATHER;
            while !batch.is_full() {
                // Who waits has the company of those who are there already.
                let next = if batch.held.is_empty() {
                    tokio::time::timeout_at(deadline, queue.recv()).await.ok().flatten()
                } else {
                    queue.try_recv().ok()
                };
                match next {
                    Some(message) => batch.take(message),
                    None => break,
                }
            }
            self.write_held(std::mem::take(&mut batch.held)).await;
            self.write_kept(batch.kept.into()).await;
            drop(batch.room);
            for done in batch.flushed {
                let _ = done.send(());
            }
        }
    }

    async fn write_held(&self, held: Vec<(KeptRecord, oneshot::Sender<Result<(), Fault>>)>) {
        if held.is_empty() {
            return;
        }
        let (records, waiters): (Vec<KeptRecord>, Vec<_>) = held.into_iter().unzip();
        let written = self.write(records.into()).await;
        for waiter in waiters {
            let _ = waiter.send(written.clone());
        }
    }

    /// Writes until it is done: the database may be away for a while, and what it misses then is kept here meanwhile. It may go away while it
    /// commits, so a record that is there already counts as written.
    async fn write_kept(&self, records: Arc<[KeptRecord]>) {
        while !records.is_empty() {
            match self.write(records.clone()).await {
                Ok(()) => return,
                Err(fault) => {
                    tracing::warn!(%fault, context = fault.context(), records = records.len(), "audit records wait for the database");
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }

    async fn write(&self, records: Arc<[KeptRecord]>) -> Result<(), Fault> {
        let caller = Caller::service(self.surroundings.owner.clone());
        let cx = Cx::new(&self.surroundings, caller, self.clock.now(), EventHead::default());
        let insert = move |tx: &mut Tx<'_>, _: &Cx| {
            records
                .iter()
                .try_for_each(|record| store::audit::audit_records::insert_once(tx, record.to_keep()))
        };
        self.store.append(&cx, insert).await
    }
}

/// What is written at once, the room that it takes until then, and who wants to hear of it.
#[derive(Default)]
struct Batch {
    kept: Vec<KeptRecord>,
    room: Option<OwnedSemaphorePermit>,
    held: Vec<(KeptRecord, oneshot::Sender<Result<(), Fault>>)>,
    flushed: Vec<oneshot::Sender<()>>,
}

impl Batch {
    fn take(&mut self, message: Message) {
        match message {
            Message::Record(waiting) => {
                let (record, room) = *waiting;
                self.kept.push(record);
                match &mut self.room {
                    Some(all) => all.merge(room),
                    none => *none = Some(room),
                }
            }
            Message::Held(record, done) => self.held.push((*record, done)),
            Message::Flush(done) => self.flushed.push(done),
        }
    }

    fn is_full(&self) -> bool {
        let kibibytes = self.room.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let records = self.kept.len().saturating_add(self.held.len());
        records >= BATCH_MAX || kibibytes >= BATCH_KIB_MAX || !self.flushed.is_empty()
    }
}
