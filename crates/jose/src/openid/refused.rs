//! The errors that a provider answers with (RFC 6749 §4.1.2.1, §5.2; OpenID Connect Core §3.1.2.6): what they mean for an administrator. What the
//! provider wrote is a stranger's text and is shown as such.

use crate::json::shown;

/// The provider's own words, quoted.
pub(crate) fn quoted(code: &str, description: Option<&str>) -> String {
    match description {
        Some(description) if !description.is_empty() => format!("{}: {}", shown(code), shown(description)),
        _ => shown(code),
    }
}

/// What to do about an error.
pub(crate) fn remedy(code: &str) -> &'static str {
    match code {
        "access_denied" => "the person refused, or may not use this application there: assign it to them",
        "login_required" | "interaction_required" | "account_selection_required" | "consent_required" => {
            "the provider would have had to ask the person something; begin the sign-in again"
        }
        "unauthorized_client" => "let this client use the authorization code flow there",
        "unsupported_response_type" | "unsupported_grant_type" => "let it offer the authorization code flow",
        "invalid_scope" => "ask only for scopes that this client may have there",
        "invalid_client" => {
            "client id, client secret (has it expired?) or the way of sending it (basic or post) is not what is registered there"
        }
        "invalid_grant" => {
            "the code is over or was used before, or the redirect URI or PKCE is not what it was made for; begin the sign-in again"
        }
        "invalid_request" => {
            "a parameter is not as it is registered there: compare client id and redirect URI"
        }
        "server_error" | "temporarily_unavailable" | "slow_down" => "the fault is there: try again later",
        _ => "the log of the provider says more",
    }
}
