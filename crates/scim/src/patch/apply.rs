//! Changes, one after another, on a resource.

use serde_json::{Map, Value};

use super::{Act, Change};
use crate::error::{Error, ScimType};
use crate::filter::{Filter, Literal, Operator};
use crate::matching::holds_for_value;
use crate::path::Place;
use crate::resource::{Resource, VALUES_MAX, is_primary};
use crate::schema::Mutability;

/// Applies the changes, one after another.
pub fn apply(resource: &mut Resource, changes: &[Change]) -> Result<(), Error> {
    changes.iter().try_for_each(|change| apply_one(resource, change))
}

fn apply_one(resource: &mut Resource, change: &Change) -> Result<(), Error> {
    let place = &change.target.place;
    let is_removal = change.act == Act::Remove || (change.act == Act::Replace && change.value.is_none());
    if is_removal && place.part.is_none() && place.attribute.is_required {
        return Err(Error::bad(
            ScimType::Mutability,
            format!("{} is a required attribute and cannot be removed", place.spelled()),
        ));
    }
    let with = |within: &mut Map<String, Value>| {
        if place.attribute.is_many {
            return many(within, change);
        }
        single(within, change);
        Ok(())
    };
    match place.extension {
        None => with(resource),
        Some(extension) => with_object(resource, extension.id, with),
    }
}

/// Changes the object that is a member of this name, made where there is none; one that is empty then goes.
fn with_object<T>(
    within: &mut Map<String, Value>,
    name: &str,
    change: impl FnOnce(&mut Map<String, Value>) -> T,
) -> T {
    let mut object = match within.get_mut(name).map(Value::take) {
        Some(Value::Object(object)) => object,
        _ => Map::new(),
    };
    let answer = change(&mut object);
    if object.is_empty() {
        within.shift_remove(name);
    } else {
        within.insert(name.to_owned(), Value::Object(object));
    }
    answer
}

/// The value of an attribute that has one.
fn single(within: &mut Map<String, Value>, change: &Change) {
    let Place { attribute, part, .. } = change.target.place;
    let given = change.value.as_ref().filter(|_| change.act != Act::Remove);
    match (part, given) {
        // Nothing is added.
        (_, None) if change.act == Act::Add => {}
        (None, None) => {
            within.shift_remove(attribute.name);
        }
        // The sub-attributes that are given; the others stay (RFC 7644 §3.5.2.1 and §3.5.2.3).
        (None, Some(Value::Object(parts))) => {
            with_object(within, attribute.name, |object| object.extend(parts.clone()));
        }
        (None, Some(value)) => {
            within.insert(attribute.name.to_owned(), value.clone());
        }
        (Some(part), None) => {
            with_object(within, attribute.name, |object| object.shift_remove(part.name));
        }
        (Some(part), Some(value)) => {
            with_object(within, attribute.name, |object| object.insert(part.name.to_owned(), value.clone()));
        }
    }
}

/// The values of an attribute that has several.
fn many(within: &mut Map<String, Value>, change: &Change) -> Result<(), Error> {
    let Place { attribute, part, .. } = change.target.place;
    if let Some(part) = part.filter(|part| part.mutability == Mutability::Immutable) {
        let name = format!("{}.{}", attribute.name, part.name);
        return Err(Error::bad(
            ScimType::Mutability,
            format!("{name} cannot be changed: remove or add a value"),
        ));
    }
    let mut values = match within.shift_remove(attribute.name) {
        Some(Value::Array(values)) => values,
        Some(single) => vec![single],
        None => Vec::new(),
    };
    let before: Vec<Value> = values.iter().filter(|value| is_primary(value)).cloned().collect();
    match (change.act, &change.value) {
        (Act::Add, None) => {}
        (Act::Remove, _) | (Act::Replace, None) => remove(&mut values, change),
        (Act::Add | Act::Replace, Some(value)) => set(&mut values, change, value),
    }
    values.retain(|value| value.as_object().is_none_or(|parts| !parts.is_empty()));
    if values.len() > VALUES_MAX {
        let (name, found) = (attribute.name, values.len());
        return Err(Error::value(format!(
            "{name} must have at most {VALUES_MAX} values; it would have {found}"
        )));
    }
    one_primary(&mut values, &before);
    if !values.is_empty() {
        within.insert(attribute.name.to_owned(), Value::Array(values));
    }
    Ok(())
}

fn remove(values: &mut Vec<Value>, change: &Change) {
    let chosen = |value: &Value| match (&change.target.filter, &change.value) {
        (Some(filter), _) => holds_for_value(filter, value),
        // A list of values to remove, as Entra ID sends members: only these go.
        (None, Some(Value::Array(given))) => given.iter().any(|given| is_same(given, value)),
        (None, _) => true,
    };
    let Some(part) = change.target.place.part else {
        values.retain(|value| !chosen(value));
        return;
    };
    for parts in values.iter_mut().filter(|value| chosen(value)).filter_map(Value::as_object_mut) {
        parts.shift_remove(part.name);
    }
}

fn set(values: &mut Vec<Value>, change: &Change, given: &Value) {
    let (part, filter) = (change.target.place.part, change.target.filter.as_ref());
    if part.is_none() && filter.is_none() {
        if change.act == Act::Replace {
            values.clear();
        }
        for value in given.as_array().map_or(std::slice::from_ref(given), Vec::as_slice) {
            if !values.contains(value) {
                values.push(value.clone());
            }
        }
        return;
    }
    let mut found = false;
    let chosen = |value: &Value| filter.is_none_or(|filter| holds_for_value(filter, value));
    for value in values.iter_mut().filter(|value| chosen(value)) {
        found = true;
        put(value, part.map(|part| part.name), given, change.act);
    }
    if !found {
        // Whoever sets the work address of somebody who has none means to give them one: Entra ID sends nothing else.
        let mut made = Value::Object(filter.map(implied).unwrap_or_default());
        put(&mut made, part.map(|part| part.name), given, Act::Add);
        values.push(made);
    }
}

fn put(value: &mut Value, part: Option<&str>, given: &Value, act: Act) {
    match (value, part, given) {
        (Value::Object(parts), Some(part), _) => {
            parts.insert(part.to_owned(), given.clone());
        }
        (Value::Object(parts), None, Value::Object(given)) if act == Act::Add => parts.extend(given.clone()),
        (value, _, _) => *value = given.clone(),
    }
}

/// The parts of a value that a filter says: of those that it compares for being equal.
fn implied(filter: &Filter) -> Map<String, Value> {
    let equal = |condition: &Filter| match condition {
        Filter::Compare(place, Operator::Eq, Literal::Text(text)) => {
            Some((place.attribute.name.to_owned(), Value::String(text.clone())))
        }
        Filter::Compare(place, Operator::Eq, Literal::Flag(flag)) => {
            Some((place.attribute.name.to_owned(), Value::Bool(*flag)))
        }
        _ => None,
    };
    filter.conjuncts().iter().filter_map(equal).collect()
}

/// Whether two values are the same one: by their `value`, where both have it.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one.get("value"), other.get("value")) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

/// A value that has become the primary one takes that from the one that was (RFC 7644 §3.5.2).
fn one_primary(values: &mut [Value], before: &[Value]) {
    if values.iter().filter(|value| is_primary(value)).count() < 2 {
        return;
    }
    let newest = values.iter().rposition(|value| is_primary(value) && !before.contains(value));
    let stays = newest.or_else(|| values.iter().position(is_primary));
    for (at, value) in values.iter_mut().enumerate() {
        if Some(at) != stays
            && let Some(parts) = value.as_object_mut()
        {
            parts.shift_remove("primary");
        }
    }
}
