//! UpdateUser and UpdateGroup as pure functions: operations, one after another, on a profile. All of them apply or none does.

use model::directory::user::UserProfile;
use model::fault::Fault;
use serde_json::{Map, Value};

use crate::attribute_path::{AttributeRef, GroupPath, UserPath};
use crate::document;
use crate::profile;
use crate::schema;
use crate::several;
use crate::text::TextRule;

/// Sets or removes one attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct AttributeOperation {
    /// Which.
    pub path: String,
    /// To what; `None` removes it.
    pub value: Option<Value>,
}

/// What UpdateUser and UpdateGroup ask for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Update {
    /// One after another.
    pub operations: Vec<AttributeOperation>,
    /// The revision that the caller saw, if it cares.
    pub revision: Option<String>,
}

impl AttributeOperation {
    /// The value; `None` when the attribute is to be removed. Clients remove an attribute by leaving the value out, by null or by an
    /// empty text (what a Terraform resource sends when the argument is taken away).
    fn wanted(&self) -> Option<&Value> {
        self.value.as_ref().filter(|value| !value.is_null() && value.as_str() != Some(""))
    }
}

/// The profile after `operations`.
pub fn user(profile: &UserProfile, operations: &[AttributeOperation]) -> Result<UserProfile, Fault> {
    let mut changed = profile.clone();
    for operation in operations {
        apply(&mut changed, &operation.path, operation.wanted())?;
    }
    // Who was provisioned without the parts of a name may go on without them.
    if profile::require_given(profile).is_err() {
        profile::checked_as_given(changed)
    } else {
        profile::checked(changed)
    }
}

fn required<'v>(path: &str, value: Option<&'v Value>) -> Result<&'v Value, Fault> {
    value.ok_or_else(|| Fault::validation(format!("{path} is a required attribute and cannot be removed")))
}

fn apply(profile: &mut UserProfile, path: &str, value: Option<&Value>) -> Result<(), Fault> {
    match UserPath::parse(path)? {
        UserPath::UserName => {
            profile.user_name = document::text(path, required(path, value)?, TextRule::UserName)?;
        }
        UserPath::DisplayName => {
            profile.display_name = document::text(path, required(path, value)?, TextRule::Attribute)?;
        }
        UserPath::Name => profile.name = profile::name(required(path, value)?)?,
        UserPath::NamePart(part) => {
            let value =
                if matches!(part, "GivenName" | "FamilyName") { Some(required(path, value)?) } else { value };
            let text = value.map(|value| document::text(path, value, TextRule::Attribute)).transpose()?;
            profile.name = profile::with_name_part(&profile.name, part, text.as_deref())?;
        }
        UserPath::Emails => {
            let emails =
                value.map(|value| document::list(path, value, 1, schema::TYPED_VALUE)).transpose()?;
            several::set_one(profile, "Emails", emails.and_then(|mut emails| emails.pop()))?;
        }
        UserPath::Attribute(AttributeRef(attribute)) => {
            let value = value.map(|value| document::attribute(attribute, value)).transpose()?;
            if several::names().any(|name| name == attribute.name) {
                let one = value.and_then(|value| value.get(0).cloned());
                several::set_one(profile, attribute.name, one)?;
            } else {
                set(&mut profile.attributes, attribute.name, value);
            }
        }
        UserPath::Enterprise => {
            let value = value.map(|value| document::extension(schema::ENTERPRISE, value)).transpose()?;
            set_extension(profile, value.flatten());
        }
        UserPath::EnterprisePart(part) => {
            let mut extension = extension(profile);
            set(&mut extension, part, value.cloned());
            store_extension(profile, extension)?;
        }
        UserPath::EnterpriseInner(part, inner) => {
            let mut extension = extension(profile);
            let mut outer = extension.get(part).and_then(Value::as_object).cloned().unwrap_or_default();
            set(&mut outer, inner, value.cloned());
            set(&mut extension, part, Some(Value::Object(outer)));
            store_extension(profile, extension)?;
        }
    }
    Ok(())
}

fn set(object: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    match value {
        Some(value) => object.insert(name.to_owned(), value),
        None => object.shift_remove(name),
    };
}

fn extension(profile: &UserProfile) -> Map<String, Value> {
    profile.extensions.get(schema::ENTERPRISE).and_then(Value::as_object).cloned().unwrap_or_default()
}

/// Checks an extension as a whole and keeps it, or drops it when nothing is left of it.
fn store_extension(profile: &mut UserProfile, extension: Map<String, Value>) -> Result<(), Fault> {
    let checked = document::extension(schema::ENTERPRISE, &Value::Object(extension))?;
    set_extension(profile, checked);
    Ok(())
}

fn set_extension(profile: &mut UserProfile, value: Option<Value>) {
    match value {
        Some(value) => profile.extensions.insert(schema::ENTERPRISE.to_owned(), value),
        None => profile.extensions.remove(schema::ENTERPRISE),
    };
}

/// A group's display name and description after `operations`.
pub fn group(
    display_name: &str,
    description: Option<&str>,
    operations: &[AttributeOperation],
) -> Result<(String, Option<String>), Fault> {
    let mut display_name = display_name.to_owned();
    let mut description = description.map(ToOwned::to_owned);
    for operation in operations {
        let (path, value) = (operation.path.as_str(), operation.wanted());
        let text = |value: &Value| document::text(path, value, TextRule::Attribute);
        match GroupPath::parse(path)? {
            GroupPath::DisplayName => display_name = text(required(path, value)?)?,
            GroupPath::Description => description = value.map(text).transpose()?,
        }
    }
    profile::check_group(&display_name, description.as_deref())?;
    Ok((display_name, description))
}

