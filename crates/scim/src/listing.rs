//! What a list is asked for by (RFC 7644 §3.4.2 and §3.4.3, RFC 9865), and its answer.

use serde_json::{Map, Value, json};

use crate::error::{Error, ScimType};
use crate::filter::Filter;
use crate::projection::Projection;
use crate::resource::{Resource, member};
use crate::schema::ResourceType;
use crate::sort::Order;

/// The schema of a list.
pub const SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// The schema of a search by POST.
pub const SEARCH_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// What was given, by name, of a URL or a body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Given {
    pairs: Vec<(String, String)>,
}

impl Given {
    /// Of a URL, decoded.
    pub fn of_pairs(pairs: Vec<(String, String)>) -> Self {
        Self { pairs }
    }

    /// Of a SearchRequest: lists become what a URL has.
    pub fn of_body(body: &Map<String, Value>) -> Result<Self, Error> {
        let is_search =
            |value: &Value| value.as_str().is_some_and(|id| id.eq_ignore_ascii_case(SEARCH_SCHEMA));
        if !member(body, "schemas").and_then(Value::as_array).is_some_and(|ids| ids.iter().any(is_search)) {
            return Err(Error::syntax(format!("schemas must be a list that holds {SEARCH_SCHEMA}")));
        }
        let mut pairs = Vec::new();
        for (name, value) in body.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("schemas")) {
            let text = match value {
                Value::Null => continue,
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                Value::Array(names) if names.iter().all(Value::is_string) => {
                    names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",")
                }
                _ => {
                    return Err(Error::syntax(format!(
                        "{name} must be a string, a number or a list of strings"
                    )));
                }
            };
            pairs.push((name.clone(), text));
        }
        Ok(Self { pairs })
    }

    /// The same with another text of this name.
    #[must_use]
    pub fn with(&self, name: &str, text: &impl ToString) -> Self {
        let others = self.pairs.iter().filter(|(given, _)| !given.eq_ignore_ascii_case(name)).cloned();
        Self { pairs: others.chain([(name.to_owned(), text.to_string())]).collect() }
    }

    /// The text of this name, in any case; the first one where there are several.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, text)| text.as_str())
    }

    /// Refuses what is not known by these names.
    pub fn allow(&self, known: &[&str]) -> Result<(), Error> {
        let is_known = |name: &str| known.iter().any(|known| known.eq_ignore_ascii_case(name));
        match self.pairs.iter().find(|(name, _)| !is_known(name)) {
            Some((name, _)) => {
                Err(Error::value(format!("{} is no parameter here", crate::path::brief(name))))
            }
            None => Ok(()),
        }
    }

    /// What is answered of each resource.
    pub fn projection(&self, kind: &'static ResourceType) -> Result<Projection, Error> {
        let names = |name: &str| self.get(name).filter(|text| !text.is_empty()).map(|text| text.split(','));
        Projection::read(kind, names("attributes"), names("excludedAttributes"))
    }

    /// A whole number.
    pub fn number(&self, name: &str) -> Result<Option<i64>, Error> {
        let wrong = || Error::value(format!("{name} must be a whole number"));
        self.get(name)
            .filter(|text| !text.is_empty())
            .map(|text| text.parse().map_err(|_| wrong()))
            .transpose()
    }
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// At the resource of this number, from 1.
    Index(u64),
    /// At the beginning, to be gone on with by cursors.
    First,
    /// After the page that answered this.
    Cursor(String),
}

/// A list that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Only these.
    pub filter: Option<Filter>,
    /// In this order.
    pub order: Option<Order>,
    /// From here.
    pub start: Start,
    /// So many at most.
    pub count: usize,
    /// With these attributes.
    pub projection: Projection,
}

/// The parameters of a list.
pub const PARAMETERS: &[&str] =
    &["filter", "sortBy", "sortOrder", "startIndex", "count", "cursor", "attributes", "excludedAttributes"];

