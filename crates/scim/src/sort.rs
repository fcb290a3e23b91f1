//! The order of a list (RFC 7644 §3.4.2.3): by the value of an attribute, of several by the primary one; whatever lacks it comes last, or first where
//! the order is turned round.

use std::cmp::Ordering;

use serde_json::Value;

use crate::error::Error;
use crate::path::{Place, readable};
use crate::resource::{Resource, is_primary};
use crate::schema::ResourceType;

/// An order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    by: Place,
    is_descending: bool,
}

impl Order {
    /// From `sortBy` and `sortOrder`.
    pub fn read(kind: &'static ResourceType, by: &str, order: Option<&str>) -> Result<Self, Error> {
        let by = readable(kind, by).map_err(|error| Error::value(format!("sortBy: {}", error.detail)))?;
        if by.compared().is_none() {
            return Err(Error::value(format!("sortBy: {} is compared by its parts", by.spelled())));
        }
        let is_descending = match order {
            None => false,
            Some(order) if order.eq_ignore_ascii_case("ascending") => false,
            Some(order) if order.eq_ignore_ascii_case("descending") => true,
            Some(_) => return Err(Error::value("sortOrder must be ascending or descending")),
        };
        Ok(Self { by, is_descending })
    }

    /// By which attribute.
    pub const fn by(&self) -> &Place {
        &self.by
    }

    /// Puts resources in this order; those that are equal stay as they are.
    pub fn sort(&self, resources: &mut [Resource]) {
        resources.sort_by_cached_key(|resource| Key {
            text: self.key(resource),
            is_descending: self.is_descending,
        });
    }

    fn key(&self, resource: &Resource) -> Option<String> {
        let found = self.by.within(resource)?.get(self.by.attribute.name)?;
        let found = match found {
            Value::Array(values) => {
                values.iter().find(|value| is_primary(value)).or_else(|| values.first())?
            }
            single => single,
        };
        let compared = self.by.compared()?;
        let found = if found.is_object() { found.get(compared.name)? } else { found };
        match found {
            Value::String(text) if compared.case_exact => Some(text.clone()),
            Value::String(text) => Some(text.to_lowercase()),
            other => Some(other.to_string()),
        }
    }
}

#[derive(PartialEq, Eq)]
struct Key {
    text: Option<String>,
    is_descending: bool,
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        let order = match (&self.text, &other.text) {
            (Some(one), Some(other)) => one.cmp(other),
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
        };
        if self.is_descending { order.reverse() } else { order }
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::core::USERS;

    #[test]
    fn in_any_case_by_the_primary_value_and_what_lacks_it_last() {
        let users = json!([
            {"id": "1", "emails": [{"value": "z"}, {"value": "b", "primary": true}]}, {"id": "2"}, {"id": "3", "emails": [{"value": "A"}]}
        ]);
        let users: Vec<Resource> = serde_json::from_value(users).unwrap();
        let sorted = |order: &str| {
            let mut users = users.clone();
            Order::read(&USERS, "emails.value", Some(order)).unwrap().sort(&mut users);
            users.iter().map(|user| user["id"].as_str().unwrap().to_owned()).collect::<String>()
        };
        assert_eq!((sorted("ascending"), sorted("DESCENDING")), ("312".to_owned(), "213".to_owned()));
        assert!(
            Order::read(&USERS, "name", None).is_err() && Order::read(&USERS, "title", Some("up")).is_err()
        );
    }
}
