//! The enquirer: asks external identity providers again what they say of themselves. Beside the housekeeper, so that a provider that answers slowly
//! holds up nothing else.

use std::sync::Arc;
use std::time::Duration;

use model::caller::Caller;
use model::clock::Clock;
use model::cx::{Cx, Surroundings};
use model::event::EventHead;
use outbound::client::Outbound;
use store::db::Store;

/// How often it looks whose word is too old. Whom it asks then is `sources`' to decide.
const EVERY: Duration = Duration::from_mins(10);

/// What the enquirer works with.
#[derive(Debug)]
pub(crate) struct Enquirer {
    pub(crate) store: Store,
    pub(crate) surroundings: Surroundings,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) outbound: Outbound,
}

impl Enquirer {
    fn cx(&self) -> Cx {
        let caller = Caller::service(self.surroundings.owner.clone());
        Cx::new(&self.surroundings, caller, self.clock.now(), EventHead::default())
    }

    /// Works for as long as the process lives.
    pub(crate) async fn run(self) {
        loop {
            tokio::time::sleep(EVERY).await;
            match sources::external_idps::refresh_stale(&self.store, &self.cx(), &self.outbound).await {
                Ok(0) => {}
                Ok(providers) => tracing::info!(providers, "identity providers were asked again"),
                Err(fault) => {
                    tracing::warn!(%fault, context = fault.context(), "identity providers were not asked again");
                }
            }
        }
    }
}
