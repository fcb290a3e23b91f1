//! `portico import-aws` and `portico export`: a reading into a file, and what is said at its end.

use std::process::ExitCode;

use crate::cli::{Export, ImportAws};
use crate::moving::reading_all;
use crate::moving::remote::Remote;
use crate::moving::seed_writer::SeedWriter;
use crate::moving::shortfalls::Shortfalls;

/// The file is there, and lacks something.
const INCOMPLETE: u8 = 2;

/// What no call of AWS's answers, and what to do about it.
const NOT_OF_AWS: &str = "No API of AWS tells passwords, MFA devices, an external identity provider's configuration or SCIM tokens, so none are in \
    the file. People get a password by an invitation or at \"Forgot password\", and register devices when they first sign in; a provider is \
    connected anew (docs/connect-saml.md, docs/connect-oidc.md, docs/connect-scim.md).";
const NOT_OF_PORTICO: &str = "Not in the file, since the API that AWS has too does not tell it: passwords, MFA devices, where people \
    come from (identity providers, directories, SCIM tenants), the look of the portal, and that a group is in a group: whoever is within \
    counts as a member. A backup holds all of it (docs/restore.md).";

/// Runs `portico import-aws`.
pub(crate) async fn import_aws(import: ImportAws) -> anyhow::Result<ExitCode> {
    let remote = Remote::connect(&import.region, import.endpoint_url.as_deref())?;
    let mut file = SeedWriter::create(&import.out)?;
    let read = reading_all::read(remote, import.instance_arn.as_deref(), &mut file).await?;
    file.finish(&read.shortfalls.lacking())?;
    Ok(tell(&read.shortfalls, (&import.out.display().to_string(), NOT_OF_AWS)))
}

/// Runs `portico export`.
pub(crate) async fn export(export: Export) -> anyhow::Result<ExitCode> {
    let remote = Remote::connect(&export.server.region, Some(&export.server.endpoint_url))?;
    let mut file = SeedWriter::create(&export.out)?;
    let read = reading_all::read(remote, None, &mut file).await?;
    file.finish(&read.shortfalls.lacking())?;
    Ok(tell(&read.shortfalls, (&export.out.display().to_string(), NOT_OF_PORTICO)))
}

#[expect(clippy::print_stderr, reason = "for the person at the command line; the answer is the file")]
fn tell(shortfalls: &Shortfalls, (file, not_told): (&str, &str)) -> ExitCode {
    for note in shortfalls.notes() {
        eprintln!("Note: {note}");
    }
    eprintln!("{not_told}");
    let lacking = shortfalls.lacking();
    if lacking.is_empty() {
        eprintln!("{file} is complete.");
        return ExitCode::SUCCESS;
    }
    eprintln!("{file} is INCOMPLETE. It lacks:");
    for what in lacking {
        eprintln!("  - {what}");
    }
    for refusal in shortfalls.refusals() {
        eprintln!("{refusal}");
    }
    ExitCode::from(INCOMPLETE)
}
