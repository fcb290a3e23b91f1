//! Every statement prepares on both engines: the compile-time check of our SQL.

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
