//! Which of several database hosts to talk to: the last good one first, each with a limit of its own, the next one tried while a silent one
//! has not answered yet. Knows nothing of transactions.
//!
//! The client library walks the hosts itself, but one after another and without a limit for what follows the TCP connection, so that a first
//! host which takes connections and says nothing keeps it for ever.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::StoreError;

/// How long one of several hosts has for everything until it may be used: TCP, TLS, startup and the question whether it takes changes.
/// `connect_timeout` in the URL replaces it.
const HOST_WAIT: Duration = Duration::from_millis(1_500);
/// The same where there is no other host to turn to.
const ONLY_HOST_WAIT: Duration = Duration::from_secs(5);
/// How long a host has before the next one is tried beside it.
const STAGGER: Duration = Duration::from_millis(500);

/// One host, at one of its addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Place {
    host: usize,
    /// None for a socket in the file system.
    address: Option<IpAddr>,
}

/// The hosts of a database URL.
pub(super) struct Hosts {
    /// For each host the URL with that host alone.
    configs: Vec<Config>,
    tls: Option<MakeRustlsConnect>,
    limit: Duration,
    memory: Mutex<Memory>,
}

/// How the hosts behaved lately.
#[derive(Debug, Default)]
struct Memory {
    good: Option<Place>,
    failed: HashMap<Place, Instant>,
}

impl Hosts {
    /// Of a URL. Does not connect.
    pub(super) fn parse(url: &str) -> Result<Self, StoreError> {
        let wrong = |why: String| StoreError::Corrupt(format!("the database URL is not valid: {why}"));
        let whole = url.parse::<Config>().map_err(|error| wrong(error.to_string()))?;
        let (hosts, addresses) = (whole.get_hosts().len(), whole.get_hostaddrs().len());
        let count = hosts.max(addresses);
        if count == 0 {
            return Err(wrong("it names no host".to_owned()));
        }
        if hosts > 0 && addresses > 0 && hosts != addresses {
            return Err(wrong(format!("it has {hosts} hosts and {addresses} hostaddrs")));
        }
        let ports = whole.get_ports().len();
        if ports > 1 && ports != count {
            return Err(wrong(format!("it has {count} hosts and {ports} ports")));
        }
        if whole.get_target_session_attrs() == TargetSessionAttrs::ReadOnly {
            return Err(wrong("target_session_attrs=read-only: Portico makes changes".to_owned()));
        }
        let tls = (whole.get_ssl_mode() != SslMode::Disable).then(super::tls).transpose()?;
        let several = if count > 1 { HOST_WAIT } else { ONLY_HOST_WAIT };
        let limit = whole.get_connect_timeout().copied().unwrap_or(several);
        let configs = (0..count).map(|at| alone(&whole, at, count)).collect();
        Ok(Self { configs, tls, limit, memory: Mutex::default() })
    }

    /// Whether there is another host to turn to.
    pub(super) fn several(&self) -> bool {
        self.configs.len() > 1
    }

    /// A connection to the first host that may be used; what each of them said, when there is none.
    pub(super) async fn connect(&self) -> Result<(Client, Place), String> {
        let (places, mut said) = self.places().await;
        let mut waiting = places.into_iter();
        let mut trying = JoinSet::new();
        loop {
            match waiting.next() {
                Some(place) => {
                    let attempt = attempt(self.config(place), self.tls.clone(), self.limit);
                    trying.spawn(async move { (place, attempt.await) });
                }
                None if trying.is_empty() => return Err(said.join("; ")),
                None => {}
            }
            match timeout(STAGGER, trying.join_next()).await {
                Ok(Some(Ok((place, Ok(client))))) => {
                    let mut memory = self.memory();
                    memory.good = Some(place);
                    memory.failed.remove(&place);
                    return Ok((client, place));
                }
                Ok(Some(Ok((place, Err(why))))) => {
                    said.push(format!("{}: {why}", self.name(place)));
                    self.failed(place);
                }
                Ok(Some(Err(error))) => said.push(error.to_string()),
                Ok(None) | Err(_) => {}
            }
        }
    }

