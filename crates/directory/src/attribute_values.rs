//! A person's attributes one by one: a profile as values by path, and back; and the paths by which an order of sources may be set. One path is what one source
//! says or not: a part of the name, a whole list of addresses, an attribute of the extension.

use model::directory::user::UserProfile;
use model::directory::user_source::Values;
use model::fault::Fault;
use serde_json::{Map, Value};

use crate::attribute_path::UserPath;
use crate::schema::{self, path_name};
use crate::several;

const USER_NAME: &str = "userName";
const DISPLAY_NAME: &str = "displayName";
const NAME: &str = "name";

/// What every user has, whoever says it.
pub(crate) const REQUIRED: [&str; 2] = [USER_NAME, DISPLAY_NAME];

/// The values of a profile.
pub(crate) fn of(profile: &UserProfile) -> Result<Values, Fault> {
    let mut values = Values::new();
    values.insert(USER_NAME.to_owned(), profile.user_name.as_str().into());
    values.insert(DISPLAY_NAME.to_owned(), profile.display_name.as_str().into());
    let name = serde_json::to_value(&profile.name).map_err(Fault::internal)?;
    for (part, value) in name.as_object().into_iter().flatten() {
        values.insert(format!("{NAME}.{}", path_name(part)), value.clone());
    }
    for name in several::names() {
        let all = several::all(profile, name)?;
        if !all.is_empty() {
            values.insert(path_name(name), Value::Array(all));
        }
    }
    let is_one = |name: &str| several::names().all(|several| several != name);
    for (name, value) in profile.attributes.iter().filter(|(name, _)| is_one(name)) {
        values.insert(path_name(name), value.clone());
    }
    let extension = profile.extensions.get(schema::ENTERPRISE).and_then(Value::as_object);
    for (part, value) in extension.into_iter().flatten() {
        values.insert(format!("{}.{part}", schema::ENTERPRISE), value.clone());
    }
    Ok(values)
}

/// The profile of these values. What every user has and nobody says is as it was.
pub(crate) fn profile(values: &Values, before: &UserProfile) -> Result<UserProfile, Fault> {
    let mut profile = UserProfile {
        user_name: before.user_name.clone(),
        display_name: before.display_name.clone(),
        ..UserProfile::default()
    };
    let (mut name, mut extension) = (Map::new(), Map::new());
    for (path, value) in values {
        if let Some(part) = path.strip_prefix(schema::ENTERPRISE).and_then(|rest| rest.strip_prefix('.')) {
            extension.insert(part.to_owned(), value.clone());
        } else if let Some(part) = path.strip_prefix("name.") {
            let part = schema::member(schema::NAME, part).ok_or_else(|| strange(path))?;
            name.insert(part.name.to_owned(), value.clone());
        } else {
            put(&mut profile, path, value)?;
        }
    }
    profile.name = serde_json::from_value(Value::Object(name)).map_err(Fault::internal)?;
    if !extension.is_empty() {
        profile.extensions.insert(schema::ENTERPRISE.to_owned(), Value::Object(extension));
    }
    Ok(profile)
}

fn put(profile: &mut UserProfile, path: &str, value: &Value) -> Result<(), Fault> {
    let text = || value.as_str().map(str::to_owned).ok_or_else(|| strange(path));
    match path {
        USER_NAME => profile.user_name = text()?,
        DISPLAY_NAME => profile.display_name = text()?,
        _ => {
            if let Some(name) = several::names().find(|name| path_name(name) == path) {
                let all = value.as_array().ok_or_else(|| strange(path))?;
                return several::set(profile, name, all.clone());
            }
            let known = schema::ATTRIBUTES.iter().find(|attribute| path_name(attribute.name) == path);
            let name = known.ok_or_else(|| strange(path))?.name;
            profile.attributes.insert(name.to_owned(), value.clone());
        }
    }
    Ok(())
}

