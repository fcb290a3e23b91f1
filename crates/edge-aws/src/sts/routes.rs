//! STS's rows of the dispatch table.

use wire::generated::sts::sessions::{AssumeRole, AssumeRoleWithSAML, GetCallerIdentity};

use crate::route::{Route, route};
use crate::sts::{saml, sessions};

/// The rows.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        route::<GetCallerIdentity, _, _>(sessions::get_caller_identity),
        route::<AssumeRole, _, _>(sessions::assume_role),
        route::<AssumeRoleWithSAML, _, _>(saml::assume_role_with_saml),
    ]
}
