//! Bulk requests (RFC 7644 §3.7): their operations in an order in which each names only what is made by then, and what is said of each in the end. A
//! circle of references cannot be put in order, and is refused.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};

use crate::error::{Error, ScimType};
use crate::path::brief;
use crate::resource::member;

/// The schema of a bulk request.
pub const REQUEST_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
/// The schema of its answer.
pub const RESPONSE_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
/// What stands before an id that is to come.
const REFERENCE: &str = "bulkId:";

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Makes a resource.
    Post,
    /// Writes one anew.
    Put,
    /// Changes one.
    Patch,
    /// Takes one away.
    Delete,
}

impl Method {
    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Post, Self::Put, Self::Patch, Self::Delete]
            .into_iter()
            .find(|method| method.as_str().eq_ignore_ascii_case(word))
    }
}

/// One operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// What it does.
    pub method: Method,
    /// What the client calls what is made.
    pub bulk_id: Option<String>,
    /// To what: `/Users`, `/Users/ID`, where an ID may be `bulkId:…`.
    pub path: String,
    /// The version that the client saw.
    pub version: Option<String>,
    /// The body.
    pub data: Map<String, Value>,
}

/// A bulk request.
#[derive(Debug, Clone, PartialEq)]
pub struct Bulk {
    /// In the order that they were sent in.
    pub operations: Vec<Operation>,
    /// After how many failures the rest is left undone.
    pub fail_on_errors: Option<usize>,
    /// The order to do them in.
    pub order: Vec<usize>,
}

impl Bulk {
    /// Reads a request of `operations_max` operations at most.
    pub fn read(body: &Map<String, Value>, operations_max: usize) -> Result<Self, Error> {
        let is_bulk =
            |value: &Value| value.as_str().is_some_and(|id| id.eq_ignore_ascii_case(REQUEST_SCHEMA));
        if !member(body, "schemas").and_then(Value::as_array).is_some_and(|ids| ids.iter().any(is_bulk)) {
            return Err(Error::syntax(format!("schemas must be a list that holds {REQUEST_SCHEMA}")));
        }
        let fail_on_errors = match member(body, "failOnErrors") {
            None | Some(Value::Null) => None,
            Some(number) => {
                let number = number.as_u64().filter(|number| *number > 0);
                let number =
                    number.ok_or_else(|| Error::value("failOnErrors must be a whole number from 1"))?;
                usize::try_from(number).ok()
            }
        };
        let given = member(body, "Operations").and_then(Value::as_array);
        let given = given.ok_or_else(|| Error::syntax("Operations must be a list"))?;
        if given.len() > operations_max {
            let found = given.len();
            let detail = format!("Operations must have at most {operations_max} operations; it has {found}");
            return Err(Error { status: 413, scim_type: None, detail });
        }
        let operations = given.iter().map(operation).collect::<Result<Vec<_>, _>>()?;
        let order = order(&operations)?;
        Ok(Self { operations, fail_on_errors, order })
    }
}

fn operation(given: &Value) -> Result<Operation, Error> {
    let given = given.as_object().ok_or_else(|| Error::syntax("an operation must be an object"))?;
    let text = |name: &str| member(given, name).and_then(Value::as_str).map(str::to_owned);
    let word = text("method").unwrap_or_default();
    let method = Method::parse(&word).ok_or_else(|| {
        Error::syntax(format!("method must be POST, PUT, PATCH or DELETE; it is {:?}", brief(&word)))
    })?;
    let path = text("path").ok_or_else(|| Error::syntax("an operation needs a path"))?;
    let bulk_id = text("bulkId");
    if method == Method::Post && bulk_id.is_none() {
        return Err(Error::syntax("a POST needs a bulkId"));
    }
    let data = match member(given, "data") {
        Some(Value::Object(data)) => data.clone(),
        None | Some(Value::Null) if method == Method::Delete => Map::new(),
        _ => return Err(Error::syntax(format!("a {} needs an object as its data", method.as_str()))),
    };
    Ok(Operation { method, bulk_id, path, version: text("version"), data })
}

/// An order in which whatever is referred to comes first; otherwise as they were sent.
fn order(operations: &[Operation]) -> Result<Vec<usize>, Error> {
    let mut made = HashMap::new();
    for (at, operation) in operations.iter().enumerate() {
        if let Some(id) = operation.bulk_id.as_deref().filter(|_| operation.method == Method::Post)
            && made.insert(id, at).is_some()
        {
            return Err(Error::value(format!("bulkId {} is given twice", brief(id))));
        }
    }
    let mut waits: Vec<Vec<usize>> = Vec::with_capacity(operations.len());
    for operation in operations {
        let mut of = Vec::new();
        references(operation, &mut |id| match made.get(id) {
            Some(at) => {
                of.push(*at);
                Ok(())
            }
            None => Err(Error::value(format!("bulkId:{} is made by no operation", brief(id)))),
        })?;
        waits.push(of);
    }
    let mut order = Vec::with_capacity(operations.len());
    let mut is_done = vec![false; operations.len()];
    // Each round does what waits for nothing any more; as many rounds as the longest chain.
    while order.len() < operations.len() {
        let before = order.len();
        for at in 0..operations.len() {
            let ready =
                waits.get(at).is_some_and(|of| of.iter().all(|other| is_done.get(*other) == Some(&true)));
            if ready && let Some(done) = is_done.get_mut(at).filter(|done| !**done) {
                *done = true;
                order.push(at);
            }
        }
        if order.len() == before {
            return Err(Error {
                status: 409,
                scim_type: Some(ScimType::InvalidValue),
                detail: "the bulkIds refer to one another in a circle".to_owned(),
            });
        }
    }
    Ok(order)
}

