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
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::root_key;

/// How often to look.
const PERIOD: Duration = Duration::from_secs(2);
/// How long to wait until what failed is tried, or said, again.
const PAUSE: Duration = Duration::from_secs(60);

/// What the keeper works with.
#[derive(Debug, Clone)]
pub(crate) struct KeyKeeper {
    pub(crate) store: Store,
    pub(crate) surroundings: Surroundings,
    pub(crate) clock: Arc<dyn Clock>,
    /// Where `portico.key` is: another root key may have taken its place.
    pub(crate) data_dir: PathBuf,
    /// Whether this is a Region that follows another, which seals anew what is kept.
    pub(crate) follows: bool,
}

/// What was seen last: the data keys, the number of the one in use, and how the root key sealed them.
#[derive(PartialEq)]
struct Seen {
    keys: Vec<DataKey>,
    in_use: u32,
    sealed: Vec<Vec<u8>>,
}

impl KeyKeeper {
    /// Works for as long as the process lives.
    pub(crate) async fn run(self) {
        let (mut seen, mut said, mut resealing) = (None, None::<Instant>, None::<JoinHandle<()>>);
        loop {
            tokio::time::sleep(PERIOD).await;
            match self.look(&mut seen).await {
                Ok(true) if resealing.as_ref().is_none_or(JoinHandle::is_finished) => {
                    resealing = Some(tokio::spawn(self.clone().reseal()));
                }
                Ok(_) => said = None,
                // A database that is away others speak of; what does not open, opens after somebody did something.
                Err(fault) if *fault.kind() == FaultKind::Unavailable => {}
                Err(fault) if said.is_none_or(|said| said.elapsed() > PAUSE) => {
                    said = Some(Instant::now());
                    tracing::error!(%fault, context = fault.context(), "the data keys do not open with the root key that is here: copy the instance's portico.key");
                }
                Err(_) => {}
            }
        }
    }

    /// Hears of data keys; whether something is to be sealed anew.
    async fn look(&self, seen: &mut Option<Seen>) -> Result<bool, Fault> {
        let now = self.clock.now();
        let store = self.store.clone();
        let read = move || {
            store.read(|rx| {
                let keys = data_keys::list(rx)?;
                let sealed = if keys.is_empty() { Vec::new() } else { data_keys::sealed(rx)? };
                Ok((keys, sealed))
            })
        };
        let (keys, sealed) = tokio::task::spawn_blocking(read).await.map_err(Fault::internal)??;
        if keys.is_empty() {
            return Ok(false);
        }
        let found = Some(Seen { in_use: instances::data_keys::in_use(&keys, now), keys, sealed });
        if *seen != found {
            self.know().await?;
            *seen = found;
        }
        let newest = seen.as_ref().and_then(|seen| seen.keys.last());
        Ok(!self.follows && newest.is_some_and(|newest| newest.resealed_at.is_none()))
    }

    /// Seals anew what a former key sealed, once the newest is in use everywhere.
    async fn reseal(self) {
        let owner = self.surroundings.owner.clone();
        let cx = Cx::new(&self.surroundings, Caller::service(owner), self.clock.now(), EventHead::default());
        match instances::data_keys::reseal(&self.store, &cx, |_| {}).await {
            Ok(None) => {}
            Ok(Some(values)) => tracing::info!(values, "what is kept is sealed with the newest data key"),
            Err(fault) => {
                tracing::error!(%fault, context = fault.context(), "not all that is kept is sealed with the newest data key");
                tokio::time::sleep(PAUSE).await;
            }
        }
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
