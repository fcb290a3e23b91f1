//! The seed: accounts, people, groups, permission sets, assignments and sources as names that refer to each other, in YAML; or as JSON documents of
//! the same shape one after another, which are read as they come, so that a seed of any size takes little memory. Only its shape is
//! here; `init` puts it into the store. Unknown keys are errors that name the line.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context as _, bail};
use model::limits::ORGANIZATIONAL_UNIT_DEPTH_MAX;
use model::secret::Secret;
use model::signin::colour::Colour;
use model::signin::portal_settings::HelpLink;
use serde::Deserialize;
use serde_json::Value;

use crate::seed_source_file::{ExternalIdentityProvider, ProvisioningTenant};

/// Bytes that are looked at to tell JSON from YAML.
const BUFFER: usize = 256 * 1024;

/// A whole YAML file, or one document of a stream.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct SeedFile {
    pub(crate) portal: Option<Portal>,
    pub(crate) organizational_units: Vec<UnitNames>,
    pub(crate) accounts: Vec<Account>,
    pub(crate) users: Vec<User>,
    pub(crate) groups: Vec<Group>,
    pub(crate) permission_sets: Vec<PermissionSet>,
    pub(crate) assignments: Vec<Assignment>,
    pub(crate) provisioning_tenants: Vec<ProvisioningTenant>,
    pub(crate) external_identity_providers: Vec<ExternalIdentityProvider>,
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

/// An account of the organization.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Account {
    pub(crate) id: Option<String>,
    pub(crate) name: String,
    pub(crate) email: String,
    /// The organizational unit that it lies in; none is the root.
    pub(crate) ou: Option<UnitNames>,
}

/// An organizational unit by its name behind those around it: `Workloads/Production`. Those around it are made with it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct UnitNames(pub(crate) Vec<String>);

impl fmt::Display for UnitNames {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.join("/"))
    }
}

impl<'de> Deserialize<'de> for UnitNames {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let names: Vec<String> = text.split('/').map(str::to_owned).collect();
        if names.iter().any(|name| name.trim().is_empty()) {
            return Err(serde::de::Error::custom(format!(
                "organizational unit '{text}': write names with a slash between them, as in Workloads/Production"
            )));
        }
        if names.len() > ORGANIZATIONAL_UNIT_DEPTH_MAX {
            return Err(serde::de::Error::custom(format!(
                "organizational unit '{text}': {} units within one another, {ORGANIZATIONAL_UNIT_DEPTH_MAX} at most",
                names.len()
            )));
        }
        Ok(Self(names))
    }
}

/// A person.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct User {
    pub(crate) id: Option<String>,
    pub(crate) user_name: String,
    pub(crate) display_name: Option<String>,
    #[serde(default)]
    pub(crate) name: Name,
    #[serde(default)]
    pub(crate) emails: Vec<Email>,
    pub(crate) password: Option<Password>,
    #[serde(default = "enabled")]
    pub(crate) active: bool,
}

const fn enabled() -> bool {
    true
}

/// The parts of a person's name.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Name {
    pub(crate) given_name: Option<String>,
    pub(crate) family_name: Option<String>,
    pub(crate) middle_name: Option<String>,
    pub(crate) formatted: Option<String>,
}

/// An e-mail address.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Email {
    pub(crate) value: String,
    #[serde(default)]
    pub(crate) primary: bool,
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
}

/// A password: as it is typed, or its argon2id hash. Exactly one of the two.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Password {
    /// As it is typed.
    #[serde(default, deserialize_with = "secret")]
    pub(crate) plain: Option<Secret>,
    /// `$argon2id$…`
    #[serde(default, deserialize_with = "secret")]
    pub(crate) argon2: Option<Secret>,
}

fn secret<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Secret>, D::Error> {
    Option::<String>::deserialize(from).map(|text| text.map(Secret::new))
}

/// A group and who is in it, by user name.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Group {
    pub(crate) id: Option<String>,
    pub(crate) display_name: String,
    pub(crate) description: Option<String>,
    #[serde(default)]
    pub(crate) members: Vec<String>,
    #[serde(default)]
    pub(crate) member_groups: Vec<String>,
}

/// A permission set.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PermissionSet {
    pub(crate) id: Option<String>,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) session_duration: Option<String>,
    pub(crate) relay_state: Option<String>,
    #[serde(default)]
    pub(crate) managed_policies: Vec<ManagedPolicyArn>,
    pub(crate) inline_policy: Option<Value>,
}

/// The ARN of an AWS managed policy that can be attached: looked up as it is read, so that an error names it and the line where its list begins.
#[derive(Debug)]
pub(crate) struct ManagedPolicyArn(pub(crate) String);

impl<'de> Deserialize<'de> for ManagedPolicyArn {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let arn = String::deserialize(from)?;
        match policy::managed::attachable(&arn) {
            Ok(_) => Ok(Self(arn)),
            Err(missing) => Err(serde::de::Error::custom(missing.sentence(&arn))),
        }
    }
}

/// Who may use which permission set in which accounts: a group or a user, accounts by name or id.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Assignment {
    pub(crate) group: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) permission_set: String,
    pub(crate) accounts: Vec<String>,
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
    let declared = |ou: &UnitNames| seed.organizational_units.iter().any(|unit| unit.0.starts_with(&ou.0));
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
