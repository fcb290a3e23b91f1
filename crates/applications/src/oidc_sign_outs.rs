//! A sign-out that an application asks for by its person's browser (OpenID Connect RP-Initiated Logout 1.0). It proves by an ID token of its own whom it means, so that no link
//! on a page signs anybody out; the browser then goes nowhere but to a registered address.

use model::applications::application::{Application, ApplicationId};
use model::cx::Cx;
use model::fault::{Fault, OAuthError};
use model::signin::portal_session::PortalSession;
use store::db::Store;

use crate::oidc_addresses::OidcAddresses;
use crate::oidc_gate::usable;
use crate::oidc_keys;
use crate::oidc_sign_ons::{appended, single};

const STATE_BYTES_MAX: usize = 2_048;

/// What comes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOut {
    /// The application.
    pub application: Application,
    /// Whether the session of the browser is the person's who is meant: it ends.
    pub ends: bool,
    /// Where the browser goes then.
    pub then: Option<String>,
}

/// Reads the decoded parameters of a sign-out.
pub fn open(
    store: &Store,
    cx: &Cx,
    (ours, id): (&OidcAddresses, &ApplicationId),
    (params, session): (&[(String, String)], Option<&PortalSession>),
) -> Result<SignOut, Fault> {
    let invalid = |message: String| Fault::oauth(OAuthError::InvalidRequest, message);
    let one = |name: &str| single(params, name).map_err(invalid);
    let hint = one("id_token_hint")?.ok_or_else(|| {
        invalid("id_token_hint is missing: without it nobody knows whom the application signs out".to_owned())
    })?;
    let (application, settings, said) = store.read(|rx| {
        let (application, settings) = usable(rx, cx, id)?;
        let said = oidc_keys::own(rx, id, hint)?;
        Ok((application, settings, said))
    })?;
    let issuer = ours.issuer(id);
    let claims = said.filter(|claims| {
        let is = |name: &str, value: &str| claims.get(name).and_then(|claim| claim.as_str()) == Some(value);
        is("iss", &issuer) && is("aud", id.as_str())
    });
    let claims =
        claims.ok_or_else(|| invalid("id_token_hint is no ID token of this application's".to_owned()))?;
    if one("client_id")?.is_some_and(|client| client != id.as_str()) {
        return Err(invalid(format!("client_id must be {id}, for which id_token_hint was made")));
    }
    let mut then = match one("post_logout_redirect_uri")? {
        Some(uri) if settings.admits_after_sign_out(uri) => Some(uri.to_owned()),
        Some(_) => {
            let message = "post_logout_redirect_uri is none of the application's PostLogoutRedirectUris";
            return Err(Fault::oauth(OAuthError::InvalidRedirectUri, message));
        }
        None => None,
    };
    if let (Some(url), Some(state)) = (&mut then, one("state")?) {
        if state.len() > STATE_BYTES_MAX {
            return Err(invalid(format!("state is longer than {STATE_BYTES_MAX} bytes")));
        }
        appended(url, "state", state);
    }
    let subject = claims.get("sub").and_then(|subject| subject.as_str());
    let ends = session.is_some_and(|session| subject == Some(session.user.user_id.as_str()));
    Ok(SignOut { application, ends, then })
}
