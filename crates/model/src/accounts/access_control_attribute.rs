//! Attributes for access control: what of a person becomes a session tag of the roles that they use, and by which name. A source is read when it is
//! written, so that none is kept of which nothing can ever come.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::brief;
use crate::directory::user::UserProfile;
use crate::fault::Fault;

/// Characters that a session tag's value may have (IAM, session tags).
pub const TAG_VALUE_MAX: usize = 256;

/// An attribute: the key of the session tag, and where its value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessControlAttribute {
    /// As policies ask for it: `aws:PrincipalTag/<Key>`.
    pub key: String,
    /// Where its value comes from.
    pub source: AttributeSource,
}

/// Where a value comes from: `${path:name.givenName}`, as it was written, and what that means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AttributeSource {
    written: String,
    path: Path,
}

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Path {
    UserName,
    DisplayName,
    /// A part of the name, as the wire calls it: `GivenName`.
    Name(&'static str),
    /// A text of its own: `NickName`.
    Text(&'static str),
    /// Of a list of values, the part of one: `Addresses`, which, `Locality`.
    Listed(&'static str, Which, &'static str),
    /// Of the enterprise extension, whose names are SCIM's: `costCenter`.
    Enterprise(&'static str),
    /// `enterprise.manager.value`
    Manager,
}

/// Which value of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Which {
    /// `[primary eq true]`
    Primary,
    /// `[type eq "work"]`
    OfType(String),
}

const NAME: &[&str] =
    &["Formatted", "FamilyName", "GivenName", "MiddleName", "HonorificPrefix", "HonorificSuffix"];
const TEXTS: &[&str] =
    &["NickName", "ProfileUrl", "UserType", "Title", "PreferredLanguage", "Locale", "Timezone"];
const LISTS: &[(&str, &[&str])] = &[
    ("Emails", &["Value"]),
    ("PhoneNumbers", &["Value"]),
    ("Addresses", &["StreetAddress", "Locality", "Region", "PostalCode", "Country", "Formatted"]),
];
const ENTERPRISE: &[&str] = &["employeeNumber", "costCenter", "organization", "division", "department"];

/// The extension's name where profiles keep it.
const ENTERPRISE_SCHEMA: &str = "aws:identitystore:enterprise";

/// What is wrong with a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadSource(String);

impl fmt::Display for BadSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Source {} leads to no attribute of a user: it is written as ${{path:userName}}, ${{path:name.givenName}}, ${{path:emails[primary eq true].value}}, \
             ${{path:addresses[type eq \"work\"].locality}} or ${{path:enterprise.department}}",
            brief::text(&self.0, 96)
        )
    }
}

impl AttributeSource {
    /// Reads a source.
    pub fn parse(written: &str) -> Result<Self, Fault> {
        Self::try_from(written.to_owned()).map_err(|bad| Fault::validation(bad.to_string()))
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// The value that a person has; none where they have none, or an empty one.
    pub fn of<'p>(&self, profile: &'p UserProfile) -> Option<Cow<'p, str>> {
        let text = |value: &'p Value| value.as_str().map(Cow::Borrowed);
        let found = match &self.path {
            Path::UserName => Some(Cow::Borrowed(profile.user_name.as_str())),
            Path::DisplayName => Some(Cow::Borrowed(profile.display_name.as_str())),
            Path::Name(part) => name_part(profile, part).map(Cow::Borrowed),
            Path::Text(member) => profile.attributes.get(*member).and_then(text),
            Path::Listed(list, which, part) => listed(profile, list, which, part).map(Cow::Owned),
            Path::Enterprise(member) => enterprise(profile, member).and_then(text),
            Path::Manager => {
                enterprise(profile, "manager").and_then(|manager| manager.get("value")).and_then(text)
            }
        };
        found.filter(|value| !value.is_empty())
    }
}

impl TryFrom<String> for AttributeSource {
    type Error = BadSource;

    fn try_from(written: String) -> Result<Self, Self::Error> {
        let path = written
            .strip_prefix("${path:")
            .and_then(|rest| rest.strip_suffix('}'))
            .and_then(path)
            .ok_or_else(|| BadSource(written.clone()))?;
        Ok(Self { written, path })
    }
}

impl From<AttributeSource> for String {
    fn from(source: AttributeSource) -> Self {
        source.written
    }
}

/// Names have no case, as everywhere in attribute paths (RFC 7643 §2.1).
fn one_of(names: &[&'static str], name: &str) -> Option<&'static str> {
    names.iter().copied().find(|one| one.eq_ignore_ascii_case(name))
}

fn path(text: &str) -> Option<Path> {
    if text.eq_ignore_ascii_case("userName") {
        return Some(Path::UserName);
    }
    if text.eq_ignore_ascii_case("displayName") {
        return Some(Path::DisplayName);
    }
    if let Some(member) = one_of(TEXTS, text) {
        return Some(Path::Text(member));
    }
    if let Some((list, rest)) = text.split_once('[') {
        let (filter, part) = rest.split_once("].")?;
        let (list, parts) = LISTS.iter().find(|(name, _)| name.eq_ignore_ascii_case(list))?;
        return Some(Path::Listed(list, which(filter)?, one_of(parts, part)?));
    }
    let (head, rest) = text.split_once('.')?;
    match head.to_ascii_lowercase().as_str() {
        "name" => one_of(NAME, rest).map(Path::Name),
        "enterprise" if rest.eq_ignore_ascii_case("manager.value") => Some(Path::Manager),
        "enterprise" => one_of(ENTERPRISE, rest).map(Path::Enterprise),
        _ => None,
    }
}

fn which(filter: &str) -> Option<Which> {
    let mut words = filter.splitn(3, ' ');
    let (member, operator, value) = (words.next()?, words.next()?, words.next()?);
    if !operator.eq_ignore_ascii_case("eq") {
        return None;
    }
    match member.to_ascii_lowercase().as_str() {
        "primary" => value.eq_ignore_ascii_case("true").then_some(Which::Primary),
        "type" => {
            let kind = value.strip_prefix('"')?.strip_suffix('"')?;
            (!kind.is_empty() && !kind.contains(['"', '\\'])).then(|| Which::OfType(kind.to_owned()))
        }
        _ => None,
    }
}

fn name_part<'p>(profile: &'p UserProfile, part: &str) -> Option<&'p str> {
    let name = &profile.name;
    let part = match part {
        "Formatted" => &name.formatted,
        "FamilyName" => &name.family_name,
        "GivenName" => &name.given_name,
        "MiddleName" => &name.middle_name,
        "HonorificPrefix" => &name.honorific_prefix,
        _ => &name.honorific_suffix,
    };
    part.as_deref()
}

fn enterprise<'p>(profile: &'p UserProfile, member: &str) -> Option<&'p Value> {
    profile.extensions.get(ENTERPRISE_SCHEMA)?.get(member)
}

