//! `cargo xtask kill [--short] [--seed N] [CASE …]`: installs what the proof needs, builds the server and the driver, runs it. What is
//! shown and how is in `tests/kill`.

use std::path::Path;
use std::process::Command;

use crate::rig::{self, Profile, Rig};

/// Runs the proof.
pub(crate) fn run(root: &Path, arguments: &[&str]) -> anyhow::Result<()> {
    let rig = Rig::install(root, "kill")?;
    // The long form is about the binary that ships; the short one takes what the other tests have built.
    let short = arguments.contains(&"--short");
    let profile = if short { Profile::Debug } else { Profile::Release };
    let portico = rig.build("portico", profile)?;
    let driver = rig.build("kill", profile)?;
    rig::run(Command::new(driver).current_dir(root).arg("--portico").arg(portico).args(arguments))
}
