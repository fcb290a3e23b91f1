//! Settings: the command line and its variables over `portico.toml` over the defaults, checked once, before anything starts.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use audit::retention::Retention;
use audit::tally::STRANGERS_BYTES_A_DAY;
use mail::mailer::Mailer;
use model::limits::Mode;
use outbound::client::Outbound;
use serde::Deserialize;
use store::db::Location;

use crate::cli::{self, Serve, Where};
use crate::{mail_settings, outbound_settings};

/// Where the server listens unless told otherwise.
pub(crate) const DEFAULT_LISTEN: &str = "127.0.0.1:8765";

/// How long a connection may idle between requests unless told otherwise: longer than proxies keep theirs open (nginx and AWS's load balancers: 60 s),
/// so that they end it and not we, while a request is on its way.
const DEFAULT_IDLE: Duration = Duration::from_secs(75);
/// What may be asked for. Fewer seconds than clients take between two polls lose requests.
const IDLE_SECONDS: std::ops::RangeInclusive<u64> = 15..=3_600;

/// How far a Region may be behind the primary unless told otherwise: a primary that is away this long is noticed, and somebody who was sent away can sign
/// in elsewhere no longer than that.
const MAX_LAG: Duration = Duration::from_mins(15);
/// What may be asked for: less than a few pulses would end a Region at each hiccup, and more than a week is no bound.
const MAX_LAG_SECONDS: std::ops::RangeInclusive<u64> = 10..=604_800;

/// Days that records of looks and refusals are kept unless told otherwise: as long as AWS shows them.
const PASSING_DAYS: u32 = 90;

/// The keys of `portico.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    database: Option<String>,
    listen: Option<SocketAddr>,
    pub(crate) public_url: Option<String>,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    #[serde(default)]
    start_url_alias: Vec<String>,
    mode: Option<String>,
    #[serde(default)]
    trusted_proxy: Vec<IpAddr>,
    idle_timeout: Option<u64>,
    max_lag: Option<u64>,
    #[serde(default)]
    metrics_public: bool,
    #[serde(default)]
    log_json: bool,
    audit_keep_days: Option<u32>,
    audit_keep_changes_days: Option<u32>,
    audit_export: Option<PathBuf>,
    audit_strangers_mib: Option<u32>,
    #[serde(default)]
    pub(crate) mail: mail_settings::File,
    #[serde(default)]
    outbound: outbound_settings::File,
}

impl File {
    /// Reads the file that `place` names, or the one in the data directory if there is one.
    pub(crate) fn read(place: &Where) -> anyhow::Result<Self> {
        let path = match &place.config {
            Some(path) => path.clone(),
            None => place.data_dir.join("portico.toml"),
        };
        if place.config.is_none() && !path.exists() {
            return Ok(Self::default());
        }
        config::Config::builder()
            .add_source(config::File::from(path.as_path()).format(config::FileFormat::Toml))
            .build()
            .and_then(config::Config::try_deserialize)
            .with_context(|| format!("configuration file {}", path.display()))
    }
}

/// Where the state is, decided.
pub(crate) fn location(place: &Where, file: &File) -> anyhow::Result<Location> {
    let database = place.database.as_deref().or(file.database.as_deref());
    Location::parse(database, &place.data_dir).map_err(|fault| anyhow::anyhow!("{}", fault.message()))
}

/// The mode, decided: the flag or the variable, the file, the default.
pub(crate) fn mode(flag: Option<&str>, file: &File) -> anyhow::Result<Mode> {
    flag.or(file.mode.as_deref()).map_or(Ok(Mode::default()), |mode| {
        Mode::parse(mode).with_context(|| format!("mode is {mode:?}: it must be relaxed or strict"))
    })
}

/// The certificate and its key.
#[derive(Debug, Clone)]
pub(crate) struct Tls {
    pub(crate) cert: PathBuf,
    pub(crate) key: PathBuf,
}

/// Everything that `serve` needs to know.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) data_dir: PathBuf,
    pub(crate) location: Location,
    pub(crate) listen: SocketAddr,
    pub(crate) public_url: String,
    pub(crate) tls: Option<Tls>,
    pub(crate) start_url_aliases: Vec<String>,
    pub(crate) mode: Mode,
    pub(crate) trusted_proxies: Vec<IpAddr>,
    pub(crate) idle: Duration,
    pub(crate) max_lag: Duration,
    pub(crate) metrics_public: bool,
    pub(crate) log_json: bool,
    pub(crate) trail: Trail,
    /// Who delivers letters, if anybody does.
    pub(crate) mailer: Option<Mailer>,
    /// What asks identity providers.
    pub(crate) outbound: Outbound,
}

/// How the audit trail is kept, decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trail {
    pub(crate) retention: Retention,
    pub(crate) strangers_bytes_a_day: u64,
}

