//! Attributes of which identity providers say several values, and AWS's API one: emails, phone numbers, addresses, roles; and two that it has not, ims and
//! entitlements ([decision 0016](../../../docs/decisions/0016-several-values.md)). The one value that AWS's operations know stands where it always stood;
//! what was said around it is kept beside it, so that whoever has one value alone is kept and answered as ever.

use model::directory::user::{OtherValues, TypedValue, UserProfile};
use model::fault::Fault;
use serde_json::{Value, json};

use crate::document;
use crate::schema::{self, Member};

/// An attribute with several values.
#[derive(Debug, Clone, Copy)]
struct Attribute {
    name: &'static str,
    members: &'static [Member],
    /// Values at most.
    most: usize,
    /// Whether AWS's API has it, with one value.
    has_one: bool,
}

const fn attribute(name: &'static str, most: usize) -> Attribute {
    Attribute { name, members: schema::DISPLAYED_VALUE, most, has_one: true }
}

static ATTRIBUTES: &[Attribute] = &[
    attribute("Emails", 20),
    attribute("PhoneNumbers", 20),
    Attribute { members: schema::ADDRESS, ..attribute("Addresses", 20) },
    attribute("Roles", 100),
    Attribute { has_one: false, ..attribute("Ims", 20) },
    Attribute { has_one: false, ..attribute("Entitlements", 100) },
];

/// The names of all of them.
pub fn names() -> impl Iterator<Item = &'static str> {
    ATTRIBUTES.iter().map(|attribute| attribute.name)
}

fn find(name: &str) -> Option<&'static Attribute> {
    ATTRIBUTES.iter().find(|attribute| attribute.name == name)
}

/// The one value that AWS's API knows.
pub fn one(profile: &UserProfile, name: &str) -> Result<Option<Value>, Fault> {
    if name == "Emails" {
        return profile.emails.first().map(serde_json::to_value).transpose().map_err(Fault::internal);
    }
    Ok(profile.attributes.get(name).and_then(|values| values.get(0)).cloned())
}

/// All values, in the order in which they were given.
pub fn all(profile: &UserProfile, name: &str) -> Result<Vec<Value>, Fault> {
    let mut one = one(profile, name)?;
    let Some(others) = profile.others.get(name) else { return Ok(one.into_iter().collect()) };
    if let (Some(one), Some(display)) = (&mut one, &others.display) {
        one["Display"] = display.as_str().into();
    }
    Ok(others.before.iter().cloned().chain(one).chain(others.after.iter().cloned()).collect())
}

/// Gives it these values and no others. What comes of it is checked with the profile. AWS's API knows the primary one of them, or the first that says
/// something.
pub fn set(profile: &mut UserProfile, name: &'static str, values: Vec<Value>) -> Result<(), Fault> {
    let Some(attribute) = find(name) else { return Err(Fault::internal(format!("{name} has one value"))) };
    let mut values = without_repeats(values);
    let is_primary = |value: &Value| value["Primary"] == json!(true);
    let says = |value: &Value| name == "Addresses" || value.get("Value").is_some();
    let chosen = values.iter().position(is_primary).or_else(|| values.iter().position(says)).unwrap_or(0);
    if !attribute.has_one || values.is_empty() {
        put_one(profile, name, None)?;
        put_others(profile, name, OtherValues { after: values, ..OtherValues::default() });
        return Ok(());
    }
    let after = values.split_off(chosen + 1);
    let mut one = values.pop();
    let display = one.as_mut().and_then(Value::as_object_mut).and_then(|one| one.shift_remove("Display"));
    let display = display.and_then(|display| display.as_str().map(str::to_owned));
    put_one(profile, name, one)?;
    put_others(profile, name, OtherValues { before: values, after, display });
    Ok(())
}

