//! What the store counts for whoever watches the server: lost races, waits for a connection, callers turned away. Counts only; knows nothing
//! of how they are shown.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The counters, as the engine keeps them.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) races_lost: Counter,
    pub(crate) races_given_up: Counter,
    pub(crate) waits: Counter,
    pub(crate) wait_micros: Counter,
    pub(crate) turned_away: Counter,
    pub(crate) hosts_lost: Counter,
}

/// One of them.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// One more.
    pub(crate) fn note(&self) {
        self.add(1);
    }

    /// So many more.
    pub(crate) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Counters {
    /// The counts now, with how many connections there are.
    pub(crate) fn read(&self, connections: usize) -> Figures {
        Figures {
            races_lost: self.races_lost.read(),
            races_given_up: self.races_given_up.read(),
            waits: self.waits.read(),
            waited: Duration::from_micros(self.wait_micros.read()),
            turned_away: self.turned_away.read(),
            hosts_lost: self.hosts_lost.read(),
            connections,
        }
    }
}

/// The counts since the store was opened. On SQLite, where nobody races or waits for a connection, they stay at nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Transactions that lost a race and ran again.
    pub races_lost: u64,
    /// Calls that lost so often that their callers were told to try again.
    pub races_given_up: u64,
    /// How often somebody found no connection free.
    pub waits: u64,
    /// How long they waited, together.
    pub waited: Duration,
    /// Callers who were told to try again because too many waited.
    pub turned_away: u64,
    /// How often a database host was given up: it did not answer, or no longer took changes.
    pub hosts_lost: u64,
    /// Connections that there are.
    pub connections: usize,
}
