//! What an application is told of a person: the claims of the scopes that it was granted (OpenID Connect Core §5.1, §5.4), and those that its mappings say, in the
//! place of one of the same name. Filled when it is told, from what is known then. What is not known of a person is left out.

use model::applications::oidc_application::{GROUPS, OidcSettings};
use model::directory::user::{User, UserProfile};
use model::fault::Fault;
use model::signin::mfa::Method;
use model::signin::portal_session::PortalSession;
use serde_json::{Map, Value, json};
use store::directory::{groups as group_rows, memberships};
use store::tx::Rx;

use crate::attribute_templates::{InGroup, Person, Template};

/// The scopes by which something is told of a person, and what.
const SCOPES: [(&str, &[&str]); 3] = [
    (
        "profile",
        &[
            "name",
            "given_name",
            "family_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "zoneinfo",
            "locale",
        ],
    ),
    ("email", &["email"]),
    (GROUPS, &["groups"]),
];

/// The names of everything that an application may be told.
pub(crate) fn names(settings: &OidcSettings) -> Vec<&str> {
    let mut names = vec!["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "amr", "at_hash", "sid"];
    let granted = |scope: &str| settings.scopes.iter().any(|own| own == scope);
    for (_, claims) in SCOPES.into_iter().filter(|(scope, _)| granted(scope)) {
        names.extend(claims);
    }
    for claim in &settings.claims {
        if !names.contains(&claim.name.as_str()) {
            names.push(&claim.name);
        }
    }
    names
}

/// What is told of a person by these scopes.
pub(crate) fn of(
    rx: &mut Rx<'_>,
    settings: &OidcSettings,
    (user, scopes): (&User, &[String]),
) -> Result<Map<String, Value>, Fault> {
    let granted = |scope: &str| scopes.iter().any(|own| own == scope);
    let mappings: Vec<_> =
        settings.claims.iter().filter(|claim| claim.scope.as_deref().is_none_or(granted)).collect();
    let names_groups = granted(GROUPS) || mappings.iter().any(|claim| claim.value.contains("${user:group"));
    let groups = if names_groups { groups(rx, user)? } else { Vec::new() };
    let mut told = Map::new();
    if granted("profile") {
        profile(&user.profile, &mut told);
    }
    if granted("email")
        && let Some(email) = user.profile.primary_email()
    {
        told.insert("email".to_owned(), json!(email));
    }
    if granted(GROUPS) {
        let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
        told.insert("groups".to_owned(), json!(names));
    }
    let person = Person {
        user_id: user.id.as_str(),
        profile: &user.profile,
        external_ids: &user.external_ids,
        groups: &groups,
    };
    for claim in mappings {
        let template = Template::parse(&claim.name, &claim.value)?;
        let values = template.fill(&person);
        // A list stays one where it is empty: nobody should read the groups of last time into it.
        let value =
            if template.is_several() { Some(json!(values)) } else { values.first().map(|one| json!(one)) };
        match value {
            Some(value) => told.insert(claim.name.clone(), value),
            None => told.remove(&claim.name),
        };
    }
    Ok(told)
}

fn profile(profile: &UserProfile, told: &mut Map<String, Value>) {
    let attribute = |name: &str| profile.attributes.get(name).and_then(Value::as_str);
    let said = [
        ("name", Some(profile.display_name.as_str())),
        ("given_name", profile.name.given_name.as_deref()),
        ("family_name", profile.name.family_name.as_deref()),
        ("middle_name", profile.name.middle_name.as_deref()),
        ("nickname", attribute("NickName")),
        ("preferred_username", Some(profile.user_name.as_str())),
        ("profile", attribute("ProfileUrl")),
        ("zoneinfo", attribute("Timezone")),
        ("locale", attribute("Locale")),
    ];
    for (name, value) in said {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            told.insert(name.to_owned(), json!(value));
        }
    }
}

fn groups(rx: &mut Rx<'_>, user: &User) -> Result<Vec<InGroup>, Fault> {
    let mut found = Vec::new();
    for id in memberships::groups(rx, &user.id)? {
        if let Some(group) = group_rows::find(rx, &user.identity_store_id, &id)? {
            found.push(InGroup { id: id.to_string(), name: group.display_name });
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(found)
}

/// How somebody signed in, in the words of RFC 8176. What it has no word for is not said.
pub(crate) fn methods(session: &PortalSession) -> Vec<&'static str> {
    let mut said: Vec<&'static str> = Vec::new();
    for method in &session.proofs.methods {
        let word = match method {
            Method::Password => "pwd",
            Method::Webauthn => "pop",
            Method::Totp | Method::EmailOtp | Method::RecoveryCode => "otp",
            Method::Bypass | Method::ExternalIdp => continue,
        };
        if !said.contains(&word) {
            said.push(word);
        }
    }
    if session.proofs.mfa_at.is_some() {
        said.push("mfa");
    }
    said
}
