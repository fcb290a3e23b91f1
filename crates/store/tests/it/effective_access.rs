//! Effective access starts from the person: a plan that starts from an account looks through everybody who is assigned anything there.

use testkit::fixture::Fixture;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn assignments_are_found_by_their_principals() {
    let fixture = Fixture::sqlite().await;
    let store::db::Location::Sqlite(path) = &fixture.location else { panic!("not SQLite") };
    let connection = rusqlite::Connection::open(path).unwrap();
    let mut seen = 0;
    for statement in store::registry::all()
        .filter(|statement| statement.name.starts_with("store::accounts::effective_access::"))
    {
        let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", statement.sql)).unwrap();
        // Parameters that are not bound are NULL, which changes no plan.
        let mut rows = plan.raw_query();
        let mut steps: Vec<String> = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            steps.push(row.get(3).unwrap());
        }
        let of_assignments: Vec<&String> =
            steps.iter().filter(|step| step.starts_with("SEARCH a ")).collect();
        assert!(!of_assignments.is_empty(), "{}: {steps:?}", statement.name);
        for step in of_assignments {
            assert!(step.contains("_by_principal (principal_id=?"), "{}: {steps:?}", statement.name);
        }
        let permission_sets_of_an_account = "sqlite_autoindex_provisioned_permission_sets_1 (account_id=?)";
        assert!(
            !steps.iter().any(|step| step.ends_with(permission_sets_of_an_account)),
            "{}: {steps:?}",
            statement.name
        );
        seen += 1;
    }
    assert!(seen >= 4, "only {seen} statements were looked at");
}

/// The pages of who reaches what cost the same wherever they are, because nothing is walked through and nothing is sorted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reaches_what_is_read_in_the_order_of_its_keys() {
    let fixture = Fixture::sqlite().await;
    let store::db::Location::Sqlite(path) = &fixture.location else { panic!("not SQLite") };
    let connection = rusqlite::Connection::open(path).unwrap();
    let mut seen = 0;
    for statement in
        store::registry::all().filter(|statement| statement.name.starts_with("store::accounts::access::"))
    {
        let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", statement.sql)).unwrap();
        let mut rows = plan.raw_query();
        let mut steps: Vec<String> = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            steps.push(row.get(3).unwrap());
        }
        for step in &steps {
            let is_given = step.starts_with("SCAN json_each ");
            assert!(!step.starts_with("SCAN") || is_given, "{}: {steps:?}", statement.name);
            assert!(!step.contains("TEMP B-TREE"), "{}: {steps:?}", statement.name);
        }
        seen += 1;
    }
    assert!(seen > 20, "only {seen} statements were looked at");
}
