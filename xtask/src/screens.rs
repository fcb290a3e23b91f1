//! `cargo xtask screens [NAME…]`: pictures of the pages for README and docs, made from the demo company. Knows nothing of what is on them.

use std::path::Path;
use std::process::Command;

use crate::rig::{Profile, Rig, run as run_program};

/// Makes the pictures, or those that are named.
pub(crate) fn run(root: &Path, names: &[&str]) -> anyhow::Result<()> {
    let rig = Rig::install(root, "test")?;
    let portico = rig.build("portico", Profile::Debug)?;
    let output = root.join("docs/screens");
    let script = root.join("tests/browser/screens.mjs");
    run_program(Command::new("node").arg(script).arg(portico).arg(output).args(names))
}
