//! LookupEvents finds what is there, whatever it is asked by, and costs nobody else anything.

use std::time::{Duration, Instant};

use audit::attribute::Attribute;
use audit::events::{Lookup, look_up};
use audit::recorder::Recorder;
use model::event::Outcome;
use model::page::PageRequest;
use model::record::AuditRecord;
use testkit::fixture::{Fixture, START};

use crate::support::{file_away, insert, records, trail};

/// Which records a look-up should find.
type Wanted<'a> = Box<dyn Fn(&AuditRecord) -> bool + 'a>;

/// Records that differ in everything that can be looked up.
fn various(fixture: &Fixture) -> Vec<AuditRecord> {
    let mut all = Vec::new();
    for number in 0..600_u64 {
        let later = fixture.later(Duration::from_secs(number));
        let source = ["sso.amazonaws.com", "iam.amazonaws.com"][usize::from(number % 7 == 0)];
        let cx = later.root(source, &format!("Event{}", number % 5));
        cx.event().name_user(&format!("user{}", number % 11));
        if number % 3 == 0 {
            cx.event().touch("AWS::SSO::PermissionSet", format!("arn:set/{}", number % 4));
            cx.event().touch("AWS::Account", "111122223333");
        }
        let mut record = cx.record(Outcome::Success);
        let mut change = |from: &str, to: &str| record.json = record.json.replacen(from, to, 1);
        if number % 13 == 0 {
            change("AKIAIOSFODNN7EXAMPLE", "AKIAOTHER");
        }
        if number % 2 == 0 {
            change("\"readOnly\":false", "\"readOnly\":true");
        }
        record.passing = number % 2 == 0;
        all.push(record);
    }
    all
}

/// Every page of a look-up, one after the other.
async fn all_pages(fixture: &Fixture, recorder: &Recorder, lookup: &Lookup) -> Vec<String> {
    let cx = fixture.root("cloudtrail.amazonaws.com", "LookupEvents");
    let (mut found, mut page) = (Vec::new(), PageRequest::first(17));
    loop {
        let part = look_up(recorder, &cx, lookup.clone(), page.clone()).await.unwrap();
        found.extend(part.items.into_iter().map(|record| record.event_id));
        match part.next {
            Some(next) => page.after = Some(next),
            None => return found,
        }
    }
}

/// Where the records of a test are.
#[derive(Debug, Clone, Copy)]
enum Spread {
    /// None is in a piece.
    New,
    /// A third each: in an index, in pieces without one, and new; one is in two places.
    Everywhere,
    /// All are in an index.
    Filed,
}

async fn is_found_wherever_it_is(fixture: Fixture, spread: Spread) {
    let mut parts = various(&fixture);
    let (new, open) = (parts.split_off(400), parts.split_off(200));
    insert(&fixture, parts).await;
    if matches!(spread, Spread::Everywhere) {
        file_away(&fixture).await;
    }
    let twice = open[7].clone();
    insert(&fixture, open).await;
    let (recorder, keeper) = trail(&fixture);
    if matches!(spread, Spread::Everywhere) {
        keeper.keep().await.unwrap();
        insert(&fixture, vec![twice]).await;
    }
    insert(&fixture, new).await;
    if matches!(spread, Spread::Filed) {
        file_away(&fixture).await;
    }
    let all = records(&fixture).await;
    assert_eq!(all.len(), 601);
    assert!(all.is_sorted_by(|left, right| left.event_id > right.event_id));
    let bounds = (START.plus(Duration::from_secs(100)), START.plus(Duration::from_secs(399)));
    let one = all[250].event_id.clone();
    let has = |record: &AuditRecord, text: &str| {
        record.resources.iter().any(|(kind, name)| kind == text || name == text)
    };
    let cases: Vec<(&str, &str, Wanted<'_>)> = vec![
        ("EventId", &one, Box::new(|record| record.event_id == one)),
        ("EventName", "Event3", Box::new(|record| record.event_name == "Event3")),
        ("ReadOnly", "true", Box::new(|record| record.read_only)),
        ("ReadOnly", "false", Box::new(|record| !record.read_only)),
        ("Username", "user7", Box::new(|record| record.user_name.as_deref() == Some("user7"))),
        ("ResourceType", "AWS::Account", Box::new(|record| has(record, "AWS::Account"))),
        ("ResourceName", "arn:set/2", Box::new(|record| has(record, "arn:set/2"))),
        ("ResourceName", "AWS::Account", Box::new(|_| false)),
        ("EventSource", "iam.amazonaws.com", Box::new(|record| record.event_source.starts_with("iam"))),
        ("AccessKeyId", "AKIAOTHER", Box::new(|record| record.access_key_id.as_deref() == Some("AKIAOTHER"))),
        ("EventName", "Absent", Box::new(|_| false)),
    ];
    for (key, value, wanted) in cases {
        let attribute = Some(Attribute::parse(key, value).unwrap());
        for (from, to) in [(None, None), (Some(bounds.0), Some(bounds.1))] {
            let within = |record: &&AuditRecord| {
                from.is_none() || record.event_time >= bounds.0 && record.event_time <= bounds.1
            };
            let expected: Vec<String> = all
                .iter()
                .filter(within)
                .filter(|record| wanted(record))
                .map(|record| record.event_id.clone())
                .collect();
            let lookup = Lookup { from, to, attribute: attribute.clone() };
            assert_eq!(all_pages(&fixture, &recorder, &lookup).await, expected, "{key}={value} {from:?}");
        }
    }
}

