//! What every handler may use: the store, the clock, the recorder. Cheap to clone.

use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use accounts::effective_access::Reach;
use accounts::role_credentials::Grants;
use accounts::role_sessions::Sessions;
use audit::recorder::Recorder;
use model::caller::Caller;
use model::clock::Clock;
use model::cx::Surroundings;
use model::secret::Secret;
use model::timestamp::Timestamp;
use outbound::client::Outbound;
use signin::hashing::Hasher;
use signin::tokens::Tokens;
use sigv4::keys::SigningKeys;
use store::db::Store;
use store::generations::Known;

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
    /// When it was last used as far as is written, microseconds.
    last_used: AtomicI64,
}

/// How long the last use of a key is known without writing it again.
const USES: Duration = Duration::from_hours(1);

impl Key {
    pub(crate) fn new(secret: Secret, caller: Caller, last_used_at: Option<Timestamp>) -> Self {
        let last_used = AtomicI64::new(last_used_at.map_or(0, Timestamp::micros));
        Self { secret, caller, last_used }
    }

    /// Whether it is time to write that the key is used; true once for whoever asks first.
    pub(crate) fn is_to_be_noted(&self, now: Timestamp) -> bool {
        let known = self.last_used.load(Ordering::Relaxed);
        now.since(Timestamp::from_micros(known)) >= USES
            && self
                .last_used
                .compare_exchange(known, now.micros(), Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }
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
            keys: Known::new(accounts::key_callers::hangs_on(), KEYS_MAX),
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
    /// What asks external identity providers.
    pub outbound: Outbound,
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
