//! What SCIM is served with.

use std::net::IpAddr;
use std::sync::Arc;

use audit::recorder::Recorder;
use directory::counting::Numbers;
use model::clock::Clock;
use model::cx::Surroundings;
use signin::config::Config;
use signin::hashing::Hasher;
use store::db::Store;

/// What SCIM is served with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Scim {
    /// The state.
    pub store: Store,
    /// Region, owner, mode, randomness.
    pub surroundings: Surroundings,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where records go that no transaction takes along.
    pub recorder: Recorder,
    /// The server's address, without a slash at its end.
    pub base_url: String,
    /// How passwords are hashed.
    pub hasher: Hasher,
    /// What letters about them say of this server.
    pub signin: Config,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// What is known of how many there are.
    pub numbers: Numbers,
}
