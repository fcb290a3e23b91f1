//! Kept databases of every release, for each engine, brought up to this program and then really used by whoever held something of them;
//! migrations that are killed, run twice at once, or were another program's; a server below whose feet the schema moves.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use crate::browser::Browser;
use crate::commands::{Home, error_of};
use crate::server::{Process, free_address};

/// The releases whose databases are kept, by the schema that they had.
const RELEASES: &[&str] = &["0001"];
const FOREVER: i64 = 4_102_444_800_000_000;

/// The two engines.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// A data directory with a database on one of the engines.
pub(crate) struct Place {
    pub(crate) home: Home,
    pub(crate) database: Option<String>,
}

impl Place {
    /// An empty one.
    pub(crate) async fn new(engine: Engine) -> Self {
        let database = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(testkit::postgres::fresh_database().await),
        };
        Self { home: Home::new(), database }
    }

    /// A kept one, and what clients held of it.
    async fn kept(release: &str, engine: Engine) -> (Self, Value) {
        let place = Self::new(engine).await;
        let folder = match engine {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "postgres",
        };
        let fixture =
            PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures")).join(release).join(folder);
        std::fs::create_dir_all(place.home.data()).unwrap();
        std::fs::copy(fixture.join("portico.key"), place.home.data().join("portico.key")).unwrap();
        place.sql(&std::fs::read_to_string(fixture.join("dump.sql")).unwrap()).await;
        // What was good when it was kept is good still, so that it can be tried.
        for table in ["portal_sessions", "access_tokens", "refresh_tokens", "oauth_clients"] {
            place.sql(&format!("UPDATE {table} SET expires_at = {FOREVER}")).await;
        }
        let kept = std::fs::read(fixture.join("kept.json")).unwrap();
        (place, serde_json::from_slice(&kept).unwrap())
    }

    /// Runs SQL beside Portico.
    pub(crate) async fn sql(&self, text: &str) {
        match &self.database {
            None => {
                let database = rusqlite::Connection::open(self.file()).unwrap();
                database.execute_batch(text).unwrap();
                drop(database);
                // By the server too, if one runs.
                assert!(store::db::heard(&store::db::Location::Sqlite(self.file())).unwrap());
            }
            Some(url) => {
                let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
                tokio::spawn(connection);
                client.batch_execute(text).await.unwrap();
            }
        }
    }

    /// The one number that a query finds.
    pub(crate) async fn number(&self, query: &str) -> i64 {
        match &self.database {
            None => {
                let database = rusqlite::Connection::open(self.file()).unwrap();
                database.query_row(query, [], |row| row.get(0)).unwrap()
            }
            Some(url) => {
                let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
                tokio::spawn(connection);
                client.query_one(query, &[]).await.unwrap().get(0)
            }
        }
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.home.data().join("portico.db")
    }

    /// `portico COMMAND` at this place.
    pub(crate) fn command(&self, command: &str, arguments: &[&str]) -> std::process::Command {
        let mut portico = self.home.command(command, arguments);
        if let Some(url) = &self.database {
            portico.args(["--database", url]);
        }
        portico
    }

    /// Runs it; what it printed, or what it said when it failed.
    pub(crate) fn run(&self, command: &str, arguments: &[&str]) -> Result<String, String> {
        let output = self.command(command, arguments).output().unwrap();
        if output.status.success() {
            Ok(String::from_utf8(output.stdout).unwrap())
        } else {
            Err(error_of(&output))
        }
    }

    /// Serves it; the server and its address.
    pub(crate) async fn serve(&self) -> (Process, String) {
        let base = format!("http://{}", free_address());
        (self.serve_at(&base).await, base)
    }

    /// Serves it where it was served before.
    pub(crate) async fn serve_at(&self, base: &str) -> Process {
        let address = base.strip_prefix("http://").unwrap();
        let log = std::fs::File::create(self.log()).unwrap();
        let mut command = self.command("serve", &["--listen", address]);
        Process::logging(command.stderr(log), &[address.parse().unwrap()]).await.0
    }

    /// Where the server writes its log.
    pub(crate) fn log(&self) -> PathBuf {
        self.home.folder.path().join("server.log")
    }
}

/// An IAM client with an access key.
pub(crate) fn keys(id: &Value, secret: &Value, token: Option<&Value>) -> aws_credential_types::Credentials {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    aws_credential_types::Credentials::from_keys(text(id), text(secret), token.map(text))
}

