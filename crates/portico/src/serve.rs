//! `portico serve`: opens the store, puts the parts together, listens. And `portico migrate`.

use std::io::IsTerminal as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context as _, bail};
use applications::oidc_addresses::OidcAddresses;
use audit::keeper::Keeper;
use audit::recorder::Recorder;
use broker::aws::pace::Pace;
use edge_aws::app::{App, Parts};
use edge_aws::rates::Rates;
use edge_aws::router::Edge;
use edge_ldap::run::Work;
use model::accounts::organization::Organization;
use model::clock::Clock;
use model::cx::{Cx, Primary, Surroundings};
use model::entropy::{Entropy, SystemEntropy};
use model::instances::instance::{Instance, InstanceId};
use model::instances::region::Here;
use signin::config::Config;
use signin::hashing::Hasher;
use signin::page_host::is_local;
use sigv4::keys::SigningKeys;
use store::db::{Location, Store};
use store::migrate::Standing;
use store::tx::Tx;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::answering::Answering;
use crate::beginning::Held;
use crate::bodies::Bodies;
use crate::cli::{Serve, Where};
use crate::clock::SystemClock;
use crate::connections::Connections;
use crate::counts::Counts;
use crate::directory_watcher::DirectoryWatcher;
use crate::enquirer::Enquirer;
use crate::envoy::{self, Envoy};
use crate::gate::Gate;
use crate::housekeeper::Housekeeper;
use crate::key_keeper::KeyKeeper;
use crate::messenger::Messenger;
use crate::metrics::{Health, name_path};
use crate::postman::Postman;
use crate::readable::readable;
use crate::region_lag::{self, RegionLag};
use crate::region_pulse::RegionPulse;
use crate::settings::{self, File, Settings};
use crate::sockets::Sockets;
use crate::synchronizer::Synchronizer;
use crate::watch::Watch;
use crate::worker::Worker;
use crate::{alone, beginning, host, listener};

/// How often quiet addresses are forgotten.
const FORGET_QUIET: Duration = Duration::from_secs(60);
/// Passwords that may wait for their turn to be hashed; the next one is told to come back.
const HASHES_WAITING_MAX: usize = 128;

/// Runs `portico migrate`.
#[expect(clippy::print_stdout, reason = "the command's answer")]
pub(crate) async fn migrate(place: &Where) -> anyhow::Result<()> {
    let file = File::read(place)?;
    let location = settings::location(place, &file)?;
    let _alone = alone::or_server("migrate", &location)?.map_err(|server| anyhow::anyhow!("{server}"))?;
    let keyring = beginning::keyring(&place.data_dir, &location)?;
    if !beginning::may_hold(&location) {
        return Err(beginning::unfit(&place.data_dir, &location, &Held::Nothing));
    }
    let store = Store::open(&location, keyring, 1).map_err(|fault| readable(&fault))?;
    // The key first: with another instance's nothing may be changed.
    let (_, instance) = examine(&store, &place.data_dir, &location)?;
    if let Some(here) = here(&store)? {
        bail!(
            "{} follows the primary as the Region {}: its schema must be the primary's, so begin with an empty database and `portico region follow`",
            location.place(),
            here.name
        );
    }
    let ran = store::migrate::run(&store, SystemClock.now()).map_err(|fault| readable(&fault))?;
    if let Some(instance) = instance {
        let cx = host::call(&instance, settings::mode(None, &file)?, "Migrate");
        let put = move |tx: &mut Tx<'_>, cx: &Cx| store::instances::key_checks::put(tx, cx, &instance.id);
        store.maintain(&cx, put).await.map_err(|fault| readable(&fault))?;
    }
    store.close();
    println!("{ran} migrations ran; the schema has version {}", store::migrate::wanted());
    Ok(())
}

