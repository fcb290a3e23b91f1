//! How the database of a Region follows the primary's: by PostgreSQL's logical replication, table by table. What says who may do what comes from the
//! primary and can be changed by nobody here; what a sign-in here makes (sessions, tokens, counts of attempts, records) is this database's own. Triggers
//! hold that, not the program: they refuse whoever writes here, and do not see what replication brings. docs/decisions/0025-regions.md says why.

use model::fault::Fault;
use model::instances::instance::InstanceId;
use model::instances::region::{Here, Region};
use model::job::JobKind;
use model::timestamp::Timestamp;

use crate::db::Store;
use crate::error::ELSEWHERE;
use crate::instances::regions;
use crate::migrate;
use crate::row::params;
use crate::statement::Statement;
use crate::tx::Rx;

/// Tables of which each Region has its own rows: what signing in, and using what that gave, writes. Everything else is the primary's.
const REGIONAL: &[&str] = &[
    "access_uses",
    "audit_pieces",
    "audit_records",
    "audit_terms",
    "authorization_codes",
    "console_login_codes",
    "console_logins",
    "consents",
    "device_authorizations",
    "external_answers",
    "issuer_keys",
    "jobs",
    "mails",
    "oauth_clients",
    "one_time_codes",
    "portal_choices",
    "portal_sessions",
    "region_followings",
    "remembered_browsers",
    "sign_in_flows",
    "signin_attempts",
    "token_families",
    "unlocks",
    "used_assertions",
    "used_proofs",
    "user_sign_ins",
];

/// Columns of the primary's rows that using them changes, in each Region for itself: when something was used last, which code or counter of a factor was
/// the last one, which keys a provider was found to have. The primary's next change of the row brings its own.
const USED: &[(&str, &[&str])] = &[
    ("access_keys", &["last_used_at", "last_used_region", "last_used_service"]),
    ("bearer_tokens", &["last_used_at"]),
    ("directories", &["asks_since", "failures"]),
    ("external_idps", &["document", "fetch_error", "fetched_at", "key_set", "keys_asked_until", "tried_at"]),
    ("mfa_devices", &["credential", "last_step", "last_used_at"]),
];

/// What hangs on a person's sessions here and ends when the primary ends all of theirs, which it says by `users.not_before`.
const OF_SESSIONS: &[&str] =
    &["console_logins", "portal_sessions", "remembered_browsers", "sign_in_flows", "token_families"];
/// What goes with a person.
const OF_PEOPLE: &[&str] =
    &["access_uses", "consents", "mails", "one_time_codes", "portal_choices", "unlocks", "user_sign_ins"];
/// What a new password, or a factor that is taken away, ends.
const OF_FACTORS: &[&str] = &["one_time_codes", "remembered_browsers", "sign_in_flows"];

const PUBLICATION: &str = "portico_regions";

// Of PostgreSQL's own catalogues, which SQLite has not: in no registry.
static HAS_PUBLICATION: Statement = Statement::new(
    "following::HAS_PUBLICATION",
    "SELECT CAST(1 AS BIGINT) FROM pg_catalog.pg_publication WHERE pubname = 'portico_regions'",
);
static WAL_LEVEL: Statement =
    Statement::new("following::WAL_LEVEL", "SELECT CAST(pg_catalog.current_setting('wal_level') AS TEXT)");
static SLOT: Statement = Statement::new(
    "following::SLOT",
    "SELECT CAST(CASE WHEN active THEN 1 ELSE 0 END AS BIGINT) FROM pg_catalog.pg_replication_slots WHERE slot_name = CAST(?1 AS TEXT)",
);
static SUBSCRIBED: Statement = Statement::new(
    "following::SUBSCRIBED",
    "SELECT CAST(COUNT(*) AS BIGINT) FROM pg_catalog.pg_subscription_rel r JOIN pg_catalog.pg_subscription s ON s.oid = r.srsubid
     WHERE CAST(s.subname AS TEXT) = ?1 AND (CAST(?2 AS BIGINT) = 0 OR r.srsubstate <> 'r')",
);

/// Tables that come from the primary.
fn shared() -> impl Iterator<Item = &'static str> {
    migrate::tables().into_iter().filter(|table| !REGIONAL.contains(table))
}

/// A text as PostgreSQL reads it (`standard_conforming_strings`, on since 9.1).
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn listed(tables: impl Iterator<Item = &'static str>) -> String {
    tables.map(|table| format!("\"{table}\"")).collect::<Vec<_>>().join(", ")
}

