//! What must hold inside a database that nobody uses at the moment: the engine's own checks, and that no row points to one that is not
//! there. The same questions for both engines.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use tokio_postgres::NoTls;

/// Each finds rows that should not be there, by a text that names them.
const ORPHANS: &[(&str, &str)] = &[
    (
        "memberships of nobody",
        "SELECT membership_id FROM memberships m WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.user_id = m.user_id)",
    ),
    (
        "memberships of no group",
        "SELECT membership_id FROM memberships m WHERE NOT EXISTS (SELECT 1 FROM groups g WHERE g.group_id = m.group_id)",
    ),
    (
        "passwords of nobody",
        "SELECT user_id FROM passwords p WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.user_id = p.user_id)",
    ),
    (
        "sessions of nobody",
        "SELECT session_id FROM portal_sessions s WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.user_id = s.user_id)",
    ),
    (
        "families without a session",
        "SELECT family_id FROM token_families f WHERE NOT EXISTS (SELECT 1 FROM portal_sessions s WHERE s.session_id = f.session_id)",
    ),
    (
        "families that remember more exchanges than there were",
        "SELECT family_id FROM token_families WHERE generation < 0 OR (generation = 0 AND exchanged_at <> '[]')",
    ),
    (
        "assignments without a permission set",
        "SELECT permission_set_id FROM account_assignments a WHERE NOT EXISTS (SELECT 1 FROM permission_sets p WHERE p.permission_set_id = a.permission_set_id)",
    ),
    (
        "assignments that are not provisioned",
        "SELECT permission_set_id FROM account_assignments a WHERE NOT EXISTS (SELECT 1 FROM provisioned_permission_sets p WHERE p.permission_set_id = a.permission_set_id AND p.account_id = a.account_id)",
    ),
    (
        "provisioned sets without an assignment",
        "SELECT permission_set_id FROM provisioned_permission_sets p WHERE NOT EXISTS (SELECT 1 FROM account_assignments a WHERE p.permission_set_id = a.permission_set_id AND p.account_id = a.account_id)",
    ),
    (
        "provisioned sets without a role",
        "SELECT role_name FROM provisioned_permission_sets p WHERE NOT EXISTS (SELECT 1 FROM roles r WHERE r.account_id = p.account_id AND r.role_name = p.role_name)",
    ),
    (
        "roles of a permission set that is not provisioned",
        "SELECT role_name FROM roles r WHERE r.permission_set_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM provisioned_permission_sets p WHERE r.account_id = p.account_id AND r.role_name = p.role_name)",
    ),
    (
        "tags of no permission set",
        "SELECT resource_arn FROM tags t WHERE NOT EXISTS (SELECT 1 FROM permission_sets p WHERE t.resource_arn LIKE '%' || p.permission_set_id)",
    ),
    (
        "requests that did not end",
        "SELECT request_id FROM provisioning_requests WHERE status = 'IN_PROGRESS'",
    ),
    ("jobs that nobody did", "SELECT job_id FROM jobs"),
];

/// Checks the SQLite database in a data directory, on a copy: it may be one in another namespace, where links that SQLite follows lead
/// elsewhere.
pub(crate) fn sqlite(data: &Path) -> anyhow::Result<()> {
    let copy = tempfile::TempDir::with_prefix("portico-kill-copy-")?;
    for name in ["portico.db", "portico.db-wal"] {
        if data.join(name).exists() {
            std::fs::copy(data.join(name), copy.path().join(name))?;
        }
    }
    let connection = rusqlite::Connection::open(copy.path().join("portico.db"))?;
    let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    ensure!(verdict == "ok", "integrity_check: {verdict}");
    let broken = connection.prepare("PRAGMA foreign_key_check")?.query([])?.next()?.is_some();
    ensure!(!broken, "foreign_key_check finds rows");
    for (what, sql) in ORPHANS {
        let mut statement = connection.prepare(sql)?;
        let found: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        ensure!(found.is_empty(), "{what}: {found:?}");
    }
    Ok(())
}

async fn connect(url: &str) -> anyhow::Result<tokio_postgres::Client> {
    let (client, connection) =
        tokio_postgres::connect(url, NoTls).await.context("the checker's connection")?;
    tokio::spawn(connection);
    Ok(client)
}

/// Checks a PostgreSQL database.
pub(crate) async fn postgres(url: &str) -> anyhow::Result<()> {
    let client = connect(url).await?;
    for (what, sql) in ORPHANS {
        let found: Vec<String> = client.query(*sql, &[]).await?.iter().map(|row| row.get(0)).collect();
        ensure!(found.is_empty(), "{what}: {found:?}");
    }
    Ok(())
}

/// Waits until the transactions of a server that was killed have ended: what it sent last, PostgreSQL may still be carrying out.
pub(crate) async fn wait_for_the_dead(url: &str) -> anyhow::Result<()> {
    wait_until_none(url, "TRUE").await
}

/// Waits until nobody is in a transaction.
pub(crate) async fn wait_for_quiet(url: &str) -> anyhow::Result<()> {
    wait_until_none(url, "state <> 'idle' AND xact_start < now() - interval '1 second'").await
}

async fn wait_until_none(url: &str, which: &str) -> anyhow::Result<()> {
    let client = connect(url).await?;
    let sql = format!(
        "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND {which}"
    );
    for _ in 0..2_000 {
        if client.query_one(&sql, &[]).await?.get::<_, i64>(0) == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    bail!("connections that should end do not")
}
