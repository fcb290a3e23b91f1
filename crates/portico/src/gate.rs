//! How many requests are worked on at one moment. What waits for the database keeps a thread while it does, and a few hundred callers would
//! keep them all; so a request is only gone on with in its turn, and waits for it without a thread. Nothing is held between: one whose
//! body comes slowly takes no turn from anybody. Knows nothing of what requests ask.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Requests worked on at one moment: as many as there are connections to the database. More would only wait for one, each with a thread that
/// then competes for the processors with those that answer everybody.
const TURNS: usize = 16;
/// How long a request waits for its turn. Then it goes on without one, to be told by the store, in the words of its service, that there are
/// too many.
const WAIT: Duration = Duration::from_secs(5);

/// The turns. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    turns: Arc<Semaphore>,
    wait: Duration,
}

impl Default for Gate {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(TURNS)), wait: WAIT }
    }
}

impl Gate {
    /// What comes of `work`, which is gone on with in turns.
    pub(crate) async fn pass<F: Future>(&self, work: F) -> F::Output {
        let mut work = pin!(work);
        let mut waiting: Option<Turn> = None;
        std::future::poll_fn(move |cx| {
            // Mostly there is room, and a turn costs next to nothing. It is never had before those who wait: a semaphore gives what is free to them.
            if waiting.is_none()
                && let Ok(_turn) = self.turns.try_acquire()
            {
                return work.as_mut().poll(cx);
            }
            let Poll::Ready(_turn) = waiting.get_or_insert_with(|| self.turn()).as_mut().poll(cx) else {
                return Poll::Pending;
            };
            waiting = None;
            work.as_mut().poll(cx)
        })
        .await
    }

    /// A turn that is waited for, or none after a while.
    fn turn(&self) -> Turn {
        let (turns, wait) = (self.turns.clone(), self.wait);
        Box::pin(async move {
            let turn = tokio::time::timeout(wait, turns.acquire_owned()).await;
            turn.ok().and_then(Result::ok)
        })
    }
}

type Turn = Pin<Box<dyn Future<Output = Option<OwnedSemaphorePermit>> + Send>>;

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn gate(turns: usize) -> Gate {
        Gate { turns: Arc::new(Semaphore::new(turns)), wait: WAIT }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn no_more_than_the_turns_block_a_thread_and_everybody_has_one() {
        let (gate, inside, most) = (gate(3), Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let mut callers = tokio::task::JoinSet::new();
        for _ in 0..200 {
            let (inside, most) = (inside.clone(), most.clone());
            let block = move || {
                most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(1));
                inside.fetch_sub(1, Ordering::SeqCst);
            };
            let gate = gate.clone();
            let work = async move {
                tokio::task::block_in_place(&block);
                tokio::task::yield_now().await;
                tokio::task::block_in_place(&block);
            };
            callers.spawn(async move { gate.pass(work).await });
        }
        assert_eq!(callers.join_all().await.len(), 200);
        assert_eq!(most.load(Ordering::SeqCst), 3);
        assert_eq!(gate.turns.available_permits(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_for_something_else_takes_no_turn_and_nobody_waits_for_ever() {
        let gate = gate(1);
        let passing = gate.clone();
        let slow = tokio::spawn(async move { passing.pass(tokio::time::sleep(WAIT * 12)).await });
        tokio::task::yield_now().await;
        gate.pass(async {}).await;
        assert!(!slow.is_finished());
        let _all = gate.turns.clone().acquire_owned().await;
        let begun = tokio::time::Instant::now();
        gate.pass(async {}).await;
        assert_eq!(begun.elapsed(), WAIT);
    }
}
