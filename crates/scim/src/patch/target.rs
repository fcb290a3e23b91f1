//! Where a change is made: an attribute, the values of it for which a filter holds, and a sub-attribute (RFC 7644 §3.5.2, `PATH`).

use crate::error::{Error, ScimType};
use crate::filter::Filter;
use crate::path::{Place, brief, place};
use crate::schema::ResourceType;

/// A place, and which of its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The attribute, and the sub-attribute.
    pub place: Place,
    /// Only the values for which this holds.
    pub filter: Option<Filter>,
}

impl Target {
    /// Reads a path.
    pub fn parse(kind: &'static ResourceType, text: &str) -> Result<Self, Error> {
        let Some((name, rest)) = text.split_once('[') else {
            return Ok(Self { place: place(kind, text)?, filter: None });
        };
        let whole = place(kind, name)?;
        if whole.part.is_some() || !whole.attribute.is_many {
            return Err(Error::path(format!("path: {} has no values to choose from", brief(name))));
        }
        let (filter, rest) = rest.rsplit_once(']').ok_or_else(|| Error::path("path: ] is missing"))?;
        let filter = Filter::parse_values(whole.attribute, filter)
            .map_err(|error| Error { scim_type: Some(ScimType::InvalidPath), ..error })?;
        let part = match rest.strip_prefix('.') {
            None if rest.is_empty() => None,
            None => return Err(Error::path(format!("path: {} is not expected after ]", brief(rest)))),
            Some(part) => Some(whole.attribute.part(part).ok_or_else(|| {
                Error::path(format!("path: {} is no attribute of {}", brief(part), whole.attribute.name))
            })?),
        };
        Ok(Self { place: Place { part, ..whole }, filter: Some(filter) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::core::USERS;

    #[test]
    fn every_form_of_a_path_is_read() {
        for (text, part, has_filter) in [
            ("displayName", None, false),
            ("name.familyName", Some("familyName"), false),
            ("emails", None, false),
            (r#"emails[type eq "work"]"#, None, true),
            (r#"emails[type eq "work"].value"#, Some("value"), true),
            (r#"Addresses[Type EQ "work" and primary eq true].STREETADDRESS"#, Some("streetAddress"), true),
            (r#"emails[value eq "a]b"].type"#, Some("type"), true),
            (
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
                Some("value"),
                false,
            ),
        ] {
            let target = Target::parse(&USERS, text).unwrap();
            let found = (target.place.part.map(|part| part.name), target.filter.is_some());
            assert_eq!(found, (part, has_filter), "{text}");
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for text in [
            "",
            "shoeSize",
            "emails[",
            "emails[type eq",
            r#"emails[type eq "work""#,
            "emails[type pr]x",
            "emails[type pr].shoe",
            "userName[type pr]",
            "emails.value[type pr]",
            "emails[shoe pr]",
        ] {
            let error = Target::parse(&USERS, text).unwrap_err();
            assert_eq!(error.scim_type, Some(ScimType::InvalidPath), "{text}");
        }
    }
}
