//! `/.search`: people and groups in one list, people first (RFC 7644 §3.4.3).

use scim::error::{Error, ScimType};
use scim::listing::{Given, Page};
use serde_json::{Map, Value};

use crate::answer::Answer;
use crate::groups::Groups;
use crate::lookup::{self, PAGE_MAX, PAGE_USUAL};
use crate::op::Op;
use crate::refused::Refused;
use crate::users::People;

/// A search of both. What only one kind has, the other has no match for.
pub(crate) async fn everywhere(op: &Op, body: &Map<String, Value>) -> Result<Answer, Refused> {
    let given = Given::of_body(body)?;
    if given.get("cursor").is_some() || given.get("sortBy").is_some() {
        let detail =
            "a search of all resources has pages by startIndex and no order: search /Users or /Groups";
        return Err(Error::value(detail).into());
    }
    let count = match given.number("count")? {
        None => PAGE_USUAL,
        Some(count) => usize::try_from(count.max(0)).unwrap_or(PAGE_MAX).min(PAGE_MAX),
    };
    let start = given.number("startIndex")?.unwrap_or(1).max(1).unsigned_abs();
    let of = |start: u64, count: usize| given.with("startIndex", &start).with("count", &count);
    let people = lookup::list(op, People::default(), &of(start, count)).await;
    let (people, refused) = or_none(people)?;
    let before = people.total.unwrap_or_default();
    let left = count.saturating_sub(people.resources.len());
    let from = start.saturating_sub(before).max(1);
    let groups = lookup::list(op, Groups::default(), &of(from, left)).await;
    let (groups, refused_too) = or_none(groups)?;
    if let (Some(refused), Some(_)) = (refused, refused_too) {
        return Err(refused);
    }
    let total = before + groups.total.unwrap_or_default();
    let resources = people.resources.into_iter().chain(groups.resources).collect();
    let page = Page { resources, total: Some(total), start_index: Some(start), next_cursor: None };
    Ok(Answer::ok(page.body()))
}

/// Nothing, with the refusal, where a filter is none of this kind.
fn or_none(found: Result<Page, Refused>) -> Result<(Page, Option<Refused>), Refused> {
    match found {
        Err(refused) if refused.error().scim_type == Some(ScimType::InvalidFilter) => {
            Ok((Page::default(), Some(refused)))
        }
        found => found.map(|page| (page, None)),
    }
}