impl Query {
    /// Reads a list of resources of a kind, of which a page has as many as is usual, and `count_max` at most. A count above that is that (RFC 7644 §3.4.2.4), and one below
    /// nothing is none.
    pub fn read(
        kind: &'static ResourceType,
        given: &Given,
        (usual, count_max): (usize, usize),
    ) -> Result<Self, Error> {
        given.allow(PARAMETERS)?;
        let text = |name: &str| given.get(name).filter(|text| !text.is_empty());
        let count = match given.number("count")? {
            None => usual,
            Some(count) => usize::try_from(count.max(0)).unwrap_or(usize::MAX).min(count_max),
        };
        let start = match (given.get("cursor"), given.number("startIndex")?) {
            (Some(_), Some(_)) => {
                return Err(Error::bad(ScimType::InvalidCursor, "cursor and startIndex exclude each other"));
            }
            (Some(""), None) => Start::First,
            (Some(cursor), None) => Start::Cursor(cursor.to_owned()),
            (None, index) => Start::Index(u64::try_from(index.unwrap_or(1).max(1)).unwrap_or(1)),
        };
        let order = text("sortBy").map(|by| Order::read(kind, by, text("sortOrder"))).transpose()?;
        let filter = text("filter").map(|filter| Filter::parse(kind, filter)).transpose()?;
        Ok(Self { filter, order, start, count, projection: given.projection(kind)? })
    }
}

/// A page that is answered.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// What it has.
    pub resources: Vec<Resource>,
    /// How many the whole list has; none where nobody counted.
    pub total: Option<u64>,
    /// The number of the first one; none where cursors are used.
    pub start_index: Option<u64>,
    /// How to go on.
    pub next_cursor: Option<String>,
}

impl Page {
    /// The body.
    pub fn body(self) -> Value {
        let mut body = json!({ "schemas": [SCHEMA], "itemsPerPage": self.resources.len() });
        if let Some(total) = self.total {
            body["totalResults"] = total.into();
        }
        if let Some(start_index) = self.start_index {
            body["startIndex"] = start_index.into();
        }
        if let Some(cursor) = self.next_cursor {
            body["nextCursor"] = cursor.into();
        }
        body["Resources"] = self.resources.into_iter().map(Value::Object).collect();
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::core::USERS;

    fn query(pairs: &[(&str, &str)]) -> Result<Query, Error> {
        let pairs = pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Query::read(&USERS, &Given::of_pairs(pairs), (100, 100))
    }

    #[test]
    fn counts_and_beginnings_are_held_within_what_there_is() {
        let read = |pairs: &[(&str, &str)]| query(pairs).map(|query| (query.start, query.count));
        assert_eq!(read(&[]).unwrap(), (Start::Index(1), 100));
        assert_eq!(read(&[("startIndex", "-3"), ("count", "-1")]).unwrap(), (Start::Index(1), 0));
        assert_eq!(read(&[("STARTINDEX", "7"), ("count", "1000")]).unwrap(), (Start::Index(7), 100));
        assert_eq!(read(&[("cursor", "")]).unwrap().0, Start::First);
        assert_eq!(read(&[("cursor", "x")]).unwrap().0, Start::Cursor("x".to_owned()));
        for (wrong, word) in [
            ([("cursor", "x"), ("startIndex", "1")], "exclude each other"),
            ([("count", "many"), ("filter", "")], "count must be a whole number"),
            ([("attributes", "id"), ("excludedAttributes", "id")], "exclude each other"),
            ([("shoe", "1"), ("count", "1")], "shoe is no parameter"),
        ] {
            let error = query(&wrong).unwrap_err();
            assert!(error.detail.contains(word), "{error}");
        }
    }

    #[test]
    fn a_search_by_post_says_the_same() {
        let body = json!({"schemas": [SEARCH_SCHEMA], "attributes": ["userName", "id"], "count": 3, "filter": "title pr"});
        let given = Given::of_body(body.as_object().unwrap()).unwrap();
        let same = query(&[("attributes", "userName,id"), ("count", "3"), ("filter", "title pr")]).unwrap();
        assert_eq!(Query::read(&USERS, &given, (100, 100)).unwrap(), same);
        assert!(Given::of_body(json!({}).as_object().unwrap()).is_err());
    }
}
