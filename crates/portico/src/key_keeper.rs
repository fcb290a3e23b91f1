//! Looks at the data keys every other moment, as each server of an instance does: what another one is to seal with has to be known before it does, and what is
//! retired must not be believed. The primary Region also seals anew what a former key sealed, if the command that made the key did not come so far.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use model::caller::Caller;
use model::clock::Clock;
use model::cx::{Cx, Surroundings};
use model::event::EventHead;
use model::fault::{Fault, FaultKind};
use model::instances::data_key::DataKey;
use store::db::Store;
use store::instances::data_keys;
use tokio::time::Instant;

use crate::root_key;

/// How often to look.
const PERIOD: Duration = Duration::from_secs(2);
/// How long to wait until what failed is tried again.
const PAUSE: Duration = Duration::from_secs(60);

/// What the keeper works with.
#[derive(Debug)]
pub(crate) struct KeyKeeper {
    pub(crate) store: Store,
    pub(crate) surroundings: Surroundings,
    pub(crate) clock: Arc<dyn Clock>,
    /// Where `portico.key` is: another root key may have taken its place.
    pub(crate) data_dir: PathBuf,
    /// Whether this is a Region that follows another, which seals anew what is kept.
    pub(crate) follows: bool,
}

/// What was seen last: the data keys, and the number of the one in use.
type Seen = (Vec<DataKey>, u32);

impl KeyKeeper {
    /// Works for as long as the process lives.
    pub(crate) async fn run(self) {
        let (mut seen, mut again_at) = (None, Instant::now());
        loop {
            tokio::time::sleep(PERIOD).await;
            if again_at > Instant::now() {
                continue;
            }
            let Err(fault) = self.look(&mut seen).await else { continue };
            // A database that is away is back in a moment, which others say; what does not open, opens after somebody did something.
            if *fault.kind() != FaultKind::Unavailable {
                tracing::error!(%fault, context = fault.context(), "the data keys cannot be looked after");
                again_at = Instant::now() + PAUSE;
            }
        }
    }

    async fn look(&self, seen: &mut Option<Seen>) -> Result<(), Fault> {
        let now = self.clock.now();
        let store = self.store.clone();
        let known = tokio::task::spawn_blocking(move || store.glance(|rx| Ok(data_keys::list(rx)?)));
        let known = known.await.map_err(Fault::internal)??;
        let in_use = known.iter().rev().find(|key| key.seals_from <= now).map_or(0, |key| key.number);
        if known.is_empty() {
            return Ok(());
        }
        let found = Some((known, in_use));
        if *seen != found {
            self.know().await?;
            *seen = found;
        }
        if self.follows {
            return Ok(());
        }
        let owner = self.surroundings.owner.clone();
        let cx = Cx::new(&self.surroundings, Caller::service(owner), now, EventHead::default());
        if let Some(values) = instances::data_keys::reseal(&self.store, &cx, |_| {}).await? {
            tracing::info!(values, data_key = in_use, "what is kept is sealed with the data key in use");
        }
        Ok(())
    }

    /// Has the keyring go by what the database says; with the root key that `portico.key` holds now, where the one of before opens nothing any more.
    async fn know(&self) -> Result<(), Fault> {
        let (store, now, data_dir) = (self.store.clone(), self.clock.now(), self.data_dir.clone());
        let know = move || {
            let Err(fault) = data_keys::know(&store, now) else { return Ok(()) };
            let root = root_key::read(&data_dir)
                .map_err(|error| Fault::internal(format!("{fault}; and portico.key: {error:#}")))?;
            data_keys::know_by(&root, &store, now)
        };
        tokio::task::spawn_blocking(know).await.map_err(Fault::internal)?
    }
}