/// What the subscription of a Region is called, and its slot at the primary: of letters, digits and underscores, its own among all databases there, and
/// another one each time that a Region is added, so that a database of one that was removed never reads what is kept for its successor.
pub fn slot_name(instance: &InstanceId, region: &Region) -> String {
    let id = instance.as_str().rsplit_once("ins-").map_or(instance.as_str(), |(_, id)| id);
    let lower = id.chars().map(|sign| sign.to_ascii_lowercase());
    let plain: String = lower.map(|sign| if sign.is_ascii_alphanumeric() { sign } else { '_' }).collect();
    format!("portico_{plain}_{:x}", region.added_at.micros())
}

/// Whether the database keeps what others need to follow it: `None` when it does, else its `wal_level`, which must be `logical`.
pub fn unfit_to_be_followed(rx: &mut Rx<'_>) -> Result<Option<String>, Fault> {
    let level = rx.first(&WAL_LEVEL, params![], |row| row.text(0))?.unwrap_or_default();
    Ok((level != "logical").then_some(level))
}

/// Has the primary publish what Regions follow, and keep for one of them what it has not seen yet.
pub fn publish(primary: &Store, slot: &str) -> Result<(), Fault> {
    primary.alter(|tx| {
        let tables = listed(shared());
        let publication = if tx.exists(&HAS_PUBLICATION, params![])? {
            format!("ALTER PUBLICATION {PUBLICATION} SET TABLE {tables}")
        } else {
            format!("CREATE PUBLICATION {PUBLICATION} FOR TABLE {tables}")
        };
        Ok(tx.script(&publication)?)
    })?;
    let slot = literal(slot);
    // That of a `follow` which did not end.
    let left = format!(
        "SELECT pg_catalog.pg_drop_replication_slot(slot_name) FROM pg_catalog.pg_replication_slots WHERE slot_name = {slot} AND NOT active"
    );
    primary.alter(|tx| Ok(tx.script(&left)?))?;
    // Alone: a slot is refused in a transaction that has changed something.
    let keep = format!("SELECT pg_catalog.pg_create_logical_replication_slot({slot}, 'pgoutput')");
    primary.alter(|tx| Ok(tx.script(&keep)?))
}

/// How a Region's slot stands at the primary: whether somebody reads from it. `None` when there is none.
pub fn slot_is_read(rx: &mut Rx<'_>, slot: &str) -> Result<Option<bool>, Fault> {
    Ok(rx.first(&SLOT, params![slot], |row| row.flag(0))?)
}

/// Has the primary keep nothing for a Region any more, whoever reads it.
pub fn forget(primary: &Store, slot: &str) -> Result<(), Fault> {
    let slot = literal(slot);
    let slots = format!("FROM pg_catalog.pg_replication_slots WHERE slot_name = {slot}");
    primary.alter(|tx| {
        Ok(tx.script(&format!("SELECT pg_catalog.pg_terminate_backend(active_pid) {slots} AND active"))?)
    })?;
    primary
        .alter(|tx| Ok(tx.script(&format!("SELECT pg_catalog.pg_drop_replication_slot(slot_name) {slots}"))?))
}

/// Has a database follow from now on. `primary` is the primary database's URL as this one's server reaches it, `primary_region` its Region.
pub fn follow(
    store: &Store,
    (here, primary_region): (&Here, &str),
    (primary, slot): (&str, &str),
    now: Timestamp,
) -> Result<(), Fault> {
    let subscribe = format!(
        "CREATE SUBSCRIPTION {slot} CONNECTION {} PUBLICATION {PUBLICATION} WITH (create_slot = false, slot_name = {})",
        literal(primary),
        literal(slot)
    );
    store.alter(|tx| {
        // The address of the primary's database may hold a password, which no log is told.
        tx.script(
            "SELECT pg_catalog.set_config(name, value, true)
             FROM (VALUES ('log_statement', 'none'), ('log_min_error_statement', 'panic'), ('log_min_duration_statement', '-1')) of (name, value)
             WHERE pg_catalog.current_setting('is_superuser') = 'on'",
        )?;
        tx.script(&format!("TRUNCATE {}", listed(shared())))?;
        regions::insert_here(tx, here, now)?;
        tx.script(&guards(here, primary_region))?;
        tx.script(&revocations())?;
        Ok(tx.script(&subscribe)?)
    })
}

/// How many tables are still being copied, and how many there are.
pub fn still_copied(rx: &mut Rx<'_>, slot: &str) -> Result<(u64, u64), Fault> {
    Ok((rx.count(&SUBSCRIBED, params![slot, 1])?, rx.count(&SUBSCRIBED, params![slot, 0])?))
}