/// Calls `with` for each reference of an operation to what another one makes.
fn references(operation: &Operation, with: &mut impl FnMut(&str) -> Result<(), Error>) -> Result<(), Error> {
    if let Some(id) = operation.path.rsplit('/').next().and_then(|last| last.strip_prefix(REFERENCE)) {
        with(id)?;
    }
    operation.data.values().try_for_each(|value| of_value(value, with))
}

fn of_value(value: &Value, with: &mut impl FnMut(&str) -> Result<(), Error>) -> Result<(), Error> {
    match value {
        Value::String(text) => text.strip_prefix(REFERENCE).map_or(Ok(()), with),
        Value::Array(values) => values.iter().try_for_each(|value| of_value(value, with)),
        Value::Object(members) => members.values().try_for_each(|value| of_value(value, with)),
        _ => Ok(()),
    }
}

/// Whether an operation refers to one of these bulkIds.
pub fn refers_to(operation: &Operation, is_meant: impl Fn(&str) -> bool) -> bool {
    let mut looked = |id: &str| if is_meant(id) { Err(Error::value("")) } else { Ok(()) };
    references(operation, &mut looked).is_err()
}

/// The operation with the ids in place of what refers to them; the reference that leads nowhere, if there is one.
pub fn resolve(operation: &mut Operation, ids: &BTreeMap<String, String>) -> Result<(), Error> {
    let find = |reference: &str| {
        ids.get(reference).cloned().ok_or_else(|| {
            Error::value(format!("bulkId:{} was not made: its operation failed", brief(reference)))
        })
    };
    if let Some((head, last)) = operation.path.rsplit_once('/')
        && let Some(reference) = last.strip_prefix(REFERENCE)
    {
        operation.path = format!("{head}/{}", find(reference)?);
    }
    operation.data.values_mut().try_for_each(|value| resolve_value(value, &find))
}

fn resolve_value(value: &mut Value, find: &impl Fn(&str) -> Result<String, Error>) -> Result<(), Error> {
    match value {
        Value::String(text) => {
            if let Some(reference) = text.strip_prefix(REFERENCE) {
                *text = find(reference)?;
            }
            Ok(())
        }
        Value::Array(values) => values.iter_mut().try_for_each(|value| resolve_value(value, find)),
        Value::Object(members) => members.values_mut().try_for_each(|value| resolve_value(value, find)),
        _ => Ok(()),
    }
}

/// The answer, of what is said of each operation.
pub fn response(operations: &[Value]) -> Value {
    json!({ "schemas": [RESPONSE_SCHEMA], "Operations": operations })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(operations: &Value) -> Result<Bulk, Error> {
        let body = json!({"schemas": [REQUEST_SCHEMA], "Operations": operations});
        Bulk::read(body.as_object().unwrap(), 4)
    }

    fn group(id: &str, member: &str) -> Value {
        json!({"method": "post", "bulkId": id, "path": "/Groups", "data": {"members": [{"value": member}]}})
    }

    #[test]
    fn what_is_referred_to_comes_first() {
        let bulk = read(&json!([
            {"method": "PATCH", "path": "/Groups/bulkId:a", "data": {}}, group("a", "bulkId:b"), {"method": "POST", "bulkId": "b", "path": "/Users", "data": {}},
        ]));
        let bulk = bulk.unwrap();
        assert_eq!(bulk.order, [2, 1, 0]);
        let mut operation = bulk.operations[1].clone();
        resolve(&mut operation, &BTreeMap::from([("b".to_owned(), "42".to_owned())])).unwrap();
        assert_eq!(operation.data["members"][0]["value"], "42");
        assert!(resolve(&mut bulk.operations[0].clone(), &BTreeMap::new()).is_err());
    }

    #[test]
    fn circles_and_what_is_no_operation_are_refused() {
        for (operations, word) in [
            (json!([group("a", "bulkId:b"), group("b", "bulkId:a")]), "in a circle"),
            (json!([group("a", "bulkId:a")]), "in a circle"),
            (json!([group("a", "x"), group("a", "y")]), "given twice"),
            (json!([group("a", "bulkId:z")]), "made by no operation"),
            (json!([{"method": "GET", "path": "/Users"}]), "method must be"),
            (json!([{"method": "POST", "path": "/Users", "data": {}}]), "needs a bulkId"),
            (json!([{"method": "PUT", "path": "/Users/1"}]), "needs an object as its data"),
            (json!([{}, {}, {}, {}, {}]), "at most 4 operations; it has 5"),
            (json!("x"), "must be a list"),
        ] {
            let error = read(&operations).unwrap_err();
            assert!(error.detail.contains(word), "{operations}: {error}");
        }
    }
}
