//! `/Bulk`: each operation is a request of its own, with its own record, transaction and answer.

use std::collections::BTreeMap;

use http::Method as HttpMethod;
use model::event::{EventHead, EventType};
use scim::bulk::{Bulk, Method, Operation, resolve, response};
use scim::error::Error;
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::asked::Asked;
use crate::calls;
use crate::op::{BULK_MAX, Op, Versions};
use crate::password::Body;
use crate::refused::Refused;

/// Does them in an order in which each finds what it refers to, and answers in the order in which they were sent.
pub(crate) async fn run(op: &Op, body: &Map<String, Value>) -> Result<Answer, Refused> {
    op.given.allow(&[])?;
    let bulk = Wiped(Bulk::read(body, BULK_MAX)?);
    let bulk = &bulk.0;
    let mut ids = BTreeMap::new();
    let mut said: Vec<Option<Value>> = vec![None; bulk.operations.len()];
    let mut failures = 0;
    for &at in &bulk.order {
        let Some(operation) = bulk.operations.get(at) else { continue };
        let answer = one(op, operation.clone(), &ids).await?;
        if answer.status.is_success() {
            let id = answer.location.as_deref().and_then(|location| location.rsplit('/').next());
            if let (Some(name), Some(id)) = (&operation.bulk_id, id) {
                ids.insert(name.clone(), id.to_owned());
            }
        } else {
            failures += 1;
        }
        if let Some(place) = said.get_mut(at) {
            *place = Some(say(operation, answer));
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
