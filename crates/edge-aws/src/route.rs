//! A row of the dispatch table: what is known of an operation and the function that serves it.

use std::future::Future;
use std::pin::Pin;

use model::cx::Cx;
use model::fault::Fault;
use serde_json::Value;
use wire::operation::{Operation, OperationMeta};

use crate::app::App;

/// A served call: the output as JSON.
type Served = Pin<Box<dyn Future<Output = Result<Value, Fault>> + Send>>;

/// A row of the dispatch table.
pub struct Route {
    /// What is known of the operation.
    pub meta: &'static OperationMeta,
    serve: Box<dyn Fn(App, Cx, Value) -> Served + Send + Sync>,
}

impl std::fmt::Debug for Route {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Route({} {})", self.meta.service, self.meta.name)
    }
}

impl Route {
    /// Serves a call whose input has passed the check.
    pub async fn serve(&self, app: App, cx: Cx, input: Value) -> Result<Value, Fault> {
        (self.serve)(app, cx, input).await
    }
}

/// The row of operation `O`, served by `handler`.
pub fn route<O, H, F>(handler: H) -> Route
where
    O: Operation,
    H: Fn(App, Cx, O::Input) -> F + Copy + Send + Sync + 'static,
    F: Future<Output = Result<O::Output, Fault>> + Send + 'static,
{
    let serve = move |app: App, cx: Cx, input: Value| -> Served {
        Box::pin(async move {
            let input = serde_json::from_value::<O::Input>(input).map_err(|error| {
                Fault::internal(format!("{} passed the check but not its type: {error}", O::META.name))
            })?;
            let output = handler(app, cx, input).await?;
            serde_json::to_value(output).map_err(Fault::internal)
        })
    };
    Route { meta: O::META, serve: Box::new(serve) }
}