/// The first value of the list that is meant, among those that an identity provider said beside AWS's one too. A single value that nobody called
/// primary is the primary one.
fn listed(profile: &UserProfile, list: &str, which: &Which, part: &str) -> Option<String> {
    let own: Vec<Value> = match list {
        "Emails" => profile.emails.iter().filter_map(|email| serde_json::to_value(email).ok()).collect(),
        _ => profile.attributes.get(list).and_then(Value::as_array).cloned().unwrap_or_default(),
    };
    let others = profile.others.get(list);
    let before = others.map(|others| others.before.as_slice()).unwrap_or_default();
    let after = others.map(|others| others.after.as_slice()).unwrap_or_default();
    let all: Vec<&Value> = before.iter().chain(&own).chain(after).collect();
    let meant = |value: &&&Value| match which {
        Which::Primary => all.len() == 1 || value.get("Primary") == Some(&Value::Bool(true)),
        Which::OfType(kind) => {
            value.get("Type").and_then(Value::as_str).is_some_and(|has| has.eq_ignore_ascii_case(kind))
        }
    };
    all.iter().find(meant)?.get(part)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::directory::user::{OtherValues, TypedValue};

    fn jane() -> UserProfile {
        let email = TypedValue {
            value: Some("jane@acme.example".to_owned()),
            kind: Some("work".to_owned()),
            primary: true,
        };
        let mut jane = UserProfile {
            user_name: "jane".to_owned(),
            display_name: "Jane Doe".to_owned(),
            emails: vec![email],
            ..UserProfile::default()
        };
        jane.name.given_name = Some("Jane".to_owned());
        jane.attributes.insert("Title".to_owned(), json!("Engineer"));
        jane.attributes.insert("UserType".to_owned(), json!(""));
        jane.attributes
            .insert("Addresses".to_owned(), json!([{"Type": "work", "Locality": "Bern", "Country": "CH"}]));
        jane.attributes.insert("PhoneNumbers".to_owned(), json!([{"Type": "work", "Value": "+41 1"}]));
        let mobile = OtherValues {
            after: vec![json!({"Type": "mobile", "Value": "+41 2"})],
            ..OtherValues::default()
        };
        jane.others.insert("PhoneNumbers".to_owned(), mobile);
        let enterprise = json!({"department": "R+D", "costCenter": "4100", "manager": {"value": "boss"}});
        jane.extensions.insert(ENTERPRISE_SCHEMA.to_owned(), enterprise);
        jane
    }

    #[test]
    fn each_form_of_the_user_guide_leads_to_a_value() {
        for (source, value) in [
            ("${path:userName}", Some("jane")),
            ("${path:displayName}", Some("Jane Doe")),
            ("${path:name.givenName}", Some("Jane")),
            ("${path:name.familyName}", None),
            ("${path:title}", Some("Engineer")),
            ("${path:userType}", None),
            ("${path:emails[primary eq true].value}", Some("jane@acme.example")),
            ("${path:addresses[type eq \"work\"].locality}", Some("Bern")),
            ("${path:addresses[type eq \"work\"].region}", None),
            ("${path:addresses[type eq \"home\"].country}", None),
            ("${path:phoneNumbers[type eq \"work\"].value}", Some("+41 1")),
            ("${path:phoneNumbers[type eq \"mobile\"].value}", Some("+41 2")),
            ("${path:phoneNumbers[primary eq true].value}", None),
            ("${path:addresses[primary eq true].country}", Some("CH")),
            ("${path:enterprise.department}", Some("R+D")),
            ("${path:enterprise.costCenter}", Some("4100")),
            ("${path:enterprise.division}", None),
            ("${path:enterprise.manager.value}", Some("boss")),
        ] {
            let read = AttributeSource::parse(source).unwrap();
            assert_eq!(read.of(&jane()).as_deref(), value, "{source}");
            assert_eq!(read.as_str(), source);
        }
    }

    #[test]
    fn what_leads_nowhere_is_refused() {
        for source in [
            "",
            "engineering",
            "${path:}",
            "${path:userName",
            "${path:shoeSize}",
            "${path:name}",
            "${path:name.shoe}",
            "${path:emails.value}",
            "${path:emails[0].value}",
            "${path:emails[primary ne true].value}",
            "${path:emails[primary eq false].value}",
            "${path:emails[type eq work].value}",
            "${path:emails[type eq \"\"].value}",
            "${path:emails[type eq \"a\\\"b\"].value}",
            "${path:addresses[type eq \"work\"].value}",
            "${path:enterprise}",
            "${path:enterprise.salary}",
            "${path:enterprise.manager}",
            "${user:email}",
            "${path:userName} ${path:title}",
        ] {
            let refused = AttributeSource::parse(source).unwrap_err();
            assert!(refused.to_string().contains("leads to no attribute"), "{source}: {refused}");
        }
    }
}
