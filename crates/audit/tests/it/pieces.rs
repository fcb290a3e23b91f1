//! Pieces of the trail: what was written stays, what was torn is cut, and what was altered or lost is found.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use audit::folder::Folder;
use audit::verify::{Verified, verify};
use model::event::Outcome;
use model::fault::FaultKind;
use model::minted::Minted;
use model::record::AuditRecord;
use proptest::prelude::*;
use testkit::fixture::Fixture;

use crate::support::{file_away, insert, records, trail};

fn made(fixture: &Fixture, number: u64) -> AuditRecord {
    let later = fixture.later(Duration::from_millis(number));
    let cx = later.root("sso.amazonaws.com", &format!("Event{number}"));
    cx.event().name_user("Ann \"a\", \u{e9}\t\"event\":");
    AuditRecord { passing: true, ..cx.record(Outcome::Success) }
}

fn passing(fixture: &Fixture) -> Verified {
    verify(&fixture.store, &[]).unwrap().remove(1)
}

/// The files of the pieces of looks, in order.
fn files(fixture: &Fixture) -> Vec<PathBuf> {
    let folder = Folder::of(&fixture.store).unwrap();
    let entries = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.to_string_lossy().contains("passing-")).collect();
    files.sort();
    files
}

/// Records so many looks, and sees them written.
async fn look(fixture: &Fixture, numbers: std::ops::Range<u64>) {
    let (recorder, _keeper) = trail(fixture);
    for number in numbers {
        recorder.record(made(fixture, number).to_keep()).await.unwrap();
    }
    recorder.flush().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_is_there_after_a_stop_and_the_next_piece_follows() {
    let fixture = Fixture::sqlite().await;
    for round in 0..3 {
        look(&fixture, round * 10..round * 10 + 10).await;
    }
    let found = passing(&fixture);
    assert_eq!((found.pieces, found.records, found.wrong), (3, 30, vec![]));
    let names: Vec<AuditRecord> =
        records(&fixture).await.into_iter().filter(|record| record.passing).collect();
    assert_eq!(names.len(), 30);
    assert_eq!(names[0].user_name.as_deref(), Some("Ann \"a\", \u{e9}\t\"event\":"));
    file_away(&fixture).await;
    assert_eq!(
        records(&fixture).await.into_iter().filter(|record| record.passing).collect::<Vec<_>>(),
        names
    );
    let mode = |path: &PathBuf| {
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o777
    };
    assert!(files(&fixture).iter().all(|path| mode(path) == 0o600));
    assert_eq!(mode(&Folder::of(&fixture.store).unwrap().path().to_owned()), 0o700);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_hands_out_a_secret_is_on_the_disk_when_it_returns() {
    let fixture = Fixture::sqlite().await;
    let (recorder, _keeper) = trail(&fixture);
    let record = AuditRecord { passing: false, ..made(&fixture, 1) };
    recorder.record(record.to_keep()).await.unwrap();
    let folder = Folder::of(&fixture.store).unwrap();
    let text = fs::read_to_string(folder.path().join("changes-00000001.jsonl")).unwrap();
    assert!(text.contains(&record.json));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_record_no_secret_leaves_and_looks_wait_for_the_disk() {
    let fixture = Fixture::sqlite().await;
    let (recorder, _keeper) = trail(&fixture);
    // Where the directory should be nothing can be written.
    let folder = Folder::of(&fixture.store).unwrap();
    fs::write(folder.path(), "").unwrap();
    recorder.record(made(&fixture, 1).to_keep()).await.unwrap();
    let cx = fixture.root("sso.amazonaws.com", "GetRoleCredentials");
    let refused = recorder.release(&cx, Minted::new("secret")).await.unwrap_err();
    assert_eq!(*refused.kind(), FaultKind::Unavailable);
    assert!(refused.message().contains("Nothing was changed"), "{}", refused.message());
    assert!(Minted::new("secret").release(&cx).is_err());
    fs::remove_file(folder.path()).unwrap();
    assert_eq!(recorder.release(&cx, Minted::new("secret")).await.unwrap(), "secret");
    recorder.flush().await;
    let names: Vec<String> =
        records(&fixture).await.into_iter().map(|record| record.event_name.into_owned()).collect();
    assert_eq!(names.iter().filter(|name| *name == "GetRoleCredentials").count(), 1, "{names:?}");
    assert!(names.contains(&"Event1".to_owned()), "{names:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_a_link_is_not_followed() {
    let fixture = Fixture::sqlite().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let folder = Folder::of(&fixture.store).unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), folder.path()).unwrap();
    let clock = std::sync::Arc::new(model::clock::ManualClock::new(fixture.now));
    let refused =
        audit::recorder::Recorder::start(fixture.store.clone(), fixture.surroundings.clone(), clock);
    assert!(refused.is_err());
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_alters_or_takes_away_anything_is_found_out() {
    let fixture = Fixture::sqlite().await;
    for round in 0..4 {
        look(&fixture, round * 10..round * 10 + 10).await;
    }
    let paths = files(&fixture);
    let kept: Vec<Vec<u8>> = paths.iter().map(|path| fs::read(path).unwrap()).collect();
    let digest = passing(&fixture).digest;
    for filed in [false, true] {
        if filed {
            file_away(&fixture).await;
        }
        assert_eq!(passing(&fixture).wrong, [""; 0]);
        let held = verify(&fixture.store, &[&digest, "absent"]).unwrap().remove(1).held;
        assert_eq!(held, std::slice::from_ref(&digest));
        // The last one that no index has has no follower that names it.
        let known = if filed { 4 } else { 3 };
        for at in 0..known {
            let (path, bytes) = (&paths[at], &kept[at]);
            let text = String::from_utf8(bytes.clone()).unwrap();
            let third = text.lines().nth(3).unwrap();
            let altered = [
                text.replacen("192.0.2", "192.0.3", 1).replacen("Event", "Evens", 1),
                text.replacen(&format!("{third}\n"), "", 1),
                format!("{text}{third}\n"),
                text.replacen(third, "x", 1),
            ];
            for other in altered {
                fs::write(path, other).unwrap();
                let wrong = passing(&fixture).wrong;
                assert!(!wrong.is_empty(), "piece {at}, filed: {filed}");
                assert!(
                    wrong.iter().all(|what| what.contains(&format!("piece {} of", at + 1))
                        || what.contains(&format!("piece {} of", at + 2))),
                    "{wrong:?}"
                );
            }
            fs::remove_file(path).unwrap();
            let wrong = passing(&fixture).wrong;
            assert!(
                wrong.iter().any(|what| what.contains(&format!("piece {} of passing: it is lost", at + 1))),
                "{wrong:?}"
            );
            fs::write(path, bytes).unwrap();
        }
    }
    assert_eq!(passing(&fixture).wrong, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_piece_in_postgres_that_was_altered_or_lost_is_found_out() {
    let fixture = Fixture::postgres().await;
    for round in 0..3 {
        insert(&fixture, (round * 10..round * 10 + 10).map(|number| made(&fixture, number)).collect()).await;
        file_away(&fixture).await;
    }
    let found = passing(&fixture);
    assert_eq!((found.pieces, found.records, found.wrong), (3, 30, vec![]));
    let cx = fixture.root("sso.amazonaws.com", "Alter");
    let lose =
        |tx: &mut store::tx::Tx<'_>, _: &model::cx::Cx| store::audit::audit_pieces::empty(tx, "passing", 2);
    fixture.store.maintain(&cx, lose).await.unwrap();
    // Emptied as if its time were over, though the one before is there.
    assert!(!passing(&fixture).wrong.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_torn_end_is_cut_and_counted_and_what_was_whole_stays(cut in 1_usize..20_000, more in any::<bool>()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let fixture = Fixture::sqlite().await;
            look(&fixture, 0..8).await;
            let path = files(&fixture).pop().unwrap();
            let bytes = fs::read(&path).unwrap();
            let kept = bytes.get(..cut.min(bytes.len())).unwrap();
            fs::write(&path, kept).unwrap();
            let whole = kept.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            let left = kept[..whole].split(|byte| *byte == b'\n').count().saturating_sub(2);
            assert_eq!(passing(&fixture).unfinished, (kept.len() - whole) as u64);
            let (recorder, _keeper) = trail(&fixture);
            assert_eq!(recorder.cut(), (kept.len() - whole) as u64);
            if more {
                recorder.record(made(&fixture, 99).to_keep()).await.unwrap();
                recorder.flush().await;
            }
            drop(recorder);
            let found = passing(&fixture);
            assert_eq!((found.records, found.unfinished, found.wrong), ((left + usize::from(more)) as u64, 0, vec![]));
            let seen = records(&fixture).await.into_iter().filter(|record| record.passing).count();
            assert_eq!(seen, left + usize::from(more));
        });
    }
}