/// Changes the one value that AWS's API knows. The others stay; but whoever takes that one away means that there is none, and one of which they never
/// heard must not take its place.
pub fn set_one(profile: &mut UserProfile, name: &'static str, value: Option<Value>) -> Result<(), Fault> {
    let before = one(profile, name)?;
    let others = profile.others.remove(name);
    if let (Some(one), Some(mut others)) = (&value, others) {
        if before.as_ref().is_none_or(|before| before["Value"] != one["Value"]) {
            others.display = None;
        }
        for list in [&mut others.before, &mut others.after] {
            list.retain(|other| !is_same(other, one));
        }
        if one["Primary"] != json!(true) {
            // It is the first of them, then, by which it stays the one that is meant.
            let mut rest = std::mem::take(&mut others.before);
            rest.append(&mut others.after);
            others.after = rest;
        }
        put_others(profile, name, others);
    }
    put_one(profile, name, value)
}

fn put_one(profile: &mut UserProfile, name: &str, value: Option<Value>) -> Result<(), Fault> {
    if name == "Emails" {
        let email: Option<TypedValue> =
            value.map(serde_json::from_value).transpose().map_err(Fault::internal)?;
        profile.emails = email.into_iter().collect();
        return Ok(());
    }
    match value {
        Some(value) => profile.attributes.insert(name.to_owned(), json!([value])),
        None => profile.attributes.shift_remove(name),
    };
    Ok(())
}

fn put_others(profile: &mut UserProfile, name: &str, others: OtherValues) {
    if others == OtherValues::default() {
        profile.others.remove(name);
    } else {
        profile.others.insert(name.to_owned(), others);
    }
}

/// Whether two values say the same, whichever of them is primary: the same `Value`, of whatever type, in any case; without one the same in all members.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one["Value"].as_str(), other["Value"].as_str()) {
        (Some(one), Some(other)) => one.to_lowercase() == other.to_lowercase(),
        (None, None) => plain(one) == plain(other),
        _ => false,
    }
}

fn plain(value: &Value) -> Value {
    let mut plain = value.clone();
    plain.as_object_mut().map(|members| members.shift_remove("Primary"));
    plain
}

/// Each value of a type once (RFC 7643 §2.4); the one that is primary, where one of them is.
fn without_repeats(values: Vec<Value>) -> Vec<Value> {
    let mut kept: Vec<Value> = Vec::with_capacity(values.len());
    for value in values {
        let again = |kept: &&mut Value| is_same(kept, &value) && kept["Type"] == value["Type"];
        match kept.iter_mut().find(again) {
            Some(first) if value["Primary"] == json!(true) => *first = value,
            Some(_) => {}
            None => kept.push(value),
        }
    }
    kept
}

