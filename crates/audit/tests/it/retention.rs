//! What has outlived its time goes, and nothing else; it is written elsewhere first.

use std::time::Duration;

use audit::retention::Retention;
use model::event::Outcome;
use model::fault::FaultKind;
use model::record::AuditRecord;
use store::audit_records::{self, By};
use testkit::fixture::{Fixture, START};

use crate::support::{DENIED, records, stranger};

const fn days(days: u64) -> Duration {
    Duration::from_hours(24 * days)
}

/// A change, a look, a refusal and a stranger's registration, each of which touched something.
async fn fill(fixture: &Fixture) {
    let touched = |name: &str| {
        let cx = fixture.root("sso.amazonaws.com", name);
        cx.event().touch("AWS::SSO::Instance", format!("arn:{name}"));
        cx
    };
    let mut look = touched("ListInstances").record(Outcome::Success);
    (look.read_only, look.passing) = (true, true);
    let registered = stranger(fixture, "192.0.2.1", "RegisterClient").record(Outcome::Success);
    let all = [
        touched("CreateInstance").record(Outcome::Success),
        look,
        touched("Refused").record(DENIED),
        registered,
    ];
    let cx = fixture.root("sso.amazonaws.com", "Fill");
    let insert = move |tx: &mut store::tx::Tx<'_>, _: &model::cx::Cx| {
        all.iter().try_for_each(|record| audit_records::insert(tx, record))
    };
    fixture.store.maintain(&cx, insert).await.unwrap();
}

fn names(fixture: &Fixture) -> Vec<String> {
    let mut names: Vec<String> = records(fixture).into_iter().map(|record| record.event_name).collect();
    names.sort();
    names
}

fn touching(fixture: &Fixture, name: &str) -> Vec<AuditRecord> {
    let resource = format!("arn:{name}");
    let by = By::Resource(&resource);
    fixture.store.read(|rx| Ok(audit_records::page_by(rx, by, ("g", ""), 10)?)).unwrap()
}

testkit::on_both_engines!(looks_and_refusals_go_and_changes_stay, |fixture: Fixture| async move {
    fill(&fixture).await;
    let place = tempfile::tempdir().unwrap();
    let export = Some(place.path().to_owned());
    let retention = Retention { passing: Some(days(90)), changes: None, export };
    let run = async |fixture: &Fixture| {
        retention.apply(&fixture.store, &fixture.root("sso.amazonaws.com", "Retain")).await.unwrap()
    };
    assert_eq!(run(&fixture.later(days(89))).await, 0);
    let late = fixture.later(days(91));
    fill(&late).await;
    assert_eq!(run(&late).await, 3);
    let kept =
        ["CreateInstance", "CreateInstance", "CreateInstance", "ListInstances", "Refused", "RegisterClient"];
    assert_eq!(names(&fixture), kept, "the changes of then, and everything of now");
    assert_eq!((touching(&fixture, "Refused").len(), touching(&fixture, "CreateInstance").len()), (1, 2));
    let file = place.path().join("audit-2026-11-24.jsonl");
    let lines = std::fs::read_to_string(&file).unwrap();
    let exported: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut exported: Vec<&str> =
        exported.iter().map(|record| record["eventName"].as_str().unwrap()).collect();
    exported.sort_unstable();
    assert_eq!(exported, ["ListInstances", "Refused", "RegisterClient"]);
    assert_eq!(run(&late).await, 0);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), lines, "and nothing is written twice");
});

testkit::on_both_engines!(
    changes_go_when_they_are_told_to_and_are_elsewhere,
    |fixture: Fixture| async move {
        fill(&fixture).await;
        let late = fixture.later(days(401));
        let cx = late.root("sso.amazonaws.com", "Retain");
        let place = tempfile::tempdir().unwrap();
        let nowhere = Some(place.path().join("absent"));
        let retention = Retention { passing: None, changes: Some(days(400)), export: nowhere };
        let refused = retention.apply(&late.store, &cx).await.unwrap_err();
        assert_eq!(*refused.kind(), FaultKind::Unavailable);
        assert_eq!(names(&fixture).len(), 5, "what cannot be written elsewhere stays");
        let retention = Retention { export: Some(place.path().to_owned()), ..retention };
        assert_eq!(retention.apply(&late.store, &cx).await.unwrap(), 2);
        assert_eq!(names(&fixture), ["ListInstances", "Refused", "RegisterClient"]);
    }
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_trail_is_gone_through_in_small_transactions() {
    let fixture = Fixture::sqlite().await;
    let many: std::sync::Arc<[AuditRecord]> = (0..3_000)
        .map(|number| {
            let later = fixture.later(Duration::from_secs(number));
            stranger(&later, "192.0.2.1", "ListUsers").record(DENIED)
        })
        .collect();
    let cx = fixture.root("sso.amazonaws.com", "Fill");
    let rows = many.clone();
    let insert = move |tx: &mut store::tx::Tx<'_>, _: &model::cx::Cx| {
        rows.iter().try_for_each(|record| audit_records::insert(tx, record))
    };
    fixture.store.maintain(&cx, insert).await.unwrap();
    let retention = Retention { passing: Some(days(1)), ..Retention::default() };
    // All but the last thousand seconds are over.
    let mut cx = fixture.root("sso.amazonaws.com", "Retain");
    cx.now = START.plus(days(1)).plus(Duration::from_secs(2_000));
    assert_eq!(retention.apply(&fixture.store, &cx).await.unwrap(), 2_000);
    assert_eq!(records(&fixture).len(), 1_001);
}
