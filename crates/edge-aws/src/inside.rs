//! Calls that pages of this server make for their visitors: the same rows, checks and records as of calls from outside, without a signature in
//! between, since the page knows already who its visitor is. Never: an authority that the visitor has not.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use jsontext::Json;
use model::caller::Caller;
use model::cx::Cx;
use model::event::{EventHead, EventType};
use model::fault::{Fault, FaultKind};
use model::page::PageRequest;
use serde_json::Value;
use wire::check::Strangers;
use wire::input::Taking;
use wire::operation::Protocol;

use crate::app::App;
use crate::dialect::Dialect;
use crate::route::{Asked, Given, Route};
use crate::{dispatch, fault, table};

/// Roles of one person in the management account that are offered at most.
const ROLES_MAX: usize = 100;

/// An operation of a JSON service, by the names that the AWS CLI has for both: `sso-admin`, `CreatePermissionSet`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Op(pub &'static str, pub &'static str);

/// The operations of the JSON services, to be called from inside. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Inside {
    app: App,
    rows: Arc<HashMap<Op, Route>>,
}

impl Inside {
    /// All of them.
    pub fn new(app: App) -> Self {
        let rows = table::routes().into_iter().filter(|row| row.meta.protocol == Protocol::AwsJson);
        let rows = rows.map(|row| (Op(row.meta.service, row.meta.name), row)).collect();
        Self { app, rows: Arc::new(rows) }
    }

    /// Whether there is such an operation.
    pub fn has(&self, op: Op) -> bool {
        self.rows.contains_key(&op)
    }

    /// The roles that the visitor of a page has in the management account, by their permission sets' names.
    pub fn roles_at_home(&self, page: &Cx) -> Result<Vec<String>, Fault> {
        let account = &self.app.surroundings.owner;
        let first = PageRequest { after: None, limit: ROLES_MAX };
        match self.app.known().reach.roles(&self.app.store, page, account, &first) {
            Ok(roles) => Ok(roles.page().items.iter().map(|role| role.permission_set_name.clone()).collect()),
            Err(none) if matches!(none.kind(), FaultKind::NotFound(_)) => Ok(Vec::new()),
            Err(refused) => Err(refused),
        }
    }

    /// The visitor of a page as one of those roles: whom calls are made as.
    pub async fn as_role(&self, page: &Cx, role_name: &str) -> Result<Caller, Fault> {
        let (store, account) = (&self.app.store, &self.app.surroundings.owner);
        let (caller, used) = self.app.known().grants.console_session(store, page, account, role_name)?;
        used.note(store, page).await;
        Ok(caller)
    }

    /// Calls an operation for the caller of `page`, from where the page was asked for: the answer as JSON.
    pub async fn call(&self, page: &Cx, op: Op, input: &Value) -> Result<Vec<u8>, Fault> {
        let row = self.rows.get(&op).ok_or_else(|| Fault::internal(format!("no operation {op:?}")))?;
        let read = read(row, input);
        let (parameters, asked) = match read {
            Ok(mut asked) => (std::mem::take(&mut asked.shown), Ok(asked)),
            Err(refused) => (Json::default(), Err(refused)),
        };
        let cx = self.context(page, row, parameters);
        let result = match asked {
            Ok(asked) => asked.serve(self.app.clone(), cx.clone(), Dialect::AwsJson).await,
            Err(refused) => Err(refused),
        };
        dispatch::record(&self.app, row.meta, &cx, &result).await?;
        result
    }

    fn context(&self, page: &Cx, row: &Route, parameters: Json) -> Cx {
        let head = EventHead {
            source: row.meta.event_source.into(),
            name: row.meta.name.into(),
            read_only: row.meta.read_only,
            event_type: EventType::AwsApiCall,
            request_parameters: parameters,
        };
        let mut cx = Cx::new(&self.app.surroundings, page.caller.clone(), self.app.clock.now(), head);
        cx.source_ip = page.source_ip.clone();
        cx.user_agent = page.user_agent.clone();
        cx.secure_transport = page.secure_transport;
        cx
    }
}

fn read(row: &Route, input: &Value) -> Result<Asked, Fault> {
    let text = serde_json::to_vec(input).map_err(Fault::internal)?;
    let how = Taking { strangers: Strangers::Refused, shows: true };
    row.read(Given::Json(Cow::Owned(text)), how).map_err(|error| fault::from_wire(error, row.meta))
}
