//! Portico's binary: the command line, the wiring, the worker. Everything that reads the clock, the environment or a configuration
//! file is here and nowhere else.

mod alone;
mod answering;
mod audit_command;
mod beginning;
mod bodies;
mod cli;
mod clock;
mod connections;
mod counts;
mod enquirer;
mod files;
mod framing;
mod gate;
mod host;
mod housekeeper;
mod idp_key;
mod init;
mod listener;
mod mail_command;
mod mail_settings;
mod metrics;
mod outbound_settings;
mod postman;
mod readable;
mod revoke;
mod root_access_key;
mod root_key;
mod scim;
mod seed;
mod seed_file;
mod seed_source_file;
mod seed_sources;
mod serve;
mod settings;
mod sockets;
mod store_counts;
mod watch;
mod worker;

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{CommandFactory as _, Parser as _};

use crate::cli::{Audit, Cli, Command};

#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print_error(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "the command line's answer to a failure")]
fn print_error(error: &anyhow::Error) {
    eprintln!("portico: {error:#}");
}

#[expect(clippy::print_stdout, reason = "the command line's answer")]
fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Init(init) => runtime()?.block_on(init::run(*init)),
        Command::Serve(serve) => runtime()?.block_on(serve::run(*serve)),
        Command::Migrate(place) => runtime()?.block_on(serve::migrate(&place)),
        Command::RootAccessKey { command } => runtime()?.block_on(root_access_key::run(&command)),
        Command::RevokeIssued(place) => runtime()?.block_on(revoke::run(&place)),
        Command::MailTest(test) => runtime()?.block_on(mail_command::test(test)),
        Command::Audit { command: Audit::Verify(verify) } => {
            runtime()?.block_on(audit_command::verify(&verify))
        }
        Command::Version => {
            println!("portico {}", env!("CARGO_PKG_VERSION"));
            Ok(())
        }
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "portico", &mut std::io::stdout());
            Ok(())
        }
    }
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    // As many as there are processors. On a single one a second would only take turns with the first, at the cost of a switch for every other
    // request; what is slow runs beside them.
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("the runtime")
}
