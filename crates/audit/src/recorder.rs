//! Records that nobody waits for: plain reads and refusals. They are gathered and written together, a few times a second, so that
//! a reader pays nothing and the disk little. While the queue is full nobody is answered without a record: callers are told that the service
//! is unavailable. Refusals of unknown callers, of which anyone can make any number, and those for want of the database have half of the
//! queue; beyond it they are dropped, and counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use model::caller::Caller;
use model::clock::Clock;
use model::cx::{Cx, Surroundings};
use model::event::EventHead;
use model::fault::{Fault, FaultKind};
use model::record::AuditRecord;
use store::db::Store;
use tokio::sync::{mpsc, oneshot};

/// Records waiting at most.
const QUEUE_MAX: usize = 16_384;
/// Records written in one transaction at most.
const BATCH_MAX: usize = 1_000;
/// How long a caller waits for room in the queue.
const ROOM_WAIT: Duration = Duration::from_secs(2);
/// How long a record waits for company.
const GATHER: Duration = Duration::from_millis(200);
/// How long to wait before writing again what a database that was away did not take.
const RETRY: Duration = Duration::from_millis(500);

enum Message {
    Record(Box<AuditRecord>),
    Flush(oneshot::Sender<()>),
}

/// Takes records and sees to it that they are written.
#[derive(Debug, Clone)]
pub struct Recorder {
    queue: mpsc::Sender<Message>,
    dropped: Arc<AtomicU64>,
}

impl Recorder {
    /// Starts the writing task.
    pub fn start(store: Store, surroundings: Surroundings, clock: Arc<dyn Clock>) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        tokio::spawn(write_batches(store, surroundings, clock, waiting));
        Self { queue, dropped: Arc::default() }
    }

    /// Takes a record; `Unavailable` when there is no room for it, and then the caller must not be answered as if there were.
    pub async fn record(&self, record: AuditRecord) -> Result<(), Fault> {
        match self.queue.send_timeout(Message::Record(Box::new(record)), ROOM_WAIT).await {
            Ok(()) => Ok(()),
            Err(error) => {
                let message = "The service is unavailable for a moment: the call cannot be recorded. Nothing was changed; try again.";
                Err(Fault::new(FaultKind::Unavailable, message).with_context(error))
            }
        }
    }

    /// Takes a record of which there may be any number; drops (and counts) it while the queue is half full.
    pub fn record_or_drop(&self, record: AuditRecord) {
        let room = self.queue.capacity() > QUEUE_MAX / 2;
        if !room || self.queue.try_send(Message::Record(Box::new(record))).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many refusals were dropped.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Returns once everything taken so far is written: before the server stops.
    pub async fn flush(&self) {
        let (done, waiting) = oneshot::channel();
        if self.queue.send(Message::Flush(done)).await.is_ok() {
            let _ = waiting.await;
        }
    }
}

async fn write_batches(
    store: Store,
    surroundings: Surroundings,
    clock: Arc<dyn Clock>,
    mut queue: mpsc::Receiver<Message>,
) {
    let mut batch = Vec::new();
    while let Some(first) = queue.recv().await {
        let mut flushed = Vec::new();
        take(first, &mut batch, &mut flushed);
        let deadline = tokio::time::Instant::now() + GATHER;
        while batch.len() < BATCH_MAX && flushed.is_empty() {
            match tokio::time::timeout_at(deadline, queue.recv()).await {
                Ok(Some(message)) => take(message, &mut batch, &mut flushed),
                Ok(None) | Err(_) => break,
            }
        }
        let records: Arc<[AuditRecord]> = std::mem::take(&mut batch).into();
        write(&store, &surroundings, clock.as_ref(), records).await;
        for done in flushed {
            let _ = done.send(());
        }
    }
}

fn take(message: Message, batch: &mut Vec<AuditRecord>, flushed: &mut Vec<oneshot::Sender<()>>) {
    match message {
        Message::Record(record) => batch.push(*record),
        Message::Flush(done) => flushed.push(done),
    }
}

/// Writes until it is done: the database may be away for a while, and what it misses then is kept here meanwhile. It may go away while it
/// commits, so a record that is there already counts as written.
async fn write(store: &Store, surroundings: &Surroundings, clock: &dyn Clock, records: Arc<[AuditRecord]>) {
    if records.is_empty() {
        return;
    }
    loop {
        let caller = Caller::service(surroundings.owner.clone());
        let cx = Cx::new(surroundings, caller, clock.now(), EventHead::default());
        let rows = records.clone();
        let written = store
            .maintain(&cx, move |tx, _| {
                rows.iter().try_for_each(|record| store::audit_records::insert_once(tx, record))
            })
            .await;
        match written {
            Ok(()) => return,
            Err(fault) => {
                tracing::warn!(%fault, context = fault.context(), records = records.len(), "audit records wait for the database");
                tokio::time::sleep(RETRY).await;
            }
        }
    }
}
