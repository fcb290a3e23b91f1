//! Callers and their calls.

use std::sync::Arc;
use std::time::Duration;

use audit::events::{Lookup, look_up};
use audit::keeper::Keeper;
use audit::recorder::Recorder;
use model::caller::Caller;
use model::clock::ManualClock;
use model::cx::Cx;
use model::event::Outcome;
use model::page::PageRequest;
use model::record::AuditRecord;
use serde_json::Value;
use testkit::fixture::Fixture;

pub(crate) const DENIED: Outcome<'_> = Outcome::Failure { code: "AccessDeniedException", message: "no" };

/// A stranger's call.
pub(crate) fn stranger(fixture: &Fixture, address: &str, name: &str) -> Cx {
    let mut cx = fixture.cx(Caller::anonymous(), "sso.amazonaws.com", name);
    cx.source_ip = address.into();
    cx
}

/// Every record, the newest first, wherever it is.
pub(crate) async fn records(fixture: &Fixture) -> Vec<AuditRecord> {
    records_of(&trail(fixture).0, fixture).await
}

/// The same as a recorder that still writes finds them: who takes the trail up beside it would take its last, half-written record for torn, and cut it off.
pub(crate) async fn records_of(recorder: &Recorder, fixture: &Fixture) -> Vec<AuditRecord> {
    let cx = fixture.root("cloudtrail.amazonaws.com", "LookupEvents");
    look_up(recorder, &cx, Lookup::default(), PageRequest::first(100_000)).await.unwrap().items
}

/// The records named `name`, as JSON.
pub(crate) async fn named(fixture: &Fixture, name: &str) -> Vec<Value> {
    let all = records(fixture).await.into_iter().filter(|record| record.event_name == name);
    all.map(|record| serde_json::from_str(&record.json).unwrap()).collect()
}

/// The trail as a server that starts takes it up.
pub(crate) fn trail(fixture: &Fixture) -> (Recorder, Keeper) {
    let clock = Arc::new(ManualClock::new(fixture.now.plus(Duration::from_secs(2_000))));
    let (store, surroundings) = (fixture.store.clone(), fixture.surroundings.clone());
    let recorder = Recorder::start(store, surroundings.clone(), clock.clone()).unwrap();
    let keeper = Keeper::new(recorder.clone(), surroundings, clock);
    (recorder, keeper)
}

/// Puts every record into a piece that is closed and in the index.
pub(crate) async fn file_away(fixture: &Fixture) {
    for _ in 0..2 {
        trail(fixture).1.keep().await.unwrap();
    }
}

/// Adds records as a change does.
pub(crate) async fn insert(fixture: &Fixture, all: Vec<AuditRecord>) {
    let cx = fixture.root("sso.amazonaws.com", "Fill");
    let insert = move |tx: &mut store::tx::Tx<'_>, _: &Cx| {
        all.iter().try_for_each(|record| store::audit::audit_records::insert(tx, record))
    };
    fixture.store.maintain(&cx, insert).await.unwrap();
}

/// How many calls a record stands for.
pub(crate) fn stands_for(record: &Value) -> u64 {
    record["additionalEventData"]["count"].as_u64().unwrap_or(1)
}