    /// Whether a host lets anybody in, if only to be refused.
    pub(super) async fn lives(&self, place: Place) -> bool {
        let limit = if self.several() { self.limit } else { ONLY_HOST_WAIT };
        match timeout(limit, open(self.config(place), self.tls.clone())).await {
            Ok(Ok(_)) => true,
            Ok(Err(error)) => error.as_db_error().is_some(),
            Err(_) => false,
        }
    }

    /// Notes that a host is of no use now: the others are tried before it.
    pub(super) fn failed(&self, place: Place) {
        let mut memory = self.memory();
        memory.failed.insert(place, Instant::now());
        memory.good = memory.good.filter(|good| *good != place);
    }

    /// A host as people know it.
    pub(super) fn name(&self, place: Place) -> String {
        let Some(config) = self.configs.get(place.host) else { return String::new() };
        let port = config.get_ports().first().copied().unwrap_or(5432);
        match (config.get_hosts().first(), place.address) {
            (Some(Host::Tcp(name)), Some(address)) if *name != address.to_string() => {
                format!("{name}:{port} ({address})")
            }
            (Some(Host::Tcp(name)), _) => format!("{name}:{port}"),
            (Some(Host::Unix(path)), _) => path.display().to_string(),
            (None, address) => address.map_or(String::new(), |address| format!("{address}:{port}")),
        }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every host at each of its addresses, the most promising first; and what is wrong with names that lead nowhere. Names are looked up
    /// each time: where a leader is found by its name, the name moves.
    async fn places(&self) -> (Vec<Place>, Vec<String>) {
        let (mut places, mut said) = (Vec::new(), Vec::new());
        for (host, config) in self.configs.iter().enumerate() {
            if let Some(address) = config.get_hostaddrs().first() {
                places.push(Place { host, address: Some(*address) });
                continue;
            }
            let Some(Host::Tcp(name)) = config.get_hosts().first() else {
                places.push(Place { host, address: None });
                continue;
            };
            match timeout(self.limit, tokio::net::lookup_host((name.as_str(), 0))).await {
                Ok(Ok(found)) => {
                    places.extend(found.map(|address| Place { host, address: Some(address.ip()) }));
                }
                Ok(Err(error)) => said.push(format!("{name}: {error}")),
                Err(_) => said.push(format!("{name}: its address was not found in {:?}", self.limit)),
            }
        }
        let mut memory = self.memory();
        memory.failed.retain(|place, _| places.contains(place));
        // Sorting keeps the order of the URL among equals.
        places.sort_by_key(|place| (memory.good != Some(*place), memory.failed.get(place).copied()));
        (places, said)
    }

    fn config(&self, place: Place) -> Config {
        let mut config = self.configs.get(place.host).cloned().unwrap_or_default();
        if let Some(address) = place.address.filter(|_| config.get_hostaddrs().is_empty()) {
            config.hostaddr(address);
        }
        config
    }
}

impl fmt::Debug for Hosts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Hosts").field("count", &self.configs.len()).finish_non_exhaustive()
    }
}

