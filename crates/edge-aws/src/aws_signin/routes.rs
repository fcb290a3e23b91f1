//! The signin rows of the dispatch table.

use wire::generated::signin::console_logins as operation;

use crate::aws_signin::console_logins;
use crate::route::{Route, route};

/// The rows.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        route::<operation::CreateOAuth2Token, _, _>(console_logins::create)
            .recorded_as(console_logins::parameters),
    ]
}
