//! What a user's or group's own attributes must be, however they arrive: required ones present, texts within their limits, lists
//! and extensions of known members only.

use model::directory::user::{ExternalId, Name, TypedValue, UserProfile};
use model::fault::Fault;
use serde_json::{Map, Value, json};

use crate::document;
use crate::schema;
use crate::several;
use crate::text::{self, TextRule};

/// External ids of a user or group at most.
const EXTERNAL_IDS_MAX: usize = 10;

/// The same profile with everything checked, attributes and extensions under their wire names.
///
/// `UserName`, `DisplayName`, `Name.GivenName` and `Name.FamilyName` are optional in the service's model and required by the
/// service (API reference, CreateUser).
pub fn checked(profile: UserProfile) -> Result<UserProfile, Fault> {
    require_given(&profile)?;
    checked_as_given(profile)
}

/// [`checked`] of a profile that need not have all that the service requires: of people whom identity providers provision without the parts of
/// their names (RFC 7643 §4.1.1 requires the user name alone), and of whoever lacked them before.
pub(crate) fn checked_as_given(profile: UserProfile) -> Result<UserProfile, Fault> {
    text::require("UserName", Some(&profile.user_name))?;
    text::require("DisplayName", Some(&profile.display_name))?;
    let required = [
        ("UserName", Some(&profile.user_name), TextRule::UserName),
        ("DisplayName", Some(&profile.display_name), TextRule::Attribute),
        ("Name.GivenName", profile.name.given_name.as_ref(), TextRule::Attribute),
        ("Name.FamilyName", profile.name.family_name.as_ref(), TextRule::Attribute),
    ];
    for (path, text, rule) in required {
        text.map_or(Ok(()), |text| text::check(path, text, rule))?;
    }
    text::refuse_reserved("UserName", &profile.user_name)?;
    check_name(&profile.name)?;
    check_emails(&profile.emails)?;
    several::check(&profile)?;
    let attributes = attributes(&profile.attributes)?;
    let extensions = profile
        .extensions
        .iter()
        .filter_map(|(name, value)| {
            document::extension(name, value).map(|value| Some((name.clone(), value?))).transpose()
        })
        .collect::<Result<_, _>>()?;
    Ok(UserProfile { attributes, extensions, ..profile })
}

/// Refuses a profile that lacks what every user has, in AWS's sentences (docs/compat/sentences.md).
pub(crate) fn require_given(profile: &UserProfile) -> Result<(), Fault> {
    if profile.user_name.is_empty() {
        return Err(Fault::validation("userName is a required attribute"));
    }
    let lacks = |text: &Option<String>| text.as_deref().is_none_or(str::is_empty);
    let (name, nameless) = (&profile.name, profile.name == Name::default());
    let missing: Vec<String> = [
        ("displayname", profile.display_name.is_empty()),
        ("name", nameless),
        ("givenname", !nameless && lacks(&name.given_name)),
        ("familyname", !nameless && lacks(&name.family_name)),
    ]
    .into_iter()
    .filter(|(_, is_missing)| *is_missing)
    .map(|(attribute, _)| format!("{attribute}: The attribute {attribute} is required"))
    .collect();
    if missing.is_empty() { Ok(()) } else { Err(Fault::validation(missing.join(", "))) }
}

fn check_name(name: &Name) -> Result<(), Fault> {
    for (path, part) in [
        ("Name.Formatted", &name.formatted),
        ("Name.MiddleName", &name.middle_name),
        ("Name.HonorificPrefix", &name.honorific_prefix),
        ("Name.HonorificSuffix", &name.honorific_suffix),
    ] {
        if let Some(part) = part {
            text::check(path, part, TextRule::Attribute)?;
        }
    }
    Ok(())
}

fn check_emails(emails: &[TypedValue]) -> Result<(), Fault> {
    if emails.len() > 1 {
        return Err(Fault::validation(format!("emails must have exactly 1 item; it has {}", emails.len())));
    }
    for (path, text) in
        emails.iter().flat_map(|email| [("emails.value", &email.value), ("emails.type", &email.kind)])
    {
        if let Some(text) = text {
            text::check(path, text, TextRule::Attribute)?;
        }
    }
    Ok(())
}

fn attributes(given: &Map<String, Value>) -> Result<Map<String, Value>, Fault> {
    given
        .iter()
        .map(|(name, value)| {
            let known = schema::ATTRIBUTES
                .iter()
                .find(|attribute| attribute.name == name)
                .ok_or_else(|| Fault::validation(format!("a user has no attribute of this name: {name}")))?;
            Ok((name.clone(), document::attribute(known, value)?))
        })
        .collect()
}

/// The parts of a name from a document.
pub(crate) fn name(value: &Value) -> Result<Name, Fault> {
    let known = document::structure("name", value, schema::NAME)?;
    serde_json::from_value(Value::Object(known)).map_err(Fault::internal)
}

/// A name with one part set or taken away.
pub(crate) fn with_name_part(name: &Name, part: &str, value: Option<&str>) -> Result<Name, Fault> {
    let mut parts = serde_json::to_value(name).map_err(Fault::internal)?;
    parts[part] = json!(value);
    serde_json::from_value(parts).map_err(Fault::internal)
}

/// Checks a group's name and description.
pub fn check_group(display_name: &str, description: Option<&str>) -> Result<(), Fault> {
    text::check("DisplayName", text::require("DisplayName", Some(display_name))?, TextRule::Attribute)?;
    text::refuse_reserved("DisplayName", display_name)?;
    description.map_or(Ok(()), |text| text::check("Description", text, TextRule::Attribute))
}

/// Checks external ids: at most ten, each once.
pub(crate) fn check_external_ids(external_ids: &[ExternalId]) -> Result<(), Fault> {
    if external_ids.len() > EXTERNAL_IDS_MAX {
        return Err(Fault::validation(format!(
            "externalIds must have at most {EXTERNAL_IDS_MAX} items; it has {}",
            external_ids.len()
        )));
    }
    for (at, external) in external_ids.iter().enumerate() {
        text::check("externalIds.issuer", &external.issuer, TextRule::ExternalId)?;
        text::check("externalIds.id", &external.id, TextRule::ExternalId)?;
        if external_ids.iter().skip(at + 1).any(|other| other == external) {
            return Err(Fault::validation("externalIds holds one id twice"));
        }
    }
    Ok(())
}
