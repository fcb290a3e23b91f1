//! What every page may use. Cheap to clone.

use std::net::IpAddr;
use std::sync::Arc;

use accounts::own_access::OwnAccesses;
use audit::recorder::Recorder;
use model::clock::Clock;
use model::cx::Surroundings;
use model::instances::instance::Instance;
use outbound::client::Outbound;
use signin::config::Config;
use signin::hashing::Hasher;
use sources::our_side::OurSide;
use store::db::Store;

use crate::brand::{Brand, Brands};

/// What pages use.
#[derive(Debug, Clone)]
pub struct Portal {
    /// The state.
    pub store: Store,
    /// Region, owner, mode, randomness.
    pub surroundings: Surroundings,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Start URLs, addresses, the directory that signs in.
    pub signin: Config,
    /// Where passwords are hashed, a few at a time.
    pub hasher: Hasher,
    /// The instance.
    pub instance: Instance,
    /// What is known of what people may use.
    pub own_access: OwnAccesses,
    /// Where records go that nobody waits for: refusals.
    pub recorder: Recorder,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Whose portal it is, as far as that is known.
    pub brands: Brands,
    /// Who asks other identity providers.
    pub outbound: Outbound,
}

impl Portal {
    /// Whose portal it is.
    pub fn brand(&self) -> Arc<Brand> {
        self.brands.of(&self.store, &self.signin.identity_store_id)
    }

    /// What we are to other identity providers.
    pub(crate) fn our_side(&self) -> OurSide {
        OurSide { base_url: self.signin.portal_base_url.clone() }
    }

    /// Whether people reach the server by https: decides what cookies may be.
    pub fn is_secure(&self) -> bool {
        self.signin.portal_base_url.starts_with("https://")
    }
}
