//! The envoy: carries out what is asked for in accounts that are somewhere else, many accounts side by side, in each one thing after another. Beside the
//! worker, so that an account that answers slowly holds up nobody else's assignment. Killing it anywhere loses nothing.

use std::sync::Arc;
use std::time::Duration;

use accounts::connected_work::Ended;
use accounts::reaching::reach;
use accounts::{
    account_trust, connected_provisioning, connected_sessions, drift_detection, drift_repair,
    organization_following, organization_syncs,
};
use broker::aws::access::Reach;
use broker::aws::pace::Pace;
use model::caller::Caller;
use model::clock::Clock;
use model::cx::{Cx, Surroundings};
use model::event::EventHead;
use model::fault::Fault;
use model::job::{Job, JobKind, Queue};
use outbound::client::Outbound;
use store::db::Store;
use store::jobs::{self, Claim};
use store::tx::Tx;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Accounts that are worked in at once.
pub(crate) const SIDE_BY_SIDE: usize = 32;
/// How long a claim holds before another may take the job; what takes longer holds it longer.
const HOLD: Duration = Duration::from_secs(30);
/// How often a job that is worked on is held anew.
const HOLD_AGAIN: Duration = Duration::from_secs(10);
/// How often it is looked which accounts are to be looked at, and organizations to be read, by themselves.
const SCHEDULE: Duration = Duration::from_secs(10);
/// How often it is looked whose sessions outlive what they reached.
const SWEEP: Duration = Duration::from_secs(1);
/// How late a retry or a lapsed claim is noticed.
const IDLE: Duration = Duration::from_millis(500);

/// What the envoy works with.
#[derive(Debug, Clone)]
pub(crate) struct Envoy {
    pub(crate) store: Store,
    pub(crate) surroundings: Surroundings,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) outbound: Outbound,
    pub(crate) pace: Pace,
}

impl Envoy {
    fn cx(&self) -> Cx {
        let caller = Caller::service(self.surroundings.owner.clone());
        Cx::new(&self.surroundings, caller, self.clock.now(), EventHead::default())
    }

    /// Works for as long as the process lives.
    pub(crate) async fn run(self) {
        // What a process that died had claimed lapses soon. It is not given back at once: another process may live, and work there.
        let mut running = JoinSet::new();
        let mut last_lane = String::new();
        let (mut to_schedule, mut to_sweep) = (Instant::now(), Instant::now());
        loop {
            if to_schedule <= Instant::now() {
                to_schedule = Instant::now() + SCHEDULE;
                self.schedule().await;
            }
            let now = Instant::now();
            if to_sweep <= now {
                self.sweep().await;
                // A twentieth of the time at most: where very many sessions live, a look takes a while.
                to_sweep = now + SWEEP.max(now.elapsed() * 20);
            }
            if let Err(fault) = self.begin(&mut running, &mut last_lane).await {
                tracing::warn!(%fault, context = fault.context(), "connected accounts wait for the database");
            }
            tokio::select! {
                Some(ended) = running.join_next() => {
                    if let Err(error) = ended {
                        tracing::error!(%error, "a job panicked; its claim lapses and it runs again");
                    }
                }
                () = self.store.job_added(Queue::Connected) => {}
                () = tokio::time::sleep(IDLE) => {}
            }
        }
    }

    async fn sweep(&self) {
        if let Err(fault) = connected_sessions::sweep(&self.store, &self.cx()).await {
            tracing::warn!(%fault, context = fault.context(), "it is not looked whose sessions are to be void");
        }
    }

    async fn schedule(&self) {
        if let Err(fault) = drift_detection::schedule(&self.store, &self.cx()).await {
            tracing::warn!(%fault, context = fault.context(), "connected accounts are not looked at by themselves");
        }
        if let Err(fault) = organization_syncs::schedule(&self.store, &self.cx()).await {
            tracing::warn!(%fault, context = fault.context(), "connected organizations are not read by themselves");
        }
    }

