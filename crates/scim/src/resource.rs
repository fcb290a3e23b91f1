//! The one way in for resources that clients send: JSON of anybody's becomes an object whose members are spelled as the schema spells them and
//! hold values of its types. What the server sets is passed over (RFC 7644 §3.3); what is null, an empty list (RFC 7643 §2.5) or an empty text is not there;
//! whatever no schema knows is refused by name, so that nobody believes it kept.

use serde_json::{Map, Value};

use crate::error::Error;
use crate::path::brief;
use crate::schema::{Attribute, Kind, Mutability, ResourceType, core, named};

/// Values of one attribute at most, unless whoever reads says otherwise.
pub const VALUES_MAX: usize = 1_000;

/// A resource as it is worked on.
pub type Resource = Map<String, Value>;

/// Parses a body.
pub fn parse(body: &[u8]) -> Result<Map<String, Value>, Error> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Error::syntax("the body must be a JSON object")),
        Err(error) => Err(Error::syntax(format!("the body is no JSON: {error}"))),
    }
}

/// A member of an object, by its name in any case.
pub fn member<'v>(object: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    object
        .get(name)
        .or_else(|| object.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// Reads a resource of `kind`, of which an attribute has `values_max` values at most. Whether it has all that it must is for [`require`] to say: some
/// of that a server can make up for.
pub fn read(kind: &ResourceType, given: &Map<String, Value>, values_max: usize) -> Result<Resource, Error> {
    let mut resource = Resource::new();
    for (name, value) in given {
        if name.eq_ignore_ascii_case("schemas") {
            schemas(kind, value)?;
            continue;
        }
        let extension = kind.extensions.iter().find(|schema| schema.id.eq_ignore_ascii_case(name));
        if let Some(extension) = extension {
            let parts = object(extension.id, value)?;
            let parts = members(extension.attributes, (extension.id, parts), values_max)?;
            if !parts.is_empty() {
                put(&mut resource, extension.id, Value::Object(parts))?;
            }
            continue;
        }
        let attribute = named(kind.schema.attributes, name).or_else(|| named(core::COMMON, name));
        let attribute = attribute.ok_or_else(|| unknown(name, kind.name))?;
        if let Some(value) = attribute_value(attribute, attribute.name, value, values_max)? {
            put(&mut resource, attribute.name, value)?;
        }
    }
    Ok(resource)
}

/// Refuses a resource that lacks what every one has.
pub fn require(kind: &ResourceType, resource: &Resource) -> Result<(), Error> {
    let lacks = |attribute: &&Attribute| attribute.is_required && !resource.contains_key(attribute.name);
    match kind.schema.attributes.iter().find(lacks) {
        Some(missing) => Err(Error::value(format!("{} is a required attribute", missing.name))),
        None => Ok(()),
    }
}

fn unknown(name: &str, of: &str) -> Error {
    Error::value(format!("{} is no attribute that a {of} has here: take it out of what is sent", brief(name)))
}

fn put(into: &mut Resource, name: &str, value: Value) -> Result<(), Error> {
    match into.insert(name.to_owned(), value) {
        None => Ok(()),
        Some(_) => Err(Error::syntax(format!("{name} is given twice"))),
    }
}

/// `schemas` must name the schema of what is sent (RFC 7643 §3); schemas beside it say nothing by themselves.
fn schemas(kind: &ResourceType, value: &Value) -> Result<(), Error> {
    let named = |value: &Value| value.as_str().is_some_and(|id| id.eq_ignore_ascii_case(kind.schema.id));
    match value {
        Value::Array(ids) if ids.iter().any(named) => Ok(()),
        _ => Err(Error::syntax(format!("schemas must be a list that holds {}", kind.schema.id))),
    }
}

fn object<'v>(name: &str, value: &'v Value) -> Result<&'v Map<String, Value>, Error> {
    static NOTHING: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    match value {
        Value::Object(object) => Ok(object),
        Value::Null => Ok(&NOTHING),
        _ => Err(Error::value(format!("{name} must be an object"))),
    }
}

/// The members of an object, by the attributes that it may have.
fn members(
    attributes: &'static [Attribute],
    (of, given): (&str, &Map<String, Value>),
    values_max: usize,
) -> Result<Map<String, Value>, Error> {
    let mut read = Map::new();
    for (name, value) in given {
        // Clients that know extensions as resources of their own send it with each.
        if name.eq_ignore_ascii_case("schemas") {
            continue;
        }
        let attribute = named(attributes, name).ok_or_else(|| unknown(name, of))?;
        let path = format!("{of}.{}", attribute.name);
        if let Some(value) = attribute_value(attribute, &path, value, values_max)? {
            put(&mut read, attribute.name, value)?;
        }
    }
    Ok(read)
}

/// The value of an attribute: none for what is not there, and for what the server sets.
pub fn attribute_value(
    attribute: &'static Attribute,
    path: &str,
    value: &Value,
    values_max: usize,
) -> Result<Option<Value>, Error> {
    if attribute.mutability == Mutability::ReadOnly {
        return Ok(None);
    }
    match value {
        nothing if is_nothing(nothing) => Ok(None),
        Value::Array(values) if attribute.is_many => {
            if values.len() > values_max {
                return Err(Error::value(format!(
                    "{path} must have at most {values_max} values; it has {}",
                    values.len()
                )));
            }
            let values = values.iter().filter(|value| !is_empty_text(value));
            let values = values.map(|value| one(attribute, path, value)).collect::<Result<Vec<_>, _>>()?;
            if values.is_empty() {
                return Ok(None);
            }
            one_primary(path, &values)?;
            Ok(Some(Value::Array(values)))
        }
        // Some clients send a single value without its list.
        value if attribute.is_many => Ok(Some(Value::Array(vec![one(attribute, path, value)?]))),
        value => one(attribute, path, value).map(Some),
    }
}

