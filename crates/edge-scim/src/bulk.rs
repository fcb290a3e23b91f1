//! `/Bulk`: each operation is a request of its own, with its own record, transaction and answer. Those that make what has nothing to do with each other are under way together, so
//! that one commit of the disk serves many of them.

use std::collections::{BTreeMap, HashSet};
use std::future::poll_fn;
use std::task::Poll;

use http::Method as HttpMethod;
use model::event::{EventHead, EventType};
use model::name_key::name_key;
use scim::bulk::{Bulk, Method, Operation, refers_to, resolve, response};
use scim::error::Error;
use scim::resource::member;
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::asked::Asked;
use crate::calls;
use crate::op::{BULK_MAX, Op, Versions};
use crate::password::Body;
use crate::refused::Refused;

/// Operations that are under way together: a few requests like this one fill a commit, and leave others connections to the database.
const TOGETHER_MAX: usize = 32;

/// Does them in an order in which each finds what it refers to, and answers in the order in which they were sent.
pub(crate) async fn run(op: &Op, body: &Map<String, Value>) -> Result<Answer, Refused> {
    op.given.allow(&[])?;
    let bulk = Wiped(Bulk::read(body, BULK_MAX)?);
    let bulk = &bulk.0;
    let mut ids = BTreeMap::new();
    let mut said: Vec<Option<Value>> = vec![None; bulk.operations.len()];
    let mut failures = 0;
    let mut left = bulk.order.as_slice();
    while !left.is_empty() {
        let (now, later) = left.split_at(independent(bulk, left));
        left = later;
        let operations: Vec<(usize, &Operation)> =
            now.iter().filter_map(|at| Some((*at, bulk.operations.get(*at)?))).collect();
        let begun = operations.iter().map(|(_, operation)| one(op, (*operation).clone(), &ids)).collect();
        for ((at, operation), answer) in operations.iter().zip(together(begun).await) {
            let answer = answer?;
            if answer.status.is_success() {
                let id = answer.location.as_deref().and_then(|location| location.rsplit('/').next());
                if let (Some(name), Some(id)) = (&operation.bulk_id, id) {
                    ids.insert(name.clone(), id.to_owned());
                }
            } else {
                failures += 1;
            }
            if let Some(place) = said.get_mut(*at) {
                *place = Some(say(operation, answer));
            }
        }
        if bulk.fail_on_errors.is_some_and(|most| failures >= most) {
            break;
        }
    }
    let said: Vec<Value> = said.into_iter().flatten().collect();
    Ok(Answer::ok(response(&said)))
}

/// A bulk request, wiped when it is done.
struct Wiped(Bulk);

impl Drop for Wiped {
    fn drop(&mut self) {
        for operation in &mut self.0.operations {
            drop(Body(std::mem::take(&mut operation.data)));
        }
    }
}

/// How many of the next operations do not depend on which of them is done first: they make people and groups, refer to nothing that they make and share no name. At least one;
/// and only one where a failure may be the last.
fn independent(bulk: &Bulk, order: &[usize]) -> usize {
    let most = if bulk.fail_on_errors.is_some() { 1 } else { TOGETHER_MAX };
    let (mut made, mut names) = (HashSet::new(), HashSet::new());
    let joins = order.iter().take(most).take_while(|at| {
        let Some(operation) = bulk.operations.get(**at) else { return false };
        let makes = operation.method == Method::Post && !refers_to(operation, |id| made.contains(id));
        let apart = makes && names_of(operation).into_iter().all(|name| names.insert(name));
        if let Some(id) = operation.bulk_id.as_deref().filter(|_| apart) {
            made.insert(id);
        }
        apart
    });
    joins.count().max(1)
}

/// What only one may be called. Names of people and of groups are held apart though they may be alike: that costs nothing.
fn names_of(operation: &Operation) -> Vec<String> {
    let texts = ["userName", "externalId", "displayName"].into_iter().filter_map(|name| {
        // People may share a name to be seen by.
        let is_shown = name == "displayName" && !operation.path.ends_with("Groups");
        member(&operation.data, name).filter(|_| !is_shown)?.as_str()
    });
    let emails = member(&operation.data, "emails").and_then(Value::as_array).into_iter().flatten();
    let emails = emails.filter_map(|email| member(email.as_object()?, "value")?.as_str());
    let mut names: Vec<String> = texts.chain(emails).map(name_key).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Awaits all of them side by side; each is begun in its turn.
async fn together<T>(begun: Vec<impl Future<Output = T>>) -> Vec<T> {
    let mut under_way: Vec<_> = begun.into_iter().map(|one| (Box::pin(one), None)).collect();
    poll_fn(|cx| {
        let mut is_done = true;
        for (one, answer) in &mut under_way {
            if answer.is_none() {
                match one.as_mut().poll(cx) {
                    Poll::Ready(value) => *answer = Some(value),
                    Poll::Pending => is_done = false,
                }
            }
        }
        if is_done { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    under_way.into_iter().filter_map(|(_, answer)| answer).collect()
}

/// One operation. Its own refusal is part of the answer; that nothing can be recorded is not.
async fn one(op: &Op, mut operation: Operation, ids: &BTreeMap<String, String>) -> Result<Answer, Refused> {
    let found = resolve(&mut operation, ids);
    let method = match operation.method {
        Method::Post => HttpMethod::POST,
        Method::Put => HttpMethod::PUT,
        Method::Patch => HttpMethod::PATCH,
        Method::Delete => HttpMethod::DELETE,
    };
    let segments: Vec<String> =
        operation.path.trim_start_matches('/').split('/').map(str::to_owned).collect();
    let asked = Asked::of(&method, &segments);
    let head = EventHead {
        name: asked.name().into(),
        source: op.cx.event().head().source.clone(),
        read_only: asked.is_read_only(),
        event_type: EventType::AwsApiCall,
        request_parameters: json!({ "id": asked.id(), "bulkId": operation.bulk_id }).into(),
    };
    let op = Op {
        cx: op.cx.with_event(head),
        versions: Versions { wanted: operation.version, unwanted: None },
        ..op.clone()
    };
    let result = match found {
        Err(error) => Err(error.into()),
        Ok(())
            if matches!(asked, Asked::Create(_) | Asked::Put(..) | Asked::Patch(..) | Asked::Delete(..)) =>
        {
            Box::pin(calls::single(&op, &asked, Body(operation.data))).await
        }
        Ok(()) => Err(Error::new(404, "path must be /Users, /Groups or one of them with an id").into()),
    };
    calls::record(&op.scim, &op.cx, &asked, &result).await?;
    Ok(result.unwrap_or_else(|refused| refused.answer(&op.cx)))
}

/// What is said of an operation: an error in full, of what was done where it is.
fn say(operation: &Operation, answer: Answer) -> Value {
    let mut said = json!({ "method": operation.method.as_str(), "status": answer.status.as_str() });
    let texts =
        [("bulkId", operation.bulk_id.clone()), ("location", answer.location), ("version", answer.version)];
    for (name, text) in texts {
        if let Some(text) = text {
            said[name] = text.into();
        }
    }
    if !answer.status.is_success() {
        said["response"] = answer.body.unwrap_or_default();
    }
    said
}
