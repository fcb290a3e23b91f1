//! The command: performs the attacks of the register, prints the table of how each ended, and fails when one did anything or was not
//! performed.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::attack::programs::{self, Outcome};
use crate::attack::register::{self, Attack, Proof};
use crate::attack::rust_tests;
use crate::rig::{Profile, Rig, show};

/// The tests of the pages in Chromium, which are not only attacks.
const PAGES: &str = "run.mjs";
/// The attacks in Chromium.
const BROWSER: &str = "browser.mjs";

/// Runs the command.
pub(crate) fn run(root: &Path, arguments: &[&str]) -> anyhow::Result<()> {
    let short = match arguments {
        [] => false,
        ["--short"] => true,
        _ => bail!("usage: cargo xtask attack [--short]"),
    };
    let attacks = register::read(root)?;
    let rig = Rig::install(root, "test")?;
    let profile = if short { Profile::Debug } else { Profile::Release };
    let portico = rig.build("portico", profile)?;
    let scratch = rig.target.join("attack");
    std::fs::create_dir_all(&scratch)?;

    show("== over the network");
    let mut network = Command::new(rig.python());
    network.env("PYTHONPATH", root.join("tests/clients")).arg(root.join("tests/attack/run.py"));
    network.arg("--portico").arg(&portico).args(short.then_some("--short"));
    let mut outcomes = programs::perform(&mut network, None)?;
    show("== in Chromium");
    let mut browser = Command::new("node");
    browser.arg(root.join("tests/attack").join(BROWSER)).arg(&portico);
    outcomes.extend(programs::perform(&mut browser, Some(BROWSER))?);
    let unregistered = unregistered(&attacks, &outcomes);
    if short {
        outcomes.extend(pages_there(root, &attacks)?);
    } else {
        let mut pages = Command::new("node");
        pages.arg(root.join("tests/browser").join(PAGES)).arg(&portico).arg(scratch.join("pages"));
        outcomes.extend(programs::perform(&mut pages, Some(PAGES))?);
    }
    show(if short { "== Rust tests: looked for" } else { "== Rust tests" });
    let in_rust: Vec<Proof> = proofs(&attacks).filter(|proof| !proof.suite.contains('.')).cloned().collect();
    outcomes.extend(rust_tests::perform(root, &in_rust, short)?);
    report(&attacks, &outcomes, &unregistered)
}

fn proofs(attacks: &[Attack]) -> impl Iterator<Item = &Proof> {
    attacks.iter().flat_map(|attack| &attack.proofs)
}

/// Tests that ran here and stand in no row: an attack that nobody can read of.
fn unregistered(attacks: &[Attack], ran: &BTreeMap<Proof, Outcome>) -> Vec<Proof> {
    ran.keys().filter(|ran| !proofs(attacks).any(|proof| proof == *ran)).cloned().collect()
}

/// The registered tests of the pages that are there; `scripts/test` runs them in a step of its own.
fn pages_there(root: &Path, attacks: &[Attack]) -> anyhow::Result<BTreeMap<Proof, Outcome>> {
    let text = std::fs::read_to_string(root.join("tests/browser").join(PAGES)).context(PAGES)?;
    Ok(proofs(attacks)
        .filter(|proof| proof.suite == PAGES && text.contains(&format!("test(\"{}\"", proof.test)))
        .map(|proof| (proof.clone(), Outcome::There))
        .collect())
}

fn report(
    attacks: &[Attack],
    outcomes: &BTreeMap<Proof, Outcome>,
    unregistered: &[Proof],
) -> anyhow::Result<()> {
    let (mut passed, mut failed) = (0, unregistered.len());
    let mut chapter = "";
    for attack in attacks {
        if attack.chapter != chapter {
            chapter = &attack.chapter;
            show(&format!("\n== {chapter}"));
        }
        let ended = |proof: &Proof| outcomes.get(proof).copied().unwrap_or(Outcome::Absent);
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
                Outcome::Held | Outcome::There => passed += 1,
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
        "\n{} attacks, {} proofs; `there`: run by another step of scripts/test",
        attacks.len(),
        passed + failed
    ));
    show(&format!("{passed} passed, {failed} failed"));
    if failed > 0 {
        bail!("{failed} attacks did something or were not performed");
    }
    Ok(())
}
