//! `cargo xtask bench [--short] [--bless] [--postgres] [--pages] [--sources [--people NUMBER]] [--applications] [--beside BINARY]`: installs what is compared with, builds what ships, and lets the program in `tests/bench` measure it. The load
//! and the server get a processor each.

use std::path::Path;
use std::process::Command;

use anyhow::bail;

use crate::rig::{Profile, Rig, run as run_program};

/// The processor of the client; the server's is the first.
const CLIENT_CPU: &str = "1";

/// Measures, and fails when a guard does or an aim is missed.
pub(crate) fn run(root: &Path, arguments: &[&str]) -> anyhow::Result<()> {
    const KNOWN: [&str; 8] = [
        "--short",
        "--bless",
        "--postgres",
        "--pages",
        "--sources",
        "--applications",
        "--people",
        "--beside",
    ];
    let named = |at: usize| at > 0 && matches!(arguments.get(at - 1), Some(&"--beside" | &"--people"));
    if let Some((_, unknown)) =
        arguments.iter().enumerate().find(|(at, argument)| !KNOWN.contains(argument) && !named(*at))
    {
        bail!(
            "cargo xtask bench [--short] [--bless] [--postgres] [--pages] [--sources [--people NUMBER]] [--applications] [--beside BINARY] does not know {unknown}"
        );
    }
    if std::thread::available_parallelism()?.get() < 2 {
        bail!("measuring needs two processors: one for the server and one for the client");
    }
    let rig = Rig::install(root, "bench")?;
    let portico = rig.build("portico", Profile::Release)?;
    let bench = rig.build("bench", Profile::Release)?;
    let mut measure = Command::new("taskset");
    measure.args(["-c", CLIENT_CPU]).arg(bench).arg("run");
    measure.arg("--portico").arg(portico).arg("--root").arg(&rig.root).arg("--cache").arg(&rig.cache);
    run_program(measure.args(arguments))
}
