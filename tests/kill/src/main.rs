//! `kill`: a driver that loads the real binary while it is killed, and a checker that compares what was acknowledged with what is there.
//!
//!     kill --portico BINARY [--short] [--seed N] [CASE …]

mod access;
mod actor;
mod assignments;
mod cases;
mod clock;
mod consistency;
mod directory;
mod disk;
mod faults;
mod grants;
mod hosts;
mod http;
mod kills;
mod ledger;
mod pace;
mod people;
mod postgres;
mod revocations;
mod server;
mod steady;
mod trail;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, bail};

use crate::cases::{CASES, Terms};

/// What was asked for on the command line.
#[derive(Debug)]
struct Arguments {
    terms: Terms,
    cases: Vec<String>,
}

impl Arguments {
    fn read() -> anyhow::Result<Self> {
        let mut words = std::env::args().skip(1);
        let terms = Terms { portico: PathBuf::new(), short: false, seed: rand::random() };
        let mut read = Self { terms, cases: Vec::new() };
        while let Some(word) = words.next() {
            match word.as_str() {
                "--portico" => read.terms.portico = words.next().context("--portico needs a path")?.into(),
                "--seed" => read.terms.seed = words.next().context("--seed needs a number")?.parse()?,
                "--short" => read.terms.short = true,
                case if CASES.contains(&case) => read.cases.push(word),
                _ => bail!("{word} is no case: {CASES:?}"),
            }
        }
        if read.cases.is_empty() {
            read.cases = CASES.iter().map(ToString::to_string).collect();
        }
        Ok(read)
    }
}

/// Progress, for people.
#[expect(clippy::print_stdout, reason = "the program's answer")]
pub(crate) fn say(text: &str) {
    println!("{text}");
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::read()?;
    say(&format!("seed {}", arguments.terms.seed));
    let (mut passed, mut failed) = (0, 0);
    for name in &arguments.cases {
        say(&format!("== {name}"));
        let begun = Instant::now();
        match cases::run(name, &arguments.terms).await {
            Ok(()) => {
                passed += 1;
                say(&format!("   ok, {} s", begun.elapsed().as_secs()));
            }
            Err(error) => {
                failed += 1;
                say(&format!("   FAILED after {} s: {error:#}", begun.elapsed().as_secs()));
            }
        }
    }
    say(&format!("{passed} passed, {failed} failed"));
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
