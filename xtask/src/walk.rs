//! `cargo xtask walk [--short]`: every operation against botocore's models, on a running server, in strict and in relaxed mode
//! (`tests/walk`). Installs what that needs, builds the binary, starts what it runs on. Knows nothing of what is walked.

use std::path::Path;
use std::process::Command;

use anyhow::bail;

use crate::rig::{self, Profile, Rig};

/// Walks. `--short` leaves out PostgreSQL and what is slow; everything else goes to the walk (`--service`, `--mode`).
pub(crate) fn run(root: &Path, arguments: &[&str]) -> anyhow::Result<()> {
    let rig = Rig::install(root, "walk")?;
    let portico = rig.build("portico", Profile::Debug)?;
    let mut walk = Command::new(rig.python());
    walk.current_dir(root).arg("tests/walk/walk.py").arg("--portico").arg(portico).args(arguments);
    let scratch = std::env::temp_dir().join(format!("portico-walk-{}", std::process::id()));
    if !arguments.contains(&"--short") {
        let owner = std::process::id().to_string();
        let url = rig::output(
            Command::new(root.join("scripts/postgres-scratch")).arg(&scratch).args(["--owner", &owner]),
        )?;
        walk.args(["--database", url.trim()]);
    }
    let walked = rig::run(&mut walk);
    let _ = std::fs::remove_dir_all(&scratch);
    if walked.is_err() {
        bail!("the walk found deviations");
    }
    Ok(())
}