/// A client of one of the SDK's crates at `base`, with these credentials.
macro_rules! client_at {
    ($sdk:ident, $base:expr, $keys:expr) => {
        $sdk::Client::from_conf(
            $sdk::Config::builder()
                .behavior_version_latest()
                .endpoint_url($base)
                .region($sdk::config::Region::new("us-east-1"))
                .credentials_provider($keys)
                .retry_config($sdk::config::retry::RetryConfig::disabled())
                .build(),
        )
    };
}
pub(crate) use client_at;

/// Everything that somebody held of the kept database works, but tokens of before they were signed: their people sign in again.
async fn used(base: &str, kept: &Value) {
    let made = &kept["made"];
    let root = keys(&made["accessKeyId"], &made["secretAccessKey"], None);
    let store = client_at!(aws_sdk_identitystore, base, root.clone());
    let id = made["identityStoreId"].as_str().unwrap();
    let users = store.list_users().identity_store_id(id).send().await.unwrap();
    assert!(users.users().iter().any(|user| user.user_name() == Some("jane")), "the root key reads");
    store.create_group().identity_store_id(id).display_name("later").send().await.unwrap();
    let admin = client_at!(aws_sdk_ssoadmin, base, root.clone());
    let sets = admin.list_permission_sets().instance_arn(made["instanceArn"].as_str().unwrap());
    assert_eq!(sets.send().await.unwrap().permission_sets().len(), 3);
    let trail = client_at!(aws_sdk_cloudtrail, base, root.clone()).lookup_events().send().await.unwrap();
    assert!(!trail.events().is_empty());

    let portal = client_at!(aws_sdk_sso, base, root.clone());
    let token = kept["accessToken"].as_str().unwrap();
    let accounts = portal.list_accounts().access_token(token).send().await.unwrap_err().into_service_error();
    assert!(accounts.is_unauthorized_exception(), "tokens of before 0005 have ended: {accounts:?}");
    let oidc = client_at!(aws_sdk_ssooidc, base, root);
    let refresh = oidc
        .create_token()
        .client_id(kept["client"]["clientId"].as_str().unwrap())
        .client_secret(kept["client"]["clientSecret"].as_str().unwrap())
        .grant_type("refresh_token")
        .refresh_token(kept["refreshToken"].as_str().unwrap());
    let refresh = refresh.send().await.unwrap_err().into_service_error();
    assert!(
        refresh.is_invalid_grant_exception(),
        "and the registration that brings one is good: {refresh:?}"
    );

    for (name, password) in kept["people"].as_object().unwrap() {
        let page = sign_in(base, name, password.as_str().unwrap()).await;
        assert!(page.contains("/signout"), "{name} signs in: {page}");
    }
}

/// The page that a person sees after signing in.
pub(crate) async fn sign_in(base: &str, name: &str, password: &str) -> String {
    let mut browser = Browser::new(base);
    browser.open("/signin").await;
    browser.submit("/signin", &[("return_to", "/start"), ("username", name), ("password", password)]).await;
    browser.open("/start").await;
    browser.page().to_owned()
}