impl Trail {
    fn new(given: cli::Trail, file: &File) -> anyhow::Result<Self> {
        let days = |days: u32| (days > 0).then(|| Duration::from_hours(24 * u64::from(days)));
        let passing = given.audit_keep_days.or(file.audit_keep_days).unwrap_or(PASSING_DAYS);
        let changes = given.audit_keep_changes_days.or(file.audit_keep_changes_days).unwrap_or(0);
        let export = given.audit_export.or_else(|| file.audit_export.clone());
        if changes > 0 && export.is_none() {
            bail!(
                "--audit-keep-changes-days is {changes}: it needs --audit-export, for no record of a change is removed before it is written elsewhere"
            );
        }
        if let Some(directory) = &export
            && !directory.is_dir()
        {
            bail!("--audit-export is {}: there is no such directory", directory.display());
        }
        let strangers = given.audit_strangers_mib.or(file.audit_strangers_mib);
        Ok(Self {
            retention: Retention { passing: days(passing), changes: days(changes), export },
            strangers_bytes_a_day: strangers.map_or(STRANGERS_BYTES_A_DAY, |mib| u64::from(mib) << 20),
        })
    }
}

impl Settings {
    /// Puts the layers over each other and checks the result.
    pub(crate) fn new(serve: Serve) -> anyhow::Result<Self> {
        let file = File::read(&serve.place)?;
        let location = location(&serve.place, &file)?;
        let mode = mode(serve.mode.as_deref(), &file)?;
        let trail = Trail::new(serve.trail, &file)?;
        let listen = match serve.listen.or(file.listen) {
            Some(listen) => listen,
            None => DEFAULT_LISTEN.parse().context("the default address")?,
        };
        let tls = match (serve.tls_cert.or(file.tls_cert), serve.tls_key.or(file.tls_key)) {
            (Some(cert), Some(key)) => Some(Tls { cert, key }),
            (None, None) => None,
            _ => bail!("--tls-cert and --tls-key belong together: one of them is missing"),
        };
        let scheme = if tls.is_some() { "https" } else { "http" };
        let public_url = match serve.public_url.or(file.public_url) {
            Some(url) => url,
            None if listen.ip().is_unspecified() || listen.port() == 0 => {
                bail!("nobody can come to {listen}: say with --public-url by which address clients come")
            }
            None => format!("{scheme}://{listen}"),
        };
        let public_url = check_public_url(&public_url)?;
        Ok(Self {
            data_dir: serve.place.data_dir,
            location,
            listen,
            mailer: mail_settings::mailer(serve.mail, file.mail, Some(&public_url))?,
            outbound: outbound_settings::outbound(serve.outbound, file.outbound)?,
            public_url,
            tls,
            start_url_aliases: [serve.start_url_alias, file.start_url_alias].concat(),
            mode,
            trusted_proxies: [serve.trusted_proxy, file.trusted_proxy].concat(),
            idle: idle(serve.idle_timeout.or(file.idle_timeout))?,
            max_lag: max_lag(serve.max_lag.or(file.max_lag))?,
            metrics_public: serve.metrics_public || file.metrics_public,
            log_json: serve.log_json || file.log_json,
            trail,
        })
    }
}

fn idle(seconds: Option<u64>) -> anyhow::Result<Duration> {
    let Some(seconds) = seconds else { return Ok(DEFAULT_IDLE) };
    if !IDLE_SECONDS.contains(&seconds) {
        let (least, most) = IDLE_SECONDS.into_inner();
        bail!("the idle timeout is {seconds} s: it must be from {least} to {most}");
    }
    Ok(Duration::from_secs(seconds))
}

fn max_lag(seconds: Option<u64>) -> anyhow::Result<Duration> {
    let Some(seconds) = seconds else { return Ok(MAX_LAG) };
    if !MAX_LAG_SECONDS.contains(&seconds) {
        let (least, most) = MAX_LAG_SECONDS.into_inner();
        bail!("--max-lag is {seconds} s: it must be from {least} to {most}");
    }
    Ok(Duration::from_secs(seconds))
}

/// What asks, for `init`: as [`Settings`] has it.
pub(crate) fn outbound(given: cli::Outbound, file: File) -> anyhow::Result<Outbound> {
    outbound_settings::outbound(given, file.outbound)
}

/// Under which address `serve` will be reached, as far as `init` is told.
pub(crate) fn endpoint(given: Option<&str>, file: &File) -> anyhow::Result<String> {
    match (given, &file.public_url) {
        (Some(url), _) => Ok(url.to_owned()),
        (None, Some(url)) => check_public_url(url),
        (None, None) => Ok(format!("http://{DEFAULT_LISTEN}")),
    }
}

