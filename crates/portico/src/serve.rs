//! `portico serve`: opens the store, puts the parts together, listens. And `portico migrate`.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use audit::recorder::Recorder;
use axum::Router;
use edge_aws::app::{App, Parts};
use edge_aws::rates::Rates;
use http::StatusCode;
use model::clock::Clock;
use model::cx::Surroundings;
use model::entropy::{Entropy, SystemEntropy, bytes};
use model::fault::FaultKind;
use model::instance::Instance;
use signin::config::Config;
use signin::hashing::Hasher;
use sigv4::keys::SigningKeys;
use store::db::Store;
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use crate::bodies::Bodies;
use crate::cli::{Serve, Where};
use crate::clock::SystemClock;
use crate::connections::Connections;
use crate::metrics::{Health, observe};
use crate::readable::readable;
use crate::settings::{self, File, Settings};
use crate::worker::Worker;
use crate::{listener, root_key};

/// A request, its body included, at most: whoever sends slower is cut off.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// How often quiet addresses are forgotten.
const FORGET_QUIET: Duration = Duration::from_secs(60);
/// Passwords that may wait for their turn to be hashed; the next one is told to come back.
const HASHES_WAITING_MAX: usize = 64;

/// Runs `portico migrate`.
#[expect(clippy::print_stdout, reason = "the command's answer")]
pub(crate) fn migrate(place: &Where) -> anyhow::Result<()> {
    let location = settings::location(place, &File::read(place)?)?;
    let store =
        Store::open(&location, root_key::read(&place.data_dir)?, 1).map_err(|fault| readable(&fault))?;
    let ran = store::migrate::run(&store, SystemClock.now()).map_err(|fault| readable(&fault))?;
    println!("{ran} migrations ran; the schema has version {}", store::migrate::wanted());
    Ok(())
}

/// Runs `portico serve`.
pub(crate) async fn run(serve: Serve) -> anyhow::Result<()> {
    let settings = Settings::new(serve)?;
    log_to_stderr(settings.log_json);
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let keyring = root_key::read(&settings.data_dir)?;
    let store = Store::open(&settings.location, keyring, threads + 2).map_err(|fault| readable(&fault))?;
    let instance = instance(&store)?;
    // Bind before anything is spawned: an address in use should be the first thing that a person learns.
    let listener =
        TcpListener::bind(settings.listen).await.with_context(|| format!("listen on {}", settings.listen))?;
    let tls = settings.tls.as_ref().map(listener::tls_acceptor).transpose()?;
    let router = assemble(&settings, store, &instance);
    tracing::info!(listen = %settings.listen, url = settings.public_url, instance = %instance.id, "serving");
    let (router, recorder) = router;
    let connections = Connections::new(&settings.trusted_proxies);
    let service = listener::Service {
        router,
        tls,
        bodies: Bodies::default(),
        idle: settings.idle,
        trusted_proxies: settings.trusted_proxies.into(),
    };
    listener::serve(listener, service, connections, stopped()).await?;
    recorder.flush().await;
    Ok(())
}

/// The instance that the store holds, once its schema is ours.
fn instance(store: &Store) -> anyhow::Result<Instance> {
    let version = store::migrate::current(store).map_err(|fault| match fault.kind() {
        FaultKind::Unavailable => readable(&fault),
        _ => readable(&fault)
            .context("run `portico init` to make an instance, or `portico migrate` after an upgrade"),
    })?;
    if version > store::migrate::wanted() {
        bail!(
            "the schema has version {version}, this program knows {}: use a newer program",
            store::migrate::wanted()
        );
    }
    if version < store::migrate::wanted() {
        bail!(
            "the schema has version {version}, {} is wanted: run `portico migrate`",
            store::migrate::wanted()
        );
    }
    let instances = store.read(|rx| Ok(store::instances::list(rx)?)).map_err(|fault| readable(&fault))?;
    instances.into_iter().next().context("the database holds no instance: run `portico init`")
}

/// Puts the parts together.
fn assemble(settings: &Settings, store: Store, instance: &Instance) -> (Router, Recorder) {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy::default());
    let pepper = bytes::<32>(entropy.as_ref());
    let surroundings = Surroundings {
        region: instance.region.as_str().into(),
        owner: instance.owner.clone(),
        mode: settings.mode,
        entropy,
    };
    let recorder = Recorder::start(store.clone(), surroundings.clone(), clock.clone());
    let worker = Worker { store: store.clone(), surroundings: surroundings.clone(), clock: clock.clone() };
    tokio::spawn(worker.run());
    let signin = Config::new(instance, &settings.public_url, &settings.start_url_aliases);
    let app = App::new(Parts {
        store: store.clone(),
        surroundings: surroundings.clone(),
        clock: clock.clone(),
        recorder: recorder.clone(),
        signing_keys: SigningKeys::new(&pepper),
        rates: Rates::default(),
        signin: signin.clone(),
        trusted_proxies: settings.trusted_proxies.clone(),
    });
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let hasher = Hasher::new(threads.div_ceil(2), HASHES_WAITING_MAX);
    let portal = edge_portal::portal::Portal {
        store: store.clone(),
        surroundings,
        clock,
        signin,
        hasher,
        instance: instance.clone(),
        recorder: recorder.clone(),
        trusted_proxies: settings.trusted_proxies.clone(),
    };
    let health = Health::new(store, recorder.clone(), settings.metrics_public);
    tokio::spawn(forget_quiet(app.clone()));
    let pages = edge_portal::router::router(portal).merge(health.clone().router());
    let router = edge_aws::router::router(app, pages)
        .layer(axum::middleware::from_fn_with_state(health, observe))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST_TIMEOUT))
        .layer(CatchPanicLayer::new());
    (router, recorder)
}

/// Lets the rate limits forget addresses that have been quiet.
async fn forget_quiet(app: App) {
    loop {
        tokio::time::sleep(FORGET_QUIET).await;
        app.rates.forget_quiet(app.clock.now());
    }
}

fn log_to_stderr(json: bool) {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // A line that cannot be written (the disk that the log is on is full) is lost. Saying so on the same stream would panic, and with
        // it whoever had something to log: a request, the worker, the recorder.
        .log_internal_errors(false);
    if json { builder.json().init() } else { builder.with_target(false).init() }
}

/// Resolves when the process is asked to stop.
async fn stopped() {
    let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
    match terminate {
        Ok(mut terminate) => tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        },
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
    tracing::info!("stopping");
}
