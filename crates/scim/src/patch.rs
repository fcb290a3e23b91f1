//! PATCH (RFC 7644 §3.5.2): operations read once into [`Change`]s, each at one place, and applied to a resource that [`crate::resource`] has read. The
//! shapes of clients that are used are all taken: operations in any case, values of flags as text, paths as names of members where there is no
//! path, a list of members to remove as the value. Whatever is applied leaves values that the schema allows.

mod apply;
mod target;

use serde_json::{Map, Value};

pub use apply::apply;
pub use target::Target;

use crate::error::{Error, ScimType};
use crate::path::{Named, Place, brief, find};
use crate::resource::{attribute_value, is_nothing, member, one};
use crate::schema::{Mutability, ResourceType, Schema};

/// The schema of a PATCH.
pub const SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// Operations of a PATCH at most.
pub const OPERATIONS_MAX: usize = 1_000;

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// `add`
    Add,
    /// `remove`
    Remove,
    /// `replace`
    Replace,
}

/// One change at one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// What is done.
    pub act: Act,
    /// Where.
    pub target: Target,
    /// With what: values of the schema's types; none where nothing is given, or where what is given is as good as nothing.
    pub value: Option<Value>,
}

/// Reads the changes that a PATCH asks of a resource of `kind`, whose attributes have `values_max` values at most in one change.
pub fn read(
    kind: &'static ResourceType,
    body: &Map<String, Value>,
    values_max: usize,
) -> Result<Vec<Change>, Error> {
    if let Some(schemas) = member(body, "schemas") {
        let is_patch = |value: &Value| value.as_str().is_some_and(|id| id.eq_ignore_ascii_case(SCHEMA));
        if !schemas.as_array().is_some_and(|ids| ids.iter().any(is_patch)) {
            return Err(Error::syntax(format!("schemas must be a list that holds {SCHEMA}")));
        }
    }
    if let Some(name) = body
        .keys()
        .find(|name| !["schemas", "operations"].iter().any(|known| name.eq_ignore_ascii_case(known)))
    {
        return Err(Error::syntax(format!("a PATCH has schemas and Operations, and no {}", brief(name))));
    }
    let operations = match member(body, "Operations") {
        Some(Value::Array(operations)) if !operations.is_empty() => operations,
        _ => return Err(Error::syntax("Operations must be a list of one operation at least")),
    };
    if operations.len() > OPERATIONS_MAX {
        return Err(Error::syntax(format!(
            "Operations must have at most {OPERATIONS_MAX} operations; it has {}",
            operations.len()
        )));
    }
    let mut changes = Vec::with_capacity(operations.len());
    for operation in operations {
        read_one(kind, operation, values_max, &mut changes)?;
    }
    Ok(changes)
}

fn read_one(
    kind: &'static ResourceType,
    operation: &Value,
    values_max: usize,
    changes: &mut Vec<Change>,
) -> Result<(), Error> {
    let operation = operation.as_object().ok_or_else(|| Error::syntax("an operation must be an object"))?;
    let word = member(operation, "op").and_then(Value::as_str).unwrap_or_default();
    let act = match word.to_ascii_lowercase().as_str() {
        "add" => Act::Add,
        "remove" => Act::Remove,
        "replace" => Act::Replace,
        _ => {
            return Err(Error::syntax(format!("op must be add, remove or replace; it is {:?}", brief(word))));
        }
    };
    let value = member(operation, "value");
    match member(operation, "path") {
        None | Some(Value::Null) => without_path(kind, (act, value), values_max, changes),
        Some(Value::String(path)) if path.is_empty() => without_path(kind, (act, value), values_max, changes),
        Some(Value::String(path)) => at_path(kind, (act, value), path, values_max, changes),
        Some(_) => Err(Error::path("path must be a string")),
    }
}

