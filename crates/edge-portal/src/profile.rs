//! The texts that lead the AWS CLI and the SDKs here: commands for any shell, sections for `~/.aws/config`, variables. Each must work as it
//! stands, in an empty home and an empty environment, and lead nothing to Amazon that is not Amazon's: it must never see a token of ours.
//!
//! A profile says where to go twice, since nobody reads only one of them (AWS CLI 2.38.5, boto3 1.44.8, JavaScript 3.1175, Go 1.41.7):
//! `endpoint_url` for every service, which the Go SDK (Terraform) does not heed for the calls that fetch credentials, and `services` for
//! just those calls. With `services` alone, the rest (`s3 ls`) would carry our session token to Amazon.
//!
//! In a connected account it is the other way about: its own STS gives the credentials, which are good there and nowhere else. There `services` alone leads
//! here, for the calls of a sign-in, and the rest goes where the account is.

use std::collections::HashSet;

use accounts::own_access::{Elsewhere, OwnAccess};
use model::accounts::account::AccountId;

use crate::portal::Portal;
use crate::profile_names::{Names, Template};
use crate::shell::{Shell, word};
use crate::words::language::Language;

/// The services by which people sign in and get credentials, spelled as `[services]` wants them: aws-capabilities §5.1.
const SIGN_IN: [&str; 2] = ["sso", "sso_oidc"];

/// A role that a profile is for, and where its account is.
#[derive(Clone, Copy)]
pub(crate) struct Of<'a> {
    pub(crate) account: &'a AccountId,
    pub(crate) elsewhere: Option<&'a Elsewhere>,
    pub(crate) role: &'a str,
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

/// The `[services]` of an account: what it is called, and which service is where.
fn services_of<'p>(
    portal: &'p Portal,
    account: &AccountId,
    elsewhere: Option<&'p Elsewhere>,
) -> (String, Vec<(&'static str, &'p str)>) {
    let name = session(portal);
    let mut services: Vec<(&str, &str)> =
        SIGN_IN.iter().map(|service| (*service, portal.signin.endpoint.as_str())).collect();
    let Some(elsewhere) = elsewhere else {
        services.push(("sts", &portal.signin.endpoint));
        return (name, services);
    };
    let own = [("sts", &elsewhere.sts_endpoint), ("iam", &elsewhere.iam_endpoint)];
    let own = own.into_iter().filter_map(|(service, place)| Some((service, place.as_deref()?)));
    services.extend(own);
    let name =
        if services.len() == SIGN_IN.len() { format!("{name}-aws") } else { format!("{name}-{account}") };
    (name, services)
}

/// The Region of an account.
pub(crate) fn region_of<'p>(portal: &'p Portal, elsewhere: Option<&'p Elsewhere>) -> &'p str {
    elsewhere.and_then(|elsewhere| elsewhere.region.as_deref()).unwrap_or(&portal.instance.region)
}

/// The keys of a `[profile]`.
fn profile_keys(portal: &Portal, session_name: &str, of: Of<'_>) -> Vec<(&'static str, String)> {
    let (services, _) = services_of(portal, of.account, of.elsewhere);
    let mut keys = vec![
        ("sso_session", session_name.to_owned()),
        ("sso_account_id", of.account.as_str().to_owned()),
        ("sso_role_name", of.role.to_owned()),
        ("region", region_of(portal, of.elsewhere).to_owned()),
    ];
    if of.elsewhere.is_none() {
        keys.push(("endpoint_url", portal.signin.endpoint.clone()));
    }
    keys.push(("services", services));
    keys
}

/// Everything that a role needs, as commands: a section given twice makes the AWS CLI refuse the whole file, a command given twice does
/// nothing. `--sso-session` and `--services` came with AWS CLI 2.34.22.
pub(crate) fn commands(portal: &Portal, profile: &str, of: Of<'_>) -> String {
    let name = session(portal);
    let set = |place: &str, key: &str, value: &str| {
        format!("aws configure set {place} {} {}\n", word(key), word(value))
    };
    let (called, services) = services_of(portal, of.account, of.elsewhere);
    let (shared, called) = (format!("--sso-session {name}"), format!("--services {called}"));
    let own = format!("--profile {}", word(profile));
    let session = session_keys(portal).into_iter().map(|(key, value)| set(&shared, key, &value));
    let endpoints =
        services.into_iter().map(|(service, place)| set(&called, &format!("{service}.endpoint_url"), place));
    let profile = profile_keys(portal, &name, of).into_iter().map(|(key, value)| set(&own, key, &value));
    session.chain(endpoints).chain(profile).collect()
}

