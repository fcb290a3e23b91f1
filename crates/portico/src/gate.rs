//! How many requests are worked on at one moment. What waits for the database keeps a thread while it does, and a few hundred callers would
//! keep them all; so a request is only gone on with in its turn, and waits for it without a thread. Nothing is held between: one whose
//! body comes slowly takes no turn from anybody. Knows nothing of what requests ask.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::metrics;

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

/// Passes each request by turns; those that ask how the server is, at once.
pub(crate) async fn pass(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    if metrics::PATHS.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    gate.pass(next.run(request)).await
}

impl Gate {
    fn pass<F: Future>(self, work: F) -> Passing<F> {
        Passing { gate: self, work: Box::pin(work), waiting: None }
    }

    /// A turn, or none after a while.
    fn turn(&self) -> Turn {
        let gate = self.clone();
        match gate.turns.clone().try_acquire_owned() {
            Ok(turn) => Box::pin(std::future::ready(Some(turn))),
            Err(_) => Box::pin(async move {
                let turn = tokio::time::timeout(gate.wait, gate.turns.acquire_owned()).await;
                turn.ok().and_then(Result::ok)
            }),
        }
    }
}

type Turn = Pin<Box<dyn Future<Output = Option<OwnedSemaphorePermit>> + Send>>;

/// Work that is gone on with in turns.
struct Passing<F> {
    gate: Gate,
    work: Pin<Box<F>>,
    waiting: Option<Turn>,
}

impl<F: Future> Future for Passing<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut waiting = match self.waiting.take() {
            Some(waiting) => waiting,
            None => self.gate.turn(),
        };
        let turn = match waiting.as_mut().poll(cx) {
            Poll::Ready(turn) => turn,
            Poll::Pending => {
                self.waiting = Some(waiting);
                return Poll::Pending;
            }
        };
        let done = self.work.as_mut().poll(cx);
        drop(turn);
        done
    }
}

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
            callers.spawn(gate.clone().pass(async move {
                tokio::task::block_in_place(&block);
                tokio::task::yield_now().await;
                tokio::task::block_in_place(&block);
            }));
        }
        assert_eq!(callers.join_all().await.len(), 200);
        assert_eq!(most.load(Ordering::SeqCst), 3);
        assert_eq!(gate.turns.available_permits(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_for_something_else_takes_no_turn_and_nobody_waits_for_ever() {
        let gate = gate(1);
        let slow = tokio::spawn(gate.clone().pass(tokio::time::sleep(Duration::from_secs(60))));
        tokio::task::yield_now().await;
        gate.clone().pass(async {}).await;
        assert!(!slow.is_finished());
        let _all = gate.turns.clone().acquire_owned().await;
        let begun = tokio::time::Instant::now();
        gate.clone().pass(async {}).await;
        assert_eq!(begun.elapsed(), WAIT);
    }
}