/// Each member of the value is a path of its own.
fn without_path(
    kind: &'static ResourceType,
    (act, value): (Act, Option<&Value>),
    values_max: usize,
    changes: &mut Vec<Change>,
) -> Result<(), Error> {
    if act == Act::Remove {
        return Err(Error::bad(ScimType::NoTarget, "remove needs a path"));
    }
    let members = value
        .and_then(Value::as_object)
        .ok_or_else(|| Error::value("value must be an object where there is no path"))?;
    for (path, value) in members {
        // Of clients that send the whole resource.
        if path.eq_ignore_ascii_case("schemas") {
            continue;
        }
        if let Ok(Named::Place(place)) = find(kind, path)
            && is_read_only(&place)
        {
            continue;
        }
        at_path(kind, (act, Some(value)), path, values_max, changes)?;
    }
    Ok(())
}

fn at_path(
    kind: &'static ResourceType,
    (act, value): (Act, Option<&Value>),
    path: &str,
    values_max: usize,
    changes: &mut Vec<Change>,
) -> Result<(), Error> {
    if !path.contains('[') {
        match find(kind, path)? {
            Named::Place(_) => {}
            Named::Itself if act != Act::Remove => {
                return without_path(kind, (act, value), values_max, changes);
            }
            Named::Extension(schema) => return extension(kind, schema, (act, value), values_max, changes),
            Named::Itself => {
                return Err(Error::bad(ScimType::NoTarget, "remove needs the path of an attribute"));
            }
        }
    }
    let target = Target::parse(kind, path)?;
    if is_read_only(&target.place) {
        let name = target.place.spelled();
        return Err(Error::bad(ScimType::Mutability, format!("{name} is set by the server alone")));
    }
    if value.is_none() && act != Act::Remove {
        return Err(Error::value(format!("{} needs a value", target.place.spelled())));
    }
    if act == Act::Remove && value.and_then(Value::as_array).is_some_and(Vec::is_empty) {
        // None of the values: whoever has none to remove must not be taken for one who removes all.
        return Ok(());
    }
    let value = match value {
        None | Some(Value::Null) => None,
        Some(value) => read_value(&target, value, values_max)?,
    };
    changes.push(Change { act, target, value });
    Ok(())
}

/// A whole extension at once: its members are paths of their own.
fn extension(
    kind: &'static ResourceType,
    schema: &'static Schema,
    (act, value): (Act, Option<&Value>),
    values_max: usize,
    changes: &mut Vec<Change>,
) -> Result<(), Error> {
    let path_of = |name: &str| format!("{}:{name}", schema.id);
    let members = match value {
        Some(Value::Object(members)) if act != Act::Remove => members,
        None | Some(Value::Null | Value::Object(_)) if act == Act::Remove => {
            for attribute in schema.attributes {
                at_path(kind, (act, None), &path_of(attribute.name), values_max, changes)?;
            }
            return Ok(());
        }
        _ => return Err(Error::value(format!("{} must be an object", schema.id))),
    };
    if act == Act::Replace {
        let is_given = |name: &str| members.keys().any(|given| given.eq_ignore_ascii_case(name));
        for attribute in schema.attributes.iter().filter(|attribute| !is_given(attribute.name)) {
            at_path(kind, (Act::Remove, None), &path_of(attribute.name), values_max, changes)?;
        }
    }
    for (name, value) in members.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("schemas")) {
        at_path(kind, (act, Some(value)), &path_of(name), values_max, changes)?;
    }
    Ok(())
}

fn is_read_only(place: &Place) -> bool {
    [Some(place.attribute), place.part].into_iter().flatten().any(|a| a.mutability == Mutability::ReadOnly)
}

/// The value of a change, by what it is a value of.
fn read_value(target: &Target, value: &Value, values_max: usize) -> Result<Option<Value>, Error> {
    let path = target.place.spelled();
    match (target.place.part, &target.filter) {
        (Some(part), _) => attribute_value(part, &path, value, values_max),
        (None, Some(_)) => {
            // One value is meant, however it is wrapped.
            let value = match value {
                Value::Array(values) if values.len() == 1 => values.first().unwrap_or(value),
                other => other,
            };
            if is_nothing(value) {
                return Ok(None);
            }
            one(target.place.attribute, &path, value).map(Some)
        }
        (None, None) => attribute_value(target.place.attribute, &path, value, values_max),
    }
}
