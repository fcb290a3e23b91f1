//! STS's rows of the dispatch table.

use wire::generated::sts::key_sessions::{DecodeAuthorizationMessage, GetAccessKeyInfo, GetSessionToken};
use wire::generated::sts::sessions::{
    AssumeRole, AssumeRoleWithSAML, AssumeRoleWithWebIdentity, GetCallerIdentity,
};

use crate::route::{Route, route};
use crate::sts::{key_sessions, saml, sessions, web_identity};

/// The rows.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        route::<GetCallerIdentity, _, _>(sessions::get_caller_identity),
        route::<AssumeRole, _, _>(sessions::assume_role),
        route::<AssumeRoleWithSAML, _, _>(saml::assume_role_with_saml),
        route::<AssumeRoleWithWebIdentity, _, _>(web_identity::assume_role_with_web_identity),
        route::<GetSessionToken, _, _>(key_sessions::get_session_token),
        route::<GetAccessKeyInfo, _, _>(key_sessions::get_access_key_info),
        route::<DecodeAuthorizationMessage, _, _>(key_sessions::decode_authorization_message),
    ]
}