async fn upgrades(engine: Engine) {
    for release in RELEASES {
        let (place, kept) = Place::kept(release, engine).await;
        let refused = place.run("serve", &[]).unwrap_err();
        assert!(refused.contains("portico migrate"), "{release}: {refused}");
        let said = place.run("migrate", &[]).unwrap();
        assert!(said.contains(&format!("version {}", store::migrate::wanted())), "{said}");
        assert_eq!(
            place
                .number("SELECT COUNT(*) FROM schema_migrations WHERE checksum IS NULL AND version > 0")
                .await,
            0
        );
        assert_eq!(place.number("SELECT COUNT(*) FROM instances WHERE key_check IS NULL").await, 0);
        let (_process, base) = place.serve().await;
        used(&base, &kept).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kept_database_goes_on_on_sqlite() {
    upgrades(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kept_database_goes_on_on_postgres() {
    upgrades(Engine::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_is_killed_goes_on_on_sqlite() {
    let (place, kept) = Place::kept("0001", Engine::Sqlite).await;
    // From before it has begun to after it has ended.
    let mut early = false;
    for delay in 0..40 {
        let mut migrate = place.command("migrate", &[]).stdout(Stdio::null()).spawn().unwrap();
        tokio::time::sleep(Duration::from_millis(delay)).await;
        migrate.kill().unwrap();
        migrate.wait().unwrap();
        let version = place.number("SELECT MAX(version) FROM schema_migrations").await;
        let marked = place
            .number("SELECT COUNT(*) FROM pragma_table_info('instances') WHERE name = 'key_check'")
            .await;
        assert_eq!(marked == 1, version >= 3, "a script that ran is noted, one that did not is not");
        early |= version < store::migrate::wanted();
        if delay % 4 == 0 && version > 1 {
            break;
        }
    }
    assert!(early, "none was killed before its end");
    place.run("migrate", &[]).unwrap();
    let (_process, base) = place.serve().await;
    used(&base, &kept).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_is_killed_inside_a_script_goes_on_on_postgres() {
    let (place, kept) = Place::kept("0001", Engine::Postgres).await;
    let url = place.database.clone().unwrap();
    let (mut holder, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    // Whoever reads a table keeps others from altering it: the migration stands in the midst of its script.
    let reading = holder.transaction().await.unwrap();
    reading.batch_execute("SELECT * FROM instances").await.unwrap();
    let mut migrate = place.command("migrate", &[]).stdout(Stdio::null()).spawn().unwrap();
    let waits = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    for _ in 0..400 {
        if place.number(waits).await > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(place.number(waits).await, 1, "it stands inside the script");
    migrate.kill().unwrap();
    migrate.wait().unwrap();
    reading.rollback().await.unwrap();
    place.run("migrate", &[]).unwrap();
    assert_eq!(place.number("SELECT MAX(version) FROM schema_migrations").await, store::migrate::wanted());
    let (_process, base) = place.serve().await;
    used(&base, &kept).await;
}

async fn twice_at_once(engine: Engine) {
    let (place, kept) = Place::kept("0001", engine).await;
    let start =
        || place.command("migrate", &[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let running: Vec<_> = (0..4).map(|_| start()).collect();
    let mut ran = 0;
    for migrate in running {
        let output = migrate.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", error_of(&output));
        let said = String::from_utf8(output.stdout).unwrap();
        ran += said.split(' ').next().unwrap().parse::<i64>().unwrap();
    }
    assert_eq!(ran, store::migrate::wanted() - 1, "each script ran once");
    let (_process, base) = place.serve().await;
    used(&base, &kept).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn four_migrations_at_once_run_each_script_once_on_sqlite() {
    twice_at_once(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn four_migrations_at_once_run_each_script_once_on_postgres() {
    twice_at_once(Engine::Postgres).await;
}

async fn altered(engine: Engine) {
    let place = Place::new(engine).await;
    place.run("init", &[]).unwrap();
    place.sql("UPDATE schema_migrations SET checksum = 'another' WHERE version = 3").await;
    for command in ["serve", "migrate", "revoke-issued"] {
        let refused = place.run(command, &[]).unwrap_err();
        assert!(refused.contains("0003_instance_marks"), "{command}: {refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_text_under_the_same_number_is_refused_by_name() {
    altered(Engine::Sqlite).await;
    altered(Engine::Postgres).await;
}

async fn moves(engine: Engine) {
    for change in [
        "INSERT INTO schema_migrations (version, applied_at) VALUES (1000, 0)",
        "UPDATE instances SET instance_id = 'ssoins-0000000000000000'",
    ] {
        let place = Place::new(engine).await;
        place.run("init", &[]).unwrap();
        let (process, _) = place.serve().await;
        place.sql(change).await;
        assert!(!process.ended().await.success(), "{engine:?}: {change}");
        let log = std::fs::read_to_string(place.log()).unwrap();
        let says =
            if change.starts_with("INSERT") { "newer program" } else { "no longer holds the instance" };
        assert!(log.contains(says), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_database_moves_below_it_stops_and_says_why() {
    moves(Engine::Sqlite).await;
    moves(Engine::Postgres).await;
}

/// The names of the files of a data directory.
pub(crate) fn names(data: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(data).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clean_stop_leaves_no_log_beside_the_database() {
    let place = Place::new(Engine::Sqlite).await;
    place.run("init", &[]).unwrap();
    let (process, base) = place.serve().await;
    sign_in(&base, "nobody", "nothing").await;
    assert!(names(&place.home.data()).contains(&"portico.db-wal".to_owned()), "there is a log while it runs");
    assert!(process.stop().success());
    let whole = ["portico.db", "portico.key", "portico.toml"];
    assert_eq!(names(&place.home.data()), whole);
    place.run("migrate", &[]).unwrap();
    place.run("revoke-issued", &[]).unwrap();
    assert_eq!(names(&place.home.data()), whole, "nor do commands leave one");
}
