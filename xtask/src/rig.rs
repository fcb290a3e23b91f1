//! What the proofs (`walk`, `attack`, `kill`, `bench`) share: what they need is installed, the binary is built, a program runs to its end and its failure is theirs. Knows
//! nothing of what a proof shows.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

/// How the binary is built: as developers run it, or as it ships.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Quick to build, slow to run; what `scripts/test` has at hand.
    Debug,
    /// As it ships, with jemalloc.
    Release,
}

/// The tools and the binary that a proof runs.
pub(crate) struct Rig {
    /// The workspace's root.
    pub root: PathBuf,
    /// Where `scripts/install` keeps what is not a Debian package.
    pub cache: PathBuf,
    /// Where cargo builds.
    pub target: PathBuf,
}

impl Rig {
    /// Installs what `scripts/install PURPOSE` knows to be needed, and says where it is.
    pub(crate) fn install(root: &Path, purpose: &str) -> anyhow::Result<Self> {
        run(Command::new(root.join("scripts/install")).arg(purpose))?;
        let home = folder("HOME").context("HOME is not set")?;
        let cache = folder("PORTICO_CACHE").unwrap_or_else(|| {
            folder("XDG_CACHE_HOME").unwrap_or_else(|| home.join(".cache")).join("portico-tests")
        });
        let target = target(root);
        Ok(Self { root: root.to_path_buf(), cache, target })
    }

    /// The Python that has boto3 and botocore.
    pub(crate) fn python(&self) -> PathBuf {
        self.cache.join("venv/bin/python")
    }

    /// Builds the package's binary of the same name and says where it is. The server as developers run it may be there already: `scripts/test` says
    /// where, so that nothing is built, and nothing takes its place while others run it.
    pub(crate) fn build(&self, package: &str, profile: Profile) -> anyhow::Result<PathBuf> {
        let there = folder("PORTICO_BINARY");
        if let Some(there) = there.filter(|_| package == "portico" && profile == Profile::Debug) {
            return Ok(there);
        }
        let mut cargo = Command::new("cargo");
        cargo.current_dir(&self.root).args(["build", "--quiet", "--locked", "--package", package]);
        if profile == Profile::Release {
            cargo.arg("--release");
        }
        if profile == Profile::Release && package == "portico" {
            cargo.args(["--features", "jemalloc"]);
        }
        run(&mut cargo)?;
        let folder = if profile == Profile::Release { "release" } else { "debug" };
        Ok(self.target.join(folder).join(package))
    }
}

/// Where cargo builds.
pub(crate) fn target(root: &Path) -> PathBuf {
    folder("CARGO_TARGET_DIR").unwrap_or_else(|| root.join("target"))
}

#[expect(clippy::disallowed_methods, reason = "a developer's command reads its environment where it starts")]
fn folder(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).map(PathBuf::from)
}

/// Shows a text to the person who runs this.
#[expect(clippy::print_stdout, reason = "a command of the developer's")]
pub(crate) fn show(text: &str) {
    println!("{text}");
}

/// Runs a program to its end, with this program's standard streams; its failure is an error that names it.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("{name} could not be started"))?;
    if !status.success() {
        bail!("{name} failed: {status}");
    }
    Ok(())
}

/// What a program prints on its standard output; its failure is an error that names it.
pub(crate) fn output(command: &mut Command) -> anyhow::Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let done = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .with_context(|| format!("{name} could not be started"))?;
    if !done.status.success() {
        bail!("{name} failed: {}", done.status);
    }
    Ok(String::from_utf8(done.stdout)?)
}
