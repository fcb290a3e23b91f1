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
mod custody;
mod custody_pkcs11;
mod directory_watcher;
mod enquirer;
mod envoy;
mod files;
mod framing;
mod gate;
mod host;
mod housekeeper;
mod idp_key;
mod init;
mod init_administrator;
mod key_keeper;
mod keys_command;
mod listener;
mod mail_command;
mod mail_settings;
mod messenger;
mod metrics;
mod moving;
mod outbound_settings;
mod pkcs11_uri;
mod postman;
mod readable;
mod region_command;
mod region_lag;
mod region_pulse;
mod revoke;
mod root_access_key;
mod root_key;
mod scim;
mod seed;
mod seed_access_file;
mod seed_application_file;
mod seed_applications;
mod seed_directories;
mod seed_file;
mod seed_instance;
mod seed_names;
mod seed_organization_file;
mod seed_people_file;
mod seed_reading;
mod seed_source_file;
mod seed_sources;
mod serve;
mod settings;
mod sockets;
mod store_counts;
mod synchronizer;
mod watch;
mod worker;

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{CommandFactory as _, Parser as _};

use crate::cli::{Audit, Cli, Command, Region};

#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli.command) {
        Ok(code) => code,
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
fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::ImportAws(import) => return runtime()?.block_on(moving::import_aws(import)),
        Command::Export(export) => return runtime()?.block_on(moving::export(export)),
        Command::Apply(apply) => return runtime()?.block_on(moving::apply(apply)),
        Command::Init(init) => runtime()?.block_on(init::run(*init))?,
        Command::Serve(serve) => runtime()?.block_on(serve::run(*serve))?,
        Command::Migrate(place) => runtime()?.block_on(serve::migrate(&place))?,
        Command::RootAccessKey { command } => runtime()?.block_on(root_access_key::run(&command))?,
        Command::Keys { command } => runtime()?.block_on(keys_command::run(command))?,
        Command::RevokeIssued(place) => runtime()?.block_on(revoke::run(&place))?,
        Command::MailTest(test) => runtime()?.block_on(mail_command::test(test))?,
        Command::Audit { command: Audit::Verify(verify) } => {
            runtime()?.block_on(audit_command::verify(&verify))?;
        }
        Command::Region { command: Region::Follow(follow) } => {
            runtime()?.block_on(region_command::follow(&follow))?;
        }
        Command::Version => {
            println!("portico {}", env!("CARGO_PKG_VERSION"));
        }
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "portico", &mut std::io::stdout());
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    // As many as there are processors. On a single one a second would only take turns with the first, at the cost of a switch for every other
    // request; what is slow runs beside them.
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("the runtime")
}
