//! The postman: takes letters that are due, a few at a time, and hands them to the mail server. Beside the worker, so that nobody's assignment waits
//! for a mail server. Killing it anywhere loses no letter; one that the server took just before may come twice, as the same message.

use std::sync::Arc;
use std::time::Duration;

use mail::mailer::{DELIVERY_MAX, Mailer};
use mail::undelivered::Undelivered;
use model::caller::Caller;
use model::clock::Clock;
use model::cx::{Cx, Surroundings};
use model::event::EventHead;
use model::fault::Fault;
use model::job::{Job, Queue};
use signin::deliveries::{self, Attempt};
use store::db::Store;
use store::jobs::Claim;

/// Letters on their way at a time: servers do not like many connections of one sender.
const SIDE_BY_SIDE: usize = 4;
/// How long a claim holds before another postman may take the letter.
const HOLD: Duration = Duration::from_secs(2 * DELIVERY_MAX.as_secs());
/// How long to sleep when nothing is due and nobody wakes us.
const IDLE: Duration = Duration::from_millis(500);
/// How long to wait for a server that takes nothing: twice as long each time, up to a limit, with one letter to try.
const PAUSE: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// What the postman works with.
#[derive(Debug, Clone)]
pub(crate) struct Postman {
    pub(crate) store: Store,
    pub(crate) surroundings: Surroundings,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) mailer: Mailer,
}

/// How a round went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Round {
    /// There was nothing to do.
    Nothing,
    /// The server takes letters.
    Went,
    /// It takes none.
    ServerAway,
}

impl Postman {
    fn cx(&self) -> Cx {
        let caller = Caller::service(self.surroundings.owner.clone());
        Cx::new(&self.surroundings, caller, self.clock.now(), EventHead::default())
    }

    /// Works for as long as the process lives.
    pub(crate) async fn run(self) {
        self.give_claims_back().await;
        let (mut last_lane, mut pause) = (String::new(), Duration::ZERO);
        loop {
            let limit = if pause.is_zero() { SIDE_BY_SIDE } else { 1 };
            match self.round(&mut last_lane, limit).await {
                Round::Nothing => {
                    let _ = tokio::time::timeout(IDLE, self.store.job_added(Queue::Mail)).await;
                }
                Round::Went => pause = Duration::ZERO,
                Round::ServerAway => {
                    pause = pause.saturating_mul(2).clamp(PAUSE, PAUSE_MAX);
                    tracing::warn!(
                        seconds = pause.as_secs(),
                        "the mail server takes no letters: the next try is later"
                    );
                    tokio::time::sleep(pause).await;
                }
            }
        }
    }

    async fn round(&self, last_lane: &mut String, limit: usize) -> Round {
        let jobs = match self.take(last_lane, limit).await {
            Ok(jobs) => jobs,
            Err(fault) => {
                tracing::warn!(%fault, context = fault.context(), "the postman waits for the database");
                self.give_claims_back().await;
                return Round::Nothing;
            }
        };
        let Some(last) = jobs.last() else { return Round::Nothing };
        last_lane.clone_from(&last.lane);
        let mut under_way = tokio::task::JoinSet::new();
        for job in jobs {
            let postman = self.clone();
            under_way.spawn(async move { postman.deliver(&job).await });
        }
        let mut round = Round::Went;
        while let Some(done) = under_way.join_next().await {
            match done {
                Ok(true) => {}
                Ok(false) => round = Round::ServerAway,
                Err(error) => {
                    tracing::error!(%error, "a delivery panicked; its claim lapses and it runs again");
                }
            }
        }
        round
    }

    async fn take(&self, last_lane: &str, limit: usize) -> Result<Vec<Job>, Fault> {
        let now = self.clock.now();
        if !self.store.read(|rx| Ok(store::jobs::is_ready(rx, now, Queue::Mail)?))? {
            return Ok(Vec::new());
        }
        let after = last_lane.to_owned();
        self.store
            .maintain(&self.cx(), move |tx, cx| {
                store::jobs::claim(
                    tx,
                    cx.now,
                    &Claim { queue: Queue::Mail, after: &after, limit, hold: HOLD },
                )
            })
            .await
    }

    /// Whether the server takes letters.
    async fn deliver(&self, job: &Job) -> bool {
        let letter = match deliveries::open(&self.store, &self.cx(), job).await {
            Ok(Some(letter)) => letter,
            Ok(None) => return true,
            Err(fault) => {
                tracing::error!(mail = job.subject, %fault, context = fault.context(), "a letter could not be opened and is tried again");
                self.put_off(job, (Attempt::PutOff, "it could not be opened")).await;
                return true;
            }
        };
        match self.mailer.deliver(&letter).await {
            Ok(()) => {
                // However long the database is away: else it would be sent again.
                while let Err(fault) = deliveries::sent(&self.store, &self.cx(), job).await {
                    self.wait(&fault).await;
                }
                true
            }
            Err(undelivered) => {
                self.put_off(job, (attempt(&undelivered), &undelivered.to_string())).await;
                !undelivered.is_of_server()
            }
        }
    }

    async fn put_off(&self, job: &Job, how: (Attempt, &str)) {
        while let Err(fault) = deliveries::undelivered(&self.store, &self.cx(), job, how).await {
            self.wait(&fault).await;
        }
    }

    async fn give_claims_back(&self) {
        while let Err(fault) =
            self.store.maintain(&self.cx(), |tx, _| store::jobs::release(tx, Queue::Mail).map(|_| ())).await
        {
            self.wait(&fault).await;
        }
    }

    async fn wait(&self, fault: &Fault) {
        tracing::warn!(%fault, context = fault.context(), "the postman waits for the database");
        tokio::time::sleep(IDLE).await;
    }
}

fn attempt(undelivered: &Undelivered) -> Attempt {
    match (undelivered.is_final, undelivered.is_of_server()) {
        (true, _) => Attempt::Refused,
        (false, true) => Attempt::ServerAway,
        (false, false) => Attempt::PutOff,
    }
}
