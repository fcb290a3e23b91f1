//! The synchronizer: begins the runs of directories whose time has come, and carries them out side by side, those of one directory one after another.
//! Beside the worker, so that a directory that answers slowly holds up nobody's assignment. Killing it anywhere loses nothing.

use std::time::Duration;

use edge_ldap::run::Work;
use edge_ldap::runs::run_one;
use model::caller::Caller;
use model::cx::Cx;
use model::event::EventHead;
use model::fault::Fault;
use model::job::{Job, Queue};
use store::jobs::{self, Claim};
use store::tx::Tx;
use tokio::task::JoinSet;

/// Directories that are read at once.
const SIDE_BY_SIDE: usize = 4;
/// How long a claim holds before another may take the job; a run that works holds it longer.
const HOLD: Duration = Duration::from_mins(2);
/// How late a run is begun that nobody asked for, and a retry or a lapsed claim is noticed.
const IDLE: Duration = Duration::from_secs(1);

/// What the synchronizer works with.
#[derive(Debug)]
pub(crate) struct Synchronizer {
    pub(crate) work: Work,
}

impl Synchronizer {
    fn cx(&self) -> Cx {
        let caller = Caller::service(self.work.surroundings.owner.clone());
        Cx::new(&self.work.surroundings, caller, self.work.clock.now(), EventHead::default())
    }

    /// Works for as long as the process lives.
    pub(crate) async fn run(self) {
        // What a process that died had claimed, nobody else should wait for.
        self.persist(|tx, _| jobs::release(tx, Queue::Directories).map(|_| ())).await;
        let mut running = JoinSet::new();
        let mut last_lane = String::new();
        loop {
            if let Err(fault) = self.begin(&mut running, &mut last_lane).await {
                tracing::warn!(%fault, context = fault.context(), "directories wait for the database");
            }
            tokio::select! {
                Some(ended) = running.join_next() => {
                    if let Err(error) = ended {
                        tracing::error!(%error, "a run of a directory panicked; its claim lapses and it goes on");
                    }
                }
                () = self.work.store.job_added(Queue::Directories) => {}
                () = tokio::time::sleep(IDLE) => {}
            }
        }
    }

    /// Begins whatever is due, as far as there is room.
    async fn begin(&self, running: &mut JoinSet<()>, last_lane: &mut String) -> Result<(), Fault> {
        sources::directory_syncs::start_due(&self.work.store, &self.cx()).await?;
        let limit = SIDE_BY_SIDE.saturating_sub(running.len());
        let now = self.work.clock.now();
        if limit == 0 || !self.work.store.read(|rx| Ok(jobs::is_ready(rx, now, Queue::Directories)?))? {
            return Ok(());
        }
        let after = last_lane.clone();
        let claim = move |tx: &mut Tx<'_>, cx: &Cx| {
            let queue = Queue::Directories;
            jobs::claim(tx, cx.now, &Claim { queue, after: &after, limit, hold: HOLD })
        };
        for job in self.work.store.maintain(&self.cx(), claim).await? {
            last_lane.clone_from(&job.lane);
            let synchronizer = Self { work: self.work.clone() };
            running.spawn(async move { synchronizer.carry_out(job).await });
        }
        Ok(())
    }

    /// Writes what must be written before there is anything else to do, however long the database is away.
    async fn persist(&self, with: impl Fn(&mut Tx<'_>, &Cx) -> Result<(), Fault> + Clone + Send + 'static) {
        while let Err(fault) = self.work.store.maintain(&self.cx(), with.clone()).await {
            tracing::warn!(%fault, context = fault.context(), "directories wait for the database");
            tokio::time::sleep(IDLE).await;
        }
    }

    async fn carry_out(&self, job: Job) {
        let Err(fault) = run_one(self.work.clone(), job.clone()).await else { return };
        tracing::trace!(target: model::counted::TARGET, what = "job", result = "retried");
        tracing::warn!(job = job.id, attempts = job.attempts, %fault, context = fault.context(), "a run of a directory goes on later");
        let wait = Duration::from_secs(1 << job.attempts.clamp(0, 6));
        self.persist(move |tx, cx| jobs::retry(tx, &job, cx.now.plus(wait))).await;
    }
}
