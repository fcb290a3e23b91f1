//! The portal's rows of the dispatch table.

use wire::generated::sso::portal as operation;

use crate::portal::access;
use crate::route::{Route, route, route_written};

/// The rows.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        route::<operation::GetRoleCredentials, _, _>(access::get_role_credentials),
        route_written::<operation::ListAccountRoles, _, _>(access::list_account_roles),
        route_written::<operation::ListAccounts, _, _>(access::list_accounts),
        route::<operation::Logout, _, _>(access::logout),
    ]
}
