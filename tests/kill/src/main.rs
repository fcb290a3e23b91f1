//! `kill`: a driver that loads the real binary while it is killed, and a checker that compares what was acknowledged with what is there.
//!
//!     kill --portico BINARY [--short] [--seed N] [CASE …]

mod access;
mod actor;
mod assignments;
mod clock;
mod consistency;
mod directory;
mod disk;
mod faults;
mod grants;
mod http;
mod kills;
mod ledger;
mod people;
mod postgres;
mod server;
mod trail;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::faults::Trouble;
use crate::kills::Run;
use crate::postgres::Postgres;

/// What was asked for on the command line.
#[derive(Debug)]
struct Arguments {
    portico: PathBuf,
    short: bool,
    seed: u64,
    cases: Vec<String>,
}

impl Arguments {
    fn read() -> anyhow::Result<Self> {
        let mut words = std::env::args().skip(1);
        let mut read =
            Self { portico: PathBuf::new(), short: false, seed: rand::random(), cases: Vec::new() };
        while let Some(word) = words.next() {
            match word.as_str() {
                "--portico" => read.portico = words.next().context("--portico needs a path")?.into(),
                "--seed" => read.seed = words.next().context("--seed needs a number")?.parse()?,
                "--short" => read.short = true,
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

/// Every case, in the order in which they run.
const CASES: &[&str] = &[
    "kills-on-sqlite",
    "kills-on-postgres",
    "kills-of-postgres",
    "disk-full",
    "disk-read-only",
    "clock-jumps",
    "database-gone",
];

/// Progress, for people.
#[expect(clippy::print_stdout, reason = "the program's answer")]
pub(crate) fn say(text: &str) {
    println!("{text}");
}

async fn case(name: &str, arguments: &Arguments) -> anyhow::Result<()> {
    let run = |short: usize, long: usize| Run {
        binary: &arguments.portico,
        kills: if arguments.short { short } else { long },
        seed: arguments.seed,
        measured: !arguments.short,
    };
    let trouble = |short: u64, long: u64| Trouble {
        binary: &arguments.portico,
        seed: arguments.seed,
        lasts: Duration::from_secs(if arguments.short { short } else { long }),
    };
    match name {
        "kills-on-sqlite" => kills::kill(&run(40, 1_000), None).await,
        "kills-on-postgres" => {
            let mut postgres = Postgres::new().await?;
            let url = postgres.database().await?;
            kills::kill(&run(15, 200), Some(url)).await
        }
        "kills-of-postgres" => kills::kill_database(&run(4, 50), &mut Postgres::new().await?).await,
        "disk-full" => faults::disk_full(trouble(3, 30)).await,
        "disk-read-only" => faults::disk_read_only(trouble(2, 30)).await,
        "clock-jumps" => clock::jumps(trouble(1, 15)).await,
        "database-gone" => faults::database_gone(trouble(12, 60)).await,
        _ => bail!("no such case"),
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::read()?;
    say(&format!("seed {}", arguments.seed));
    let (mut passed, mut failed) = (0, 0);
    for name in &arguments.cases {
        say(&format!("== {name}"));
        let begun = Instant::now();
        match case(name, &arguments).await {
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
