//! Migrations: numbered scripts, each run once, in order, in a transaction of its own under a lock, so that a program that is killed
//! anywhere leaves a whole number of them behind and two programs never run the same one. They only go forward, from every released
//! schema. One text for both engines; what differs is spelled by [`for_postgres`].
//!
//! The checksum of every script that ran is kept beside its number: a database on which another text ran under the same number is
//! refused by the script's name instead of failing somewhere later.

use aws_lc_rs::digest::{SHA256, digest};
use model::fault::Fault;
use model::id::hex;
use model::timestamp::Timestamp;

use crate::db::Store;
use crate::error::StoreError;
use crate::row::params;
use crate::statement::{Statement, statements};
use crate::tx::{Rx, Tx};

/// A script by its name: its file in `migrations/`.
macro_rules! script {
    ($name:literal) => {
        ($name, include_str!(concat!("../migrations/", $name, ".sql")))
    };
}

/// Every migration with its text, in order: the first has version 1. A released one never changes.
const SCRIPTS: &[(&str, &str)] = &[
    script!("0001_foundation"),
    script!("0002_session_durations"),
    script!("0003_instance_marks"),
    script!("0004_trail"),
    script!("0005_token_families"),
    script!("0006_pieces"),
    script!("0007_people"),
    script!("0008_factors"),
    script!("0009_access"),
    script!("0010_console_logins"),
    script!("0011_mail"),
    script!("0012_access_history"),
    script!("0013_service_users"),
    script!("0014_consents"),
    script!("0015_unlocks"),
    script!("0017_organizational_units"),
    script!("0018_search"),
    script!("0020_portal"),
    script!("0021_last_use"),
    script!("0022_provisioning"),
    script!("0023_external_idps"),
    script!("0024_owners"),
    script!("0025_member_groups"),
    script!("0026_kept_out"),
    script!("0027_sources_seen"),
    script!("0028_user_sources"),
    script!("0029_directories"),
    script!("0030_applications"),
    script!("0031_saml_applications"),
    script!("0032_trusted_token_issuers"),
    script!("0033_oidc_applications"),
    script!("0034_access_control_attributes"),
    script!("0035_directory_additions"),
    script!("0036_oidc_grants"),
    script!("0037_account_instances"),
    script!("0038_policies"),
    script!("0039_account_connections"),
    script!("0040_ending_credentials"),
    script!("0042_account_drifts"),
    script!("0043_connected_sessions"),
    script!("0044_iam_users"),
    script!("0045_iam_groups"),
    script!("0046_regions"),
    script!("0047_oidc_providers"),
    script!("0048_service_control_policies"),
    script!("0049_data_keys"),
    script!("0050_signing_keys"),
    script!("0051_organization_connections"),
];

/// From this version on the table of migrations keeps checksums. The first release did not.
const CHECKSUMS_SINCE: i64 = 3;

const CREATE_TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT;";

statements! {
    VERSION = "SELECT COALESCE(MAX(version), 0) FROM schema_migrations";
    APPLIED = "SELECT version, checksum FROM schema_migrations WHERE version > 0 ORDER BY version";
    INSERT = "INSERT INTO schema_migrations (version, applied_at) VALUES (?1, ?2)";
    RAN_AT = "SELECT applied_at FROM schema_migrations WHERE version = ?1";
    SET_CHECKSUM = "UPDATE schema_migrations SET checksum = ?2 WHERE version = ?1 AND checksum IS NULL";
}

// Each engine has a catalogue of its own, so these two are in no registry.
static HAS_TABLE_SQLITE: Statement = Statement::new(
    "migrate::HAS_TABLE_SQLITE",
    "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations'",
);
static HAS_TABLE_POSTGRES: Statement = Statement::new(
    "migrate::HAS_TABLE_POSTGRES",
    "SELECT CAST(1 AS BIGINT) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'schema_migrations'",
);

/// How a database's schema stands to this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It was never migrated.
    Nothing,
    /// It has this older version.
    Behind(i64),
    /// It is the one that this program needs.
    Current,
    /// A newer program has migrated it to this version.
    Ahead(i64),
    /// Another text ran under the name of this script.
    Altered(&'static str),
}