/// A `[profile …]` section.
pub(crate) fn section(portal: &Portal, profile: &str, of: Of<'_>) -> String {
    lines(&format!("profile {profile}"), &profile_keys(portal, &session(portal), of))
}

/// The `[sso-session …]` and `[services …]` sections that every profile of an account that is here refers to.
pub fn shared(portal: &Portal) -> String {
    shared_with(portal, &portal.instance.owner, None)
}

/// The same for profiles of an account.
pub(crate) fn shared_with(portal: &Portal, account: &AccountId, elsewhere: Option<&Elsewhere>) -> String {
    let services = services(services_of(portal, account, elsewhere));
    format!("{}\n{services}", sign_in_session(portal, &session(portal)))
}

fn sign_in_session(portal: &Portal, name: &str) -> String {
    lines(&format!("sso-session {name}"), &session_keys(portal))
}

fn services((name, services): (String, Vec<(&str, &str)>)) -> String {
    services.into_iter().fold(format!("[services {name}]\n"), |text, (service, place)| {
        format!("{text}{service} =\n  endpoint_url = {place}\n")
    })
}

fn lines(title: &str, keys: &[(&str, String)]) -> String {
    keys.iter().fold(format!("[{title}]\n"), |text, (key, value)| format!("{text}{key} = {value}\n"))
}

/// What leads here whatever reads no profile. One variable for all services is not enough: the Go SDK does not heed it where it fetches
/// credentials. In a connected account only signing in is here.
pub(crate) fn variables(portal: &Portal, elsewhere: Option<&Elsewhere>) -> String {
    let endpoint = &portal.signin.endpoint;
    let here: &[&str] = match elsewhere {
        None => &["", "_SSO", "_SSO_OIDC", "_STS"],
        Some(_) => &["_SSO", "_SSO_OIDC"],
    };
    let names: Vec<String> = here.iter().map(|service| format!("AWS_ENDPOINT_URL{service}")).collect();
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
    let variables: Vec<String> = variables(portal, None).lines().map(|line| format!("  {line}")).collect();
    lines.into_iter().chain(variables).map(|line| format!("# {line}"))
}

/// How the file of everything is to be.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    /// What profiles are called.
    pub(crate) template: Template,
    /// A sign-in session for each account, in place of one for all.
    pub(crate) each: bool,
}

/// Every account and role as one file; of so many roles at most.
pub(crate) fn file(
    portal: &Portal,
    language: Language,
    (own, wish): (&OwnAccess, &Wish),
    roles_max: usize,
) -> String {
    let mut names = Names::new(own, &wish.template);
    let mut text = comments(portal, language).fold(String::new(), |text, line| text + line.trim_end() + "\n");
    text.push('\n');
    if !wish.each {
        text.push_str(&sign_in_session(portal, &session(portal)));
    }
    // What services are called that stand in the file already.
    let mut there = HashSet::new();
    let mut left = roles_max;
    for reached in own.all() {
        if left == 0 {
            break;
        }
        let id = &reached.account.id;
        let session = if wish.each { format!("{}-{id}", session(portal)) } else { session(portal) };
        let places = services_of(portal, id, reached.elsewhere);
        if there.insert(places.0.clone()) {
            text.push('\n');
            text.push_str(&services(places));
        }
        if wish.each {
            text.push('\n');
            text.push_str(&sign_in_session(portal, &session));
        }
        for role in reached.roles.iter().take(left) {
            let name = names.next(reached.account, &role.name);
            let of = Of { account: id, elsewhere: reached.elsewhere, role: &role.name };
            text.push('\n');
            text.push_str(&lines(&format!("profile {name}"), &profile_keys(portal, &session, of)));
        }
        left -= left.min(reached.roles.len());
    }
    text
}
