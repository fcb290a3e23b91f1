//! The corpora of the fuzz targets, replayed: what was interesting once still holds, and the corpora stay small.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must say where")]

use std::path::{Path, PathBuf};

use fuzzing::target::TARGETS;

/// Bytes of a corpus at most: it is read by people and by every clone.
const CORPUS_MAX: u64 = 50 * 1_024;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn every_corpus_is_of_a_target_small_and_replayed() {
    let mut named: Vec<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    named.sort();
    let folders = files(&corpus());
    let names: Vec<&str> =
        folders.iter().map(|folder| folder.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, named, "folders of fuzz/corpus, targets");
    for target in TARGETS {
        let files = files(&corpus().join(target.name));
        assert!(files.len() >= 5, "{} has {} inputs", target.name, files.len());
        let size: u64 = files.iter().map(|file| file.metadata().unwrap().len()).sum();
        assert!(size <= CORPUS_MAX, "{}: {size} bytes", target.name);
        for file in files {
            println!("{}", file.display());
            (target.run)(&std::fs::read(file).unwrap());
        }
    }
}

#[test]
fn nothing_is_no_finding() {
    for target in TARGETS {
        (target.run)(b"");
        (target.run)(b"#");
    }
}

/// Every place of the honest requests, one byte replaced, put in or taken out: choices of the target `sigv4`.
#[test]
fn a_signed_request_altered_in_any_one_byte_means_what_was_signed_or_fails() {
    const PUT_IN: u8 = 0;
    const TAKEN_OUT: u8 = 1;
    const REPLACED: u8 = 3;
    let sigv4 = TARGETS.iter().find(|target| target.name == "sigv4").unwrap();
    for at in 0..1_024_u16 {
        let [low, high] = at.to_le_bytes();
        for honest in [0, 1] {
            for (byte, how) in [
                (b'A', REPLACED),
                (b'b', REPLACED),
                (b'0', REPLACED),
                (b' ', REPLACED),
                (b'%', PUT_IN),
                (b'/', PUT_IN),
                (b'\n', PUT_IN),
                (0, TAKEN_OUT),
            ] {
                (sigv4.run)(&[b'#', honest, low, high, byte, how]);
            }
        }
    }
}
