//! The seed: accounts, people, groups, permission sets, assignments and sources as names that refer to each other, in YAML; or as JSON documents of
//! the same shape one after another, which are read as they come, so that a seed of any size takes little memory. Only its shape is
//! here; `init` puts it into the store. Unknown keys are errors that name the line.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context as _, bail};
use model::signin::colour::Colour;
use model::signin::portal_settings::HelpLink;
use serde::Deserialize;

use crate::seed_access_file::{Assignment, PermissionSet};
use crate::seed_application_file::{Application, TrustedTokenIssuer};
use crate::seed_organization_file::{Account, Instance, Organization, Unit, UnitNames};
use crate::seed_people_file::{Group, User};
use crate::seed_source_file::{Directory, ExternalIdentityProvider, ProvisioningTenant};

/// Bytes that are looked at to tell JSON from YAML.
const BUFFER: usize = 256 * 1024;

/// A whole YAML file, or one document of a stream.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct SeedFile {
    pub(crate) instance: Option<Instance>,
    pub(crate) organization: Option<Organization>,
    pub(crate) portal: Option<Portal>,
    pub(crate) organizational_units: Vec<Unit>,
    pub(crate) accounts: Vec<Account>,
    pub(crate) users: Vec<User>,
    pub(crate) groups: Vec<Group>,
    pub(crate) permission_sets: Vec<PermissionSet>,
    pub(crate) assignments: Vec<Assignment>,
    pub(crate) provisioning_tenants: Vec<ProvisioningTenant>,
    pub(crate) external_identity_providers: Vec<ExternalIdentityProvider>,
    pub(crate) directories: Vec<Directory>,
    pub(crate) applications: Vec<Application>,
    pub(crate) trusted_token_issuers: Vec<TrustedTokenIssuer>,
    /// What the file lacks of what it was read from; whoever uses it is told.
    pub(crate) incomplete: Vec<String>,
}

/// Whose portal it is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Portal {
    pub(crate) name: Option<String>,
    pub(crate) accent_color: Option<Colour>,
    pub(crate) accent_color_dark: Option<Colour>,
    pub(crate) help_text: Option<String>,
    pub(crate) help_link: Option<HelpLink>,
    /// The picture, as base64.
    pub(crate) logo: Option<String>,
}

/// Says what the file says of itself that it lacks.
#[expect(
    clippy::print_stderr,
    reason = "for the person at the command line; the answer goes to standard output"
)]
pub(crate) fn warn_of_gaps(file: &SeedFile) {
    for lacking in &file.incomplete {
        eprintln!("Note: the file lacks {lacking}");
    }
}

/// The documents of a seed, parsed as they are asked for.
pub(crate) type Documents = Box<dyn Iterator<Item = anyhow::Result<SeedFile>> + Send>;

/// Opens the seed at `path`; `-` is standard input.
pub(crate) fn open(path: &Path) -> anyhow::Result<Documents> {
    let name = format!("seed file {}", path.display());
    let input: Box<dyn Read + Send> = if path.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        Box::new(File::open(path).with_context(|| name.clone())?)
    };
    let documents = documents(BufReader::with_capacity(BUFFER, input)).with_context(|| name.clone())?;
    Ok(Box::new(documents.map(move |document| document.with_context(|| name.clone()))))
}

fn documents(mut input: impl BufRead + Send + 'static) -> anyhow::Result<Documents> {
    if begins_as_json(input.fill_buf()?) {
        let stream = serde_json::Deserializer::from_reader(input).into_iter::<SeedFile>();
        return Ok(Box::new(stream.map(|document| Ok(document?))));
    }
    let mut text = String::new();
    input.read_to_string(&mut text)?;
    Ok(Box::new(std::iter::once(parse(&text))))
}

/// Whether a text begins with an object of quoted keys. YAML that does so is JSON, but for rare spellings.
fn begins_as_json(text: &[u8]) -> bool {
    let mut letters = text.iter().filter(|byte| !byte.is_ascii_whitespace());
    letters.next() == Some(&b'{') && matches!(letters.next(), Some(b'"' | b'}'))
}