/// Refuses what there must not be beside the one value.
pub(crate) fn check(profile: &UserProfile) -> Result<(), Fault> {
    for name in profile.others.keys() {
        let attribute = find(name).ok_or_else(|| Fault::internal(format!("{name} has one value")))?;
        let values = Value::Array(all(profile, name)?);
        document::list(&schema::path_name(name), &values, attribute.most, attribute.members)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn email(value: &str, kind: &str, primary: bool) -> Value {
        let mut email = json!({"Value": value, "Type": kind});
        if primary {
            email["Primary"] = json!(true);
        }
        email
    }

    fn with(values: Vec<Value>) -> UserProfile {
        let mut profile = UserProfile::default();
        set(&mut profile, "Emails", values).unwrap();
        profile
    }

    #[test]
    fn all_values_are_kept_in_order_and_one_is_the_one() {
        let values =
            vec![email("a@x", "home", false), email("b@x", "work", true), email("c@x", "other", false)];
        let profile = with(values.clone());
        assert_eq!(all(&profile, "Emails").unwrap(), values);
        assert_eq!(profile.primary_email(), Some("b@x"));
        assert_eq!(profile.other_emails().collect::<Vec<_>>(), ["a@x", "c@x"]);
        let silent = with(vec![json!({"Type": "work"}), email("d@x", "home", false)]);
        assert_eq!(silent.primary_email(), Some("d@x"), "the first that says something");
    }

    #[test]
    fn whoever_has_one_value_is_kept_as_ever() {
        let profile = with(vec![email("a@x", "work", true)]);
        assert!(profile.others.is_empty());
        assert_eq!((profile.emails.len(), profile.primary_email()), (1, Some("a@x")));
    }

    #[test]
    fn a_value_of_a_type_is_kept_once_and_the_primary_one_stays_primary() {
        let profile =
            with(vec![email("A@x", "work", false), email("b@x", "home", false), email("a@X", "work", true)]);
        assert_eq!(
            all(&profile, "Emails").unwrap(),
            [email("a@X", "work", true), email("b@x", "home", false)]
        );
    }

    #[test]
    fn whoever_knows_one_value_changes_one_value() {
        let mut profile = with(vec![email("a@x", "home", false), email("b@x", "work", true)]);
        set_one(&mut profile, "Emails", Some(email("new@x", "work", true))).unwrap();
        assert_eq!(
            all(&profile, "Emails").unwrap(),
            [email("a@x", "home", false), email("new@x", "work", true)]
        );
        // One of the others takes its place, and is not there twice.
        set_one(&mut profile, "Emails", Some(email("A@x", "work", false))).unwrap();
        assert_eq!(profile.primary_email(), Some("A@x"));
        assert!(profile.others.is_empty(), "{profile:?}");
        let mut profile = with(vec![email("a@x", "home", false), email("b@x", "work", true)]);
        set_one(&mut profile, "Emails", Some(email("new@x", "work", false))).unwrap();
        let kept = all(&profile, "Emails").unwrap();
        assert_eq!((&kept[0]["Value"], &kept[1]["Value"]), (&json!("new@x"), &json!("a@x")));
        set_one(&mut profile, "Emails", None).unwrap();
        assert_eq!(all(&profile, "Emails").unwrap(), [] as [Value; 0], "none means none");
    }

    #[test]
    fn what_people_read_in_place_of_a_value_goes_with_it() {
        let role = json!({"Value": "crm-admin", "Type": "app", "Display": "CRM Administrator"});
        let mut profile = UserProfile::default();
        set(&mut profile, "Roles", vec![role.clone()]).unwrap();
        assert_eq!(profile.attributes["Roles"], json!([{"Value": "crm-admin", "Type": "app"}]));
        assert_eq!(all(&profile, "Roles").unwrap(), [role]);
        check(&profile).unwrap();
        set_one(&mut profile, "Roles", Some(json!({"Value": "crm-admin"}))).unwrap();
        assert_eq!(all(&profile, "Roles").unwrap()[0]["Display"], "CRM Administrator");
        set_one(&mut profile, "Roles", Some(json!({"Value": "other"}))).unwrap();
        assert_eq!(all(&profile, "Roles").unwrap(), [json!({"Value": "other"})]);
    }

    #[test]
    fn what_the_api_of_aws_has_not_is_kept_beside_and_limits_are_held() {
        let mut profile = UserProfile::default();
        set(&mut profile, "Ims", vec![email("jane", "xmpp", false)]).unwrap();
        assert!(profile.attributes.is_empty());
        assert_eq!(all(&profile, "Ims").unwrap(), [email("jane", "xmpp", false)]);
        for (name, most) in
            [("Emails", 20), ("PhoneNumbers", 20), ("Ims", 20), ("Roles", 100), ("Entitlements", 100)]
        {
            let values =
                |count: usize| (0..count).map(|at| email(&format!("{at}@x"), "work", false)).collect();
            set(&mut profile, name, values(most)).unwrap();
            check(&profile).unwrap();
            set(&mut profile, name, values(most + 1)).unwrap();
            let fault = check(&profile).unwrap_err();
            assert!(fault.message().ends_with(&format!("1 to {most} items; it has {}", most + 1)), "{fault}");
            set(&mut profile, name, Vec::new()).unwrap();
        }
        let long = "x".repeat(2_000);
        set(&mut profile, "Roles", vec![email("a", "b", false), email(&long, "b", false)]).unwrap();
        assert!(check(&profile).unwrap_err().message().contains("roles.value"));
    }
}