    /// Begins whatever is due, as far as there is room.
    async fn begin(&self, running: &mut JoinSet<()>, last_lane: &mut String) -> Result<(), Fault> {
        let limit = SIDE_BY_SIDE.saturating_sub(running.len());
        let now = self.clock.now();
        if limit == 0 || !self.store.read(|rx| Ok(jobs::is_ready(rx, now, Queue::Connected)?))? {
            return Ok(());
        }
        let after = last_lane.clone();
        let claim = move |tx: &mut Tx<'_>, cx: &Cx| {
            let queue = Queue::Connected;
            jobs::claim(tx, cx.now, &Claim { queue, after: &after, limit, hold: HOLD })
        };
        for job in self.store.maintain(&self.cx(), claim).await? {
            last_lane.clone_from(&job.lane);
            let envoy = self.clone();
            running.spawn(async move { envoy.carry_out(job).await });
        }
        Ok(())
    }

    async fn work(&self, cx: &Cx, reach: &Reach, job: &Job) -> Result<Ended, Fault> {
        match job.kind {
            JobKind::ConnectedProvisioning => {
                connected_provisioning::run_one(&self.store, cx, reach, job).await
            }
            JobKind::DriftDetection => drift_detection::run_one(&self.store, cx, reach, job).await,
            JobKind::SessionRevocation => connected_sessions::run_one(&self.store, cx, reach, job).await,
            JobKind::OrganizationSync => organization_following::run_one(&self.store, cx, reach, job).await,
            JobKind::ProviderUpdate => account_trust::run_one(&self.store, cx, reach, job).await,
            JobKind::DriftRepair => drift_repair::run_one(&self.store, cx, reach, job).await,
            _ => Err(Fault::internal("a job of another queue in the lanes of connected accounts")),
        }
    }

    async fn carry_out(&self, job: Job) {
        let reach = reach(&self.outbound, Arc::clone(&self.clock)).at(&self.pace);
        let cx = self.cx();
        let mut work = std::pin::pin!(self.work(&cx, &reach, &job));
        let ended = loop {
            tokio::select! {
                biased;
                ended = &mut work => break ended,
                () = tokio::time::sleep(HOLD_AGAIN) => if !self.holds(&job).await {
                    tracing::warn!(job = job.id, "a job's claim lapsed and another has it; it is left");
                    return;
                },
            }
        };
        let wait = match ended {
            Ok(Ended::Done) => return,
            Ok(Ended::Later(wait)) => wait,
            Err(fault) => {
                tracing::warn!(job = job.id, attempts = job.attempts, %fault, context = fault.context(), "a job failed and runs again");
                Duration::from_secs(1 << job.attempts.clamp(0, 6))
            }
        };
        tracing::trace!(target: model::counted::TARGET, what = "job", result = "retried");
        let claimed = job.clone();
        self.persist(move |tx, cx| jobs::retry(tx, &claimed, cx.now.plus(wait))).await;
    }

    /// Holds a job longer; `false` when it is another's by now. One that cannot be held now is held the next time: its claim lasts longer than that.
    async fn holds(&self, job: &Job) -> bool {
        let claimed = job.clone();
        let held =
            self.store.maintain(&self.cx(), move |tx, cx| jobs::hold(tx, &claimed, cx.now.plus(HOLD))).await;
        held.unwrap_or_else(|fault| {
            tracing::warn!(job = job.id, %fault, context = fault.context(), "a job could not be held");
            true
        })
    }

    /// Writes what must be written before there is anything else to do, however long the database is away.
    async fn persist(&self, with: impl Fn(&mut Tx<'_>, &Cx) -> Result<(), Fault> + Clone + Send + 'static) {
        while let Err(fault) = self.store.maintain(&self.cx(), with.clone()).await {
            tracing::warn!(%fault, context = fault.context(), "connected accounts wait for the database");
            tokio::time::sleep(IDLE).await;
        }
    }
}