/// The triggers that leave changes of the primary's tables to the primary. A row that would stay as it is passes, and so do the columns of [`USED`].
fn guards(here: &Here, primary_region: &str) -> String {
    let Here { name, primary_url } = here;
    let why = format!(
        "This is the Region {name}, which signs people in and answers reads. Changes are made in the primary Region {primary_region}, at {primary_url}"
    );
    let function = format!(
        "CREATE FUNCTION portico_elsewhere() RETURNS trigger LANGUAGE plpgsql AS $guard$
         BEGIN
           IF TG_OP = 'UPDATE' THEN
             IF to_jsonb(NEW) - TG_ARGV[0]::text[] = to_jsonb(OLD) - TG_ARGV[0]::text[] THEN RETURN NEW; END IF;
           END IF;
           RAISE EXCEPTION USING ERRCODE = '{ELSEWHERE}', MESSAGE = {};
         END $guard$;",
        literal(&why)
    );
    let trigger = |table: &str| {
        let used = USED.iter().find(|(of, _)| *of == table).map_or(&[][..], |(_, columns)| columns).join(",");
        format!(
            "\nCREATE TRIGGER portico_elsewhere BEFORE INSERT OR UPDATE OR DELETE ON \"{table}\" FOR EACH ROW EXECUTE FUNCTION portico_elsewhere('{{{used}}}');"
        )
    };
    // Of work that is left for later only letters are sent here; whoever left another kind would wait for ever.
    let jobs = format!(
        "\nCREATE TRIGGER portico_elsewhere BEFORE INSERT ON jobs FOR EACH ROW WHEN (NEW.kind <> '{}') EXECUTE FUNCTION portico_elsewhere('{{}}');",
        JobKind::Mail.as_str()
    );
    std::iter::once(function).chain(shared().map(trigger)).chain([jobs]).collect()
}

/// The triggers that see what replication brings, and them alone: who is signed out in the primary Region is signed out here.
fn revocations() -> String {
    let end = |tables: &mut dyn Iterator<Item = &&str>, of: &str| -> String {
        let ends: Vec<_> =
            tables.map(|table| format!("DELETE FROM \"{table}\" WHERE user_id = {of}.user_id;\n")).collect();
        ends.concat()
    };
    let function = |name: &str, body: &str| {
        format!(
            "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $revoke$ BEGIN\n{body}RETURN NULL; END $revoke$;\n"
        )
    };
    let trigger = |table: &str, when: &str, name: &str| {
        format!(
            "CREATE TRIGGER {name} AFTER {when} ON \"{table}\" FOR EACH ROW EXECUTE FUNCTION {name}();\nALTER TABLE \"{table}\" ENABLE REPLICA TRIGGER {name};\n"
        )
    };
    let signed_out = format!(
        "IF NEW.not_before IS DISTINCT FROM OLD.not_before THEN\n{}END IF;\n",
        end(&mut OF_SESSIONS.iter(), "NEW")
    );
    let gone = end(&mut OF_SESSIONS.iter().chain(OF_PEOPLE), "OLD");
    let factors = end(&mut OF_FACTORS.iter(), "OLD");
    [
        function("portico_signed_out", &signed_out),
        trigger("users", "UPDATE", "portico_signed_out"),
        function("portico_gone", &gone),
        trigger("users", "DELETE", "portico_gone"),
        function("portico_other_factors", &factors),
        trigger("passwords", "UPDATE OR DELETE", "portico_other_factors"),
        trigger("mfa_devices", "DELETE", "portico_other_factors"),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use model::instances::region::{RegionName, RegionStatus};

    use super::*;

    #[test]
    fn whatever_is_named_is_a_table_and_each_is_somebodys() {
        let tables = migrate::tables();
        for table in REGIONAL {
            assert!(tables.contains(table), "{table}");
        }
        for table in OF_SESSIONS.iter().chain(OF_PEOPLE).chain(OF_FACTORS) {
            assert!(REGIONAL.contains(table), "what replication brings must not be changed here: {table}");
        }
        for (table, _) in USED {
            assert!(shared().any(|shared| shared == *table), "{table}");
        }
    }

    #[test]
    fn the_name_of_a_slot_is_one_that_postgresql_takes_and_no_other_region_ever_has() {
        let region = |micros| Region {
            name: RegionName::trusted("us-gov-west-1"),
            status: RegionStatus::Adding,
            added_at: Timestamp::from_micros(micros),
        };
        let instance = InstanceId::trusted("ssoins-72AB.ef-012345678");
        assert_eq!(slot_name(&instance, &region(255)), "portico_72ab_ef_012345678_ff");
        assert_ne!(slot_name(&instance, &region(255)), slot_name(&instance, &region(256)));
        assert!(slot_name(&instance, &region(i64::MAX)).len() <= 63, "NAMEDATALEN");
        assert_eq!(literal("it's"), "'it''s'");
    }
}