/// Runs `portico serve`.
pub(crate) async fn run(serve: Serve) -> anyhow::Result<()> {
    let settings = Settings::new(serve)?;
    let counts = log_to_stderr(settings.log_json);
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    // Until this function ends, and so until the database is closed.
    let _alone = alone::with_directory("serve", &settings.data_dir, &settings.location)?;
    let (store, instance) = open(&settings.data_dir, &settings.location, threads + 2)?;
    let organization = organization(&store)?;
    let here = here(&store)?;
    let asked = Asked::listen()?;
    // Bind before anything is spawned: an address in use should be the first thing that a person learns.
    let sockets = Sockets::bind(settings.listen, is_local(&settings.public_url)).await?;
    let tls = settings.tls.as_ref().map(listener::tls_acceptor).transpose()?;
    let up = Arc::new(AtomicBool::new(true));
    let held = (&instance, organization, here);
    let (answering, recorder, mut beside) = assemble(&settings, (store.clone(), up.clone(), counts), held)?;
    tracing::info!(listen = %settings.listen, url = settings.public_url, instance = %instance.id, "serving");
    let connections = Connections::new(&settings.trusted_proxies);
    let place = settings.location.place();
    let watch = Watch { store: store.clone(), instance: instance.id.clone(), place, up };
    let (say, mut said) = oneshot::channel();
    let service = listener::Service { answering: Arc::new(answering), tls, idle: settings.idle };
    listener::serve(sockets, service, connections, asked_or_moved(asked, watch, say)).await?;
    beside.abort_all();
    recorder.flush().await;
    store.close();
    match said.try_recv() {
        Ok(why) => bail!("{why}"),
        Err(_) => Ok(()),
    }
}

/// Resolves when the process is asked to stop, or must, and then says why.
async fn asked_or_moved(mut asked: Asked, watch: Watch, say: oneshot::Sender<String>) {
    tokio::select! {
        () = asked.come() => {}
        why = watch.moved() => {
            let _ = say.send(why);
        }
    }
}

/// The store of a data directory and the instance that it holds, once its key and its schema are ours.
pub(crate) fn open(
    data_dir: &Path,
    location: &Location,
    readers: usize,
) -> anyhow::Result<(Store, Instance)> {
    let keyring = beginning::keyring(data_dir, location)?;
    if !beginning::may_hold(location) {
        return Err(beginning::unfit(data_dir, location, &Held::Nothing));
    }
    let store = Store::open(location, keyring, readers).map_err(|fault| readable(&fault))?;
    match examine(&store, data_dir, location)? {
        (_, None) => Err(beginning::unfit(data_dir, location, &Held::Nothing)),
        (standing, Some(instance)) => {
            if let Some(why) = standing.refusal() {
                bail!("{why}");
            }
            store::instances::data_keys::know(&store, SystemClock.now()).map_err(|fault| readable(&fault))?;
            Ok((store, instance))
        }
    }
}

/// How the schema stands, and the instance, if there is one: it is this key's. Fails for a schema that is no concern of this program.
fn examine(
    store: &Store,
    data_dir: &Path,
    location: &Location,
) -> anyhow::Result<(Standing, Option<Instance>)> {
    let found = store.read(|rx| {
        let standing = store::migrate::standing_in(rx)?;
        if !matches!(standing, Standing::Current | Standing::Behind(_)) {
            return Ok((standing, None));
        }
        let Some(instance) = store::instances::instances::find_organizations(rx)? else {
            return Ok((standing, None));
        };
        let fits = store::instances::key_checks::fits(rx, &instance.id)?;
        Ok((standing, Some((instance, fits))))
    });
    match found.map_err(|fault| readable(&fault))? {
        (standing @ (Standing::Ahead(_) | Standing::Altered(_)), _) => {
            bail!("{}", standing.refusal().unwrap_or_default())
        }
        (_, Some((instance, false))) => {
            let held = Held::Instance { id: instance.id, ours: false, unused: false };
            Err(beginning::unfit(data_dir, location, &held))
        }
        (standing, found) => Ok((standing, found.map(|(instance, _)| instance))),
    }
}

/// The organization, which conditions of policies name.
fn organization(store: &Store) -> anyhow::Result<Organization> {
    let found =
        store.read(|rx| Ok(store::accounts::organizations::find(rx)?)).map_err(|fault| readable(&fault))?;
    found.context("the database holds no organization: run `portico init`")
}

/// Which Region this is, when its database follows another.
fn here(store: &Store) -> anyhow::Result<Option<Here>> {
    store
        .read(|rx| {
            let may = store::migrate::has_run(rx, "_regions")?;
            if may { Ok(store::instances::regions::here(rx)?) } else { Ok(None) }
        })
        .map_err(|fault| readable(&fault))
}