#[cfg(test)]
mod tests {
    use model::directory::user::{Name, TypedValue};
    use serde_json::json;

    use super::*;

    fn jane() -> UserProfile {
        let text = |value: &str| Some(value.to_owned());
        UserProfile {
            user_name: "jane".to_owned(),
            display_name: "Jane Doe".to_owned(),
            name: Name {
                given_name: text("Jane"),
                family_name: text("Doe"),
                middle_name: text("M"),
                ..Name::default()
            },
            emails: vec![TypedValue { value: text("jane@example.com"), ..TypedValue::default() }],
            attributes: json!({"Title": "Dr"}).as_object().unwrap().clone(),
            extensions: [(schema::ENTERPRISE.to_owned(), json!({"department": "IT"}))].into(),
            ..UserProfile::default()
        }
    }

    fn set_to(path: &str, value: Value) -> AttributeOperation {
        AttributeOperation { path: path.to_owned(), value: Some(value) }
    }

    fn remove(path: &str) -> AttributeOperation {
        AttributeOperation { path: path.to_owned(), value: None }
    }

    #[test]
    fn operations_set_replace_and_remove() {
        let changed = user(
            &jane(),
            &[
                set_to("userName", json!("jane2")),
                set_to("name.familyName", json!("Roe")),
                remove("name.middleName"),
                set_to("emails", json!([{"value": "j@example.org", "primary": true}])),
                set_to("title", json!("")),
                set_to("addresses", json!([{"country": "NZ"}])),
                set_to("aws:identitystore:enterprise.manager.value", json!("boss")),
                remove("aws:identitystore:enterprise.department"),
            ],
        )
        .unwrap();
        assert_eq!(changed.user_name, "jane2");
        assert_eq!(changed.name.family_name.as_deref(), Some("Roe"));
        assert_eq!(changed.name.middle_name, None);
        assert_eq!(changed.primary_email(), Some("j@example.org"));
        assert_eq!(Value::Object(changed.attributes), json!({"Addresses": [{"Country": "NZ"}]}));
        assert_eq!(changed.extensions[schema::ENTERPRISE], json!({"manager": {"value": "boss"}}));
    }

    #[test]
    fn other_values_outlive_a_change_of_the_one_that_the_api_knows() {
        let mut two = jane();
        let value = |text: &str, kind: &str| json!({"Value": text, "Type": kind});
        several::set(&mut two, "PhoneNumbers", vec![value("1", "work"), value("2", "mobile")]).unwrap();
        several::set(
            &mut two,
            "Emails",
            vec![value("jane@example.com", "work"), value("j@example.net", "home")],
        )
        .unwrap();
        let changed = user(
            &two,
            &[
                set_to("phoneNumbers", json!([{"value": "3", "type": "work"}])),
                set_to("emails", json!([{"value": "new@example.com"}])),
            ],
        )
        .unwrap();
        assert_eq!(
            several::all(&changed, "PhoneNumbers").unwrap(),
            [value("3", "work"), value("2", "mobile")]
        );
        assert_eq!(changed.other_emails().collect::<Vec<_>>(), ["j@example.net"]);
        let none = user(&changed, &[remove("emails"), remove("phoneNumbers")]).unwrap();
        assert!(none.others.is_empty() && none.emails.is_empty(), "{none:?}");
    }

    #[test]
    fn what_is_left_of_nothing_goes() {
        let none = user(
            &jane(),
            &[remove("aws:identitystore:enterprise.department"), set_to("emails", Value::Null)],
        )
        .unwrap();
        assert!(none.extensions.is_empty() && none.emails.is_empty());
        let none = user(&jane(), &[remove("aws:identitystore:enterprise"), remove("nickName")]).unwrap();
        assert!(none.extensions.is_empty());
    }

    #[test]
    fn required_attributes_stay_and_types_are_held() {
        for (operation, word) in [
            (remove("userName"), "userName is a required attribute and cannot be removed"),
            (set_to("displayName", json!("")), "displayName is a required attribute and cannot be removed"),
            (remove("name"), "name is a required attribute"),
            (remove("name.givenName"), "name.givenName is a required attribute"),
            (set_to("name", json!({"givenName": "J"})), "familyname: The attribute familyname is required"),
            (set_to("userName", json!("a b")), "userName must hold"),
            (set_to("userName", json!("administrator")), "reserved name Administrator"),
            (set_to("title", json!(7)), "title must be a string"),
            (set_to("title", json!(["Dr"])), "title must be a string"),
            (set_to("emails", json!("x@y.z")), "emails must be a list"),
            (set_to("emails", json!([])), "emails must have exactly 1 item"),
            (
                set_to("aws:identitystore:enterprise.department", json!({})),
                "enterprise.department must be a string",
            ),
            (
                set_to("aws:identitystore:enterprise.manager", json!("x")),
                "enterprise.manager must be an object",
            ),
            (
                set_to("userStatus", json!("DISABLED")),
                "AttributePath userStatus is not an attribute that can be changed",
            ),
        ] {
            let fault = user(&jane(), std::slice::from_ref(&operation)).unwrap_err();
            assert!(fault.message().contains(word), "{operation:?}: {fault}");
        }
    }

    #[test]
    fn groups_keep_their_names() {
        let (name, description) =
            group("Ops", Some("old"), &[set_to("displayName", json!("Platform")), remove("description")])
                .unwrap();
        assert_eq!((name.as_str(), description), ("Platform", None));
        assert!(group("Ops", None, &[remove("displayName")]).is_err());
        assert!(group("Ops", None, &[set_to("displayName", json!("AWSAdministrators"))]).is_err());
        assert!(group("Ops", None, &[set_to("description", json!(1))]).is_err());
    }
}
