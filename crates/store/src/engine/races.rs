//! Races on PostgreSQL: who may write at a time, and what becomes of a transaction that lost against another. It runs again after a pause that
//! grows and is never the same for two, beside fewer others and then alone among the writers of this server; its caller hears of it only when
//! that took too long. Knows nothing of connections.

use std::cell::Cell;
use std::time::Duration;

use model::cx::Cx;
use model::entropy::bytes;
use model::fault::{Fault, FaultKind};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep, timeout};

use crate::db::{Engine, Store};
use crate::engine::postgres::{Access, Postgres, WRITERS_MAX};
use crate::error::StoreError;
use crate::tx::{Link, Tx};
use crate::wakers::Added;

/// How long a call goes on running again before its caller is told to try later.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long a call waits for its turn to write.
const TURN_WAIT: Duration = Duration::from_secs(5);
/// The longest pause after the first loss; it doubles with each further one.
const PAUSE: Duration = Duration::from_millis(4);
/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_millis(250);
/// What a transaction takes of the writers' turns when it has lost once, and then: everybody's, so that it is the only one of this server.
const SHARES: [u32; 2] = [WRITERS_MAX / 3, WRITERS_MAX];
/// Uniqueness errors in a row that are taken for races. A transaction that looks first and still meets one each time does not race: the
/// look and the index do not agree.
const SAME_KEY_MAX: u32 = 5;

/// What became of one run.
enum Ran<T> {
    Ended(Result<T, Fault>),
    /// It failed, and some look was left out that may say why.
    Unlooked,
    Lost(StoreError),
}

/// One run, before it is known what becomes of it.
struct Run<T> {
    result: Result<T, Fault>,
    raced: bool,
    added: Added,
}

/// Runs `with` in a transaction until it loses no race.
pub(crate) async fn run<T: Send + 'static>(
    store: &Store,
    cx: Cx,
    access: Access,
    mut with: impl Fn(&mut Tx<'_>, &Cx) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let Engine::Postgres(postgres) = store.engine() else {
        return Err(Fault::internal("not the PostgreSQL engine"));
    };
    let begun = Instant::now();
    let mut turn = turn(postgres, 1).await?;
    let (mut losses, mut same_key, mut index_decides) = (0, 0, true);
    loop {
        let (of, call) = (store.clone(), cx.clone());
        // The turn goes with the thread: a caller that goes away must not make room while its transaction still runs.
        let running = tokio::task::spawn_blocking(move || {
            let ran = once(&of, (access, index_decides), |tx| with(tx, &call));
            (with, turn, ran)
        });
        let (again, held, ran) =
            running.await.map_err(|error| Fault::internal(format!("a write ended badly: {error}")))?;
        (with, turn) = (again, held);
        let lost = match ran {
            Ran::Ended(result) => return result,
            Ran::Lost(lost) => lost,
            Ran::Unlooked => {
                index_decides = false;
                continue;
            }
        };
        postgres.counters.races_lost.note();
        same_key = if lost.is_same_key() { same_key + 1 } else { 0 };
        if begun.elapsed() > PATIENCE || same_key == SAME_KEY_MAX {
            postgres.counters.races_given_up.note();
            return Err(lost.into());
        }
        sleep(pause(losses, bytes(cx.entropy()))).await;
        if let Some(share) = SHARES.get(losses) {
            // Given back first: two that wait for everybody's turn and keep their own would wait for each other.
            drop(turn);
            turn = self::turn(postgres, *share).await?;
        }
        losses += 1;
    }
}

/// The turn of a writer.
async fn turn(postgres: &Postgres, share: u32) -> Result<OwnedSemaphorePermit, Fault> {
    if let Ok(turn) = timeout(TURN_WAIT, postgres.writers.clone().acquire_many_owned(share)).await {
        return turn.map_err(Fault::internal);
    }
    postgres.counters.turned_away.note();
    let why = format!("{WRITERS_MAX} callers were writing for {} s", TURN_WAIT.as_secs());
    Err(StoreError::Unavailable(why).into())
}

/// Somewhere in the upper half of what the number of losses allows.
fn pause(losses: usize, random: [u8; 2]) -> Duration {
    let longest = PAUSE.saturating_mul(1 << losses.min(10)).min(PAUSE_MAX);
    longest / 2 + longest.mul_f64(f64::from(u16::from_be_bytes(random)) / f64::from(u16::MAX)) / 2
}

fn once<T>(
    store: &Store,
    (access, index_decides): (Access, bool),
    with: impl Fn(&mut Tx<'_>) -> Result<T, Fault>,
) -> Ran<T> {
    let Engine::Postgres(postgres) = store.engine() else {
        return Ran::Ended(Err(Fault::internal("not the PostgreSQL engine")));
    };
    // Kept apart, for what was left to the commit may fail there.
    let looked = Cell::new(true);
    let run = postgres.transaction(access, |link| {
        let mut tx = Tx::new(Link::Postgres(link), store.keyring()).deciding_by_index(index_decides);
        let result = with(&mut tx);
        // What lost has nothing to commit, whatever came of it: PostgreSQL takes a COMMIT then, and rolls back.
        let keep = result.is_ok() && !tx.raced();
        looked.set(!tx.skipped());
        (Run { result, raced: tx.raced(), added: tx.added() }, keep)
    });
    let lost = |lost: StoreError| {
        if !looked.get() && lost.is_same_key() { Ran::Unlooked } else { Ran::Lost(lost) }
    };
    match run {
        Ok(run) if run.raced => {
            let fault = run.result.err();
            lost(StoreError::Race(fault.as_ref().and_then(Fault::context).unwrap_or_default().to_owned()))
        }
        Ok(run) if !looked.get() && run.result.as_ref().is_err_and(is_an_answer) => Ran::Unlooked,
        Ok(run) => {
            if run.result.is_ok() {
                store.wake_workers(run.added);
            }
            Ran::Ended(run.result)
        }
        Err(error @ StoreError::Race(_)) => lost(error),
        Err(error) => Ran::Ended(Err(error.into())),
    }
}

/// Whether a failure is the domain's answer, and not that the database is away.
fn is_an_answer(fault: &Fault) -> bool {
    *fault.kind() != FaultKind::Unavailable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_grows_and_never_beyond_its_limit() {
        for losses in 0..40 {
            let (least, most) = (pause(losses, [0, 0]), pause(losses, [255, 255]));
            assert!(least * 2 == most && most <= PAUSE_MAX, "{losses}: {least:?} to {most:?}");
            assert!(most <= pause(losses + 1, [255, 255]));
        }
        assert_eq!(pause(0, [255, 255]), PAUSE);
        assert_eq!(pause(30, [255, 255]), PAUSE_MAX);
    }
}
