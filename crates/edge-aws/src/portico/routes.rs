//! The portico rows of the dispatch table.

use wire::generated::portico::{passwords as password, sessions as session, users as user};

use crate::portico::{passwords, sessions, users};
use crate::route::{Route, route};

/// The rows.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        route::<user::EnableUser, _, _>(users::enable),
        route::<user::DisableUser, _, _>(users::disable),
        route::<password::UpdatePassword, _, _>(passwords::update),
        route::<password::GetPasswordPolicy, _, _>(passwords::get_policy),
        route::<password::PutPasswordPolicy, _, _>(passwords::put_policy),
        route::<session::ListSessions, _, _>(sessions::list),
        route::<session::BatchDeleteSession, _, _>(sessions::batch_delete),
    ]
}
