//! What is remembered of directories beyond one connection, by everybody who asks through one [`crate::client::Outbound`]: which servers failed lately,
//! and how many sign-ins ask a directory at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;

/// How long a server that failed is asked only after the others.
const SHUNNED: Duration = Duration::from_secs(60);
/// Sign-ins that ask one directory at once; the others wait for their turn.
const AT_ONCE: usize = 32;

/// What is remembered.
#[derive(Default)]
pub(crate) struct Shared {
    /// When a server failed last, by host and port.
    failed_at: Mutex<HashMap<String, Instant>>,
    /// The turns of those that somebody asks right now, by their servers.
    turns: Mutex<HashMap<String, Arc<Semaphore>>>,
}

impl Shared {
    /// Whether a server failed lately.
    pub(crate) fn is_shunned(&self, place: &str) -> bool {
        held(&self.failed_at).get(place).is_some_and(|at| at.elapsed() < SHUNNED)
    }

    /// Remembers that a server failed, or that it answers again.
    pub(crate) fn remember(&self, place: &str, has_failed: bool) {
        let mut failed_at = held(&self.failed_at);
        if has_failed {
            failed_at.retain(|_, at| at.elapsed() < SHUNNED);
            failed_at.insert(place.to_owned(), Instant::now());
        } else {
            failed_at.remove(place);
        }
    }

    /// The turns of the directory with these servers.
    pub(crate) fn turns(&self, servers: &str) -> Arc<Semaphore> {
        let mut turns = held(&self.turns);
        // Those that nobody holds or waits for begin anew when they are needed.
        turns.retain(|_, kept| Arc::strong_count(kept) > 1);
        let kept = turns.entry(servers.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE)));
        Arc::clone(kept)
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
