//! Migrations: numbered scripts, each run once, in order, in a transaction of its own. They only go forward, from every
//! released schema. One text for both engines; what differs is spelled by [`for_postgres`].

use model::fault::Fault;
use model::timestamp::Timestamp;

use crate::db::{Engine, Store};
use crate::error::StoreError;
use crate::row::params;
use crate::statement::statements;

/// Every migration, in order. A released one never changes.
const MIGRATIONS: &[(i64, &str)] = &[
    (1, include_str!("../migrations/0001_foundation.sql")),
    (2, include_str!("../migrations/0002_session_durations.sql")),
];

const CREATE_TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT;";

statements! {
    APPLIED = "SELECT COALESCE(MAX(version), 0) FROM schema_migrations";
}

/// The version that this program needs.
pub fn wanted() -> i64 {
    MIGRATIONS.last().map_or(0, |(version, _)| *version)
}

/// The version that the database has; fails when it was never migrated.
pub fn current(store: &Store) -> Result<i64, Fault> {
    store.read(|rx| Ok(rx.first(&APPLIED, params![], |row| row.int(0))?.unwrap_or(0)))
}

/// Brings the database up to [`wanted`]. Refuses one that a newer program has migrated. Returns how many scripts ran.
pub fn run(store: &Store, now: Timestamp) -> Result<usize, Fault> {
    script(store, CREATE_TABLE)?;
    let have = current(store)?;
    if have > wanted() {
        return Err(Fault::validation(format!(
            "the database has schema version {have}, this program knows {}: use a newer program",
            wanted()
        )));
    }
    let mut ran = 0;
    for (version, sql) in MIGRATIONS.iter().filter(|(version, _)| *version > have) {
        script(
            store,
            &format!(
                "BEGIN;\n{sql}\nINSERT INTO schema_migrations VALUES ({version}, {});\nCOMMIT;",
                now.micros()
            ),
        )?;
        ran += 1;
    }
    Ok(ran)
}

fn script(store: &Store, sql: &str) -> Result<(), StoreError> {
    match store.engine() {
        Engine::Sqlite(sqlite) => {
            let connection = rusqlite::Connection::open(sqlite.path())?;
            connection.execute_batch("PRAGMA busy_timeout = 5000")?;
            connection.execute_batch(sql)?;
            Ok(())
        }
        Engine::Postgres(postgres) => {
            let sql = for_postgres(sql);
            match tokio::runtime::Handle::try_current() {
                Ok(_) => tokio::task::block_in_place(|| postgres.script(&sql)),
                Err(_) => postgres.script(&sql),
            }
        }
    }
}

/// The same script as PostgreSQL spells it. Texts are compared byte by byte as SQLite does, whatever the database's locale: the places
/// in pages and the order of jobs depend on it.
fn for_postgres(sql: &str) -> String {
    sql.replace(") STRICT, WITHOUT ROWID", ")")
        .replace(") STRICT", ")")
        .replace(" INTEGER", " BIGINT")
        .replace(" BLOB", " BYTEA")
        .replace(" TEXT", " TEXT COLLATE \"C\"")
}
