//! The command: performs the attacks of the register, prints the table of how each ended, and fails when one did anything or was not
//! performed.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::attack::programs::{self, Outcome, Ran};
use crate::attack::register::{self, Attack, Proof};
use crate::attack::rust_tests;
use crate::fuzz;
use crate::rig::{self, Profile, Rig, show};

/// The tests of the pages in Chromium, which are not only attacks.
const PAGES: &str = "run.mjs";
/// The attacks in Chromium.
const BROWSER: &str = "browser.mjs";

/// The targets of `cargo xtask fuzz`, and for how long each is run unless told otherwise.
const FUZZ: &str = "fuzz";
const FUZZ_MINUTES: &str = "2";

/// Runs the command.
pub(crate) fn run(root: &Path, arguments: &[&str]) -> anyhow::Result<()> {
    let (short, minutes) = match arguments {
        [] => (false, FUZZ_MINUTES),
        ["--short"] => (true, FUZZ_MINUTES),
        ["--fuzz-minutes", minutes] => (false, *minutes),
        _ => bail!("usage: cargo xtask attack [--short | --fuzz-minutes N]"),
    };
    let attacks = register::read(root)?;
    let rig = Rig::install(root, "test")?;
    let portico = rig.build("portico", if short { Profile::Debug } else { Profile::Release })?;
    let mut ran = own(&rig, &portico, short)?;
    let unregistered = unregistered(&attacks, &ran.outcomes);
    if short {
        ran.outcomes.extend(there(root, &attacks)?);
    } else {
        ran.extend(elsewhere(&rig, &attacks, &portico, minutes)?);
    }
    report(&attacks, &ran, &unregistered)
}

/// The attacks of `tests/attack`.
fn own(rig: &Rig, portico: &Path, short: bool) -> anyhow::Result<Ran> {
    let folder = rig.root.join("tests/attack");
    show("== over the network");
    let mut network = Command::new(rig.python());
    network.env("PYTHONPATH", rig.root.join("tests/clients")).arg(folder.join("run.py"));
    network.arg("--portico").arg(portico).args(short.then_some("--short"));
    let mut ran = programs::perform(&mut network, None)?;
    show("== in Chromium");
    let mut browser = Command::new("node");
    browser.arg(folder.join(BROWSER)).arg(portico);
    ran.extend(programs::perform(&mut browser, Some(BROWSER))?);
    Ok(ran)
}

/// The registered tests of other places, run.
fn elsewhere(rig: &Rig, attacks: &[Attack], portico: &Path, minutes: &str) -> anyhow::Result<Ran> {
    show("== the pages in Chromium");
    let owner = std::process::id().to_string();
    let scratch = std::env::temp_dir().join(format!("portico-attack-{owner}"));
    let mut pages = Command::new("node");
    pages.arg(rig.root.join("tests/browser").join(PAGES)).arg(portico).arg(scratch.join("pages"));
    let mut ran = programs::perform(&mut pages, Some(PAGES))?;
    show("== Rust tests");
    let mut postgres = Command::new(rig.root.join("scripts/postgres-scratch"));
    postgres.arg(scratch.join("postgres")).args(["--owner", &owner]);
    let postgres = rig::output(&mut postgres)?;
    ran.outcomes.extend(rust_tests::perform(&rig.root, &in_crates(attacks), Some(postgres.trim()))?);
    let _ = std::fs::remove_dir_all(&scratch);
    show("== fuzz targets");
    for proof in proofs(attacks).filter(|proof| proof.suite == FUZZ) {
        let held = fuzz::run(&rig.root, &[&proof.test, "--minutes", minutes]).is_ok();
        ran.outcomes.insert(proof.clone(), if held { Outcome::Held } else { Outcome::Failed });
    }
    Ok(ran)
}

/// The registered tests of other places that are there: `scripts/test` runs the pages and the Rust tests in steps of their own, and the latter
/// replay what fuzzing has found.
fn there(root: &Path, attacks: &[Attack]) -> anyhow::Result<BTreeMap<Proof, Outcome>> {
    show("== Rust tests: looked for");
    let mut outcomes = rust_tests::perform(root, &in_crates(attacks), None)?;
    let pages = of_pages(root)?;
    for proof in proofs(attacks) {
        let is_there = match proof.suite.as_str() {
            PAGES => pages.contains(&format!("test(\"{}\"", proof.test)),
            FUZZ => root.join("fuzz/corpus").join(&proof.test).is_dir(),
            _ => false,
        };
        if is_there {
            outcomes.insert(proof.clone(), Outcome::There);
        }
    }
    Ok(outcomes)
}

/// The text of every file that [`PAGES`] plays.
fn of_pages(root: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    for entry in std::fs::read_dir(root.join("tests/browser")).context(PAGES)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "mjs") {
            text.push_str(&std::fs::read_to_string(&path).with_context(|| path.display().to_string())?);
        }
    }
    Ok(text)
}

fn in_crates(attacks: &[Attack]) -> Vec<Proof> {
    let is_crate = |proof: &&Proof| !proof.suite.contains('.') && proof.suite != FUZZ;
    proofs(attacks).filter(is_crate).cloned().collect()
}

fn proofs(attacks: &[Attack]) -> impl Iterator<Item = &Proof> {
    attacks.iter().flat_map(|attack| &attack.proofs)
}

/// Tests that ran here and stand in no row: an attack that nobody can read of.
fn unregistered(attacks: &[Attack], ran: &BTreeMap<Proof, Outcome>) -> Vec<Proof> {
    ran.keys().filter(|ran| !proofs(attacks).any(|proof| proof == *ran)).cloned().collect()
}

fn report(attacks: &[Attack], ran: &Ran, unregistered: &[Proof]) -> anyhow::Result<()> {
    let (mut passed, mut there, mut failed) = (0, 0, unregistered.len());
    let mut chapter = "";
    for attack in attacks {
        if attack.chapter != chapter {
            chapter = &attack.chapter;
            show(&format!("\n== {chapter}"));
        }
        let ended = |proof: &Proof| ran.outcomes.get(proof).copied().unwrap_or(Outcome::Absent);
        let ends: Vec<Outcome> = attack.proofs.iter().map(ended).collect();
        let word = if ends.contains(&Outcome::Absent) {
            "ABSENT"
        } else if ends.contains(&Outcome::Failed) {
            "FAILED"
        } else if ends.contains(&Outcome::Held) {
            "held  "
        } else {
            "there "
        };
        show(&format!("{word} {} ({})", attack.name, attack.standard));
        for proof in &attack.proofs {
            match ended(proof) {
                Outcome::Held => passed += 1,
                Outcome::There => there += 1,
                Outcome::Failed => {
                    failed += 1;
                    show(&format!("       failed: {}: {}", proof.suite, proof.test));
                }
                Outcome::Absent => {
                    failed += 1;
                    show(&format!("       not there or not run: {}: {}", proof.suite, proof.test));
                }
            }
        }
    }
    for proof in unregistered {
        show(&format!("not registered in {}: {}: {}", register::FILE, proof.suite, proof.test));
    }
    show(&format!(
        "\n{} attacks; {there} proofs are there and run by another step of scripts/test",
        attacks.len()
    ));
    for line in &ran.complaints {
        show(&format!("  {line}"));
    }
    show(&format!("{passed} passed, {failed} failed"));
    if failed > 0 {
        bail!("{failed} attacks did something or were not performed");
    }
    Ok(())
}
