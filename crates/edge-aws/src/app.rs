//! What every handler may use: the store, the clock, the recorder. Cheap to clone.

use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;

use accounts::effective_access::Reach;
use accounts::role_credentials::Grants;
use accounts::role_sessions::Sessions;
use audit::recorder::Recorder;
use model::caller::Caller;
use model::clock::Clock;
use model::cx::Surroundings;
use model::secret::Secret;
use signin::hashing::Hasher;
use signin::tokens::Tokens;
use sigv4::keys::SigningKeys;
use store::db::Store;
use store::generations::{Changes, Known, Table};

use crate::rates::Rates;

/// What handlers use.
#[derive(Debug, Clone)]
pub struct App(Arc<(Parts, AppKnows)>);

/// Access keys known at most.
const KEYS_MAX: usize = 1_024;

/// The key of a signature: its secret, and whose it is.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) secret: Secret,
    pub(crate) caller: Caller,
}

/// What is known of who calls, for as long as it holds: see [`Known`].
#[derive(Debug)]
pub(crate) struct AppKnows {
    /// The secret of an access key, and whom it speaks for.
    pub(crate) keys: Known<String, Arc<Key>>,
    pub(crate) sessions: Sessions,
    pub(crate) tokens: Tokens,
    pub(crate) reach: Reach,
    pub(crate) grants: Grants,
}

impl Default for AppKnows {
    fn default() -> Self {
        Self {
            keys: Known::new(Changes::to_rows_of(&[Table::AccessKeys, Table::Accounts]), KEYS_MAX),
            sessions: Sessions::default(),
            tokens: Tokens::default(),
            reach: Reach::default(),
            grants: Grants::default(),
        }
    }
}

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
    /// Where passwords are hashed: the same for calls and pages, so that both together stay within their share of the machine.
    pub hasher: Hasher,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
}

impl App {
    /// From its parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new((parts, AppKnows::default())))
    }

    pub(crate) fn known(&self) -> &AppKnows {
        &self.0.1
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0.0
    }
}
