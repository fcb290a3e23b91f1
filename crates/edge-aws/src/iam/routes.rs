//! IAM's rows of the dispatch table.

use wire::generated::iam::policies::{GetPolicy, GetPolicyVersion, ListPolicies};
use wire::generated::iam::roles::{
    GetRole, GetRolePolicy, ListAttachedRolePolicies, ListRolePolicies, ListRoles,
};

use crate::iam::{policies, roles};
use crate::route::{Route, route};

/// The rows.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        route::<GetRole, _, _>(roles::get),
        route::<ListRoles, _, _>(roles::list),
        route::<ListAttachedRolePolicies, _, _>(roles::list_attached),
        route::<ListRolePolicies, _, _>(roles::list_inline),
        route::<GetRolePolicy, _, _>(roles::get_inline),
        route::<GetPolicy, _, _>(policies::get),
        route::<GetPolicyVersion, _, _>(policies::version),
        route::<ListPolicies, _, _>(policies::list),
    ]
}
