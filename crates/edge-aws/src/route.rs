//! A row of the dispatch table: what is known of an operation and the function that serves it.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;

use jsontext::Json;
use model::cx::Cx;
use model::fault::Fault;
use serde_json::Value;
use wire::error::WireError;
use wire::input::{Input, Taking};
use wire::operation::{Operation, OperationMeta};

use crate::app::App;
use crate::dialect::Dialect;

/// A served call: the output as the operation's protocol writes it.
type Served = Pin<Box<dyn Future<Output = Result<Vec<u8>, Fault>> + Send>>;

/// The input of a call as its protocol gives it.
pub(crate) enum Given<'b> {
    /// JSON text.
    Json(Cow<'b, [u8]>),
    /// Parameters of a form, made a value.
    Value(Value),
}

/// A call whose input has passed the check.
pub(crate) struct Asked {
    /// What the record shows of the input.
    pub(crate) shown: Json,
    serve: Box<dyn FnOnce(App, Cx, Dialect) -> Served + Send>,
}

impl Asked {
    /// Serves the call.
    pub(crate) async fn serve(self, app: App, cx: Cx, dialect: Dialect) -> Result<Vec<u8>, Fault> {
        (self.serve)(app, cx, dialect).await
    }
}

type RecordedAs = fn(&Json) -> Json;

type Read = dyn Fn(Given<'_>, Taking) -> Result<Asked, WireError> + Send + Sync;

/// A row of the dispatch table.
pub struct Route {
    /// What is known of the operation.
    pub meta: &'static OperationMeta,
    read: Box<Read>,
    recorded_as: Option<RecordedAs>,
}

impl std::fmt::Debug for Route {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Route({} {})", self.meta.service, self.meta.name)
    }
}

impl Route {
    /// Reads and checks the input.
    pub(crate) fn read(&self, given: Given<'_>, how: Taking) -> Result<Asked, WireError> {
        let mut asked = (self.read)(given, how)?;
        if let Some(recorded_as) = self.recorded_as {
            asked.shown = recorded_as(&asked.shown);
        }
        Ok(asked)
    }

    /// The same row, whose records show the input as this makes it: where CloudTrail has other names than the model.
    #[must_use]
    pub(crate) fn recorded_as(self, recorded_as: RecordedAs) -> Self {
        Self { recorded_as: Some(recorded_as), ..self }
    }
}

/// The row of operation `O`, served by `handler`.
pub fn route<O, H, F>(handler: H) -> Route
where
    O: Operation,
    H: Fn(App, Cx, O::Input) -> F + Copy + Send + Sync + 'static,
    F: Future<Output = Result<O::Output, Fault>> + Send + 'static,
{
    route_written::<O, _, _>(move |app, cx, given| async move {
        jsontext::to_string(&handler(app, cx, given).await?).map_err(Fault::internal)
    })
}

/// The row of operation `O`, whose answer `handler` writes as JSON itself.
pub fn route_written<O, H, F>(handler: H) -> Route
where
    O: Operation,
    H: Fn(App, Cx, O::Input) -> F + Copy + Send + Sync + 'static,
    F: Future<Output = Result<String, Fault>> + Send + 'static,
{
    let read = move |given: Given<'_>, how: Taking| {
        let Input { given, shown } = match given {
            Given::Json(text) => wire::input::read::<O>(&text, how)?,
            Given::Value(value) => wire::input::take::<O>(&value, how)?,
        };
        let serve = move |app: App, cx: Cx, dialect: Dialect| -> Served {
            Box::pin(async move {
                let request_id = cx.request_id.clone();
                let answer = handler(app, cx, given).await?;
                in_dialect(O::META, answer, dialect, &request_id)
            })
        };
        Ok(Asked { shown, serve: Box::new(serve) })
    };
    Route { meta: O::META, read: Box::new(read), recorded_as: None }
}

/// The answer, which is JSON, as the dialect has it. XML needs the shape beside it, and so the answer as a value.
fn in_dialect(
    meta: &OperationMeta,
    json: String,
    dialect: Dialect,
    request_id: &str,
) -> Result<Vec<u8>, Fault> {
    let answer = match dialect {
        Dialect::AwsJson => return Ok(json.into_bytes()),
        Dialect::RestJson => return Ok(wire::rest_json::body(json, meta.output).into_bytes()),
        Dialect::QueryXml => wire::xml::answer,
        Dialect::QueryJson => wire::query_json::answer,
    };
    let value = serde_json::from_str(&json).map_err(Fault::internal)?;
    Ok(answer(meta, &value, request_id))
}
