//! Records that no transaction takes along: looks, refusals, and secrets that are handed out without a change. Looks and refusals are gathered and
//! written together, a few times a second, so that a reader pays nothing and the disk little; whoever hands out a secret waits until its
//! record is durable, with all others who do. While there is no room nobody is answered without a record: callers are told that the service is
//! unavailable. Refusals, of which anyone can make any number, have half of the room; what repeats, and what finds no room there, is counted
//! ([`crate::tally`]).
//!
//! Beside a SQLite database records go to files ([`crate::folder`]), so that nobody who reads the database sees a commit for them; PostgreSQL
//! takes them as rows.

use std::sync::Arc;
use std::time::Duration;

use model::clock::Clock;
use model::cx::{Cx, Surroundings};
use model::event::Outcome;
use model::fault::Fault;
use model::minted::Minted;
use model::record::{AuditRecord, NewRecord};
use store::db::Store;

use crate::faults::no_room;
use crate::folder::Folder;
use crate::piece::Kind;
use crate::rows::Rows;
use crate::tally::{STRANGERS_BYTES_A_DAY, Tally};
use crate::trail::{Share, Trail};

/// How long a caller waits for room.
const ROOM_WAIT: Duration = Duration::from_secs(2);
/// How often it is looked for room, and for counts that are due.
const LOOK: Duration = Duration::from_millis(50);
const TICK: Duration = Duration::from_secs(1);
/// Counts that are recorded at a time.
const COUNTS_MAX: usize = 1_000;

/// Takes records and sees to it that they are written.
#[derive(Debug, Clone)]
pub struct Recorder {
    store: Store,
    way: Way,
    tally: Arc<Tally>,
    clock: Arc<dyn Clock>,
}

/// Where records go.
#[derive(Debug, Clone)]
enum Way {
    Files(Trail),
    Rows(Rows),
}

impl Recorder {
    /// Starts to write, where the trail of the store was left.
    pub fn start(store: Store, surroundings: Surroundings, clock: Arc<dyn Clock>) -> Result<Self, Fault> {
        Self::start_bounded(store, surroundings, clock, STRANGERS_BYTES_A_DAY)
    }

    /// [`Self::start`] where strangers may make the trail grow by so many bytes a day.
    pub fn start_bounded(
        store: Store,
        surroundings: Surroundings,
        clock: Arc<dyn Clock>,
        strangers_bytes_a_day: u64,
    ) -> Result<Self, Fault> {
        let way = match Folder::of(&store) {
            Some(folder) => Way::Files(Trail::start(&store, folder)?),
            None => Way::Rows(Rows::start(store.clone(), surroundings.clone(), clock.clone())),
        };
        let tally = Arc::new(Tally::new(surroundings, strangers_bytes_a_day));
        let recorder = Self { store, way, tally, clock };
        // It ends when nobody else records any more.
        let (way, counts) = (recorder.way.clone(), Arc::downgrade(&recorder.tally));
        let clock = recorder.clock.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(TICK).await;
                let Some(tally) = counts.upgrade() else { return };
                let due = tally.due(clock.now(), COUNTS_MAX);
                drop(tally);
                way.take_all(due).await;
            }
        });
        Ok(recorder)
    }

    /// Where what is recorded is kept.
    pub fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn trail(&self) -> Option<&Trail> {
        match &self.way {
            Way::Files(trail) => Some(trail),
            Way::Rows(_) => None,
        }
    }

    /// Takes the record of a call that was served. One that hands out a secret, or changed something, is durable when this returns; a look is
    /// soon. `Unavailable` when that cannot be, and then the caller must not be answered.
    pub async fn record(&self, record: NewRecord<'_>) -> Result<(), Fault> {
        if record.passing && self.way.take(record, Share::Whole) {
            return Ok(());
        }
        // Apart: a look needs no room for it.
        Box::pin(async {
            if record.passing {
                let room = tokio::time::timeout(ROOM_WAIT, self.way.take_when_there_is_room(record));
                return room.await.map_err(|_| no_room());
            }
            match &self.way {
                Way::Files(trail) => trail.append_durably(Kind::Changes, &[record]).await,
                Way::Rows(rows) => rows.append_durably(record).await,
            }
        })
        .await
    }

    /// Records a call that made a secret, and hands that out once the record is durable.
    pub async fn release<T>(&self, cx: &Cx, minted: Minted<T>) -> Result<T, Fault> {
        if !cx.event().is_recorded() {
            let record = AuditRecord { passing: false, ..cx.record(Outcome::Success) };
            self.record(record.to_keep()).await?;
            cx.event().mark_recorded();
        }
        minted.release(cx)
    }

    /// Takes what may come in any number: a refusal, or a look at a page. It is recorded, or counted; nobody waits.
    pub fn tally(&self, cx: &Cx, outcome: Outcome<'_>) {
        if let Some(record) = self.tally.take(cx, outcome)
            && !self.way.take(record.to_keep(), Share::Half)
        {
            self.tally.put_back(cx, outcome);
        }
    }

    /// How many were counted instead of recorded one by one.
    pub fn counted(&self) -> u64 {
        self.tally.counted()
    }

    /// Bytes of torn ends that were cut from the trail when this started.
    pub fn cut(&self) -> u64 {
        self.trail().map_or(0, Trail::cut)
    }

    /// Bytes of the pieces of the trail.
    pub fn bytes(&self) -> Result<u64, Fault> {
        match &self.way {
            Way::Files(trail) => Ok(trail.folder().bytes()),
            Way::Rows(_) => self.store.read(|rx| Ok(store::audit::audit_pieces::bytes(rx)?)),
        }
    }

    /// Returns once everything taken so far is written: before the server stops.
    pub async fn flush(&self) {
        self.way.take_all(self.tally.all(self.clock.now())).await;
        match &self.way {
            Way::Files(trail) => trail.flush().await,
            Way::Rows(rows) => rows.flush().await,
        }
    }
}

impl Way {
    fn take(&self, record: NewRecord<'_>, share: Share) -> bool {
        match self {
            Self::Files(trail) => trail.append(record, share),
            Self::Rows(rows) => rows.append(record, share),
        }
    }

    async fn take_when_there_is_room(&self, record: NewRecord<'_>) {
        while !self.take(record, Share::Whole) {
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Takes the records of counts, however long it takes: they stand for many.
    async fn take_all(&self, records: Vec<AuditRecord>) {
        for record in records {
            self.take_when_there_is_room(record.to_keep()).await;
        }
    }
}
