//! Rust tests as proofs: which there are, in the executables that cargo builds, and how they end when they are run by name. Knows nothing of
//! attacks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::attack::programs::Outcome;
use crate::attack::register::Proof;

/// An executable of tests.
struct Executable {
    package: String,
    folder: PathBuf,
    path: PathBuf,
    tests: Vec<String>,
}

/// How the tests of `wanted` ended, on SQLite and on the PostgreSQL server given; without one, whether they are there.
pub(crate) fn perform(
    root: &Path,
    wanted: &[Proof],
    postgres: Option<&str>,
) -> anyhow::Result<BTreeMap<Proof, Outcome>> {
    let mut outcomes: BTreeMap<Proof, Outcome> = BTreeMap::new();
    for executable in executables(root, wanted)? {
        let here: Vec<(&Proof, Vec<&str>)> = wanted
            .iter()
            .filter(|proof| proof.suite == executable.package)
            .map(|proof| (proof, names(&executable.tests, &proof.test)))
            .filter(|(_, names)| !names.is_empty())
            .collect();
        let all: Vec<&str> = here.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        let passed = match postgres {
            Some(url) if !all.is_empty() => run(&executable, &all, url)?,
            _ => Vec::new(),
        };
        for (proof, names) in here {
            let outcome = if postgres.is_none() {
                Outcome::There
            } else if names.iter().all(|name| passed.iter().any(|has| has == name)) {
                Outcome::Held
            } else {
                Outcome::Failed
            };
            let before = outcomes.get(proof).copied().unwrap_or(outcome);
            outcomes.insert(proof.clone(), if before == Outcome::Failed { before } else { outcome });
        }
    }
    Ok(outcomes)
}

/// The tests that a name means: itself, or itself on each engine.
fn names<'t>(tests: &'t [String], wanted: &str) -> Vec<&'t str> {
    let engine = |rest: &str| matches!(rest, "" | "::sqlite" | "::postgres");
    tests.iter().map(String::as_str).filter(|test| test.strip_prefix(wanted).is_some_and(engine)).collect()
}

/// Builds the workspace's tests as `cargo test` does and lists those of the wanted packages.
fn executables(root: &Path, wanted: &[Proof]) -> anyhow::Result<Vec<Executable>> {
    let built = Command::new("cargo")
        .current_dir(root)
        .args(["test", "--locked", "--workspace", "--no-run", "--message-format=json-render-diagnostics"])
        .stderr(Stdio::null())
        .output()
        .context("cargo could not be started")?;
    if !built.status.success() {
        bail!("the tests do not build: cargo test --workspace --no-run");
    }
    let mut found = Vec::new();
    for line in String::from_utf8_lossy(&built.stdout).lines() {
        let message: Value = serde_json::from_str(line)?;
        let (Some(path), Some(manifest)) =
            (message["executable"].as_str(), message["manifest_path"].as_str())
        else {
            continue;
        };
        let folder = Path::new(manifest).parent().unwrap_or(root).to_path_buf();
        let package = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_test = message["profile"]["test"] == Value::Bool(true);
        if is_test && wanted.iter().any(|proof| proof.suite == package) {
            let mut executable = Executable { package, folder, path: PathBuf::from(path), tests: Vec::new() };
            executable.tests = list(&executable)?;
            found.push(executable);
        }
    }
    Ok(found)
}

fn list(executable: &Executable) -> anyhow::Result<Vec<String>> {
    let listed = Command::new(&executable.path)
        .current_dir(&executable.folder)
        .args(["--list", "--format", "terse"])
        .output()?;
    let text = String::from_utf8_lossy(&listed.stdout).into_owned();
    Ok(text.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect())
}

/// Runs tests by name; those that passed. What a failed one says is shown.
fn run(executable: &Executable, tests: &[&str], postgres: &str) -> anyhow::Result<Vec<String>> {
    let ran = Command::new(&executable.path)
        .current_dir(&executable.folder)
        .env("PORTICO_TEST_POSTGRES", postgres)
        .arg("--exact")
        .args(tests)
        .stderr(Stdio::inherit())
        .output()?;
    let text = String::from_utf8_lossy(&ran.stdout).into_owned();
    if !ran.status.success() {
        crate::rig::show(&text);
    }
    let passed = |line: &str| Some(line.strip_prefix("test ")?.strip_suffix(" ... ok")?.to_owned());
    Ok(text.lines().filter_map(passed).collect())
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_name_means_itself_on_each_engine_and_nothing_longer() {
        let tests = ["a::b::sqlite", "a::b::postgres", "a::bc", "a::b::other"].map(str::to_owned);
        assert_eq!(names(&tests, "a::b"), ["a::b::sqlite", "a::b::postgres"]);
        assert_eq!(names(&tests, "a::bc"), ["a::bc"]);
        assert!(names(&tests, "b").is_empty());
    }
}