/// The same URL with one of its hosts alone.
fn alone(whole: &Config, at: usize, count: usize) -> Config {
    let mut one = without_hosts(whole);
    match whole.get_hosts().get(at) {
        Some(Host::Tcp(name)) => _ = one.host(name),
        Some(Host::Unix(path)) => _ = one.host_path(path),
        None => {}
    }
    if let Some(address) = whole.get_hostaddrs().get(at) {
        one.hostaddr(*address);
    }
    if let Some(port) = whole.get_ports().get(at).or(whole.get_ports().first()) {
        one.port(*port);
    }
    // A host that takes no changes is of no use, so where there is a choice, it is made.
    if count > 1 {
        one.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
    one
}

/// Everything that a URL says but where it leads.
fn without_hosts(whole: &Config) -> Config {
    let mut one = Config::new();
    if let Some(user) = whole.get_user() {
        one.user(user);
    }
    if let Some(password) = whole.get_password() {
        one.password(password);
    }
    if let Some(name) = whole.get_dbname() {
        one.dbname(name);
    }
    if let Some(options) = whole.get_options() {
        one.options(options);
    }
    if let Some(limit) = whole.get_tcp_user_timeout() {
        one.tcp_user_timeout(*limit);
    }
    if let Some(interval) = whole.get_keepalives_interval() {
        one.keepalives_interval(interval);
    }
    if let Some(retries) = whole.get_keepalives_retries() {
        one.keepalives_retries(retries);
    }
    one.application_name(whole.get_application_name().unwrap_or("portico"))
        .keepalives(whole.get_keepalives())
        .keepalives_idle(whole.get_keepalives_idle())
        .ssl_mode(whole.get_ssl_mode())
        .ssl_negotiation(whole.get_ssl_negotiation())
        .target_session_attrs(whole.get_target_session_attrs())
        .channel_binding(whole.get_channel_binding());
    one
}

/// Tries one host, for as long as it may take.
async fn attempt(config: Config, tls: Option<MakeRustlsConnect>, limit: Duration) -> Result<Client, String> {
    match timeout(limit, open(config, tls)).await {
        Ok(Ok(client)) => Ok(client),
        Ok(Err(error)) => Err(said(&error)),
        Err(_) => Err(format!("no answer in {limit:?}")),
    }
}

/// An error with its cause, which the library leaves out.
fn said(error: &tokio_postgres::Error) -> String {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    cause.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

async fn open(config: Config, tls: Option<MakeRustlsConnect>) -> Result<Client, tokio_postgres::Error> {
    let client = match tls {
        None => {
            let (client, connection) = config.connect(NoTls).await?;
            tokio::spawn(drive(connection));
            client
        }
        Some(tls) => {
            let (client, connection) = config.connect(tls).await?;
            tokio::spawn(drive(connection));
            client
        }
    };
    match client.batch_execute(super::SESSION).await {
        // It only makes things faster: a database that does not know it is as good.
        Err(error) if error.as_db_error().is_none() => Err(error),
        _ => Ok(client),
    }
}

async fn drive(connection: impl Future<Output = Result<(), tokio_postgres::Error>>) {
    if let Err(error) = connection.await {
        tracing::debug!(error = said(&error), "a connection to the database ended");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(url: &str) -> Result<Hosts, String> {
        Hosts::parse(url).map_err(|error| error.to_string())
    }

    #[test]
    fn each_host_stands_alone_with_its_port_and_must_take_changes() {
        let hosts = hosts("postgres://portico:pass@a,b:6000/db?sslmode=disable&application_name=x").unwrap();
        let [a, b] = hosts.configs.as_slice() else { panic!("two hosts") };
        assert_eq!(a.get_hosts(), [Host::Tcp("a".to_owned())]);
        assert_eq!((a.get_ports(), b.get_ports()), ([5432].as_slice(), [6000].as_slice()));
        for one in [a, b] {
            assert_eq!(one.get_password(), Some(b"pass".as_slice()));
            assert_eq!(one.get_dbname(), Some("db"));
            assert_eq!(one.get_application_name(), Some("x"));
            assert_eq!(one.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
        }
        assert_eq!(hosts.limit, HOST_WAIT);
        assert!(!format!("{hosts:?}").contains("pass"));
    }

    #[test]
    fn a_url_that_leads_nowhere_is_refused_by_name() {
        for (url, why) in [
            ("postgres:///db?user=a", "names no host"),
            ("postgres://a@h,i/db?hostaddr=127.0.0.1", "2 hosts and 1 hostaddrs"),
            ("postgres://a@h/db?target_session_attrs=read-only", "target_session_attrs=read-only"),
        ] {
            let said = hosts(url).unwrap_err();
            assert!(said.contains(why), "{url}: {said}");
        }
        assert_eq!(hosts("postgres://a@h/db?connect_timeout=3&sslmode=disable").unwrap().limit.as_secs(), 3);
    }

    #[tokio::test]
    async fn the_last_good_host_comes_first_and_one_that_failed_last() {
        let hosts = hosts("postgres://a@127.0.0.1,127.0.0.2,127.0.0.3/db?sslmode=disable").unwrap();
        let order = async || hosts.places().await.0.iter().map(|place| place.host).collect::<Vec<_>>();
        assert_eq!(order().await, [0, 1, 2]);
        let places = hosts.places().await.0;
        hosts.memory().good = Some(places[2]);
        hosts.failed(places[0]);
        assert_eq!(order().await, [2, 1, 0]);
        hosts.failed(places[2]);
        assert_eq!(order().await, [1, 0, 2]);
    }
}
