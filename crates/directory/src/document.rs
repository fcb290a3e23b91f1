//! Attribute values that arrive as JSON: typed, limited, and rewritten to the wire's own member names, so that what is stored can be
//! answered as it is.

use model::fault::Fault;
use serde_json::{Map, Value};

use crate::schema::{self, Attribute, AttributeKind, Member, MemberKind};
use crate::text::{self, TextRule};

fn wrong_type(path: &str, wanted: &str) -> Fault {
    Fault::validation(format!("{path} must be {wanted}"))
}

/// A text.
pub(crate) fn text(path: &str, value: &Value, rule: TextRule) -> Result<String, Fault> {
    let value = value.as_str().ok_or_else(|| wrong_type(path, "a string"))?;
    text::check(path, value, rule)?;
    Ok(value.to_owned())
}

/// A structure: its members under their wire names. Members that are null are left out.
pub(crate) fn structure(
    path: &str,
    value: &Value,
    members: &'static [Member],
) -> Result<Map<String, Value>, Fault> {
    let given = value.as_object().ok_or_else(|| wrong_type(path, "an object"))?;
    let mut known = Map::new();
    for (name, value) in given.iter().filter(|(_, value)| !value.is_null()) {
        let member = schema::member(members, name)
            .ok_or_else(|| Fault::validation(format!("{path} has no attribute of this name: {name}")))?;
        let inner = format!("{path}.{}", schema::path_name(member.name));
        let value = match member.kind {
            MemberKind::Text => Value::String(text(&inner, value, TextRule::Attribute)?),
            MemberKind::Flag => {
                Value::Bool(value.as_bool().ok_or_else(|| wrong_type(&inner, "true or false"))?)
            }
            MemberKind::Structure(members) => Value::Object(structure(&inner, value, members)?),
        };
        if known.insert(member.name.to_owned(), value).is_some() {
            return Err(Fault::validation(format!("{inner} is given twice")));
        }
    }
    match members.iter().find(|member| member.required && !known.contains_key(member.name)) {
        Some(missing) => Err(Fault::validation(format!(
            "{path}.{} is a required attribute",
            schema::path_name(missing.name)
        ))),
        None => Ok(known),
    }
}

/// A list of 1 to `most` structures, of which one at most is primary.
pub(crate) fn list(
    path: &str,
    value: &Value,
    most: usize,
    members: &'static [Member],
) -> Result<Vec<Value>, Fault> {
    let items = value.as_array().ok_or_else(|| wrong_type(path, "a list"))?;
    if items.is_empty() || items.len() > most {
        let range = if most == 1 { "exactly 1 item".to_owned() } else { format!("1 to {most} items") };
        return Err(Fault::validation(format!("{path} must have {range}; it has {}", items.len())));
    }
    let items = items
        .iter()
        .map(|item| structure(path, item, members).map(Value::Object))
        .collect::<Result<Vec<_>, _>>()?;
    if items.iter().filter(|item| item["Primary"] == Value::Bool(true)).count() > 1 {
        return Err(Fault::validation(format!("{path} must have at most one primary item")));
    }
    Ok(items)
}

/// The value of an attribute without a rule of its own.
pub(crate) fn attribute(attribute: &Attribute, value: &Value) -> Result<Value, Fault> {
    let path = schema::path_name(attribute.name);
    match attribute.kind {
        AttributeKind::Text => text(&path, value, TextRule::Attribute).map(Value::String),
        AttributeKind::List(most, members) => list(&path, value, most, members).map(Value::Array),
    }
}

/// The value of an extension; `None` when nothing of it is given.
pub(crate) fn extension(schema: &str, value: &Value) -> Result<Option<Value>, Fault> {
    require_extension(schema)?;
    let mut known = structure(schema, value, schema::ENTERPRISE_ATTRIBUTES)?;
    known.retain(|_, value| value.as_object().is_none_or(|inner| !inner.is_empty()));
    Ok((!known.is_empty()).then_some(Value::Object(known)))
}

/// Refuses an extension that does not exist.
pub(crate) fn require_extension(schema: &str) -> Result<(), Fault> {
    if schema == schema::ENTERPRISE {
        return Ok(());
    }
    Err(Fault::validation(format!("{schema} is not an extension; the only one is {}", schema::ENTERPRISE)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn phone(value: &Value) -> Result<Value, Fault> {
        let phones = schema::ATTRIBUTES.iter().find(|attribute| attribute.name == "PhoneNumbers").unwrap();
        attribute(phones, value)
    }

    #[test]
    fn members_are_taken_in_both_spellings_and_kept_in_the_wires() {
        let kept = json!([{"Value": "1", "Type": "work", "Primary": true}]);
        assert_eq!(phone(&json!([{"value": "1", "type": "work", "primary": true}])).unwrap(), kept);
        assert_eq!(phone(&kept).unwrap(), kept);
        assert_eq!(phone(&json!([{"value": "1", "type": null}])).unwrap(), json!([{"Value": "1"}]));
    }

    #[test]
    fn what_is_no_value_of_the_attribute_is_refused_by_name() {
        for (bad, word) in [
            (json!("1"), "phoneNumbers must be a list"),
            (json!([]), "exactly 1 item; it has 0"),
            (json!([{"value": "1"}, {"value": "2"}]), "exactly 1 item; it has 2"),
            (json!(["1"]), "phoneNumbers must be an object"),
            (json!([{"value": 1}]), "phoneNumbers.value must be a string"),
            (json!([{"primary": "yes"}]), "phoneNumbers.primary must be true or false"),
            (json!([{"number": "1"}]), "no attribute of this name: number"),
            (json!([{"value": "1", "Value": "2"}]), "phoneNumbers.value is given twice"),
            (json!([{"value": ""}]), "phoneNumbers.value must have 1 to 1024 characters"),
        ] {
            let fault = phone(&bad).unwrap_err();
            assert!(fault.message().contains(word), "{bad}: {fault}");
        }
    }

    #[test]
    fn photos_need_values_and_have_one_primary() {
        let photos = schema::ATTRIBUTES.iter().find(|attribute| attribute.name == "Photos").unwrap();
        assert!(
            attribute(photos, &json!([{"value": "https://x/1"}, {"value": "https://x/2", "primary": true}]))
                .is_ok()
        );
        let fault = attribute(photos, &json!([{"display": "x"}])).unwrap_err();
        assert_eq!(fault.message(), "photos.value is a required attribute");
        assert!(
            attribute(photos, &json!([{"value": "1", "primary": true}, {"value": "2", "primary": true}]))
                .is_err()
        );
    }

    #[test]
    fn only_the_enterprise_extension_exists_with_its_attributes() {
        let full = json!({"employeeNumber": "7", "costCenter": "c", "organization": "o", "division": "d", "department": "p",
                          "manager": {"value": "90670c1bd4", "displayName": "Boss", "$ref": "../Users/1"}});
        assert_eq!(extension(schema::ENTERPRISE, &full).unwrap(), Some(full));
        assert_eq!(extension(schema::ENTERPRISE, &json!({"manager": {}})).unwrap(), None);
        for (name, bad) in [
            ("aws:identitystore:other", json!({})),
            (schema::ENTERPRISE, json!({"shoeSize": "43"})),
            (schema::ENTERPRISE, json!({"manager": "Boss"})),
            (schema::ENTERPRISE, json!("x")),
        ] {
            assert!(extension(name, &bad).is_err(), "{name} {bad}");
        }
    }
}
