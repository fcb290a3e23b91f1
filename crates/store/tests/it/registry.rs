//! Every statement prepares on both engines: the compile-time check of our SQL.

use store::generations::Changes;
use store::tables::{APART, TABLES, Table};
use testkit::fixture::Fixture;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_statement_prepares_on_sqlite() {
    let fixture = Fixture::sqlite().await;
    let store::db::Location::Sqlite(path) = &fixture.location else { panic!("not SQLite") };
    let connection = rusqlite::Connection::open(path).unwrap();
    for statement in store::registry::all() {
        connection.prepare(statement.sql).unwrap_or_else(|error| panic!("{}: {error}", statement.name));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_statement_prepares_on_postgres() {
    let fixture = Fixture::postgres().await;
    let store::db::Location::Postgres(url) = &fixture.location else { panic!("not PostgreSQL") };
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    for statement in store::registry::all() {
        let prepared = client.prepare(statement.postgres_sql()).await;
        let prepared = prepared.unwrap_or_else(|error| panic!("{}: {error}", statement.name));
        let known = ["text", "int8", "bytea"];
        for ty in prepared.params().iter().chain(prepared.columns().iter().map(tokio_postgres::Column::type_))
        {
            assert!(
                known.contains(&ty.name()),
                "{}: a {} where only text, int8 and bytea travel",
                statement.name,
                ty.name()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_table_that_there_is_has_its_generation() {
    let fixture = Fixture::sqlite().await;
    let store::db::Location::Sqlite(path) = &fixture.location else { panic!("not SQLite") };
    let connection = rusqlite::Connection::open(path).unwrap();
    let mut names = connection
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        .unwrap();
    let names: Result<Vec<String>, _> = names.query_map([], |row| row.get(0)).unwrap().collect();
    for name in names.unwrap() {
        assert!(TABLES.iter().any(|(_, known)| *known == name), "{name} is not in tables.rs");
    }
    // What a statement changes beyond its own table would not be counted.
    let beyond = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'trigger' OR sql LIKE '%CASCADE%' OR sql LIKE '%SET NULL%'";
    assert_eq!(connection.query_row(beyond, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
}

/// Read once more here, in another way, and held against what the program counts.
#[test]
fn every_statement_counts_the_table_that_its_text_changes() {
    let table = |name: &str| {
        let name = name.trim_end_matches('(');
        let found = TABLES.iter().find(|(_, known)| *known == name);
        [found.unwrap_or_else(|| panic!("no table {name}")).0]
    };
    let mut changing = 0;
    for statement in store::registry::all() {
        let words: Vec<&str> = statement.sql.split_whitespace().collect();
        let writes = ["INSERT", "UPDATE", "DELETE", "REPLACE"];
        let said: Vec<Table> = words
            .windows(2)
            .filter_map(|pair| match pair {
                ["INTO" | "UPDATE", name] if *name != "SET" => Some(table(name)[0]),
                _ => None,
            })
            .chain((words[0] == "DELETE").then(|| table(words[2])[0]))
            .collect();
        let apart = APART.iter().find(|(begin, _)| statement.sql.starts_with(begin));
        if let Some((begin, columns)) = apart {
            // Nothing else can be changed by a text that goes on with a condition.
            assert!(begin.ends_with(" WHERE ") && !begin.contains('('), "{begin}");
            assert_eq!(statement.changes, Changes::to_rows_of(&[*columns]), "{}", statement.name);
            continue;
        }
        let expected = match (words[0], said.as_slice()) {
            ("SELECT" | "WITH", []) => Changes::NONE,
            ("INSERT", [one]) if statement.sql.contains("DO UPDATE") => Changes::to(&[*one]),
            ("INSERT", [one]) => {
                let rows_too = Changes::to(&[*one]);
                assert_ne!(statement.changes, rows_too, "{}: it only adds", statement.name);
                assert_eq!(
                    statement.changes.and(Changes::to_rows_of(&[*one])),
                    rows_too,
                    "{}",
                    statement.name
                );
                statement.changes
            }
            ("UPDATE" | "DELETE", [one]) => Changes::to_rows_of(&[*one]),
            _ => panic!("{} changes {said:?}", statement.name),
        };
        assert_eq!(statement.changes, expected, "{}", statement.name);
        changing += usize::from(writes.contains(&words[0]));
    }
    assert!(changing > 50, "{changing}");
}
