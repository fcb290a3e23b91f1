//! Organizations' rows of the dispatch table.

use wire::generated::organizations::accounts::{
    CreateAccount, DescribeAccount, DescribeCreateAccountStatus, ListAccounts, ListCreateAccountStatus,
};
use wire::generated::organizations::organizations::{
    DescribeOrganization, ListChildren, ListOrganizationalUnitsForParent, ListParents, ListRoots,
};

use crate::organizations::{accounts, organizations};
use crate::route::{Route, route};

/// The rows.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        route::<DescribeOrganization, _, _>(organizations::describe),
        route::<ListRoots, _, _>(organizations::list_roots),
        route::<ListOrganizationalUnitsForParent, _, _>(organizations::list_units),
        route::<ListParents, _, _>(organizations::list_parents),
        route::<ListChildren, _, _>(organizations::list_children),
        route::<ListAccounts, _, _>(accounts::list),
        route::<DescribeAccount, _, _>(accounts::describe),
        route::<CreateAccount, _, _>(accounts::create),
        route::<DescribeCreateAccountStatus, _, _>(accounts::describe_creation),
        route::<ListCreateAccountStatus, _, _>(accounts::list_creations),
    ]
}
