//! What strangers may hold on to: how many connections there are in all and from one source, and how long one that does nothing stays. Knows
//! nothing of HTTP.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use model::client_address::site;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// Connections at a time. The next ones wait in the kernel's queue.
const CONNECTIONS_MAX: usize = 16_384;
/// Connections at a time of one source: a quarter, so that no single one keeps everybody else out.
const SOURCE_MAX: usize = 4_096;
/// File descriptors that connections leave to everything else: the database, its log, the standard streams.
const DESCRIPTORS_KEPT: u64 = 256;
/// How long a connection may take to bring its first request.
const FIRST_REQUEST: Duration = Duration::from_secs(10);
/// How often a connection with requests under way is looked at again.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// The connections that there are. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Connections {
    all: Arc<Semaphore>,
    sources: Arc<Mutex<HashMap<IpAddr, usize>>>,
    /// Proxies: many people behind one address.
    exempt: Arc<[IpAddr]>,
}

/// A connection's place; given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    sources: Arc<Mutex<HashMap<IpAddr, usize>>>,
    source: Option<IpAddr>,
    _room: OwnedSemaphorePermit,
}

impl Connections {
    /// As many as the system has file descriptors for; its soft limit is raised to the hard one.
    pub(crate) fn new(exempt: &[IpAddr]) -> Self {
        let fit = usize::try_from(raise_descriptors().saturating_sub(DESCRIPTORS_KEPT)).unwrap_or(usize::MAX);
        if fit < CONNECTIONS_MAX {
            tracing::warn!(
                connections = fit,
                wanted = CONNECTIONS_MAX,
                "the limit of open files allows fewer connections"
            );
        }
        Self::with_room(fit.clamp(1, CONNECTIONS_MAX), exempt)
    }

    fn with_room(max: usize, exempt: &[IpAddr]) -> Self {
        Self { all: Arc::new(Semaphore::new(max)), sources: Arc::default(), exempt: exempt.into() }
    }

    /// Waits until there is room for one more.
    pub(crate) async fn room(&self) -> anyhow::Result<OwnedSemaphorePermit> {
        Ok(self.all.clone().acquire_owned().await?)
    }

    /// The place of a connection from `peer`; none when its source has its share already.
    pub(crate) fn admit(&self, room: OwnedSemaphorePermit, peer: IpAddr) -> Option<Place> {
        let source = Some(site(peer)).filter(|_| !self.exempt.contains(&peer.to_canonical()));
        if let Some(source) = source {
            let mut sources = lock(&self.sources);
            let count = sources.entry(source).or_default();
            if *count >= SOURCE_MAX {
                return None;
            }
            *count += 1;
        }
        Some(Place { sources: self.sources.clone(), source, _room: room })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(source) = self.source else { return };
        let mut sources = lock(&self.sources);
        if let Some(count) = sources.get_mut(&source) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                sources.remove(&source);
            }
        }
    }
}

/// Raises the soft limit of open files to the hard one and says what it is now: distributions keep the soft one at 1,024 for programs that
/// use `select`, which we do not.
fn raise_descriptors() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, "the limit of open files was not raised");
    }
    // No limit at all is `None`.
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// What a connection does. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Activity {
    state: Arc<Mutex<State>>,
    /// How long a connection that has brought a request may be without one. Also the time that a reader has to take the last answer.
    idle: Duration,
}

#[derive(Debug)]
struct State {
    under_way: usize,
    /// When a connection without a request under way has done nothing for too long.
    deadline: Instant,
}

/// A request under way; over when dropped.
#[derive(Debug)]
pub(crate) struct UnderWay(Activity);

impl Activity {
    /// Of a connection just made.
    pub(crate) fn new(idle: Duration) -> Self {
        let state = State { under_way: 0, deadline: Instant::now() + FIRST_REQUEST };
        Self { state: Arc::new(Mutex::new(state)), idle }
    }

    /// A request has arrived.
    pub(crate) fn request(&self) -> UnderWay {
        lock(&self.state).under_way += 1;
        UnderWay(self.clone())
    }

    /// Resolves when the connection has done nothing for too long.
    pub(crate) async fn idle(&self) {
        loop {
            let (busy, deadline) = {
                let state = lock(&self.state);
                (state.under_way > 0, state.deadline)
            };
            let now = Instant::now();
            match (busy, now < deadline) {
                (false, false) => return,
                (false, true) => tokio::time::sleep_until(deadline).await,
                // Requests have bounds of their own.
                (true, _) => tokio::time::sleep(LOOK_AGAIN.min(self.idle)).await,
            }
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut state = lock(&self.0.state);
        state.under_way = state.under_way.saturating_sub(1);
        state.deadline = Instant::now() + self.0.idle;
    }
}

/// What a mutex guards, also after a panic: the counts behind it hold at every moment.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn place(connections: &Connections, peer: &str) -> Option<Place> {
        let room = connections.room().await.unwrap();
        connections.admit(room, peer.parse().unwrap())
    }

    #[tokio::test]
    async fn connection_flood_one_source_has_its_share_and_no_more() {
        let proxy: IpAddr = "192.0.2.200".parse().unwrap();
        let connections = Connections::with_room(CONNECTIONS_MAX, &[proxy]);
        let mut held = Vec::new();
        for _ in 0..SOURCE_MAX {
            held.push(place(&connections, "192.0.2.1").await.unwrap());
        }
        assert!(place(&connections, "192.0.2.1").await.is_none());
        assert!(place(&connections, "::ffff:192.0.2.1").await.is_none(), "the same source, mapped");
        assert!(place(&connections, "192.0.2.2").await.is_some());
        held.pop();
        assert!(place(&connections, "192.0.2.1").await.is_some());
        for _ in 0..=SOURCE_MAX {
            held.push(place(&connections, "192.0.2.200").await.unwrap());
        }
        drop(held);
        assert!(lock(&connections.sources).is_empty(), "nothing is remembered of who is gone");
        assert_eq!(connections.all.available_permits(), CONNECTIONS_MAX);
    }

    #[tokio::test]
    async fn connection_flood_an_ipv6_site_has_one_share() {
        let connections = Connections::with_room(CONNECTIONS_MAX, &[]);
        let mut held = Vec::new();
        for network in 0..SOURCE_MAX {
            held.push(place(&connections, &format!("2001:db8:1:{network:x}::1")).await.unwrap());
        }
        assert!(place(&connections, "2001:db8:1:ffff::1").await.is_none(), "the same /48");
        assert!(place(&connections, "2001:db8:2::1").await.is_some(), "another one");
        held.pop();
        assert!(place(&connections, "2001:db8:1:ffff::1").await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn slowloris_a_connection_that_brings_nothing_is_ended_and_a_busy_one_is_not() {
        let idle = Duration::from_secs(75);
        let begun = Instant::now();
        Activity::new(idle).idle().await;
        assert_eq!(
            begun.elapsed(),
            FIRST_REQUEST,
            "a first request is not waited for as long as a further one"
        );

        let busy = Activity::new(idle);
        let request = busy.request();
        let ended = tokio::time::timeout(idle * 20, busy.idle()).await;
        assert!(ended.is_err(), "a request under way is left alone");
        drop(request);
        let before = Instant::now();
        busy.idle().await;
        assert_eq!(before.elapsed(), idle);
    }
}
