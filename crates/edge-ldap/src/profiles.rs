//! What a directory says of a person as a profile here. What the directory has an attribute for it decides, also that there is none; what it has none for
//! (a website, a birthday) stays as it is.

use ldap::found;
use ldap::mapping::Field;
use model::directory::user::{Name, UserProfile};
use model::fault::Fault;
use serde_json::{Map, Value, json};

use directory::several;

/// The extension with what enterprises say.
const ENTERPRISE: &str = "aws:identitystore:enterprise";

/// Attributes with one value, under their names here.
const SINGLE: &[(&str, Field)] = &[
    ("NickName", Field::NickName),
    ("ProfileUrl", Field::ProfileUrl),
    ("Title", Field::Title),
    ("UserType", Field::UserType),
    ("PreferredLanguage", Field::PreferredLanguage),
];
/// Attributes of the extension.
const EXTENDED: &[(&str, Field)] = &[
    ("employeeNumber", Field::EmployeeNumber),
    ("costCenter", Field::CostCenter),
    ("organization", Field::Organization),
    ("division", Field::Division),
    ("department", Field::Department),
];
/// Parts of an address.
const ADDRESS: &[(&str, Field)] = &[
    ("StreetAddress", Field::Street),
    ("Locality", Field::Locality),
    ("Region", Field::Region),
    ("PostalCode", Field::PostalCode),
    ("Country", Field::Country),
];
/// Telephones, by their type.
const PHONES: &[(&str, Field)] =
    &[("work", Field::WorkPhone), ("mobile", Field::MobilePhone), ("home", Field::HomePhone)];

fn values(person: &found::Person, field: Field) -> &[String] {
    person.fields.get(&field).map_or(&[], Vec::as_slice)
}

fn first(person: &found::Person, field: Field) -> Option<String> {
    values(person, field).first().cloned()
}

/// The members of an object of whom something is said.
fn members(person: &found::Person, of: &[(&str, Field)]) -> Map<String, Value> {
    let said =
        of.iter().filter_map(|(name, field)| Some(((*name).to_owned(), first(person, *field)?.into())));
    said.collect()
}

/// What somebody is called who has no name to sign in by: nobody comes of them.
pub(crate) fn nameless(person: &found::Person) -> String {
    format!(
        "The entry {} has no value in the attribute that is the user name: UserNameFrom says which one is",
        person.dn
    )
}

/// The profile that a person should have. `before`: what they have. `manager`: who they report to, where that is known here.
pub(crate) fn profile(
    person: &found::Person,
    before: Option<&UserProfile>,
    manager: Option<&str>,
) -> Result<UserProfile, Fault> {
    let user_name = person.user_name.clone().ok_or_else(|| Fault::validation(nameless(person)))?;
    let name = Name {
        formatted: first(person, Field::Formatted),
        family_name: first(person, Field::FamilyName),
        given_name: first(person, Field::GivenName),
        middle_name: first(person, Field::MiddleName),
        ..before.map(|before| before.name.clone()).unwrap_or_default()
    };
    let display_name =
        first(person, Field::DisplayName).or_else(|| name.shown()).unwrap_or_else(|| user_name.clone());
    let known = before.cloned().unwrap_or_default();
    let mut profile = UserProfile { user_name, display_name, name, ..known };
    for (name, field) in SINGLE {
        profile.attributes.shift_remove(*name);
        if let Some(value) = first(person, *field) {
            profile.attributes.insert((*name).to_owned(), value.into());
        }
    }
    let emails = values(person, Field::Email).iter().enumerate();
    let emails = emails.map(|(at, value)| match at {
        0 => json!({ "Value": value, "Type": "work", "Primary": true }),
        _ => json!({ "Value": value, "Type": "other" }),
    });
    several::set(&mut profile, "Emails", emails.collect())?;
    let phones = PHONES.iter().flat_map(|(kind, field)| {
        values(person, *field).iter().map(move |value| json!({ "Value": value, "Type": kind }))
    });
    several::set(&mut profile, "PhoneNumbers", phones.collect())?;
    let mut address = members(person, ADDRESS);
    if !address.is_empty() {
        address.insert("Type".to_owned(), "work".into());
    }
    let addresses = if address.is_empty() { Vec::new() } else { vec![Value::Object(address)] };
    several::set(&mut profile, "Addresses", addresses)?;
    put_extension(&mut profile, person, manager);
    Ok(profile)
}

fn put_extension(profile: &mut UserProfile, person: &found::Person, manager: Option<&str>) {
    let mut extension = members(person, EXTENDED);
    let known = profile.extensions.remove(ENTERPRISE);
    let manager = match (values(person, Field::Manager).is_empty(), manager) {
        (true, _) => None,
        (false, Some(id)) => Some(json!({ "value": id })),
        // Named and not read yet: whoever it was before stays until the manager is.
        (false, None) => known.as_ref().and_then(|known| known.get("manager")).cloned(),
    };
    if let Some(manager) = manager {
        extension.insert("manager".to_owned(), manager);
    }
    if !extension.is_empty() {
        profile.extensions.insert(ENTERPRISE.to_owned(), Value::Object(extension));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use ldap::dn::Dn;
    use ldap::id::EntryId;
    use ldap::state::State;

    use super::*;

    fn found(fields: &[(Field, &[&str])]) -> found::Person {
        let fields = fields
            .iter()
            .map(|(field, values)| (*field, values.iter().map(|value| (*value).to_owned()).collect()));
        found::Person {
            id: EntryId::parse("3b9c62a4-6a5e-4b44-93a5-1d7a0e6e5f10").unwrap(),
            dn: Dn::parse("uid=ann,dc=example,dc=com").unwrap(),
            user_name: Some("ann".to_owned()),
            account_name: Some("ann".to_owned()),
            principal_name: None,
            fields: fields.collect(),
            extra: BTreeMap::new(),
            state: State::default(),
            primary_group: None,
        }
    }

    #[test]
    fn what_is_said_no_more_is_gone_and_what_was_never_asked_for_stays() {
        let said =
            found(&[(Field::Title, &["Engineer"]), (Field::Email, &["a@example.com", "b@example.com"])]);
        let mut before = profile(&said, None, None).unwrap();
        assert_eq!(before.primary_email(), Some("a@example.com"));
        assert_eq!(before.other_emails().collect::<Vec<_>>(), ["b@example.com"]);
        before.attributes.insert("Website".to_owned(), "https://ann.example".into());
        let after = profile(&found(&[]), Some(&before), None).unwrap();
        assert_eq!(after.attributes.get("Title"), None);
        assert_eq!(after.primary_email(), None);
        assert!(after.attributes.contains_key("Website"));
    }

    #[test]
    fn a_manager_who_is_not_read_yet_stays_who_it_was() {
        let said = found(&[(Field::Manager, &["uid=boss,dc=example,dc=com"])]);
        let before = profile(&said, None, Some("boss-id")).unwrap();
        let after = profile(&said, Some(&before), None).unwrap();
        assert_eq!(after, before);
        assert!(profile(&found(&[]), Some(&before), None).unwrap().extensions.is_empty());
    }

    #[test]
    fn nobody_comes_of_an_entry_without_a_name() {
        let nameless = found::Person { user_name: None, ..found(&[]) };
        assert!(profile(&nameless, None, None).unwrap_err().message().contains("uid=ann"));
    }
}