impl Standing {
    /// Why this program cannot serve such a database, and what to do; `None` when it can.
    pub fn refusal(self) -> Option<String> {
        match self {
            Self::Current => None,
            Self::Nothing => Some("the database holds no schema".to_owned()),
            Self::Behind(version) => Some(format!(
                "the schema has version {version}, {} is wanted: run `portico migrate`",
                wanted()
            )),
            Self::Ahead(_) | Self::Altered(_) => self.foreign(),
        }
    }

    /// Why this program can do nothing with such a database, not even migrate it.
    fn foreign(self) -> Option<String> {
        match self {
            Self::Nothing | Self::Behind(_) | Self::Current => None,
            Self::Ahead(version) => Some(format!(
                "the schema has version {version}, this program knows {}: use a newer program",
                wanted()
            )),
            Self::Altered(name) => Some(format!(
                "the migration {name} that ran on this database is not the one of this program: use the program that migrated it"
            )),
        }
    }
}

/// The version that this program needs.
pub fn wanted() -> i64 {
    i64::try_from(SCRIPTS.len()).unwrap_or(i64::MAX)
}

/// How the database's schema stands to this program.
pub fn standing(store: &Store) -> Result<Standing, Fault> {
    store.read(|rx| Ok(standing_in(rx)?))
}

/// [`standing`] inside a transaction.
pub fn standing_in(rx: &mut Rx<'_>) -> Result<Standing, StoreError> {
    let has_table = if rx.is_postgres() { &HAS_TABLE_POSTGRES } else { &HAS_TABLE_SQLITE };
    if !rx.exists(has_table, params![])? {
        return Ok(Standing::Nothing);
    }
    let version = rx.first(&VERSION, params![], |row| row.int(0))?.unwrap_or(0);
    if version >= CHECKSUMS_SINCE {
        for (ran, checksum) in rx.all(&APPLIED, params![], |row| Ok((row.int(0)?, row.opt_text(1)?)))? {
            // What this program does not know is a newer program's matter, said below.
            let Some((name, text)) = script(ran) else { continue };
            if checksum.is_some_and(|checksum| checksum != checksum_of(text)) {
                return Ok(Standing::Altered(name));
            }
        }
    }
    Ok(match version {
        0 => Standing::Nothing,
        version if version > wanted() => Standing::Ahead(version),
        version if version < wanted() => Standing::Behind(version),
        _ => Standing::Current,
    })
}

/// When the script ran whose name ends so: what it keeps is known from then on.
pub fn ran_at(rx: &mut Rx<'_>, name: &str) -> Result<Timestamp, Fault> {
    let version = SCRIPTS.iter().position(|(script, _)| script.ends_with(name)).map_or(0, |at| at + 1);
    let version = i64::try_from(version).unwrap_or(0);
    rx.first(&RAN_AT, params![version], |row| row.time(0))?
        .ok_or_else(|| Fault::internal(format!("no script {name} has run")))
}

/// Whether the script ran whose name ends so.
pub fn has_run(rx: &mut Rx<'_>, name: &str) -> Result<bool, StoreError> {
    let version = match standing_in(rx)? {
        Standing::Nothing | Standing::Altered(_) => 0,
        Standing::Behind(version) | Standing::Ahead(version) => version,
        Standing::Current => wanted(),
    };
    let ran = usize::try_from(version).unwrap_or(0);
    Ok(SCRIPTS.iter().take(ran).any(|(script, _)| script.ends_with(name)))
}

/// Every column that the scripts leave behind whose name begins so, as `table.column`.
#[cfg(test)]
pub(crate) fn columns_that_begin(with: &str) -> Vec<String> {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    connection.execute_batch(CREATE_TABLE).unwrap();
    for (_, text) in SCRIPTS {
        connection.execute_batch(text).unwrap();
    }
    let query = "SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c
                 WHERE m.type = 'table' AND substr(c.name, 1, length(?1)) = ?1 ORDER BY 1";
    let mut found = connection.prepare(query).unwrap();
    let found = found.query_map([with], |row| row.get(0)).unwrap();
    found.map(Result::unwrap).collect()
}

/// Every table that the scripts leave behind, but the schema's own.
pub(crate) fn tables() -> Vec<&'static str> {
    let mut tables = Vec::new();
    for line in SCRIPTS.iter().flat_map(|(_, text)| text.lines()) {
        let words: Vec<&str> = line.trim_end_matches(';').split(' ').collect();
        match words.as_slice() {
            ["CREATE", "TABLE", name, ..] => tables.push(*name),
            ["DROP", "TABLE", name] => tables.retain(|table| table != name),
            ["ALTER", "TABLE", name, "RENAME", "TO", new] => {
                tables.retain(|table| table != name);
                tables.push(*new);
            }
            _ => {}
        }
    }
    tables
}

