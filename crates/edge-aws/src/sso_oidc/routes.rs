//! The sso_oidc rows of the dispatch table.

use wire::generated::sso_oidc::application_tokens::CreateTokenWithIAM;
use wire::generated::sso_oidc::tokens as operation;

use crate::route::{Route, route};
use crate::sso_oidc::{application_tokens, tokens};

/// The rows.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        route::<operation::CreateToken, _, _>(tokens::create),
        route::<CreateTokenWithIAM, _, _>(application_tokens::create),
        route::<operation::RegisterClient, _, _>(tokens::register_client),
        route::<operation::StartDeviceAuthorization, _, _>(tokens::start_device_authorization),
    ]
}