testkit::on_both_engines!(what_is_looked_up_is_found_among_new_records, |fixture: Fixture| async move {
    is_found_wherever_it_is(fixture, Spread::New).await;
});
testkit::on_both_engines!(what_is_looked_up_is_found_wherever_it_is, |fixture: Fixture| async move {
    is_found_wherever_it_is(fixture, Spread::Everywhere).await;
});
testkit::on_both_engines!(what_is_looked_up_is_found_by_the_index, |fixture: Fixture| async move {
    is_found_wherever_it_is(fixture, Spread::Filed).await;
});

/// A trail of 200,000 records, none of which is of a read, made where it is: through the store it would take minutes.
fn grow(fixture: &Fixture) {
    let store::db::Location::Sqlite(path) = &fixture.location else { unreachable!() };
    let connection = rusqlite::Connection::open(path).unwrap();
    connection
        .execute_batch(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
             INSERT INTO audit_records (event_id, passing, user_name, record) SELECT printf('%08x-0000-7000-8000-000000000000', i), 0, 'root',
             printf('{\"eventSource\":\"sso.amazonaws.com\",\"eventName\":\"Event%d\",\"eventID\":\"%08x-0000-7000-8000-000000000000\",\"readOnly\":false,\"x\":\"%s\"}',
             i % 50, i, hex(zeroblob(500))) FROM n;",
        )
        .unwrap();
    drop(connection);
    assert!(store::db::heard(&fixture.location).unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_auditors_who_find_nothing_hold_nobody_up() {
    let fixture = Fixture::sqlite().await;
    grow(&fixture);
    // As it is just after an upgrade: none of it is in a piece.
    let (recorder, _keeper) = trail(&fixture);
    let until = Instant::now() + Duration::from_secs(4);
    let auditor = async |key: &'static str, value: &'static str| {
        let cx = fixture.root("cloudtrail.amazonaws.com", "LookupEvents");
        let mut asked = 0;
        let attribute = Attribute::parse(key, value).unwrap();
        while Instant::now() < until {
            let lookup = Lookup { attribute: Some(attribute.clone()), ..Lookup::default() };
            let found = look_up(&recorder, &cx, lookup, PageRequest::first(50)).await.unwrap();
            assert_eq!(found.items.len(), 0);
            asked += 1;
        }
        asked
    };
    // As a health check or any other call: a task that wants a thread, and a small read.
    let neighbour = async {
        let mut took = Vec::new();
        while Instant::now() < until {
            let (begun, store) = (Instant::now(), fixture.store.clone());
            let read =
                async move { store.read(|rx| Ok(store::instances::instances::list(rx)?)).unwrap().len() };
            assert_eq!(tokio::spawn(read).await.unwrap(), 1);
            took.push(begun.elapsed());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        took.sort();
        took
    };
    let (scans, names, types, keys, took) = tokio::join!(
        auditor("ReadOnly", "true"),
        auditor("ReadOnly", "true"),
        auditor("ResourceName", "absent"),
        auditor("Username", "absent"),
        neighbour
    );
    let at = |share: usize| took[took.len() * share / 100];
    println!(
        "{} look-ups that scan and {} by an index; a neighbour's call took {:.1?} (p50), {:.1?} (p90), {:.1?} (p99)",
        scans + names,
        types + keys,
        at(50),
        at(90),
        at(99)
    );
    assert!(at(90) < Duration::from_millis(100), "p90 {:?}", at(90));
}
