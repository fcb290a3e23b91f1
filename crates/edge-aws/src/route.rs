//! A row of the dispatch table: what is known of an operation and the function that serves it.

use std::future::Future;
use std::pin::Pin;

use model::cx::Cx;
use model::fault::Fault;
use serde::Serialize;
use serde_json::Value;
use wire::operation::{Operation, OperationMeta};

use crate::app::App;
use crate::dialect::Dialect;

/// A served call: the output as the operation's protocol writes it.
type Served = Pin<Box<dyn Future<Output = Result<Vec<u8>, Fault>> + Send>>;

/// A row of the dispatch table.
pub struct Route {
    /// What is known of the operation.
    pub meta: &'static OperationMeta,
    serve: Box<dyn Fn(App, Cx, Value, Dialect) -> Served + Send + Sync>,
}

impl std::fmt::Debug for Route {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Route({} {})", self.meta.service, self.meta.name)
    }
}

impl Route {
    /// Serves a call whose input has passed the check.
    pub(crate) async fn serve(
        &self,
        app: App,
        cx: Cx,
        input: Value,
        dialect: Dialect,
    ) -> Result<Vec<u8>, Fault> {
        (self.serve)(app, cx, input, dialect).await
    }
}

/// The row of operation `O`, served by `handler`.
pub fn route<O, H, F>(handler: H) -> Route
where
    O: Operation,
    H: Fn(App, Cx, O::Input) -> F + Copy + Send + Sync + 'static,
    F: Future<Output = Result<O::Output, Fault>> + Send + 'static,
{
    let serve = move |app: App, cx: Cx, input: Value, dialect: Dialect| -> Served {
        Box::pin(async move {
            let input = serde_json::from_value::<O::Input>(input).map_err(|error| {
                Fault::internal(format!("{} passed the check but not its type: {error}", O::META.name))
            })?;
            let request_id = cx.request_id.clone();
            let output = handler(app, cx, input).await?;
            written(O::META, &output, dialect, &request_id).map_err(Fault::internal)
        })
    };
    Route { meta: O::META, serve: Box::new(serve) }
}

/// The body of an answer. JSON is written from the output as it is; XML needs the shape beside it, and so the output as a value.
fn written(
    meta: &OperationMeta,
    output: &impl Serialize,
    dialect: Dialect,
    request_id: &str,
) -> Result<Vec<u8>, serde_json::Error> {
    match dialect {
        Dialect::AwsJson | Dialect::RestJson => serde_json::to_vec(output),
        Dialect::QueryXml => Ok(wire::xml::answer(meta, &serde_json::to_value(output)?, request_id)),
        Dialect::QueryJson => Ok(wire::query_json::answer(meta, &serde_json::to_value(output)?, request_id)),
    }
}
