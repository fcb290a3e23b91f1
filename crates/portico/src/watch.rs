//! Looks at the database once a second: whether it is there, which is said once when it changes, and whether it is still the one that this
//! server began with.
//!
//! A schema that moved ends the server instead of making it refuse: what a newer program relies on (that a mark is heeded, that a row is
//! written) this one does not know, so not even its reads are right, and one that stays up only to refuse looks alive to whoever would
//! start the right one in its place.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use model::fault::{Fault, FaultKind};
use model::instances::instance::InstanceId;
use store::db::Store;
use store::migrate::Standing;
use tokio::time::Instant;

/// How often to look.
const PERIOD: Duration = Duration::from_secs(1);

/// What to look at.
#[derive(Debug)]
pub(crate) struct Watch {
    pub(crate) store: Store,
    pub(crate) instance: InstanceId,
    /// Where the database is, for the log.
    pub(crate) place: String,
    /// Whether it answered last.
    pub(crate) up: Arc<AtomicBool>,
}

impl Watch {
    /// Resolves with the reason when the server must not go on.
    pub(crate) async fn moved(self) -> String {
        let mut away_since = None;
        loop {
            tokio::time::sleep(PERIOD).await;
            let store = self.store.clone();
            let look = tokio::task::spawn_blocking(move || look(&store));
            let seen = look.await.unwrap_or_else(|error| Err(Fault::internal(error)));
            self.up.store(seen.is_ok(), Ordering::Relaxed);
            match seen {
                Ok((Standing::Current, Some(id))) if id == self.instance => self.back(&mut away_since),
                Ok((Standing::Current, _)) => {
                    return format!(
                        "{} no longer holds the instance that this server began with",
                        self.place
                    );
                }
                Ok((standing, _)) => {
                    let why = standing.refusal().unwrap_or_default();
                    return format!("the schema of {} changed while this server ran: {why}", self.place);
                }
                Err(fault) => self.away(&mut away_since, &fault),
            }
        }
    }

    fn away(&self, since: &mut Option<Instant>, fault: &Fault) {
        if since.is_some() {
            return;
        }
        *since = Some(Instant::now());
        let (database, cause) = (&self.place, fault.context().unwrap_or_default());
        if *fault.kind() == FaultKind::Unavailable {
            tracing::error!(database, cause, "the database is away");
        } else {
            tracing::error!(database, cause, "the database gives no right answer");
        }
    }

    fn back(&self, since: &mut Option<Instant>) {
        if let Some(since) = since.take() {
            tracing::info!(
                database = self.place,
                seconds = since.elapsed().as_secs(),
                "the database is back"
            );
        }
    }
}

/// How the schema stands, and which instance is there. What the tables of another schema hold is not asked: this program does not know them.
fn look(store: &Store) -> Result<(Standing, Option<InstanceId>), Fault> {
    store.read(|rx| {
        let standing = store::migrate::standing_in(rx)?;
        if standing != Standing::Current {
            return Ok((standing, None));
        }
        let first = store::instances::instances::find_organizations(rx)?;
        Ok((standing, first.map(|instance| instance.id)))
    })
}
