//! The worker: takes jobs that are due, one a lane, runs them side by side, and sleeps until there is more to do. What it does is all in
//! the store; killing it anywhere loses nothing.

use std::sync::Arc;
use std::time::Duration;

use model::caller::Caller;
use model::clock::Clock;
use model::cx::{Cx, Surroundings};
use model::event::EventHead;
use model::fault::Fault;
use model::job::{Job, JobKind, Queue};
use signin::config::Config;
use store::db::Store;
use store::jobs::Claim;
use store::tx::Tx;

/// Jobs taken at a time.
const BATCH: usize = 32;
/// How long a claim holds before another worker may take the job.
const HOLD: Duration = Duration::from_secs(60);
/// How long to sleep when nothing is due and nobody wakes us: also how late a retry or a lapsed claim is noticed.
const IDLE: Duration = Duration::from_millis(500);

/// What the worker works with.
#[derive(Debug, Clone)]
pub(crate) struct Worker {
    pub(crate) store: Store,
    pub(crate) surroundings: Surroundings,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) signin: Config,
}

impl Worker {
    fn cx(&self) -> Cx {
        Cx::new(
            &self.surroundings,
            Caller::service(self.surroundings.owner.clone()),
            self.clock.now(),
            EventHead::default(),
        )
    }

    /// Works for as long as the process lives.
    pub(crate) async fn run(self) {
        // What a process that died had claimed, nobody else should wait for.
        self.give_claims_back().await;
        let mut last_lane = String::new();
        loop {
            let took = self.take_and_run(&mut last_lane).await;
            if !took {
                let _ = tokio::time::timeout(IDLE, self.store.job_added(Queue::Work)).await;
            }
        }
    }

    /// Whether there was anything to do. Goes on behind `last_lane`, where it stopped before.
    async fn take_and_run(&self, last_lane: &mut String) -> bool {
        // A look at a snapshot costs the writer nothing; only when there is a job is it taken.
        let now = self.clock.now();
        match self.store.read(|rx| Ok(store::jobs::is_ready(rx, now, Queue::Work)?)) {
            Ok(false) => return false,
            Ok(true) => {}
            Err(fault) => {
                tracing::warn!(%fault, context = fault.context(), "the worker waits for the database");
                return false;
            }
        }
        let after = last_lane.clone();
        let claim = move |tx: &mut Tx<'_>, cx: &Cx| {
            store::jobs::claim(
                tx,
                cx.now,
                &Claim { queue: Queue::Work, after: &after, limit: BATCH, hold: HOLD },
            )
        };
        let jobs = match self.store.maintain(&self.cx(), claim).await {
            Ok(jobs) => jobs,
            Err(fault) => {
                tracing::warn!(%fault, context = fault.context(), "jobs could not be taken");
                // Unless they were: the database may have gone away while it committed the claims.
                self.give_claims_back().await;
                return false;
            }
        };
        let Some(last) = jobs.last() else { return false };
        last_lane.clone_from(&last.lane);
        let mut running = tokio::task::JoinSet::new();
        for job in jobs {
            let worker = self.clone();
            running.spawn(async move { worker.run_one(job).await });
        }
        while let Some(done) = running.join_next().await {
            if let Err(error) = done {
                tracing::error!(%error, "a job panicked; its claim lapses and it runs again");
            }
        }
        true
    }

    async fn run_one(&self, job: Job) {
        let cx = self.cx();
        let result = match job.kind {
            JobKind::Provisioning => accounts::provisioning::run_one(&self.store, &cx, &job).await,
            JobKind::AssignmentBatch => {
                accounts::assignment_batch_work::run_one(&self.store, &cx, &job).await
            }
            JobKind::CreateAccount => accounts::account_creations::run_one(&self.store, &cx, &job).await,
            JobKind::CreateInstance => {
                instances::account_instances::run_creation(&self.store, &cx, &job).await
            }
            JobKind::DeleteInstance => {
                instances::account_instances::run_deletion(&self.store, &cx, &job).await
            }
            JobKind::AttributePrecedence => {
                directory::attribute_precedence::run_one(&self.store, &cx, &job).await
            }
            JobKind::ForgottenPassword => {
                signin::forgotten::run_one(&self.store, &cx, &self.signin, &job).await
            }
            JobKind::ConnectedProvisioning
            | JobKind::DriftDetection
            | JobKind::DriftRepair
            | JobKind::ProviderUpdate
            | JobKind::SessionRevocation
            | JobKind::OrganizationSync
            | JobKind::DirectorySync
            | JobKind::Mail
            | JobKind::OidcLogout => {
                Err(Fault::internal("a job of another queue in the lanes of the worker"))
            }
        };
        if let Err(fault) = result {
            tracing::trace!(target: model::counted::TARGET, what = "job", result = "retried");
            tracing::warn!(job = job.id, attempts = job.attempts, %fault, context = fault.context(), "a job failed and runs again");
            let wait = Duration::from_secs(1 << job.attempts.clamp(0, 6));
            self.persist(move |tx, cx| store::jobs::retry(tx, &job, cx.now.plus(wait))).await;
        }
    }

    async fn give_claims_back(&self) {
        self.persist(|tx, _| store::jobs::release(tx, Queue::Work).map(|_| ())).await;
    }

    /// Writes what must be written before there is anything else to do, however long the database is away.
    async fn persist(&self, with: impl Fn(&mut Tx<'_>, &Cx) -> Result<(), Fault> + Clone + Send + 'static) {
        while let Err(fault) = self.store.maintain(&self.cx(), with.clone()).await {
            tracing::warn!(%fault, context = fault.context(), "the worker waits for the database");
            tokio::time::sleep(IDLE).await;
        }
    }
}