fn strange(path: &str) -> Fault {
    Fault::internal(format!("a source says {path}, which is no attribute"))
}

/// An attribute, or a group of them, that may have an order of its own, as it is kept.
pub(crate) fn ordered(path: &str) -> Result<String, Fault> {
    if let Some(name) = several::names().find(|name| path_name(name).eq_ignore_ascii_case(path)) {
        return Ok(path_name(name));
    }
    Ok(match UserPath::parse(path)? {
        UserPath::UserName => USER_NAME.to_owned(),
        UserPath::DisplayName => DISPLAY_NAME.to_owned(),
        UserPath::Name => NAME.to_owned(),
        UserPath::NamePart(part) => format!("{NAME}.{}", path_name(part)),
        UserPath::Emails => "emails".to_owned(),
        UserPath::Attribute(attribute) => path_name(attribute.0.name),
        UserPath::Enterprise => schema::ENTERPRISE.to_owned(),
        UserPath::EnterprisePart(part) => format!("{}.{part}", schema::ENTERPRISE),
        UserPath::EnterpriseInner(part, _) => {
            return Err(Fault::validation(format!(
                "AttributePath {path} names a part of {part}; only the whole attribute has an order"
            )));
        }
    })
}

#[cfg(test)]
mod tests {
    use model::directory::user::{Name, TypedValue};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_profile_comes_back_from_its_values() {
        let text = |value: &str| Some(value.to_owned());
        let mut profile = UserProfile {
            user_name: "jane".to_owned(),
            display_name: "Jane".to_owned(),
            name: Name { given_name: text("Jane"), middle_name: text("M"), ..Name::default() },
            emails: vec![TypedValue { value: text("j@x"), kind: text("work"), primary: true }],
            attributes: json!({"Title": "Dr", "Photos": [{"Value": "https://x/1"}]})
                .as_object()
                .unwrap()
                .clone(),
            extensions: [(
                schema::ENTERPRISE.to_owned(),
                json!({"department": "IT", "manager": {"value": "7"}}),
            )]
            .into(),
            ..UserProfile::default()
        };
        several::set(
            &mut profile,
            "Roles",
            vec![json!({"Value": "a", "Display": "A"}), json!({"Value": "b"})],
        )
        .unwrap();
        several::set(&mut profile, "Ims", vec![json!({"Value": "jane", "Type": "xmpp"})]).unwrap();
        let values = of(&profile).unwrap();
        let paths: Vec<_> = values.keys().map(String::as_str).collect();
        assert_eq!(
            paths,
            [
                "aws:identitystore:enterprise.department",
                "aws:identitystore:enterprise.manager",
                "displayName",
                "emails",
                "ims",
                "name.givenName",
                "name.middleName",
                "photos",
                "roles",
                "title",
                "userName"
            ]
        );
        assert_eq!(super::profile(&values, &UserProfile::default()).unwrap(), profile);
        let none = super::profile(&Values::new(), &profile).unwrap();
        assert_eq!((none.user_name.as_str(), none.display_name.as_str()), ("jane", "Jane"));
        assert_eq!(of(&none).unwrap().len(), REQUIRED.len());
    }

    #[test]
    fn every_value_has_a_path_that_may_be_ordered() {
        for (given, kept) in [
            ("UserName", "userName"),
            ("Name", "name"),
            ("name.GivenName", "name.givenName"),
            ("Emails", "emails"),
            ("entitlements", "entitlements"),
            ("Title", "title"),
            ("aws:identitystore:enterprise", "aws:identitystore:enterprise"),
            ("aws:identitystore:enterprise.Department", "aws:identitystore:enterprise.department"),
        ] {
            assert_eq!(ordered(given).unwrap(), kept, "{given}");
        }
        for bad in ["emails.value", "shoeSize", "aws:identitystore:enterprise.manager.value", "userStatus"] {
            assert!(ordered(bad).unwrap_err().message().contains(bad), "{bad}");
        }
    }
}
