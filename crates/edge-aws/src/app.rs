//! What every handler may use: the store, the clock, the recorder. Cheap to clone.

use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;

use audit::recorder::Recorder;
use model::clock::Clock;
use model::cx::Surroundings;
use sigv4::keys::SigningKeys;
use store::db::Store;

use crate::rates::Rates;

/// What handlers use.
#[derive(Debug, Clone)]
pub struct App(Arc<Parts>);

/// The parts of an [`App`].
#[derive(Debug)]
pub struct Parts {
    /// The state.
    pub store: Store,
    /// Region, owner, mode, randomness.
    pub surroundings: Surroundings,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where records go that nobody waits for.
    pub recorder: Recorder,
    /// Derived signing keys.
    pub signing_keys: SigningKeys,
    /// Limits of what anybody may call.
    pub rates: Rates,
    /// Start URLs, token lives and the like.
    pub signin: signin::config::Config,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
}

impl App {
    /// From its parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
