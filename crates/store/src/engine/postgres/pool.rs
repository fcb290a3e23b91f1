//! Connections to PostgreSQL, lent one by one, to whoever waits longest first. A connection that is not given back in order is closed; when
//! its host is given up, so are all to it that lie idle, or each of them would have to fail somebody first. While no host can be reached only
//! one caller now and then tries.

use std::collections::VecDeque;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::connection::Connection;
use super::hosts::{Hosts, Place};
use crate::error::StoreError;
use crate::figures::Counters;

/// How long a caller waits for a connection before it is told that the database is unavailable.
pub(super) const CONNECTION_WAIT: Duration = Duration::from_secs(5);
/// How long an answer may be missing before its host is asked whether it lives.
pub(super) const SILENCE: Duration = Duration::from_secs(1);
/// How long a database that was away is left alone before one caller tries again, while the others are answered at once.
const AWAY: Duration = Duration::from_millis(500);

/// The connections.
#[derive(Debug)]
pub(super) struct Pool {
    hosts: Hosts,
    max: usize,
    state: Mutex<State>,
    /// Whom was asked last whether it lives, when, and the answer: nobody asks again within a moment.
    asked: tokio::sync::Mutex<Option<(Place, Instant, bool)>>,
    counters: Arc<Counters>,
}

#[derive(Debug, Default)]
struct State {
    idle: Vec<Connection>,
    lent: usize,
    /// Who waits for a connection, the first of them first.
    waiting: VecDeque<SyncSender<()>>,
    /// Grows when a host is given up. What is older is closed, not lent again.
    generation: u64,
    /// When to try again, while the database is away.
    retry_at: Option<Instant>,
    /// What was said when it was away last.
    why: String,
}

/// A connection on loan.
#[derive(Debug)]
pub(super) struct Lent {
    pub(super) connection: Connection,
    generation: u64,
    _room: Room,
}

impl Lent {
    /// Another connection in the place of one that is of no use.
    pub(super) fn renew(&mut self, pool: &Pool) -> Result<(), StoreError> {
        (self.connection, self.generation) = pool.take()?;
        Ok(())
    }
}

/// The right to hold one of the connections.
#[derive(Debug)]
struct Room(Arc<Pool>);

impl Drop for Room {
    fn drop(&mut self) {
        let mut state = self.0.state();
        // The place goes from hand to hand, or whoever comes by would be faster than those who wait.
        while let Some(first) = state.waiting.pop_front() {
            if first.send(()).is_ok() {
                return;
            }
        }
        state.lent -= 1;
    }
}

impl Pool {
    /// Of at most `max` connections.
    pub(super) fn new(hosts: Hosts, max: usize, counters: Arc<Counters>) -> Self {
        Self { hosts, max, state: Mutex::default(), asked: tokio::sync::Mutex::default(), counters }
    }

    /// A connection: one that lies idle, else a new one.
    pub(super) fn lend(self: &Arc<Self>) -> Result<Lent, StoreError> {
        self.may_try()?;
        let room = self.room()?;
        let (connection, generation) = self.take()?;
        Ok(Lent { connection, generation, _room: room })
    }

    fn take(&self) -> Result<(Connection, u64), StoreError> {
        let (idle, generation) = {
            let mut state = self.state();
            (state.idle.pop(), state.generation)
        };
        if let Some(connection) = idle {
            return Ok((connection, generation));
        }
        let opened = Connection::open(&self.hosts).inspect_err(|error| self.away(error))?;
        self.answered();
        Ok((opened, generation))
    }

    /// While the database is away, everybody but one caller now and then is told so at once: waiting, they would use up the threads that
    /// answer for the server's own health.
    fn may_try(&self) -> Result<(), StoreError> {
        let mut state = self.state();
        let Some(at) = state.retry_at else { return Ok(()) };
        let now = Instant::now();
        if now < at {
            return Err(StoreError::Unavailable(format!(
                "the database was away a moment ago: {}",
                state.why
            )));
        }
        state.retry_at = Some(now + CONNECTION_WAIT);
        Ok(())
    }

    /// Notes that nobody needs to try for a while.
    pub(super) fn away(&self, why: &StoreError) {
        let mut state = self.state();
        state.retry_at = Some(Instant::now() + AWAY);
        state.why = why.to_string();
    }

    /// Notes that the database answered.
    pub(super) fn answered(&self) {
        self.state().retry_at = None;
    }

    fn room(self: &Arc<Self>) -> Result<Room, StoreError> {
        let turn = {
            let mut state = self.state();
            if state.lent < self.max {
                state.lent += 1;
                return Ok(Room(self.clone()));
            }
            let (call, turn) = mpsc::sync_channel(1);
            state.waiting.push_back(call);
            turn
        };
        self.counters.waits.note();
        let begun = Instant::now();
        let called = turn.recv_timeout(CONNECTION_WAIT).is_ok() || self.called_late(turn);
        self.counters.wait_micros.add(u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX));
        if called {
            return Ok(Room(self.clone()));
        }
        // Others have them all, which says nothing of the database.
        self.answered();
        let why = format!("all {} connections were busy for {CONNECTION_WAIT:?}", self.max);
        Err(StoreError::Unavailable(why))
    }

    /// Whether a place came just when waiting for it had ended. Nobody is called but under the lock, so afterwards none can come.
    fn called_late(&self, turn: Receiver<()>) -> bool {
        let state = self.state();
        let called = turn.try_recv().is_ok();
        drop(turn);
        drop(state);
        called
    }

    /// Takes a connection back whose transaction has ended in order.
    pub(super) fn give_back(&self, lent: Lent) {
        let Lent { connection, generation, _room } = lent;
        let mut state = self.state();
        if generation == state.generation {
            state.idle.push(connection);
        }
        // The room locks for itself.
        drop(state);
    }

    /// Gives up the host that a connection leads to, unless somebody has done so since the connection was lent.
    pub(super) fn give_up(&self, lent: &Lent, why: &str) {
        let place = lent.connection.place;
        let mut state = self.state();
        if state.generation == lent.generation {
            state.generation += 1;
            state.idle.clear();
            self.hosts.failed(place);
            self.counters.hosts_lost.note();
            tracing::warn!(host = self.hosts.name(place), why, "a database host is given up");
        }
    }

    /// Whether a host, which owes an answer, lives.
    pub(super) async fn lives(&self, place: Place) -> bool {
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
        let state = self.state();
        state.lent + state.idle.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
