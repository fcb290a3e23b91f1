//! The store's counts as metrics: lost races, waits for connections, whom it turned away. Knows nothing of how they are served.

use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use store::figures::Figures;

/// What the store counts. It keeps the counts; these show them.
#[derive(Debug, Clone, Default)]
pub(crate) struct StoreCounts {
    races_lost: Counter,
    races_given_up: Counter,
    waits: Counter,
    waited: Counter<f64, AtomicU64>,
    turned_away: Counter,
    hosts_lost: Counter,
    connections: Gauge,
}

impl StoreCounts {
    /// Registers them as `database_…`.
    pub(crate) fn register(&self, registry: &mut Registry) {
        let registry = registry.sub_registry_with_prefix("database");
        registry.register("races_lost", "Changes that lost a race and ran again", self.races_lost.clone());
        registry.register(
            "races_given_up",
            "Changes that lost races until their callers were told to try again",
            self.races_given_up.clone(),
        );
        registry.register("connection_waits", "How often no connection was free", self.waits.clone());
        registry.register(
            "connection_wait_seconds",
            "How long callers waited for a connection, together",
            self.waited.clone(),
        );
        registry.register(
            "turned_away",
            "Callers told to try again because too many waited",
            self.turned_away.clone(),
        );
        registry.register(
            "hosts_lost",
            "How often a database host was given up because it did not answer or took no changes",
            self.hosts_lost.clone(),
        );
        registry.register("connections", "Connections to the database", self.connections.clone());
    }

    /// Takes over what the store has counted.
    pub(crate) fn show(&self, figures: &Figures) {
        self.races_lost.inner().store(figures.races_lost, Ordering::Relaxed);
        self.races_given_up.inner().store(figures.races_given_up, Ordering::Relaxed);
        self.waits.inner().store(figures.waits, Ordering::Relaxed);
        self.waited.inner().store(figures.waited.as_secs_f64().to_bits(), Ordering::Relaxed);
        self.turned_away.inner().store(figures.turned_away, Ordering::Relaxed);
        self.hosts_lost.inner().store(figures.hosts_lost, Ordering::Relaxed);
        self.connections.set(i64::try_from(figures.connections).unwrap_or(i64::MAX));
    }
}