/// Puts the parts together.
fn assemble(
    settings: &Settings,
    (store, up, counts): (Store, Arc<AtomicBool>, Counts),
    (instance, organization, here): (&Instance, Organization, Option<Here>),
) -> anyhow::Result<(Answering, Recorder, JoinSet<()>)> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy::default());
    let surroundings = Surroundings {
        primary: here.as_ref().map(|_| Arc::new(Primary::new(&instance.region))),
        region: here.as_ref().map_or(instance.region.as_str(), |here| here.name.as_str()).into(),
        owner: instance.owner.clone(),
        organization: Some(Arc::new(organization)),
        mode: settings.mode,
        entropy,
    };
    let recorder = Recorder::start_bounded(
        store.clone(),
        surroundings.clone(),
        clock.clone(),
        settings.trail.strangers_bytes_a_day,
    )
    .map_err(|fault| readable(&fault))?;
    let signin = Config::new(instance, &settings.public_url, &settings.start_url_aliases)
        .with_mails(settings.mailer.is_some());
    let held = (store.clone(), surroundings.clone(), clock.clone());
    let at_work = (recorder.clone(), signin.clone(), (&instance.id, here.as_ref()));
    let (beside, region) = work_beside(settings, held, at_work);
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let hasher = Hasher::new(threads.div_ceil(2), HASHES_WAITING_MAX);
    let rates = Rates::default();
    let app = App::new(Parts {
        store: store.clone(),
        surroundings: surroundings.clone(),
        clock: clock.clone(),
        recorder: recorder.clone(),
        signing_keys: SigningKeys::default(),
        rates: rates.clone(),
        signin: signin.clone(),
        hasher: hasher.clone(),
        trusted_proxies: settings.trusted_proxies.clone(),
        outbound: settings.outbound.clone(),
    });
    let portal = edge_portal::portal::Portal {
        own_access: accounts::own_access::OwnAccesses::default(),
        store: store.clone(),
        surroundings,
        clock,
        signin,
        hasher,
        instance: instance.clone(),
        recorder: recorder.clone(),
        trusted_proxies: settings.trusted_proxies.clone(),
        brands: edge_portal::brand::Brands::default(),
        outbound: settings.outbound.clone(),
    };
    let health = Health::new((store, up, &counts), recorder.clone(), region.clone(), settings.metrics_public);
    tokio::spawn(forget_quiet(app.clone(), counts));
    let console = edge_console::router::router(portal.clone(), app.clone());
    let scim = match &here {
        None => crate::scim::router(&portal, rates),
        Some(here) => crate::scim::elsewhere(here),
    };
    let pages = edge_portal::router::router(portal).merge(console).merge(scim).merge(health.clone().router());
    let answering = Answering {
        edge: Edge::new(app, pages.layer(axum::middleware::from_fn(name_path))),
        health,
        region,
        gate: Gate::default(),
        bodies: Bodies::default(),
        trusted_proxies: settings.trusted_proxies.as_slice().into(),
    };
    Ok((answering, recorder, beside))
}

/// Begins what goes on beside the calls; and whether this Region answers.
fn work_beside(
    settings: &Settings,
    (store, surroundings, clock): (Store, Surroundings, Arc<dyn Clock>),
    (recorder, signin, (instance, here)): (Recorder, Config, (&InstanceId, Option<&Here>)),
) -> (JoinSet<()>, region_lag::Standing) {
    let mut beside = JoinSet::new();
    beside.spawn(Keeper::new(recorder, surroundings.clone(), clock.clone()).run());
    let housekeeper = Housekeeper {
        store: store.clone(),
        surroundings: surroundings.clone(),
        clock: clock.clone(),
        retention: settings.trail.retention.clone(),
        signin: signin.clone(),
        follows: here.is_some(),
    };
    beside.spawn(housekeeper.run());
    let key_keeper = KeyKeeper {
        store: store.clone(),
        surroundings: surroundings.clone(),
        clock: clock.clone(),
        data_dir: settings.data_dir.clone(),
        follows: here.is_some(),
    };
    beside.spawn(key_keeper.run());
    if let Some(mailer) = settings.mailer.clone() {
        let (store, surroundings, clock) = (store.clone(), surroundings.clone(), clock.clone());
        beside.spawn(Postman { store, surroundings, clock, mailer }.run());
    }
    let region = match here {
        None => {
            work_of_the_primary(&mut beside, settings, (store, surroundings, clock), (signin, instance));
            region_lag::Standing::default()
        }
        Some(here) => {
            let primary = surroundings.primary.unwrap_or_else(|| Arc::new(Primary::new(here.name.as_str())));
            follow(&mut beside, settings, (store, clock, primary), (instance, here))
        }
    };
    (beside, region)
}

