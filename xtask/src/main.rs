//! The house's tools: `cargo xtask extract|codegen|tidy|compat`, and the proofs: `attack`, `bench`, `fuzz`, `kill`, `walk`. A developer's program; nothing of it ships.

mod attack;
mod bench;
mod breached;
mod claims;
mod codegen;
mod compat;
mod extract;
mod fences;
mod fuzz;
mod kill;
mod managed_policies;
mod markdown;
mod naming;
mod overlay;
mod rig;
mod screens;
mod served;
mod tidy;
mod walk;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::bail;

#[expect(
    clippy::print_stderr,
    reason = "what is wrong is the answer of a tool; where in the tool it was found is not"
)]
fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["extract", botocore] => extract::run(Path::new(botocore), &root()),
        ["managed-policies", moto] => managed_policies::run(Path::new(moto), &root()),
        ["breached", ..] => breached::run(arguments.get(1..).unwrap_or_default(), &root()),
        ["codegen"] => {
            codegen::run(&root(), false)?;
            served::run(&root(), false)
        }
        ["codegen", "--check"] => {
            codegen::run(&root(), true)?;
            served::run(&root(), true)
        }
        ["compat"] => compat::run(&root(), false),
        ["compat", "--check"] => compat::run(&root(), true),
        ["attack", rest @ ..] => attack::run(&root(), rest),
        ["bench", rest @ ..] => bench::run(&root(), rest),
        ["kill", rest @ ..] => kill::run(&root(), rest),
        ["tidy"] => {
            codegen::run(&root(), true)?;
            served::run(&root(), true)?;
            compat::run(&root(), true)?;
            tidy::run(&root())
        }
        ["fuzz", rest @ ..] => fuzz::run(&root(), rest),
        ["screens", rest @ ..] => screens::run(&root(), rest),
        ["walk", rest @ ..] => walk::run(&root(), rest),
        _ => bail!(
            "usage: cargo xtask extract BOTOCORE | managed-policies MOTO | breached LIST… | codegen [--check] | compat [--check] | tidy | \
             attack [--short | --fuzz-minutes N] | bench [--short] [--bless] | kill [--short] | walk [--short] | \
             fuzz [TARGET…] [--minutes N] [--minimise] | screens [NAME…]"
        ),
    }
}

/// The workspace's root.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}
