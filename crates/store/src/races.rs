//! Races on PostgreSQL: who may write at a time, and what becomes of a transaction that lost against another. It runs again after a pause that
//! grows and is never the same for two, and after a few losses alone among the writers of this server; its caller hears of it only when
//! that took too long. Knows nothing of connections.

use std::time::Duration;

use model::cx::Cx;
use model::entropy::bytes;
use model::fault::Fault;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep, timeout};

use crate::db::{Engine, Store};
use crate::error::StoreError;
use crate::postgres::{Access, Postgres, WRITERS_MAX};
use crate::tx::{Link, Tx};

/// How long a call goes on running again before its caller is told to try later.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long a call waits for its turn to write.
const TURN_WAIT: Duration = Duration::from_secs(5);
/// The longest pause after the first loss; it doubles with each further one.
const PAUSE: Duration = Duration::from_millis(4);
/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_millis(250);
/// Losses after which a transaction waits until it is the only one of this server.
const ALONE_AFTER: u32 = 3;
/// Uniqueness errors in a row that are taken for races. A transaction that looks first and still meets one each time does not race: the
/// look and the index do not agree.
const SAME_KEY_MAX: u32 = 5;

/// What became of one run.
enum Ran<T> {
    Ended(Result<T, Fault>),
    Lost(StoreError),
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
    let (mut losses, mut same_key) = (0, 0);
    loop {
        let (of, call) = (store.clone(), cx.clone());
        // The turn goes with the thread: a caller that goes away must not make room while its transaction still runs.
        let running = tokio::task::spawn_blocking(move || {
            let ran = once(&of, access, |tx| with(tx, &call));
            (with, turn, ran)
        });
        let (again, held, ran) =
            running.await.map_err(|error| Fault::internal(format!("a write ended badly: {error}")))?;
        let lost = match ran {
            Ran::Ended(result) => return result,
            Ran::Lost(lost) => lost,
        };
        (with, turn) = (again, held);
        postgres.counters.races_lost.note();
        losses += 1;
        same_key = if lost.is_same_key() { same_key + 1 } else { 0 };
        if begun.elapsed() > PATIENCE || same_key == SAME_KEY_MAX {
            postgres.counters.races_given_up.note();
            return Err(lost.into());
        }
        sleep(pause(losses, bytes(cx.entropy()))).await;
        if losses == ALONE_AFTER {
            // Given back first: two that wait for everybody's turn and keep their own would wait for each other.
            drop(turn);
            turn = alone(postgres).await?;
        }
    }
}

/// The turn of a writer.
async fn turn(postgres: &Postgres, share: u32) -> Result<OwnedSemaphorePermit, Fault> {
    match timeout(TURN_WAIT, postgres.writers.clone().acquire_many_owned(share)).await {
        Ok(turn) => turn.map_err(Fault::internal),
        Err(_) => {
            postgres.counters.turned_away.note();
            let why = format!("{WRITERS_MAX} callers were writing for {} s", TURN_WAIT.as_secs());
            Err(StoreError::Unavailable(why).into())
        }
    }
}

/// The turn of all writers.
async fn alone(postgres: &Postgres) -> Result<OwnedSemaphorePermit, Fault> {
    turn(postgres, WRITERS_MAX).await
}

/// Somewhere in the upper half of what the number of losses allows.
fn pause(losses: u32, random: [u8; 2]) -> Duration {
    let longest = PAUSE.saturating_mul(1 << losses.clamp(1, 10).saturating_sub(1)).min(PAUSE_MAX);
    longest / 2 + longest.mul_f64(f64::from(u16::from_be_bytes(random)) / f64::from(u16::MAX)) / 2
}

fn once<T>(store: &Store, access: Access, with: impl Fn(&mut Tx<'_>) -> Result<T, Fault>) -> Ran<T> {
    let Engine::Postgres(postgres) = store.engine() else {
        return Ran::Ended(Err(Fault::internal("not the PostgreSQL engine")));
    };
    let run = postgres.transaction(access, |link| {
        let mut tx = Tx::new(Link::Postgres(link), store.keyring());
        let result = with(&mut tx);
        // What lost has nothing to commit, whatever came of it: PostgreSQL takes a COMMIT then, and rolls back.
        let keep = result.is_ok() && !tx.raced();
        ((result, tx.raced(), tx.added_job()), keep)
    });
    match run {
        Ok((result, true, _)) => {
            let fault = result.err();
            let reason = fault.as_ref().and_then(Fault::context).unwrap_or_default();
            Ran::Lost(StoreError::Race(reason.to_owned()))
        }
        Ok((result, _, added_job)) => {
            if added_job && result.is_ok() {
                store.wake_worker();
            }
            Ran::Ended(result)
        }
        Err(StoreError::Race(reason)) => Ran::Lost(StoreError::Race(reason)),
        Err(error) => Ran::Ended(Err(error.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_grows_and_never_beyond_its_limit() {
        for losses in 1..40 {
            let (least, most) = (pause(losses, [0, 0]), pause(losses, [255, 255]));
            assert!(least * 2 == most && most <= PAUSE_MAX, "{losses}: {least:?} to {most:?}");
            assert!(most >= pause(losses - 1, [255, 255]) || losses == 1);
        }
        assert_eq!(pause(1, [255, 255]), PAUSE);
        assert_eq!(pause(30, [255, 255]), PAUSE_MAX);
    }
}