/// Begins what only the primary Region does: work that was accepted, and whatever keeps people and accounts as they should be.
fn work_of_the_primary(
    beside: &mut JoinSet<()>,
    settings: &Settings,
    (store, surroundings, clock): (Store, Surroundings, Arc<dyn Clock>),
    (signin, instance): (Config, &InstanceId),
) {
    let enquirer = Enquirer {
        store: store.clone(),
        surroundings: surroundings.clone(),
        clock: clock.clone(),
        outbound: settings.outbound.clone(),
    };
    beside.spawn(enquirer.run());
    let work = Work {
        store: store.clone(),
        surroundings: surroundings.clone(),
        clock: clock.clone(),
        outbound: settings.outbound.clone(),
    };
    beside.spawn(DirectoryWatcher { work: work.clone() }.run());
    beside.spawn(Synchronizer { work }.run());
    let envoy = Envoy {
        store: store.clone(),
        surroundings: surroundings.clone(),
        clock: clock.clone(),
        outbound: settings.outbound.clone(),
        pace: Pace::new(envoy::SIDE_BY_SIDE),
    };
    beside.spawn(envoy.run());
    let messenger = Messenger {
        store: store.clone(),
        surroundings: surroundings.clone(),
        clock: clock.clone(),
        outbound: settings.outbound.clone(),
        ours: OidcAddresses { base_url: signin.portal_base_url.clone(), page_host: signin.page_host() },
    };
    beside.spawn(messenger.run());
    let pulse = RegionPulse {
        store: store.clone(),
        surroundings: surroundings.clone(),
        clock: clock.clone(),
        instance: instance.clone(),
    };
    beside.spawn(pulse.run());
    beside.spawn(Worker { store, surroundings, clock, signin }.run());
}

/// Begins what only a Region that follows does: looks how far behind it is.
fn follow(
    beside: &mut JoinSet<()>,
    settings: &Settings,
    (store, clock, primary): (Store, Arc<dyn Clock>, Arc<Primary>),
    (instance, here): (&InstanceId, &Here),
) -> region_lag::Standing {
    let standing = region_lag::Standing::unknown();
    let lag = RegionLag {
        store,
        clock,
        instance: instance.clone(),
        here: here.clone(),
        max: settings.max_lag,
        primary,
        standing: standing.clone(),
    };
    beside.spawn(lag.run());
    standing
}

/// Lets the rate limits forget addresses that have been quiet, and says which were not.
async fn forget_quiet(app: App, counts: Counts) {
    loop {
        tokio::time::sleep(FORGET_QUIET).await;
        app.rates.forget_quiet(app.clock.now());
        counts.say_who_waited();
    }
}

/// The log on standard error, and the counts of what is said on their own target.
#[expect(
    clippy::disallowed_methods,
    reason = "NO_COLOR is for every program of a terminal, not a setting of this one"
)]
fn log_to_stderr(json: bool) -> Counts {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        // Colours are for people: a file, a journal and whoever sets NO_COLOR (no-color.org) get none.
        .with_ansi(
            std::io::stderr().is_terminal()
                && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        )
        // A line that cannot be written (the disk that the log is on is full) is lost. Saying so on the same stream would panic, and with
        // it whoever had something to log: a request, the worker, the recorder.
        .log_internal_errors(false);
    let layer = if json { layer.json().boxed() } else { layer.with_target(false).boxed() };
    let counts = Counts::default();
    let counted = Targets::new().with_target(model::counted::TARGET, tracing::Level::TRACE);
    tracing_subscriber::registry()
        .with(layer.with_filter(filter))
        .with(counts.clone().with_filter(counted))
        .init();
    counts
}

/// The signals that ask the process to stop.
struct Asked {
    terminate: Signal,
    interrupt: Signal,
}

impl Asked {
    /// From now on they are heard: before anybody can connect, or one that came soon would end the process as if it were killed.
    fn listen() -> anyhow::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Resolves when one comes.
    async fn come(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
        tracing::info!("stopping");
    }
}
