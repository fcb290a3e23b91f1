//! The text to paste into `~/.aws/config`: it must work with the official AWS CLI as it stands. Keys and their spellings:
//! aws-capabilities §5.1 (`sso_oidc` for the CLI and Python, `sso-oidc` for Rust).

use model::account::AccountId;

use crate::portal::Portal;

const SERVICES: &[&str] = &[
    "sso",
    "sso_oidc",
    "sso-oidc",
    "sso_admin",
    "identitystore",
    "sts",
    "iam",
    "organizations",
    "cloudtrail",
];

/// A name for a profile: letters, digits and hyphens.
pub(crate) fn name(account_name: &str, role: &str) -> String {
    let plain = |text: &str| {
        let letters = text
            .chars()
            .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' });
        letters.collect::<String>().split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
    };
    format!("{}-{}", plain(account_name), plain(role))
}

/// A `[profile …]` section.
pub(crate) fn section(portal: &Portal, profile: &str, account: &AccountId, role: &str) -> String {
    format!(
        "[profile {profile}]\nsso_session = portico\nsso_account_id = {account}\nsso_role_name = {role}\nregion = {}\nservices = portico\n",
        portal.instance.region
    )
}

/// The `[sso-session …]` and `[services …]` sections that profiles refer to.
pub(crate) fn shared(portal: &Portal) -> String {
    let endpoint = &portal.signin.portal_base_url;
    let services = SERVICES
        .iter()
        .fold(String::new(), |text, service| format!("{text}{service} =\n  endpoint_url = {endpoint}\n"));
    format!(
        "[sso-session portico]\nsso_start_url = {}\nsso_region = {}\nsso_registration_scopes = sso:account:access\n\n[services portico]\n{services}",
        portal.signin.start_urls.nominal(),
        portal.instance.region
    )
}
