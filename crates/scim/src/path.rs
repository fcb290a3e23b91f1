//! Which attribute a text names (RFC 7644 §3.10): `userName`, `name.givenName`, `urn:…:User:userName`, and the URN of an extension for all of it.

use serde_json::{Map, Value};

use crate::error::Error;
use crate::schema::{Attribute, ResourceType, Returned, Schema, core, named};

/// Characters of an attribute's name at most.
pub const NAME_MAX: usize = 256;

/// An attribute of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The extension that it belongs to; none for the resource's own schema.
    pub extension: Option<&'static Schema>,
    /// The attribute.
    pub attribute: &'static Attribute,
    /// A sub-attribute of it.
    pub part: Option<&'static Attribute>,
}

/// What a text names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// An attribute.
    Place(Place),
    /// A whole extension.
    Extension(&'static Schema),
    /// The resource's own schema: the resource itself.
    Itself,
}

impl Place {
    /// The attribute that a value is compared by: the sub-attribute, or `value` of a complex one with several values (RFC 7644 §3.4.2.2).
    pub fn compared(&self) -> Option<&'static Attribute> {
        match (self.part, self.attribute.parts()) {
            (Some(part), _) => Some(part),
            (None, []) => Some(self.attribute),
            (None, _) if self.attribute.is_many => self.attribute.part("value"),
            (None, _) => None,
        }
    }

    /// Where its values stand in a resource: the object of its schema.
    pub fn within<'r>(&self, resource: &'r Map<String, Value>) -> Option<&'r Map<String, Value>> {
        match self.extension {
            Some(extension) => resource.get(extension.id)?.as_object(),
            None => Some(resource),
        }
    }

    /// As texts spell it.
    pub fn spelled(&self) -> String {
        let mut text = self.extension.map_or_else(String::new, |extension| format!("{}:", extension.id));
        text.push_str(self.attribute.name);
        if let Some(part) = self.part {
            text.push('.');
            text.push_str(part.name);
        }
        text
    }
}

/// Splits the URN of one of the resource's schemas off the front, in any case.
fn schema_of<'t>(kind: &ResourceType, text: &'t str) -> Option<(&'static Schema, &'t str)> {
    std::iter::once(kind.schema).chain(kind.extensions.iter().copied()).find_map(|schema| {
        let head = text.get(..schema.id.len())?;
        let rest = text.get(schema.id.len()..)?;
        let is_it = head.eq_ignore_ascii_case(schema.id) && (rest.is_empty() || rest.starts_with(':'));
        is_it.then_some((schema, rest))
    })
}

/// The attribute of the resource that `text` names.
pub fn find(kind: &ResourceType, text: &str) -> Result<Named, Error> {
    let unknown = || Error::path(format!("{} is no attribute of a {}", brief(text), kind.name));
    if text.is_empty() || text.len() > NAME_MAX {
        return Err(Error::path(format!(
            "the name of an attribute must have 1 to {NAME_MAX} bytes; it has {}",
            text.len()
        )));
    }
    let (schema, rest) = match schema_of(kind, text) {
        Some((schema, "")) if schema == kind.schema => return Ok(Named::Itself),
        Some((schema, "")) => return Ok(Named::Extension(schema)),
        Some((schema, rest)) => (schema, rest.strip_prefix(':').unwrap_or(rest)),
        None => (kind.schema, text),
    };
    let (name, part) = rest.split_once('.').map_or((rest, None), |(name, part)| (name, Some(part)));
    let extension = Some(schema).filter(|schema| *schema != kind.schema);
    let common = || if extension.is_none() { named(core::COMMON, name) } else { None };
    let attribute = named(schema.attributes, name).or_else(common).ok_or_else(unknown)?;
    let part = match part {
        Some(part) => Some(attribute.part(part).ok_or_else(unknown)?),
        None => None,
    };
    Ok(Named::Place(Place { extension, attribute, part }))
}

/// [`find`] where only an attribute will do.
pub fn place(kind: &ResourceType, text: &str) -> Result<Place, Error> {
    match find(kind, text)? {
        Named::Place(place) => Ok(place),
        Named::Extension(_) | Named::Itself => {
            Err(Error::path(format!("{} is a schema; an attribute of it is wanted", brief(text))))
        }
    }
}

/// [`place`] of what is compared or put in order, which is nothing that nobody reads.
pub fn readable(kind: &ResourceType, text: &str) -> Result<Place, Error> {
    let place = place(kind, text)?;
    if place.attribute.returned == Returned::Never {
        return Err(Error::path(format!("{} is never told: it is not compared", place.spelled())));
    }
    Ok(place)
}

/// Enough of a text to know it by.
pub(crate) fn brief(text: &str) -> String {
    const SHOWN: usize = 64;
    let shown: String = text.chars().filter(|letter| !letter.is_control()).take(SHOWN).collect();
    if text.chars().count() > SHOWN { format!("{shown}…") } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::core::{ENTERPRISE, USERS};

    fn spelled(text: &str) -> String {
        match find(&USERS, text).unwrap() {
            Named::Place(place) => place.spelled(),
            Named::Extension(schema) => format!("all of {}", schema.name),
            Named::Itself => "itself".to_owned(),
        }
    }

    #[test]
    fn names_are_found_in_any_case_with_and_without_their_schema() {
        for (text, wanted) in [
            ("USERNAME", "userName"),
            ("Name.FamilyName", "name.familyName"),
            ("urn:ietf:params:scim:schemas:core:2.0:User:emails.value", "emails.value"),
            ("URN:IETF:params:scim:schemas:core:2.0:user", "itself"),
            ("externalid", "externalId"),
            ("meta.lastModified", "meta.lastModified"),
        ] {
            assert_eq!(spelled(text), wanted);
        }
        assert_eq!(spelled(ENTERPRISE.id), "all of EnterpriseUser");
        let manager = format!("{}:manager.value", ENTERPRISE.id);
        assert_eq!(spelled(&manager), manager);
    }

    #[test]
    fn what_is_no_attribute_is_named() {
        let long = "a".repeat(300);
        let foreign = format!("{}:id", ENTERPRISE.id);
        for text in ["shoeSize", "name.nick", "userName.x", "urn:other:User:userName", "department", &foreign]
        {
            let error = find(&USERS, text).unwrap_err();
            assert!(error.detail.contains(text), "{error}");
        }
        assert!(find(&USERS, &long).unwrap_err().detail.contains("1 to 256 bytes; it has 300"));
        assert!(place(&USERS, ENTERPRISE.id).is_err());
        assert!(place(&USERS, "password").is_ok());
        assert!(readable(&USERS, "Password").unwrap_err().detail.contains("password is never told"));
    }
}
