//! Strict mode: what AWS has of SCIM (its SCIM guide, "Supported API operations" and the pages of each), in AWS's words. A connector that works here
//! works there.

use model::limits::Mode;
use scim::error::Error;
use scim::filter::Filter;
use scim::listing::{Given, Page, Query, Start};
use scim::patch::{Act, Change};
use scim::resource::{Resource, is_primary, member};
use serde_json::{Map, Value};

use crate::asked::{Asked, Kind};
use crate::conditions::equal;
use crate::op::Op;

/// Members of one request at most.
pub(crate) const MEMBERS_MAX: usize = 100;
/// Resources of a page at most.
const PAGE_MAX: usize = 100;

/// Refuses what AWS does not serve.
pub(crate) fn require_served(asked: &Asked) -> Result<(), Error> {
    match asked {
        Asked::Search(_) | Asked::Bulk | Asked::Me | Asked::Put(Kind::Groups, _) => {
            Err(Error::new(404, "AWS has no such operation, and this server is in strict mode"))
        }
        _ => Ok(()),
    }
}

/// A list: `filter`, `count` and `cursor`. Connectors that begin at number one are let begin there.
pub(crate) fn query(kind: Kind, given: &Given) -> Result<Query, Error> {
    let wrong = || Error::filter("Invalid Filter format");
    let query =
        Query::read(kind.resource_type(Mode::Strict), given, (PAGE_MAX, PAGE_MAX)).map_err(|error| {
            if given.get("filter").is_some() && error.scim_type == wrong().scim_type {
                wrong()
            } else {
                error
            }
        })?;
    if query.order.is_some() {
        return Err(Error::value("sortBy is not supported"));
    }
    if query.start != Start::First && matches!(query.start, Start::Index(index) if index > 1) {
        return Err(Error::value("startIndex is not supported: use cursor"));
    }
    if given.number("count")?.is_some_and(|count| !(1..=100).contains(&count)) {
        return Err(Error::value("count must be 1 to 100"));
    }
    let allowed: &[&[&str]] = match kind {
        Kind::Users => &[&["userName"], &["externalId"], &["id", "manager"], &["groups"]],
        Kind::Groups => &[&["displayName"], &["externalId"], &["id", "members"], &["members"]],
    };
    if let Some(filter) = &query.filter {
        let mut names =
            filter.conjuncts().iter().map(compared).collect::<Option<Vec<_>>>().ok_or_else(wrong)?;
        names.sort_unstable();
        if !allowed.contains(&names.as_slice()) {
            return Err(wrong());
        }
    }
    Ok(query)
}

/// The attribute that a comparison by `eq` is of.
fn compared(condition: &Filter) -> Option<&'static str> {
    match condition {
        Filter::Value(..) => None,
        Filter::Compare(place, scim::filter::Operator::Eq, _) if place.extension.is_some() => {
            Some(place.attribute.name)
        }
        other => equal(other).map(|(attribute, ..)| attribute),
    }
}

/// A page as AWS answers it: it counts what the page has.
pub(crate) fn page(op: &Op, page: Page) -> Value {
    page_with_numbers(op, page).body()
}

fn page_with_numbers(op: &Op, page: Page) -> Page {
    if op.is_strict() && page.start_index.is_none() { Page { total: None, ..page } } else { page }
}

/// A person who is described: one value of each list, and the parts of a name.
pub(crate) fn person(person: &Resource) -> Result<(), Error> {
    for name in ["emails", "addresses", "phoneNumbers", "roles"] {
        if person.get(name).and_then(Value::as_array).is_some_and(|values| values.len() > 1) {
            return Err(Error::value(format!("List attribute {name} exceeds allowed limit of 1")));
        }
    }
    let emails = person.get("emails").and_then(Value::as_array);
    if emails.is_some_and(|emails| !emails.iter().all(is_primary)) {
        return Err(Error::value("emails: the email must be primary"));
    }
    if person.contains_key("photos") {
        return Err(Error::value("photos is not supported"));
    }
    let part = |name: &str| person.get("name").is_some_and(|parts| parts.get(name).is_some());
    match [
        ("displayName", person.contains_key("displayName")),
        ("name.givenName", part("givenName")),
        ("name.familyName", part("familyName")),
    ]
    .into_iter()
    .find(|(_, is_there)| !is_there)
    {
        Some((missing, _)) => Err(Error::value(format!("{missing} is a required attribute"))),
        None => Ok(()),
    }
}

/// A PATCH of a person.
pub(crate) fn patch_of_person(body: &Map<String, Value>, changes: &[Change]) -> Result<(), Error> {
    require_paths(body)?;
    for name in ["userName", "active"] {
        let of: Vec<&Change> =
            changes.iter().filter(|change| change.target.place.attribute.name == name).collect();
        if of.iter().any(|change| change.act == Act::Remove) {
            return Err(Error::value(format!("remove is not supported for {name}")));
        }
        if of.len() > 1 {
            return Err(Error::value(format!(
                "{name} may be changed by one operation; there are {}",
                of.len()
            )));
        }
    }
    Ok(())
}

/// A PATCH of a group.
pub(crate) fn patch_of_group(body: &Map<String, Value>, changes: &[Change]) -> Result<(), Error> {
    require_paths(body)?;
    let of_members = changes.iter().filter(|change| change.target.place.attribute.name == "members");
    let mut members = 0;
    for change in of_members {
        let named = change.value.as_ref().and_then(Value::as_array).map_or(0, Vec::len);
        let is_whole = change.target.filter.is_none() && (named == 0 || change.act == Act::Replace);
        if is_whole && change.act != Act::Add {
            return Err(Error::value(
                "members cannot be replaced or removed as a whole: add and remove single members",
            ));
        }
        members += named.max(1);
    }
    if members > MEMBERS_MAX {
        return Err(Error::value(format!(
            "members: at most {MEMBERS_MAX} membership changes are allowed in a single request; there are {members}"
        )));
    }
    Ok(())
}

fn require_paths(body: &Map<String, Value>) -> Result<(), Error> {
    let operations = member(body, "Operations").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let has_path = |operation: &Value| {
        operation.as_object().is_some_and(|operation| member(operation, "path").is_some())
    };
    if operations.iter().all(has_path) { Ok(()) } else { Err(Error::path("Missing path in PATCH request")) }
}
