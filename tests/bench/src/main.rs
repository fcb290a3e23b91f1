//! Measures Portico's binary: writes the seeds of companies of any size, drives load against the server, compares. `cargo xtask bench`
//! builds and runs it; by itself it is of use for the seed: `bench seed --people 1000000 | portico init --seed - --data-dir DIR`.

mod alone;
mod application_lists;
mod applications;
mod assertions;
mod assignments;
mod authorize;
mod bare;
mod company;
mod console;
mod costs;
mod document;
mod ends;
mod guard;
mod hash;
mod http;
mod id_token;
mod load;
mod machine;
mod openid;
mod openid_ours;
mod openid_peers;
mod pages;
mod peers;
mod postgres;
mod process;
mod profile;
mod provisioning;
mod reach;
mod report;
mod role;
mod rows;
mod run;
mod saml;
mod scale;
mod scim;
mod scim_peers;
mod seed;
mod sign;
mod signature;
mod sources;
mod start;
mod stores;
mod world;

use std::io::BufWriter;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::company::Company;

/// Measures Portico.
#[derive(Debug, Parser)]
#[command(name = "bench")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the seed of a company to standard output, for `portico init --seed -`.
    Seed {
        /// How many people, a multiple of fifty.
        #[arg(long)]
        people: usize,
    },
    /// Hash a password over and over, and tell what that cost.
    Hash {
        /// For how long.
        #[arg(long)]
        millis: u64,
    },
    /// Sign over and over, and tell what that cost.
    Signature {
        /// What with.
        #[arg(long)]
        key: signature::Key,
        /// For how long.
        #[arg(long)]
        millis: u64,
    },
    /// Measure everything.
    Run(run::Options),
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print_error(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "the program's answer to a failure")]
fn print_error(error: &anyhow::Error) {
    eprintln!("bench: {error:#}");
}

fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Seed { people } => seed::write(
            &Company::new(people),
            &mut BufWriter::with_capacity(1 << 18, std::io::stdout().lock()),
        ),
        Command::Hash { millis } => {
            run::print(&hash::run(std::time::Duration::from_millis(millis))?);
            Ok(())
        }
        Command::Signature { key, millis } => {
            run::print(&signature::run(key, std::time::Duration::from_millis(millis))?);
            Ok(())
        }
        Command::Run(options) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            tokio::task::LocalSet::new().block_on(&runtime, run::run(&options))
        }
    }
}