fn parse(text: &str) -> anyhow::Result<SeedFile> {
    let seed: SeedFile = serde_yaml_ng::from_str(text)?;
    let declared =
        |ou: &UnitNames| seed.organizational_units.iter().any(|unit| unit.names.0.starts_with(&ou.0));
    for account in &seed.accounts {
        let Some(ou) = account.ou.as_ref().filter(|ou| !declared(ou)) else { continue };
        // The parser tells the lines of what it refuses itself, not of what it took.
        let named = ou.to_string();
        let is_it = |line: &str| line.split("ou:").skip(1).any(|rest| rest.contains(&named));
        let at = text.lines().position(is_it).map(|at| format!(" at line {}", at + 1)).unwrap_or_default();
        bail!("account {}: organizational unit '{named}' is not in organizationalUnits{at}", account.name);
    }
    Ok(seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_parses() {
        let seed = parse(include_str!("../../../examples/acme.yaml")).unwrap();
        assert!(seed.users.iter().any(|user| user.user_name == "jane"));
        assert!(seed.users[0].password.as_ref().is_some_and(|password| password.plain.is_some()));
    }

    #[test]
    fn an_unknown_key_names_its_line() {
        let error = parse("users:\n  - userName: a\n    shoeSize: 43\n").unwrap_err().to_string();
        assert!(error.contains("shoeSize") && error.contains("line 3"), "{error}");
    }

    #[test]
    fn an_organizational_unit_that_cannot_be_is_named_with_its_line() {
        let units = "organizationalUnits: [Workloads/Production, Sandbox]\naccounts:\n";
        let account = |ou: &str| format!("{units}  - {{ name: a, email: a@example.com, ou: {ou} }}\n");
        for good in ["Workloads", "Workloads/Production", "Sandbox"] {
            assert_eq!(parse(&account(good)).unwrap().accounts[0].ou.as_ref().unwrap().to_string(), good);
        }
        for (bad, why) in [
            ("Production", "organizational unit 'Production' is not in organizationalUnits at line 3"),
            ("Workloads/Prod", "account a: organizational unit 'Workloads/Prod' is not in"),
            ("a/b/c/d/e/f", "6 units within one another, 5 at most"),
            ("a//b", "write names with a slash between them"),
        ] {
            let error = parse(&account(bad)).unwrap_err().to_string();
            assert!(error.contains(why) && error.contains("line 3"), "{error}");
        }
    }

    #[test]
    fn a_managed_policy_that_does_not_exist_is_named_with_the_line_of_its_list() {
        for (arn, why) in [
            (
                "arn:aws:iam::aws:policy/Billing",
                "Policy does not exist with ARN: arn:aws:iam::aws:policy/Billing",
            ),
            ("arn:aws:iam::aws:policy/readonlyaccess", "Policy does not exist with ARN"),
            ("ReadOnlyAccess", "Given managed policy ARN: ReadOnlyAccess, is invalid"),
        ] {
            let good = "arn:aws:iam::aws:policy/job-function/Billing";
            let text = format!(
                "permissionSets:\n  - name: A\n    managedPolicies:\n      - {good}\n      - {arn}\n"
            );
            let error = parse(&text).unwrap_err().to_string();
            assert!(
                error.contains(why)
                    && error.contains("permissionSets[0].managedPolicies")
                    && error.contains("line 4"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_password_never_shows_in_debug() {
        let seed = parse("users: [{ userName: a, password: { plain: hunter2-hunter2 } }]").unwrap();
        assert!(!format!("{seed:?}").contains("hunter2"));
    }

    #[test]
    fn json_documents_follow_each_other_and_a_wrong_one_names_its_line() {
        let text =
            "{\"users\": [{\"userName\": \"a\"}]}\n{\"users\": [{\"userName\": \"b\"}]}\n{\"user\": []}\n";
        let mut read = documents(text.as_bytes()).unwrap();
        let names: Vec<_> =
            read.by_ref().take(2).map(|seed| seed.unwrap().users[0].user_name.clone()).collect();
        assert_eq!(names, ["a", "b"]);
        let error = format!("{:#}", read.next().unwrap().unwrap_err());
        assert!(error.contains("user") && error.contains("line 3"), "{error}");
    }

    #[test]
    fn anything_else_is_one_yaml_document() {
        for text in [
            "users: [{ userName: a }]",
            "{users: [{ userName: a }]}",
            "# a comment\nusers: [{ userName: a }]",
        ] {
            assert_eq!(
                documents(text.as_bytes()).unwrap().map(|seed| seed.unwrap().users.len()).sum::<usize>(),
                1
            );
        }
    }
}
