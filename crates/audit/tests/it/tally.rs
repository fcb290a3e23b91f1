//! What may come in any number: recorded once, then counted, and nothing of it lost.

use std::sync::Arc;
use std::time::Duration;

use audit::recorder::Recorder;
use model::clock::{Clock as _, ManualClock};
use model::cx::Cx;
use model::event::Outcome;
use serde_json::{Value, json};
use testkit::fixture::{Fixture, START};

use crate::support::{DENIED, named, records, records_of, stands_for, stranger};

fn recorder(fixture: &Fixture, strangers_bytes_a_day: u64) -> (Recorder, Arc<ManualClock>) {
    let (clock, store) = (Arc::new(ManualClock::new(START)), fixture.store.clone());
    let surroundings = fixture.surroundings.clone();
    (Recorder::start_bounded(store, surroundings, clock.clone(), strangers_bytes_a_day).unwrap(), clock)
}

testkit::on_both_engines!(repeats_of_a_stranger_become_one_counted_record, |fixture: Fixture| async move {
    let (recorder, _) = recorder(&fixture, 64 << 20);
    for _ in 0..1_000 {
        recorder.tally(&stranger(&fixture, "192.0.2.1", "ListUsers"), DENIED);
    }
    recorder.tally(&stranger(&fixture, "192.0.2.2", "ListUsers"), DENIED);
    recorder.tally(&stranger(&fixture, "192.0.2.1", "ListGroups"), DENIED);
    let other = Outcome::Failure { code: "ThrottlingException", message: "wait" };
    recorder.tally(&stranger(&fixture, "192.0.2.1", "ListUsers"), other);
    recorder.flush().await;
    assert_eq!(recorder.counted(), 999);
    let found = named(&fixture, "ListUsers").await;
    let of = |address: &str, code: &str| -> Vec<&Value> {
        found.iter().filter(|is| is["sourceIPAddress"] == address && is["errorCode"] == code).collect()
    };
    let flood = of("192.0.2.1", "AccessDeniedException");
    assert_eq!(flood.len(), 2, "the first whole, the others as one: {found:#?}");
    let counted = flood.iter().find(|record| stands_for(record) > 1).unwrap();
    let window = json!({"windowStart": START.rfc3339(), "windowEnd": START.rfc3339()});
    assert_eq!(counted["additionalEventData"], json!({"count": 999, "timeWindow": window}));
    assert_eq!(counted["userIdentity"]["type"], "Unknown");
    assert_eq!(of("192.0.2.2", "AccessDeniedException").len(), 1, "another source has its own");
    assert_eq!(of("192.0.2.1", "ThrottlingException").len(), 1, "another error too");
    assert_eq!(named(&fixture, "ListGroups").await.len(), 1, "and another event");
    assert!(
        records(&fixture).await.iter().all(|record| record.passing || record.event_name == "CreateInstance")
    );
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_count_is_written_when_its_minute_is_over_and_goes_on() {
    let fixture = Fixture::sqlite().await;
    let (recorder, clock) = recorder(&fixture, 64 << 20);
    let call = |clock: &ManualClock| {
        let mut cx = stranger(&fixture, "192.0.2.1", "ListUsers");
        cx.now = clock.now();
        cx
    };
    for minute in 1..=3_usize {
        for _ in 0..10 {
            recorder.tally(&call(&clock), DENIED);
        }
        clock.advance(Duration::from_mins(1));
        // The first of all is a record of its own; then one a minute.
        let wanted = minute + 1;
        let written = async || {
            let all = records_of(&recorder, &fixture).await;
            all.iter().filter(|record| record.event_name == "ListUsers").count()
        };
        for _ in 0..100 {
            if written().await == wanted {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(written().await, wanted);
    }
    drop(recorder);
    assert_eq!(named(&fixture, "ListUsers").await.iter().map(stands_for).sum::<u64>(), 30);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_known_has_twenty_records_of_their_own_and_is_named_by_the_count() {
    let fixture = Fixture::sqlite().await;
    let (recorder, _) = recorder(&fixture, 0);
    for _ in 0..100 {
        recorder.tally(&fixture.root("sso.amazonaws.com", "ListInstances"), DENIED);
    }
    recorder.flush().await;
    let found = named(&fixture, "ListInstances").await;
    assert_eq!(found.len(), 21);
    assert!(found.iter().all(|record| record["userIdentity"]["type"] == "Root"));
    assert_eq!(found.iter().map(stands_for).sum::<u64>(), 100);
    assert!(records(&fixture).await.iter().all(|record| record.user_name.as_deref() == Some("root")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_from_everywhere_stays_within_the_allowance_and_is_counted_to_the_last() {
    let fixture = Fixture::sqlite().await;
    let allowance = 200 * 1_024;
    let (recorder, clock) = recorder(&fixture, 24 * allowance);
    let call = |number: u32, at: &ManualClock| -> Cx {
        let address = std::net::Ipv4Addr::from_bits(0x0a00_0000 + number).to_string();
        let mut cx = stranger(&fixture, &address, ["ListUsers", "ListGroups"][number as usize % 2]);
        (cx.now, cx.user_agent) = (at.now(), "x".repeat(1_000).into());
        cx
    };
    for number in 0..30_000 {
        recorder.tally(&call(number, &clock), DENIED);
    }
    clock.advance(Duration::from_secs(60));
    for number in 0..30_000 {
        recorder.tally(&call(number, &clock), DENIED);
    }
    recorder.flush().await;
    let strangers = records(&fixture).await.into_iter().filter(|record| record.passing);
    let grown = strangers.map(|record| record.json.len() as u64).sum::<u64>();
    let found = [named(&fixture, "ListUsers").await, named(&fixture, "ListGroups").await].concat();
    println!("60000 refusals of 30000 addresses: {} records, {grown} bytes", found.len());
    assert_eq!(found.iter().map(stands_for).sum::<u64>(), 60_000, "none is lost");
    assert!(grown < allowance + 4_096, "{grown} bytes");
    let together = found.iter().find(|record| record["sourceIPAddress"] == "Various").unwrap();
    assert_eq!(together["errorCode"], "AccessDeniedException");
    // The next hour has an allowance of its own.
    clock.advance(Duration::from_hours(1));
    recorder.tally(&call(40_000, &clock), DENIED);
    recorder.flush().await;
    let begun_anew = |record: &Value| record["sourceIPAddress"] == "10.0.156.64";
    assert!(named(&fixture, "ListUsers").await.iter().any(begun_anew), "it has a record of its own again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_source_with_ever_new_errors_is_counted_too() {
    let fixture = Fixture::sqlite().await;
    let (recorder, _) = recorder(&fixture, 64 << 20);
    for number in 0..10_000 {
        let code = format!("Error{number}");
        let refusal = Outcome::Failure { code: &code, message: "no" };
        recorder.tally(&stranger(&fixture, "192.0.2.1", "ListUsers"), refusal);
    }
    recorder.flush().await;
    let all = [named(&fixture, "ListUsers").await, named(&fixture, "Various").await].concat();
    assert!(all.len() < 150, "{} records", all.len());
    assert_eq!(all.iter().map(stands_for).sum::<u64>(), 10_000);
}
