//! The texts that lead the AWS CLI and the SDKs here: commands for any shell, sections for `~/.aws/config`, variables. Each must work as it
//! stands, in an empty home and an empty environment, and lead nothing to Amazon, which must never see a token of ours.
//!
//! A profile says where to go twice, since nobody reads only one of them (AWS CLI 2.38.5, boto3 1.44.8, JavaScript 3.1175, Go 1.41.7):
//! `endpoint_url` for every service, which the Go SDK (Terraform) does not heed for the calls that fetch credentials, and `services` for
//! just those calls. With `services` alone, the rest (`s3 ls`) would carry our session token to Amazon.

use std::collections::BTreeMap;

use accounts::effective_access::ReachableAccount;
use model::accounts::account::{Account, AccountId};

use crate::portal::Portal;
use crate::shell::{Shell, word};
use crate::words::language::Language;

/// The services by which clients fetch credentials, spelled as `[services]` wants them: aws-capabilities §5.1.
const SERVICES: [&str; 3] = ["sso", "sso_oidc", "sts"];

/// The names of the profiles of everything that a person may reach: no two are the same, since one section given twice makes the AWS CLI
/// refuse the whole file.
pub(crate) struct Names(BTreeMap<String, usize>);

impl Names {
    pub(crate) fn new(everything: &[ReachableAccount]) -> Self {
        let mut counts = BTreeMap::new();
        for reachable in everything {
            for (role, _) in &reachable.roles {
                let count: &mut usize =
                    counts.entry(short(&reachable.account.name, &role.permission_set_name)).or_default();
                *count = count.saturating_add(1);
            }
        }
        Self(counts)
    }

    /// The name for a role in an account: short and plain where that says enough, otherwise with the account's id.
    pub(crate) fn of(&self, account: &Account, role: &str) -> String {
        let short = short(&account.name, role);
        let is_alone = self.0.get(&short).is_none_or(|count| *count < 2);
        // Names that begin with a digit are left to the others, names that begin with a hyphen would be taken for options.
        let is_plain = short.starts_with(|first: char| first.is_ascii_lowercase());
        if is_alone && is_plain { short } else { format!("{}-{role}", account.id) }
    }
}

/// Lower-case letters, digits and hyphens.
fn short(account_name: &str, role: &str) -> String {
    let plain = |text: &str| {
        let letters = text
            .chars()
            .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' });
        letters.collect::<String>().split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
    };
    format!("{}-{}", plain(account_name), plain(role))
}

/// What the `[sso-session]` and the `[services]` of this instance are called: another instance's stand beside them.
fn session(portal: &Portal) -> String {
    format!("portico-{}", portal.instance.identity_store_id.as_str().trim_start_matches("d-"))
}

