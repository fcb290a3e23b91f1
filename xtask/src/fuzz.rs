//! `cargo xtask fuzz [TARGET…] [--minutes N] [--minimise]`: libFuzzer before the targets of `crates/fuzzing`, one after the other. What they find
//! interesting is kept below the target folder and goes into `fuzz/corpus` only by `--minimise`; what breaks them is kept beside it. Knows nothing of what a
//! target holds.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::rig;

/// Bytes of an input at most: a policy has 32 KiB, and little that matters is at the end of it.
const INPUT_MAX: u32 = 8_192;
/// Bytes of a committed corpus at most; `crates/fuzzing/tests/it` checks it.
const CORPUS_MAX: usize = 48 * 1_024;
/// Inputs of a committed corpus at most.
const INPUTS_MAX: usize = 100;
/// Coverage in libFuzzer's form. No sanitizer: there is no `unsafe` to watch, and overflows and assertions are on in `fuzz/Cargo.toml`.
const INSTRUMENTED: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing";

/// What was asked for.
struct Asked<'a> {
    targets: Vec<&'a str>,
    minutes: u32,
    minimise: bool,
}

/// Where one target's inputs are.
struct Folders {
    /// What the repository has.
    committed: PathBuf,
    /// What runs on this machine have found.
    found: PathBuf,
    /// Inputs that broke the target.
    crashes: PathBuf,
}

/// Builds the fuzzer and runs the targets.
pub(crate) fn run(root: &Path, words: &[&str]) -> anyhow::Result<()> {
    let known = targets(root)?;
    let asked = asked(words, &known)?;
    let target = rig::target(root);
    let fuzzer = build(root, &target)?;
    let mut failed = Vec::new();
    for name in &asked.targets {
        let work = target.join("fuzz");
        let folders = Folders {
            committed: root.join("fuzz/corpus").join(name),
            found: work.join("found").join(name),
            crashes: work.join("crashes").join(name),
        };
        for folder in [&folders.committed, &folders.found, &folders.crashes] {
            std::fs::create_dir_all(folder)?;
        }
        if !one(&fuzzer, name, &folders, &asked)? {
            failed.push(*name);
        }
    }
    let passed = asked.targets.len() - failed.len();
    rig::show(&format!("{passed} passed, {} failed", failed.len()));
    if failed.is_empty() { Ok(()) } else { bail!("broken: {}", failed.join(", ")) }
}

/// The targets are the folders of the corpus; that each is a target's is a test of `crates/fuzzing`.
fn targets(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(root.join("fuzz/corpus")).context("fuzz/corpus")? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

fn asked<'a>(words: &[&'a str], known: &'a [String]) -> anyhow::Result<Asked<'a>> {
    let mut asked = Asked { targets: Vec::new(), minutes: 1, minimise: false };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "--minimise" => asked.minimise = true,
            "--minutes" => {
                let minutes = words.next().and_then(|minutes| minutes.parse().ok());
                asked.minutes = minutes.context("--minutes wants a number")?;
            }
            name if known.iter().any(|known| known == name) => asked.targets.push(name),
            other => bail!("no target {other}; there are {}", known.join(", ")),
        }
    }
    if asked.targets.is_empty() {
        asked.targets = known.iter().map(String::as_str).collect();
    }
    Ok(asked)
}

fn build(root: &Path, target: &Path) -> anyhow::Result<PathBuf> {
    let rustc = rig::output(Command::new("rustc").arg("-vV"))?;
    let host = rustc.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    // The target is named so that build scripts and procedural macros are not instrumented.
    rig::run(
        Command::new("cargo")
            .current_dir(root.join("fuzz"))
            .args(["build", "--quiet", "--locked", "--release", "--target", host])
            .env("CARGO_TARGET_DIR", target)
            .env("RUSTFLAGS", INSTRUMENTED),
    )?;
    Ok(target.join(host).join("release/fuzz"))
}

/// Runs one target and says what came of it; whether nothing broke it.
fn one(fuzzer: &Path, name: &str, folders: &Folders, asked: &Asked<'_>) -> anyhow::Result<bool> {
    rig::show(&format!("{name}: {} minutes", asked.minutes));
    let before = count(&folders.crashes)?;
    let run = Command::new(fuzzer)
        .args([&folders.found, &folders.committed])
        // No minutes: only what is known already, once.
        .arg(if asked.minutes == 0 {
            "-runs=0".to_owned()
        } else {
            format!("-max_total_time={}", asked.minutes * 60)
        })
        .arg(format!("-artifact_prefix={}/", folders.crashes.display()))
        .arg(format!("-max_len={INPUT_MAX}"))
        .args(["-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"])
        .env("PORTICO_FUZZ_TARGET", name)
        .env("RUST_BACKTRACE", "0")
        .output()
        .context("the fuzzer could not be started")?;
    let log = String::from_utf8_lossy(&run.stderr);
    let executions = log.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    let coverage = log.lines().rev().find_map(|line| line.split_once(" cov: ")?.1.split(' ').next());
    let crashes = count(&folders.crashes)? - before;
    rig::show(&format!(
        "{name}: {} executions, {} edges covered, {crashes} crashes",
        executions.map_or("0", str::trim),
        coverage.unwrap_or("0")
    ));
    if !run.status.success() {
        let said = log.lines().skip_while(|line| !line.contains("panicked") && !line.contains("ERROR"));
        rig::show(&said.take(6).collect::<Vec<_>>().join("\n"));
        rig::show(&format!("kept in {}", folders.crashes.display()));
        return Ok(false);
    }
    if asked.minimise {
        minimise(fuzzer, name, folders)?;
    }
    Ok(true)
}

fn count(folder: &Path) -> anyhow::Result<usize> {
    Ok(std::fs::read_dir(folder)?.count())
}

/// Makes the committed corpus a sample, of every length, of the inputs that together cover what all found inputs cover; and keeps what people named.
fn minimise(fuzzer: &Path, name: &str, folders: &Folders) -> anyhow::Result<()> {
    let merged = folders.found.with_extension("merged");
    if merged.exists() {
        std::fs::remove_dir_all(&merged)?;
    }
    std::fs::create_dir_all(&merged)?;
    let merge = Command::new(fuzzer)
        .arg("-merge=1")
        .arg(format!("-max_len={INPUT_MAX}"))
        .args([&merged, &folders.committed, &folders.found])
        .env("PORTICO_FUZZ_TARGET", name)
        .output()?;
    if !merge.status.success() {
        bail!("{name}: the corpus could not be merged");
    }
    let mut inputs = read_all(&merged)?;
    inputs.sort_by_key(|(_, bytes)| bytes.len());
    let step = inputs.len().div_ceil(INPUTS_MAX).max(1);
    // libFuzzer names by content: forty digits.
    let mut kept = read_all(&folders.committed)?;
    kept.retain(|(name, _)| name.len() != 40);
    kept.extend(inputs.into_iter().step_by(step));
    std::fs::remove_dir_all(&folders.committed)?;
    std::fs::create_dir_all(&folders.committed)?;
    let mut room = CORPUS_MAX;
    for (name, bytes) in kept.into_iter().take(INPUTS_MAX) {
        let Some(left) = room.checked_sub(bytes.len()) else { continue };
        room = left;
        std::fs::write(folders.committed.join(name), &bytes)?;
    }
    Ok(())
}

/// The files of a folder: names and contents.
fn read_all(folder: &Path) -> anyhow::Result<Vec<(OsString, Vec<u8>)>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        all.push((entry.file_name(), std::fs::read(entry.path())?));
    }
    Ok(all)
}
