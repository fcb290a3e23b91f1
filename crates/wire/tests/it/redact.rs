//! What the one pass must show of an input, said slowly: CloudTrail's `requestParameters`, names in lower camel case, secrets hidden. A document may hold
//! anything (identitystore updates whole attributes of a person by one), so it is hidden as a secret is; so are bytes.

use serde_json::{Map, Value};

use wire::check::lower_first;
use wire::shape::Shape;

/// What stands in for a secret.
const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

/// The parameters to record: what the shape knows, no secrets; `Null` when nothing was given.
pub(crate) fn request_parameters(input: &Value, shape: &'static Shape) -> Value {
    match redact(input, shape) {
        Value::Object(object) if object.is_empty() => Value::Null,
        value => value,
    }
}

fn redact(value: &Value, shape: &'static Shape) -> Value {
    match (shape, value) {
        (Shape::Structure { members, .. }, Value::Object(object)) => {
            let known = members.iter().filter_map(|member| Some((member, object.get(member.name)?)));
            let parts = known.map(|(member, inner)| (lower_first(member.name), redact(inner, member.shape)));
            Value::Object(parts.collect::<Map<_, _>>())
        }
        (Shape::List { item, .. }, Value::Array(items)) => {
            items.iter().map(|inner| redact(inner, item)).collect()
        }
        (Shape::Map { value: inner, .. }, Value::Object(entries)) => {
            Value::Object(entries.iter().map(|(key, entry)| (key.clone(), redact(entry, inner))).collect())
        }
        (Shape::Text { secret: true, .. } | Shape::Document | Shape::Blob { .. }, _) => {
            Value::String(HIDDEN.to_owned())
        }
        _ => value.clone(),
    }
}