/// Whether a value says that there is none.
pub fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty) || is_empty_text(value)
}

/// How many clients say that there is none (Entra ID, Okta).
fn is_empty_text(value: &Value) -> bool {
    value.as_str().is_some_and(str::is_empty)
}

/// At most one value is the primary one (RFC 7643 §2.4).
fn one_primary(path: &str, values: &[Value]) -> Result<(), Error> {
    let primary = values.iter().filter(|value| is_primary(value)).count();
    if primary > 1 {
        return Err(Error::value(format!("{path} must have at most 1 primary value; it has {primary}")));
    }
    Ok(())
}

/// Whether a value says that it is the primary one.
pub fn is_primary(value: &Value) -> bool {
    value.get("primary") == Some(&Value::Bool(true))
}

/// One value of an attribute.
pub fn one(attribute: &'static Attribute, path: &str, value: &Value) -> Result<Value, Error> {
    let wrong = |wanted: &str| Error::value(format!("{path} must be {wanted}"));
    match (attribute.kind, value) {
        (Kind::Text | Kind::Reference(_), Value::String(_)) => Ok(value.clone()),
        // Numbers of employees come as numbers.
        (Kind::Text, Value::Number(number)) => Ok(Value::String(number.to_string())),
        (Kind::Text | Kind::Reference(_), _) => Err(wrong("a string")),
        (Kind::Flag, Value::Bool(_)) => Ok(value.clone()),
        (Kind::Flag, Value::String(word)) => {
            flag(word).map(Value::Bool).ok_or_else(|| wrong("true or false"))
        }
        (Kind::Flag, _) => Err(wrong("true or false")),
        (Kind::Moment, Value::String(text)) if moment(text).is_some() => Ok(value.clone()),
        (Kind::Moment, _) => Err(wrong("a date and time such as 2026-11-24T08:00:00Z")),
        (Kind::Complex(parts), Value::Object(given)) => {
            members(parts, (path, given), VALUES_MAX).map(Value::Object)
        }
        // A list of ids or addresses where objects with a value are meant.
        (Kind::Complex(_), Value::String(_)) if attribute.is_many && attribute.part("value").is_some() => {
            Ok(Value::Object(Map::from_iter([("value".to_owned(), value.clone())])))
        }
        (Kind::Complex(_), _) => Err(wrong("an object")),
    }
}

/// `"False"` and the like, which Entra ID sends for flags.
pub fn flag(word: &str) -> Option<bool> {
    match word {
        word if word.eq_ignore_ascii_case("true") => Some(true),
        word if word.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// A date and time, to be compared.
pub fn moment(text: &str) -> Option<time::OffsetDateTime> {
    time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::core::{GROUPS, USERS};

    fn user(body: &Value) -> Result<Value, Error> {
        let resource = read(&USERS, body.as_object().unwrap(), 2)?;
        require(&USERS, &resource).map(|()| Value::Object(resource))
    }

    #[test]
    fn members_are_spelled_as_the_schema_spells_them_and_what_the_server_sets_is_passed_over() {
        let read = user(&json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "USERNAME": "jane", "DisplayName": "J", "active": "True", "id": 7, "meta": {"x": 1},
            "groups": [{"value": "g"}], "Name": {"GivenName": "Jane", "formatted": null}, "roles": [], "emails": {"VALUE": "j@x", "Primary": "true"},
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:USER": {"employeenumber": 4711},
        }));
        let wanted = json!({
            "userName": "jane", "displayName": "J", "active": true, "name": {"givenName": "Jane"}, "emails": [{"value": "j@x", "primary": true}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": "4711"},
        });
        assert_eq!(read.unwrap(), wanted);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (body, word) in [
            (json!({}), "userName is a required attribute"),
            (json!({"userName": 1.5, "shoeSize": 1}), "shoeSize is no attribute"),
            (json!({"userName": ["x"]}), "userName must be a string"),
            (json!({"userName": "x", "username": "y"}), "userName is given twice"),
            (json!({"userName": "x", "active": "perhaps"}), "active must be true or false"),
            (json!({"userName": "x", "emails": [{}, {}, {}]}), "emails must have at most 2 values; it has 3"),
            (json!({"userName": "x", "emails": [{"primary": true}, {"primary": true}]}), "at most 1 primary"),
            (json!({"userName": "x", "name": {"nick": "n"}}), "nick is no attribute that a name has"),
            (json!({"userName": "x", "name": "Jane"}), "name must be an object"),
            (json!({"userName": "x", "schemas": ["urn:x"]}), "schemas must be a list that holds"),
        ] {
            let error = user(&body).unwrap_err();
            assert!(error.detail.contains(word), "{body}: {error}");
        }
        assert!(parse(b"[]").is_err() && parse(b"{").is_err());
    }

    #[test]
    fn members_may_come_as_bare_ids() {
        let group = json!({"displayName": "g", "members": ["a", {"value": "b", "display": "B"}]});
        let read = read(&GROUPS, group.as_object().unwrap(), 9).unwrap();
        assert_eq!(read["members"], json!([{"value": "a"}, {"value": "b"}]));
    }
}
