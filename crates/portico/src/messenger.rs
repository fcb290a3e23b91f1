//! The messenger: tells applications that speak OpenID Connect which sessions of their people ended. Beside the worker, so that nobody waits for somebody's application. Killing it
//! anywhere loses nothing; an application that had heard just before may hear twice.

use std::sync::Arc;
use std::time::Duration;

use applications::oidc_addresses::OidcAddresses;
use applications::oidc_logouts::{self, Told};
use model::caller::Caller;
use model::clock::Clock;
use model::cx::{Cx, Surroundings};
use model::event::EventHead;
use model::fault::Fault;
use model::job::{Job, Queue};
use outbound::client::Outbound;
use outbound::credentials::Credentials;
use store::db::Store;
use store::jobs::Claim;
use store::tx::Tx;
use tokio::task::JoinSet;

/// What is told at a time.
const SIDE_BY_SIDE: usize = 32;
/// How long a claim holds before another messenger may take it: longer than any request may take.
const HOLD: Duration = Duration::from_secs(120);
/// How long to sleep when nothing is due and nobody wakes us.
const IDLE: Duration = Duration::from_millis(500);

/// What the messenger works with.
#[derive(Debug, Clone)]
pub(crate) struct Messenger {
    pub(crate) store: Store,
    pub(crate) surroundings: Surroundings,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) outbound: Outbound,
    pub(crate) ours: OidcAddresses,
}

impl Messenger {
    fn cx(&self) -> Cx {
        let caller = Caller::service(self.surroundings.owner.clone());
        Cx::new(&self.surroundings, caller, self.clock.now(), EventHead::default())
    }

    /// Works for as long as the process lives.
    pub(crate) async fn run(self) {
        self.give_claims_back().await;
        let mut running = JoinSet::new();
        let mut last_lane = String::new();
        loop {
            if let Err(fault) = self.begin(&mut running, &mut last_lane).await {
                self.wait(&fault).await;
                // Whatever was claimed by what did not answer; but not what is being told.
                if running.is_empty() {
                    self.give_claims_back().await;
                }
                continue;
            }
            tokio::select! {
                Some(ended) = running.join_next() => {
                    if let Err(error) = ended {
                        tracing::error!(%error, "telling of a sign-out panicked; its claim lapses and it runs again");
                    }
                }
                () = self.store.job_added(Queue::SignOuts) => {}
                () = tokio::time::sleep(IDLE) => {}
            }
        }
    }

    /// Begins whatever is due, as far as there is room: who answers slowly holds up nobody else.
    async fn begin(&self, running: &mut JoinSet<()>, last_lane: &mut String) -> Result<(), Fault> {
        let limit = SIDE_BY_SIDE.saturating_sub(running.len());
        let now = self.clock.now();
        if limit == 0 || !self.store.read(|rx| Ok(store::jobs::is_ready(rx, now, Queue::SignOuts)?))? {
            return Ok(());
        }
        let after = last_lane.clone();
        let claim = move |tx: &mut Tx<'_>, cx: &Cx| {
            let claim = Claim { queue: Queue::SignOuts, after: &after, limit, hold: HOLD };
            store::jobs::claim(tx, cx.now, &claim)
        };
        for job in self.store.maintain(&self.cx(), claim).await? {
            last_lane.clone_from(&job.lane);
            let messenger = self.clone();
            running.spawn(async move { messenger.tell(&job).await });
        }
        Ok(())
    }

    async fn tell(&self, job: &Job) {
        let (told, why) = match oidc_logouts::open(&self.store, &self.cx(), &self.ours, job).await {
            Ok(None) => return,
            Ok(Some(notice)) => {
                let form = [("logout_token", notice.token.expose())];
                match self.outbound.post_form(&notice.address, &form, Credentials::Nobody).await {
                    Ok(answer) if answer.is_success() => (Told::Heard, String::new()),
                    Ok(answer) if answer.status() == 400 => (Told::Refused, "it answered 400".to_owned()),
                    Ok(answer) => (Told::PutOff, format!("it answered {}", answer.status())),
                    Err(failure) => (Told::PutOff, failure.to_string()),
                }
            }
            Err(fault) => {
                tracing::error!(logout = job.id, %fault, context = fault.context(), "what an application is to be told could not be written");
                (Told::PutOff, "it could not be written".to_owned())
            }
        };
        // However long the database is away: else it would be told again.
        while let Err(fault) = oidc_logouts::settle(&self.store, &self.cx(), job, (told, &why)).await {
            self.wait(&fault).await;
        }
    }

    async fn give_claims_back(&self) {
        let release = |tx: &mut Tx<'_>, _: &Cx| store::jobs::release(tx, Queue::SignOuts).map(|_| ());
        while let Err(fault) = self.store.maintain(&self.cx(), release).await {
            self.wait(&fault).await;
        }
    }

    async fn wait(&self, fault: &Fault) {
        tracing::warn!(%fault, context = fault.context(), "the messenger waits for the database");
        tokio::time::sleep(IDLE).await;
    }
}
