//! The recorder while the database is away.

use std::net::TcpListener;
use std::sync::Arc;

use audit::recorder::Recorder;
use model::clock::ManualClock;
use model::cx::Cx;
use model::event::{EventHead, Outcome};
use model::fault::FaultKind;
use model::record::AuditRecord;
use store::db::{Location, Store};
use store::sealing::Keyring;
use testkit::fixture::{Fixture, START};

use crate::support::DENIED;

/// More than the queue holds, and the batch that is on its way.
const MANY: usize = 20_000;

/// A recorder whose database takes connections and never answers.
fn recorder_without_a_database(fixture: &Fixture) -> (Recorder, TcpListener) {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://portico@{}/portico?sslmode=disable", silent.local_addr().unwrap());
    let away = Store::open(&Location::Postgres(url), Keyring::new(&[7; 32]).unwrap(), 2).unwrap();
    let clock = Arc::new(ManualClock::new(START));
    (Recorder::start(away, fixture.surroundings.clone(), clock).unwrap(), silent)
}

/// The record of a call that changed nothing.
fn look(cx: &Cx) -> AuditRecord {
    AuditRecord { passing: true, ..cx.record(Outcome::Success) }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_room_for_a_record_nobody_is_answered_as_if_there_were() {
    let fixture = Fixture::sqlite().await;
    let (recorder, _silent) = recorder_without_a_database(&fixture);
    let cx = fixture.root("sso.amazonaws.com", "ListInstances");
    for number in 0..MANY {
        recorder.tally(&fixture.root("sso.amazonaws.com", &format!("Event{number}")), DENIED);
    }
    let counted = recorder.counted();
    assert!(counted > 0, "what may come in any number does not fill the queue: it is counted");
    recorder.record(look(&cx).to_keep()).await.unwrap();
    let mut refused = None;
    for _ in 0..MANY {
        if let Err(fault) = recorder.record(look(&cx).to_keep()).await {
            refused = Some(fault);
            break;
        }
    }
    let refused = refused.unwrap();
    assert_eq!(*refused.kind(), FaultKind::Unavailable);
    assert!(refused.message().contains("cannot be recorded"), "{}", refused.message());
    assert_eq!(recorder.counted(), counted, "and nothing that was taken is lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn large_records_fill_the_queue_by_their_size() {
    let fixture = Fixture::sqlite().await;
    let (recorder, _silent) = recorder_without_a_database(&fixture);
    let large = || {
        let cx = fixture.root("sso.amazonaws.com", "PutInlinePolicyToPermissionSet");
        cx.event().respond("x".repeat(90_000).into());
        look(&cx)
    };
    for number in 0..2_000 {
        let head = EventHead {
            name: format!("Event{number}").into(),
            request_parameters: serde_json::Value::from("x".repeat(90_000)).into(),
            ..EventHead::default()
        };
        recorder.tally(&fixture.root("sso.amazonaws.com", "").with_event(head), DENIED);
    }
    let taken = 2_000 - recorder.counted();
    assert!((100..400).contains(&taken), "{taken} of 90 kB each were taken: about 32 MiB are for them");
    let mut waited = 0;
    while recorder.record(large().to_keep()).await.is_ok() {
        waited += 1;
        assert!(waited < 1_000, "90 MB wait in memory");
    }
}