/// The script that leads to `version`.
fn script(version: i64) -> Option<&'static (&'static str, &'static str)> {
    SCRIPTS.get(usize::try_from(version).ok()?.checked_sub(1)?)
}

fn checksum_of(text: &str) -> String {
    hex(digest(&SHA256, text.as_bytes()).as_ref())
}

/// Brings the database up to [`wanted`]. Refuses one that a newer or another program has migrated. Returns how many scripts ran.
pub fn run(store: &Store, now: Timestamp) -> Result<usize, Fault> {
    store.alter(|tx| Ok(spelled(tx, CREATE_TABLE)?))?;
    let mut ran = 0;
    while store.alter(|tx| step(tx, now))? {
        ran += 1;
    }
    Ok(ran)
}

/// Runs the next script; false when there is none left.
fn step(tx: &mut Tx<'_>, now: Timestamp) -> Result<bool, Fault> {
    // The row of version 0 is the lock: whoever has written it is alone until their transaction ends. Not an advisory lock, which a
    // database that speaks PostgreSQL's protocol might lack, nor one of the whole table, which servers read meanwhile.
    let lock = format!(
        "INSERT INTO schema_migrations (version, applied_at) VALUES (0, {}) ON CONFLICT (version) DO UPDATE SET applied_at = excluded.applied_at;",
        now.micros()
    );
    tx.script(&lock)?;
    let version = match standing_in(tx)? {
        Standing::Current => return Ok(false),
        Standing::Nothing => 1,
        Standing::Behind(version) => version + 1,
        foreign @ (Standing::Ahead(_) | Standing::Altered(_)) => {
            return Err(Fault::validation(foreign.foreign().unwrap_or_default()));
        }
    };
    let (name, text) =
        script(version).ok_or_else(|| Fault::internal(format!("no script leads to {version}")))?;
    spelled(tx, text)?;
    if name.ends_with("_search") {
        crate::directory::user_texts::fill(tx)?;
    }
    tx.execute_one(&INSERT, params![version, now])?;
    if version >= CHECKSUMS_SINCE {
        for ran in 1..=version {
            let checksum = script(ran).map(|(_, text)| checksum_of(text));
            tx.execute(&SET_CHECKSUM, params![ran, checksum.as_ref()])?;
        }
    }
    Ok(true)
}

/// Runs a script in the engine's spelling.
fn spelled(tx: &mut Tx<'_>, sql: &str) -> Result<(), StoreError> {
    if tx.is_postgres() { tx.script(&for_postgres(sql)) } else { tx.script(sql) }
}

/// The same script as PostgreSQL spells it. Texts are compared byte by byte as SQLite does, whatever the database's locale: the places
/// in pages and the order of jobs depend on it.
fn for_postgres(sql: &str) -> String {
    sql.replace(") STRICT, WITHOUT ROWID", ")")
        .replace(") STRICT", ")")
        .replace(" INTEGER", " BIGINT")
        .replace(" BLOB", " BYTEA")
        .replace(" TEXT", " TEXT COLLATE \"C\"")
        .replace("json_each(audit_records.resources)", "json_array_elements(audit_records.resources::json)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_known() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        connection.execute_batch(CREATE_TABLE).unwrap();
        for (_, text) in SCRIPTS {
            connection.execute_batch(text).unwrap();
        }
        let query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'schema_migrations' ORDER BY name";
        let mut made = connection.prepare(query).unwrap();
        let made: Vec<String> = made.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let mut known = tables();
        known.sort_unstable();
        assert_eq!(known, made);
    }

    #[test]
    fn a_released_script_never_changes() {
        let released = ["17691aae3ede3167132683ce503a98204796debbb06a5f21280b2ee5734b3200"];
        for (version, (checksum, (name, text))) in (1..).zip(released.iter().zip(SCRIPTS)) {
            assert!(name.starts_with(&format!("{version:04}_")), "{name} is not number {version}");
            assert_eq!(checksum_of(text), *checksum, "{name} was released: write a new script instead");
        }
    }
}
