//! A PostgreSQL server for this test process: the one that `scripts/test` started (`PORTICO_TEST_POSTGRES`), or one of our own.

use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

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
            .args(["--owner", &std::process::id().to_string()])
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
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let server = tokio::task::spawn_blocking(server).await.expect("the server starts");
    let name = format!("test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let (client, connection) =
        tokio_postgres::connect(server, tokio_postgres::NoTls).await.expect("a connection");
    let driver = tokio::spawn(connection);
    client.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("a new database");
    drop(client);
    let _ = driver.await;
    server.replacen("/postgres?", &format!("/{name}?"), 1)
}
