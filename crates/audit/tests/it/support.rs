//! Callers and their calls.

use model::caller::Caller;
use model::cx::Cx;
use model::event::Outcome;
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

/// Every record, the newest first.
pub(crate) fn records(fixture: &Fixture) -> Vec<AuditRecord> {
    fixture.store.read(|rx| Ok(store::audit_records::page_backward(rx, "g", "", 100_000)?)).unwrap()
}

/// The records named `name`, as JSON.
pub(crate) fn named(fixture: &Fixture, name: &str) -> Vec<Value> {
    let all = records(fixture).into_iter().filter(|record| record.event_name == name);
    all.map(|record| serde_json::from_str(&record.json).unwrap()).collect()
}

/// How many calls a record stands for.
pub(crate) fn stands_for(record: &Value) -> u64 {
    record["additionalEventData"]["count"].as_u64().unwrap_or(1)
}
