//! How fast everybody asks, and how long the answers take. Knows nothing of what is asked.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// The pace of all who ask at one place. Without one, as fast as each is answered.
#[derive(Debug, Default)]
pub(crate) struct Pace(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// From one call to the next, and when the next one is due.
    held: Option<(Duration, Instant)>,
    seen: Seen,
}

/// What was seen of the answers.
#[derive(Debug, Default, Clone)]
pub(crate) struct Seen {
    /// How long each took.
    pub(crate) times: Vec<Duration>,
    /// How many were that the server is unavailable.
    pub(crate) unavailable: usize,
}

impl Pace {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on so many calls a second, and nothing seen yet.
    pub(crate) fn hold(&self, calls: u32) {
        let held = Some((Duration::from_secs(1) / calls, Instant::now()));
        *self.state() = State { held, seen: Seen::default() };
    }

    /// From now on as fast as can be; what was seen until now.
    pub(crate) fn release(&self) -> Seen {
        std::mem::take(&mut *self.state()).seen
    }

    /// Waits for one's turn.
    pub(crate) async fn turn(&self) {
        let due = {
            let mut state = self.state();
            let Some((step, due)) = &mut state.held else { return };
            // Nobody makes up for what was not asked in time.
            let mine = (*due).max(Instant::now());
            *due = mine + *step;
            mine
        };
        sleep_until(due).await;
    }

    /// Notes an answer.
    pub(crate) fn note(&self, took: Duration, unavailable: bool) {
        let mut state = self.state();
        if state.held.is_some() {
            state.seen.times.push(took);
            state.seen.unavailable += usize::from(unavailable);
        }
    }
}

impl Seen {
    /// What so many of a thousand answers were within.
    pub(crate) fn within(&self, of_thousand: usize) -> Duration {
        let mut times = self.times.clone();
        times.sort_unstable();
        let at = (times.len() * of_thousand / 1_000).min(times.len().saturating_sub(1));
        times.get(at).copied().unwrap_or_default()
    }
}
