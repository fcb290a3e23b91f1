//! Which attributes an answer has (RFC 7644 §3.9): those that are always answered, those that are asked for by name, or all that are not left out.

use serde_json::{Map, Value};

use crate::error::{Error, ScimType};
use crate::path::{Named, Place, find};
use crate::resource::Resource;
use crate::schema::{Attribute, ResourceType, Returned, Schema, core};

/// Attributes that are named at most.
pub const NAMES_MAX: usize = 100;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Projection {
    /// What is answered by default.
    #[default]
    Usual,
    /// Only these, and what is always answered.
    Only(Vec<Named>),
    /// What is answered by default, without these.
    Without(Vec<Named>),
}

impl Projection {
    /// From `attributes` and `excludedAttributes`, each a list of names; only one of them may be given.
    pub fn read<'n>(
        kind: &'static ResourceType,
        attributes: Option<impl IntoIterator<Item = &'n str>>,
        excluded: Option<impl IntoIterator<Item = &'n str>>,
    ) -> Result<Self, Error> {
        match (attributes, excluded) {
            (None, None) => Ok(Self::Usual),
            (Some(names), None) => places(kind, names).map(Self::Only),
            (None, Some(names)) => places(kind, names).map(Self::Without),
            (Some(_), Some(_)) => Err(Error::bad(
                ScimType::InvalidSyntax,
                "attributes and excludedAttributes exclude each other",
            )),
        }
    }

    /// Whether an answer has this attribute, or a part of it.
    pub fn wants(&self, attribute: &Attribute) -> bool {
        let names = |named: &Named| {
            matches!(named, Named::Itself)
                || matches!(named, Named::Place(place) if place.attribute == attribute)
        };
        match (self, attribute.returned) {
            (_, Returned::Always) => true,
            (_, Returned::Never) => false,
            (Self::Usual, returned) => returned == Returned::Default,
            (Self::Only(named), _) => named.iter().any(names),
            (Self::Without(named), returned) => {
                returned == Returned::Default
                    && !named
                        .iter()
                        .any(|named| names(named) && matches!(named, Named::Place(Place { part: None, .. })))
            }
        }
    }

    /// What an answer has of a resource.
    pub fn of(&self, kind: &'static ResourceType, mut resource: Resource) -> Resource {
        let extensions = kind.extensions.iter().filter_map(|extension| {
            let Some(Value::Object(parts)) = resource.shift_remove(extension.id) else { return None };
            let parts = self.members(extension.attributes, Some(extension), parts);
            (!parts.is_empty()).then(|| (extension.id.to_owned(), Value::Object(parts)))
        });
        let extensions: Vec<_> = extensions.collect();
        let mut answered = Map::new();
        for (name, value) in resource {
            let own =
                core::COMMON.iter().chain(kind.schema.attributes).find(|attribute| attribute.name == name);
            if let Some(value) = own.and_then(|attribute| self.value(attribute, None, value)) {
                answered.insert(name, value);
            }
        }
        answered.extend(extensions);
        answered
    }

    fn members(
        &self,
        attributes: &'static [Attribute],
        extension: Option<&'static Schema>,
        parts: Map<String, Value>,
    ) -> Map<String, Value> {
        let kept = parts.into_iter().filter_map(|(name, value)| {
            let attribute = attributes.iter().find(|attribute| attribute.name == name)?;
            self.value(attribute, extension, value).map(|value| (name, value))
        });
        kept.collect()
    }

    /// What is answered of the value of an attribute.
    fn value(
        &self,
        attribute: &'static Attribute,
        extension: Option<&'static Schema>,
        value: Value,
    ) -> Option<Value> {
        match attribute.returned {
            Returned::Always => return Some(value),
            Returned::Never => return None,
            Returned::Default | Returned::Request => {}
        }
        let of = |named: &Named| match named {
            Named::Place(place) if place.attribute == attribute && place.extension == extension => {
                Some(place.part)
            }
            Named::Extension(schema) if Some(*schema) == extension => Some(None),
            Named::Itself if extension.is_none() => Some(None),
            _ => None,
        };
        let usual = |part: &Attribute| part.returned != Returned::Request;
        match self {
            Self::Usual => (attribute.returned == Returned::Default)
                .then(|| parts_of(value, |part| find_part(attribute, part).is_none_or(usual))),
            Self::Only(names) => {
                let asked: Vec<Option<&Attribute>> = names.iter().filter_map(of).collect();
                if asked.is_empty() {
                    return None;
                }
                let whole = asked.contains(&None);
                Some(parts_of(value, |part| {
                    let part = find_part(attribute, part);
                    asked.iter().flatten().any(|asked| Some(*asked) == part)
                        || (whole && part.is_none_or(usual))
                }))
            }
            Self::Without(names) => {
                let left_out: Vec<Option<&Attribute>> = names.iter().filter_map(of).collect();
                if attribute.returned == Returned::Request || left_out.contains(&None) {
                    return None;
                }
                Some(parts_of(value, |part| {
                    let part = find_part(attribute, part);
                    part.is_none_or(usual) && !left_out.iter().flatten().any(|out| Some(*out) == part)
                }))
            }
        }
    }
}

