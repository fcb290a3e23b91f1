//! The text to paste into `~/.aws/config`: it must work with the official AWS CLI as it stands. Keys and their spellings:
//! aws-capabilities §5.1 (`sso_oidc` for the CLI and Python, `sso-oidc` for Rust).

use std::collections::BTreeMap;

use accounts::effective_access::ReachableAccount;
use model::account::{Account, AccountId};

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

/// A `[profile …]` section.
pub(crate) fn section(portal: &Portal, profile: &str, account: &AccountId, role: &str) -> String {
    format!(
        "[profile {profile}]\nsso_session = portico\nsso_account_id = {account}\nsso_role_name = {role}\nregion = {}\nservices = portico\n",
        portal.instance.region
    )
}

/// The `[sso-session …]` and `[services …]` sections that profiles refer to.
pub(crate) fn shared(portal: &Portal) -> String {
    let endpoint = &portal.signin.endpoint;
    let services = SERVICES
        .iter()
        .fold(String::new(), |text, service| format!("{text}{service} =\n  endpoint_url = {endpoint}\n"));
    format!(
        "[sso-session portico]\nsso_start_url = {}\nsso_region = {}\nsso_registration_scopes = sso:account:access\n\n[services portico]\n{services}",
        portal.signin.start_urls.nominal(),
        portal.instance.region
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::account::AccountState;
    use model::permission_set::PermissionSetId;
    use model::timestamp::Timestamp;
    use store::effective_access::ReachableRole;

    fn reachable(id: &str, name: &str, roles: &[&str]) -> ReachableAccount {
        let account = Account {
            id: AccountId::trusted(id),
            name: name.to_owned(),
            email: String::new(),
            state: AccountState::Active,
            joined_method: "CREATED".to_owned(),
            joined_at: Timestamp::default(),
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
