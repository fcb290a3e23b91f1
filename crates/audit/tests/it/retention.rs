//! What has outlived its time goes, and nothing else; it is written elsewhere first.

use std::time::Duration;

use audit::attribute::Attribute;
use audit::events::{Lookup, look_up};
use audit::retention::Retention;
use model::event::Outcome;
use model::fault::FaultKind;
use model::page::PageRequest;
use testkit::fixture::{Fixture, START};

use crate::support::{DENIED, file_away, insert, records, stranger, trail};

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
    insert(fixture, all.into()).await;
    file_away(fixture).await;
}

async fn names(fixture: &Fixture) -> Vec<String> {
    let mut names: Vec<String> =
        records(fixture).await.into_iter().map(|record| record.event_name.into_owned()).collect();
    names.sort();
    names
}

async fn touching(fixture: &Fixture, name: &str) -> usize {
    let attribute = Some(Attribute::ResourceName(format!("arn:{name}")));
    let cx = fixture.root("cloudtrail.amazonaws.com", "LookupEvents");
    let lookup = Lookup { attribute, ..Lookup::default() };
    look_up(&trail(fixture).0, &cx, lookup, PageRequest::first(50)).await.unwrap().items.len()
}

/// Whether nothing was altered or lost.
fn is_whole(fixture: &Fixture) -> bool {
    audit::verify::verify(&fixture.store, &[]).unwrap().iter().all(|chain| chain.wrong.is_empty())
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
    assert_eq!(names(&fixture).await, kept, "the changes of then, and everything of now");
    assert_eq!((touching(&fixture, "Refused").await, touching(&fixture, "CreateInstance").await), (1, 2));
    assert!(is_whole(&fixture), "the chain goes on behind what is gone");
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
        assert_eq!(names(&fixture).await.len(), 5, "what cannot be written elsewhere stays");
        let retention = Retention { export: Some(place.path().to_owned()), ..retention };
        assert_eq!(retention.apply(&late.store, &cx).await.unwrap(), 2);
        assert_eq!(names(&fixture).await, ["ListInstances", "Refused", "RegisterClient"]);
        assert!(is_whole(&fixture));
    }
);

testkit::on_both_engines!(a_piece_goes_when_all_that_is_in_it_is_over, |fixture: Fixture| async move {
    for begin in [0, 500] {
        let many = (begin..begin + 500).map(|number| {
            let later = fixture.later(Duration::from_secs(number));
            stranger(&later, "192.0.2.1", "ListUsers").record(DENIED)
        });
        insert(&fixture, many.collect()).await;
        file_away(&fixture.later(Duration::from_secs(begin + 500))).await;
    }
    let retention = Retention { passing: Some(days(1)), ..Retention::default() };
    let run = async |seconds| {
        let mut cx = fixture.root("sso.amazonaws.com", "Retain");
        cx.now = START.plus(days(1)).plus(Duration::from_secs(seconds));
        retention.apply(&fixture.store, &cx).await.unwrap()
    };
    assert_eq!(run(499).await, 0, "its last record is not over");
    assert_eq!(run(700).await, 500);
    assert_eq!(records(&fixture).await.len(), 501);
    assert!(is_whole(&fixture));
});
