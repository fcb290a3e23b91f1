//! What the primary Region does for those that follow: says what time it is, so that they know how far behind they are, and forgets who was removed.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use model::caller::Caller;
use model::clock::Clock;
use model::cx::{Cx, Surroundings};
use model::event::EventHead;
use model::fault::Fault;
use model::instances::instance::InstanceId;
use model::instances::region::{Region, RegionName, RegionStatus};
use store::db::Store;
use store::instances::{following, regions};
use tokio::time::Instant;

/// How often it says so. What was changed since the last time is as old as that at most.
const PERIOD: Duration = Duration::from_secs(2);
/// How long a Region that follows has to hear that it was removed, before nothing is kept for it any more.
const FAREWELL: Duration = Duration::from_secs(15);

/// What the pulse works with.
#[derive(Debug)]
pub(crate) struct RegionPulse {
    pub(crate) store: Store,
    pub(crate) surroundings: Surroundings,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) instance: InstanceId,
}

impl RegionPulse {
    /// Works for as long as the process lives; not at all where nobody can follow.
    pub(crate) async fn run(self) {
        let mut removed_since = HashMap::new();
        while self.store.can_be_followed() {
            tokio::time::sleep(PERIOD).await;
            if let Err(fault) = self.beat(&mut removed_since).await {
                tracing::warn!(%fault, context = fault.context(), "Regions that follow were not told the time");
            }
        }
    }

    fn cx(&self, event: EventHead) -> Cx {
        Cx::new(&self.surroundings, Caller::service(self.surroundings.owner.clone()), self.clock.now(), event)
    }

    async fn beat(&self, removed_since: &mut HashMap<RegionName, Instant>) -> Result<(), Fault> {
        let there = self.store.glance(|rx| Ok(regions::list(rx, &self.instance)?))?;
        if there.is_empty() {
            return Ok(());
        }
        let instance = self.instance.clone();
        let cx = self.cx(EventHead::default());
        self.store.maintain(&cx, move |tx, cx| regions::beat(tx, cx, &instance)).await?;
        let removing = |region: &&Region| region.status == RegionStatus::Removing;
        removed_since.retain(|name, _| there.iter().filter(removing).any(|region| region.name == *name));
        for region in there.iter().filter(removing) {
            let name = &region.name;
            let since = *removed_since.entry(name.clone()).or_insert_with(Instant::now);
            let slot = following::slot_name(&self.instance, region);
            let is_read = self.store.glance(|rx| following::slot_is_read(rx, &slot))? == Some(true);
            if is_read && since.elapsed() < FAREWELL {
                continue;
            }
            let cx = self.cx(EventHead::of_service("sso.amazonaws.com", "RemoveRegionResult"));
            instances::regions::forget(&self.store, &cx, &self.instance, region).await?;
            removed_since.remove(name);
            tracing::info!(region = %name, "the Region is removed");
        }
        Ok(())
    }
}