/// The keys of the `[sso-session]`. Without the scope there is no refresh token.
fn session_keys(portal: &Portal) -> [(&'static str, String); 3] {
    [
        ("sso_start_url", portal.signin.start_urls.nominal().to_owned()),
        ("sso_region", portal.instance.region.clone()),
        ("sso_registration_scopes", "sso:account:access".to_owned()),
    ]
}

/// The keys of a `[profile]`.
fn profile_keys(portal: &Portal, account: &AccountId, role: &str) -> [(&'static str, String); 6] {
    [
        ("sso_session", session(portal)),
        ("sso_account_id", account.as_str().to_owned()),
        ("sso_role_name", role.to_owned()),
        ("region", portal.instance.region.clone()),
        ("endpoint_url", portal.signin.endpoint.clone()),
        ("services", session(portal)),
    ]
}

/// Everything that a role needs, as commands: a section given twice makes the AWS CLI refuse the whole file, a command given twice does
/// nothing. `--sso-session` and `--services` came with AWS CLI 2.34.22.
pub(crate) fn commands(portal: &Portal, profile: &str, account: &AccountId, role: &str) -> String {
    let name = session(portal);
    let set = |place: &str, key: &str, value: &str| {
        format!("aws configure set {place} {} {}\n", word(key), word(value))
    };
    let shared = format!("--sso-session {name}");
    let services = format!("--services {name}");
    let own = format!("--profile {}", word(profile));
    let session = session_keys(portal).into_iter().map(|(key, value)| set(&shared, key, &value));
    let endpoints = SERVICES
        .iter()
        .map(|service| set(&services, &format!("{service}.endpoint_url"), &portal.signin.endpoint));
    let profile = profile_keys(portal, account, role).into_iter().map(|(key, value)| set(&own, key, &value));
    session.chain(endpoints).chain(profile).collect()
}

/// A `[profile …]` section.
pub(crate) fn section(portal: &Portal, profile: &str, account: &AccountId, role: &str) -> String {
    lines(&format!("profile {profile}"), &profile_keys(portal, account, role))
}

/// The `[sso-session …]` and `[services …]` sections that every profile refers to.
pub fn shared(portal: &Portal) -> String {
    let name = session(portal);
    let endpoint = &portal.signin.endpoint;
    let services = SERVICES
        .iter()
        .fold(String::new(), |text, service| format!("{text}{service} =\n  endpoint_url = {endpoint}\n"));
    let session = lines(&format!("sso-session {name}"), &session_keys(portal));
    format!("{session}\n[services {name}]\n{services}")
}

fn lines(title: &str, keys: &[(&str, String)]) -> String {
    keys.iter().fold(format!("[{title}]\n"), |text, (key, value)| format!("{text}{key} = {value}\n"))
}

/// What leads here whatever reads no profile. One variable for all services is not enough: the Go SDK does not heed it where it fetches
/// credentials.
pub(crate) fn variables(portal: &Portal) -> String {
    let endpoint = &portal.signin.endpoint;
    let names = ["", "_SSO", "_SSO_OIDC", "_STS"].map(|service| format!("AWS_ENDPOINT_URL{service}"));
    Shell::Posix.set(names.iter().map(|name| (name.as_str(), endpoint.as_str())))
}

/// What the file begins with.
fn comments(portal: &Portal, language: Language) -> impl Iterator<Item = String> {
    let say = |name| language.say(name);
    let what = say("config-what")
        .with("address", format_args!("{}/start", portal.signin.portal_base_url))
        .with("file", "~/.aws/config")
        .with("variable", "AWS_CONFIG_FILE");
    let without = say("config-without")
        .with("option", "--profile")
        .with("login", "aws sso login --sso-session")
        .with("configure", "aws configure sso");
    let lines = [
        what.to_string(),
        say("config-renew").to_string(),
        String::new(),
        say("config-sign-in").with("command", "aws sso login --profile NAME").to_string(),
        say("config-sign-out").with("command", "aws sso logout --profile NAME").to_string(),
        String::new(),
        without.to_string(),
        say("config-amazon").to_string(),
    ];
    let variables: Vec<String> = variables(portal).lines().map(|line| format!("  {line}")).collect();
    lines.into_iter().chain(variables).map(|line| format!("# {line}"))
}

/// Every account and role as one file.
pub(crate) fn file(portal: &Portal, language: Language, everything: &[ReachableAccount]) -> String {
    let names = Names::new(everything);
    let mut text = comments(portal, language).fold(String::new(), |text, line| text + line.trim_end() + "\n");
    text.push('\n');
    text.push_str(&shared(portal));
    for reachable in everything {
        for (role, _) in &reachable.roles {
            let name = names.of(&reachable.account, &role.permission_set_name);
            text.push('\n');
            text.push_str(&section(portal, &name, &reachable.account.id, &role.permission_set_name));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::accounts::account::AccountState;
    use model::accounts::organizational_unit::UnitPath;
    use model::accounts::permission_set::PermissionSetId;
    use model::timestamp::Timestamp;
    use store::accounts::effective_access::ReachableRole;

    fn reachable(id: &str, name: &str, roles: &[&str]) -> ReachableAccount {
        let account = Account {
            id: AccountId::trusted(id),
            name: name.to_owned(),
            email: String::new(),
            state: AccountState::Active,
            joined_method: "CREATED".to_owned(),
            joined_at: Timestamp::default(),
            path: UnitPath::ROOT,
        };
        let role = |name: &&str| ReachableRole {
            permission_set_name: (*name).to_owned(),
            permission_set_id: PermissionSetId::trusted("ps-1234567890123456"),
            session_seconds: 3_600,
            role_name: String::new(),
        };
        ReachableAccount { account, roles: roles.iter().map(|name| (role(name), None)).collect() }
    }

    #[test]
    fn no_two_profiles_have_one_name() {
        let everything = [
            reachable("222233334444", "Payments Prod", &["PowerUser", "Read.Only", "read-only"]),
            reachable("333344445555", "payments-prod", &["PowerUser"]),
            reachable("444455556666", "Zürich]\n[default", &["Admin"]),
            reachable("555566667777", "東京", &["Admin"]),
            reachable("666677778888", "222233334444", &["PowerUser"]),
        ];
        let names = Names::new(&everything);
        let all: Vec<String> = everything
            .iter()
            .flat_map(|reachable| {
                let names = &names;
                reachable
                    .roles
                    .iter()
                    .map(move |(role, _)| names.of(&reachable.account, &role.permission_set_name))
            })
            .collect();
        assert_eq!(
            all,
            [
                "222233334444-PowerUser",
                "222233334444-Read.Only",
                "222233334444-read-only",
                "333344445555-PowerUser",
                "z-rich-default-admin",
                "555566667777-Admin",
                "666677778888-PowerUser",
            ]
        );
    }
}
