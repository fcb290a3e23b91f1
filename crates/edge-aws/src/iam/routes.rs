//! IAM's rows of the dispatch table.

use wire::generated::iam::roles::{
    GetRole, GetRolePolicy, ListAttachedRolePolicies, ListRolePolicies, ListRoles,
};

use crate::iam::roles;
use crate::route::{Route, route};

/// The rows.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        route::<GetRole, _, _>(roles::get),
        route::<ListRoles, _, _>(roles::list),
        route::<ListAttachedRolePolicies, _, _>(roles::list_attached),
        route::<ListRolePolicies, _, _>(roles::list_inline),
        route::<GetRolePolicy, _, _>(roles::get_inline),
    ]
}