fn find_part(attribute: &'static Attribute, name: &str) -> Option<&'static Attribute> {
    attribute.parts().iter().find(|part| part.name == name)
}

/// The value with those of its sub-attributes that are kept.
fn parts_of(value: Value, keep: impl Fn(&str) -> bool) -> Value {
    match value {
        Value::Object(parts) => Value::Object(parts.into_iter().filter(|(name, _)| keep(name)).collect()),
        Value::Array(values) => Value::Array(
            values.into_iter().map(|value| parts_of(value, &keep as &dyn Fn(&str) -> bool)).collect(),
        ),
        plain => plain,
    }
}

fn places<'n>(
    kind: &'static ResourceType,
    names: impl IntoIterator<Item = &'n str>,
) -> Result<Vec<Named>, Error> {
    let mut found = Vec::new();
    for name in names.into_iter().map(str::trim).filter(|name| !name.is_empty()) {
        if found.len() == NAMES_MAX {
            return Err(Error::value(format!("at most {NAMES_MAX} attributes may be named")));
        }
        // What nothing is called so has nothing to answer.
        if let Ok(named) = find(kind, name) {
            found.push(named);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::core::{ENTERPRISE, USERS};

    fn answered(attributes: Option<&str>, excluded: Option<&str>) -> Value {
        let jane = json!({
            "schemas": [], "id": "1", "userName": "jane", "name": {"familyName": "Doe", "givenName": "Jane"}, "groups": [{"value": "g", "display": "G"}],
            "emails": [{"value": "a", "type": "work"}], ENTERPRISE.id: {"department": "x", "division": "y"},
        });
        let projection = Projection::read(
            &USERS,
            attributes.map(|names| names.split(',')),
            excluded.map(|names| names.split(',')),
        );
        Value::Object(projection.unwrap().of(&USERS, jane.as_object().unwrap().clone()))
    }

    #[test]
    fn what_is_asked_for_is_answered_and_what_is_always_answered() {
        assert!(answered(None, None).get("groups").is_none());
        assert_eq!(
            answered(Some("USERNAME, shoe"), None),
            json!({"schemas": [], "id": "1", "userName": "jane"})
        );
        assert_eq!(
            answered(Some("name.familyName,emails.type,groups"), None),
            json!({"schemas": [], "id": "1", "name": {"familyName": "Doe"}, "groups": [{"value": "g", "display": "G"}], "emails": [{"type": "work"}]})
        );
        let extension = format!("{}:department", ENTERPRISE.id);
        assert_eq!(
            answered(Some(&extension), None),
            json!({"schemas": [], "id": "1", ENTERPRISE.id: {"department": "x"}})
        );
        let without = answered(
            None,
            Some("id,name,emails.value,urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"),
        );
        assert_eq!(
            without,
            json!({"schemas": [], "id": "1", "userName": "jane", "emails": [{"type": "work"}]})
        );
    }
}