/// A public URL is a scheme, a host and perhaps a port: clients drop any path (the browser's `/authorize` page is always at the root).
pub(crate) fn check_public_url(url: &str) -> anyhow::Result<String> {
    let uri: http::Uri = url.trim_end_matches('/').parse().with_context(|| format!("public URL {url:?}"))?;
    let scheme = uri.scheme_str().unwrap_or_default();
    if !matches!(scheme, "http" | "https")
        || uri.authority().is_none_or(|authority| authority.as_str().contains('@'))
    {
        bail!("public URL {url:?} must be http:// or https:// and a host");
    }
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    if host.parse().is_ok_and(|address: IpAddr| address.is_unspecified()) {
        bail!("public URL {url:?} names every address and so none: say one by which clients come");
    }
    // `127.1` and `0x7f.1` are addresses to a browser and names to everybody else.
    let last = host.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    let is_number = last.starts_with(|first: char| first.is_ascii_digit())
        && last.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'x' | b'X'));
    if is_number && host.parse::<IpAddr>().is_err() {
        bail!("public URL {url:?} must write its address in full, like 127.0.0.1");
    }
    if uri.path() != "/" && !uri.path().is_empty() || uri.query().is_some() {
        bail!("public URL {url:?} must not have a path: AWS clients drop it when they open the sign-in page");
    }
    Ok(url.trim_end_matches('/').to_owned())
}

/// How the file begins that `init` writes.
const WRITTEN: &str = "# Written by `portico init`.";

/// Writes the configuration that `init` was given, so that `serve` needs only the data directory; whether it did. A file that somebody
/// else wrote stays as it is; one of an `init` that made nothing that was used gives way.
pub(crate) fn write_file(data_dir: &Path, given: [(&str, Option<&str>); 3]) -> anyhow::Result<bool> {
    let path = data_dir.join("portico.toml");
    match std::fs::read_to_string(&path) {
        Ok(there) if there.starts_with(WRITTEN) => std::fs::remove_file(&path)?,
        Ok(_) => return Ok(false),
        Err(_) => {}
    }
    let mut text = format!("{WRITTEN} Flags and PORTICO_… variables win over this file.\n");
    for (key, value) in given {
        if let Some(value) = value {
            // A JSON string is a valid TOML basic string.
            text = format!("{text}{key} = {}\n", serde_json::to_string(value)?);
        }
    }
    crate::files::write_private(&path, text.as_bytes())?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_timeout_outlasts_the_polls_of_clients_and_ends() {
        assert_eq!(idle(None).unwrap(), DEFAULT_IDLE);
        assert_eq!(idle(Some(120)).unwrap(), Duration::from_secs(120));
        for seconds in [0, 14, 3_601, u64::MAX] {
            assert!(idle(Some(seconds)).unwrap_err().to_string().contains("from 15 to 3600"), "{seconds}");
        }
    }

    #[test]
    fn a_region_is_never_behind_without_bound() {
        assert_eq!(max_lag(None).unwrap(), MAX_LAG);
        assert_eq!(max_lag(Some(60)).unwrap(), Duration::from_mins(1));
        for seconds in [0, 9, 604_801] {
            assert!(
                max_lag(Some(seconds)).unwrap_err().to_string().contains("from 10 to 604800"),
                "{seconds}"
            );
        }
    }

    #[test]
    fn records_of_changes_are_kept_for_ever_unless_they_go_somewhere() {
        let trail = |given: cli::Trail| Trail::new(given, &File::default());
        let days = |days: u64| Some(Duration::from_hours(24 * days));
        let default = trail(cli::Trail::default()).unwrap();
        assert_eq!((default.retention.passing, default.retention.changes), (days(90), None));
        let for_ever = cli::Trail { audit_keep_days: Some(0), ..cli::Trail::default() };
        assert_eq!(trail(for_ever).unwrap().retention.passing, None);
        let nowhere = cli::Trail { audit_keep_changes_days: Some(400), ..cli::Trail::default() };
        assert!(trail(nowhere).unwrap_err().to_string().contains("--audit-export"));
        let place = tempfile::tempdir().unwrap();
        let there = |path: &Path| cli::Trail {
            audit_keep_changes_days: Some(400),
            audit_export: Some(path.to_owned()),
            ..cli::Trail::default()
        };
        assert_eq!(trail(there(place.path())).unwrap().retention.changes, days(400));
        let absent = trail(there(&place.path().join("absent"))).unwrap_err();
        assert!(absent.to_string().contains("no such directory"), "{absent}");
    }

    #[test]
    fn a_public_url_is_scheme_and_host_only() {
        assert_eq!(check_public_url("https://sso.example.org/").unwrap(), "https://sso.example.org");
        assert_eq!(check_public_url("http://127.0.0.1:8765").unwrap(), "http://127.0.0.1:8765");
        for bad in [
            "ftp://x",
            "sso.example.org",
            "https://x/path",
            "https://x?q",
            "https://u@x",
            "",
            "http://0.0.0.0:8765",
            "http://[::]",
            "http://127.1:8765",
            "http://0x7f.1",
            "http://2130706433",
        ] {
            assert!(check_public_url(bad).is_err(), "{bad}");
        }
    }
}
