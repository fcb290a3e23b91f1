//! A PostgreSQL server for this test process: the one that `scripts/test` started (`PORTICO_TEST_POSTGRES`), or one of our own.

use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use store::db::{Location, Store};
use store::sealing::Keyring;
use tokio::sync::OnceCell;

/// The server's URL, starting it when this is the first call and none was given.
fn server() -> &'static str {
    static SERVER: OnceLock<String> = OnceLock::new();
    SERVER.get_or_init(|| {
        #[expect(clippy::disallowed_methods, reason = "tests may read their environment")]
        if let Ok(url) = std::env::var("PORTICO_TEST_POSTGRES") {
            return url;
        }
        let directory = tempfile::tempdir().expect("a scratch directory").keep();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/postgres-scratch");
        let output = Command::new(script)
            .arg(&directory)
            .args(["--owner", &std::process::id().to_string(), "--no-fsync"])
            .output()
            .expect("scripts/postgres-scratch runs");
        assert!(
            output.status.success(),
            "PostgreSQL did not start: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).expect("a URL").trim().to_owned()
    })
}

/// The URL of a new, empty database.
pub async fn fresh_database() -> String {
    copy_of("template1").await
}

/// The URL of a new database that holds the schema: a copy of one that this process migrates once.
pub async fn migrated_database() -> String {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    copy_of(TEMPLATE.get_or_init(template).await).await
}

async fn copy_of(template: &str) -> String {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let name = format!("test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    run(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
    named(&name).await
}

/// A migrated database of this process that nobody is connected to, as whoever copies it demands. Each process has its own, so that none
/// finds one that another has half made, or made of another schema.
async fn template() -> String {
    drop_abandoned().await;
    let url = fresh_database().await;
    let name = url.rsplit('/').next().and_then(|rest| rest.split('?').next()).expect("a name").to_owned();
    let location = Location::Postgres(url);
    let store =
        Store::open(&location, Keyring::new(&[7; 32]).expect("a keyring"), 1).expect("the store opens");
    store::migrate::run(&store, crate::fixture::START).expect("migrations run");
    drop(store);
    // The server learns a moment later that the store's connections are closed.
    run(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await;
    let gone =
        format!("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{name}'");
    run(&gone).await;
    name
}

/// Drops what tests of processes left that have ended: each database is some ten megabytes, and a run makes a thousand.
async fn drop_abandoned() {
    let (client, connection) =
        tokio_postgres::connect(address().await, tokio_postgres::NoTls).await.expect("a connection");
    let driver = tokio::spawn(connection);
    let sql = r"SELECT datname FROM pg_database WHERE datname LIKE 'test\_%'";
    for row in client.query(sql, &[]).await.expect(sql) {
        let name: String = row.get(0);
        let process = name.split('_').nth(1).unwrap_or_default();
        if !std::path::Path::new("/proc").join(process).exists() {
            // Another process may be dropping it too.
            let _ = client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
    }
    drop(client);
    let _ = driver.await;
}

async fn named(name: &str) -> String {
    address().await.replacen("/postgres?", &format!("/{name}?"), 1)
}

async fn address() -> &'static str {
    tokio::task::spawn_blocking(server).await.expect("the server starts")
}

async fn run(sql: &str) {
    let (client, connection) =
        tokio_postgres::connect(address().await, tokio_postgres::NoTls).await.expect("a connection");
    let driver = tokio::spawn(connection);
    client.batch_execute(sql).await.expect(sql);
    drop(client);
    let _ = driver.await;
}
