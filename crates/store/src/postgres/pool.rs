//! Connections to PostgreSQL, lent one by one. A connection that is not given back in order is closed; when its host is given up, so are all
//! to it that lie idle, or each of them would have to fail somebody first.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use deadpool_postgres::ClientWrapper;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout};

use super::hosts::{Hosts, Place};
use crate::error::StoreError;
use crate::figures::Counters;

/// How long an answer may be missing before its host is asked whether it lives.
const SILENCE: Duration = Duration::from_secs(1);

/// The connections.
#[derive(Debug)]
pub(super) struct Pool {
    hosts: Hosts,
    max: usize,
    places: Arc<Semaphore>,
    idle: Mutex<Vec<Idle>>,
    /// Grows when a host is given up. What is older is closed, not lent again.
    generation: AtomicU64,
    /// Whom was asked last whether it lives, when, and the answer: nobody asks again within a moment.
    asked: tokio::sync::Mutex<Option<(Place, Instant, bool)>>,
    counters: Arc<Counters>,
}

#[derive(Debug)]
struct Idle {
    client: ClientWrapper,
    place: Place,
}

/// A connection on loan.
#[derive(Debug)]
pub(super) struct Lent {
    pub(super) client: ClientWrapper,
    place: Place,
    generation: u64,
    _room: OwnedSemaphorePermit,
}

/// Why there is no connection.
#[derive(Debug)]
pub(super) enum NoConnection {
    /// Others have them all.
    Busy(StoreError),
    /// No host can be reached.
    Away(StoreError),
}

impl Pool {
    /// Of at most `max` connections.
    pub(super) fn new(hosts: Hosts, max: usize, counters: Arc<Counters>) -> Self {
        Self {
            hosts,
            max,
            places: Arc::new(Semaphore::new(max)),
            idle: Mutex::default(),
            generation: AtomicU64::new(0),
            asked: tokio::sync::Mutex::default(),
            counters,
        }
    }

    /// A connection, within `wait`: one that lies idle, else a new one.
    pub(super) async fn lend(&self, wait: Duration) -> Result<Lent, NoConnection> {
        let room = self.room(wait).await.map_err(NoConnection::Busy)?;
        let generation = self.generation.load(Ordering::Acquire);
        loop {
            let Some(Idle { client, place }) = self.idle().pop() else { break };
            if !client.is_closed() {
                return Ok(Lent { client, place, generation, _room: room });
            }
        }
        let (client, place) =
            self.hosts.connect().await.map_err(|said| {
                NoConnection::Away(StoreError::Unavailable(format!("no connection: {said}")))
            })?;
        Ok(Lent { client, place, generation, _room: room })
    }

    async fn room(&self, wait: Duration) -> Result<OwnedSemaphorePermit, StoreError> {
        if let Ok(room) = self.places.clone().try_acquire_owned() {
            return Ok(room);
        }
        self.counters.waits.note();
        let begun = Instant::now();
        let room = timeout(wait, self.places.clone().acquire_owned()).await;
        self.counters.wait_micros.add(u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX));
        match room {
            Ok(Ok(room)) => Ok(room),
            Ok(Err(closed)) => Err(StoreError::Unavailable(closed.to_string())),
            Err(_) => {
                Err(StoreError::Unavailable(format!("all {} connections were busy for {wait:?}", self.max)))
            }
        }
    }

    /// Takes a connection back whose transaction has ended in order.
    pub(super) fn give_back(&self, lent: Lent) {
        let mut idle = self.idle();
        if lent.generation == self.generation.load(Ordering::Acquire) {
            idle.push(Idle { client: lent.client, place: lent.place });
        }
    }

    /// Gives up the host that a connection leads to, unless somebody has done so since the connection was lent.
    pub(super) fn give_up(&self, lent: &Lent, why: &str) {
        let mut idle = self.idle();
        let next = lent.generation + 1;
        if self
            .generation
            .compare_exchange(lent.generation, next, Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
        {
            idle.clear();
            self.hosts.failed(lent.place);
            self.counters.hosts_lost.note();
            tracing::warn!(host = self.hosts.name(lent.place), why, "a database host is given up");
        }
    }

    /// Resolves when the host of a connection, which owes an answer, turns out not to live.
    pub(super) async fn dead(&self, lent: &Lent) {
        loop {
            sleep(SILENCE).await;
            if !self.lives(lent.place).await {
                return;
            }
        }
    }

    async fn lives(&self, place: Place) -> bool {
        let mut asked = self.asked.lock().await;
        if let Some((whom, when, lives)) = *asked
            && whom == place
            && when.elapsed() < SILENCE
        {
            return lives;
        }
        let lives = self.hosts.lives(place).await;
        *asked = Some((place, Instant::now(), lives));
        lives
    }

    /// Whether there is another host to turn to.
    pub(super) fn several_hosts(&self) -> bool {
        self.hosts.several()
    }

    /// How many connections there are, lent or idle.
    pub(super) fn connections(&self) -> usize {
        self.max.saturating_sub(self.places.available_permits()) + self.idle().len()
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
