//! CloudTrail's rows of the dispatch table.

use wire::generated::cloudtrail::events as operation;

use crate::cloudtrail::events;
use crate::route::{Route, route};

/// The rows.
pub(crate) fn routes() -> Vec<Route> {
    vec![route::<operation::LookupEvents, _, _>(events::look_up)]
}
