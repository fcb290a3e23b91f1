//! Tokens that an application has by being itself (RFC 6749 §4.4), where an administrator lets it: nobody's, so that nothing of a person is told for one.

use std::time::Duration;

use model::applications::application::ApplicationId;
use model::applications::oidc_application::{FurtherGrant, OidcSettings};
use model::applications::oidc_token::OidcClientToken;
use model::cx::Cx;
use model::entropy::uuid;
use model::fault::{Fault, FaultKind, OAuthError};
use model::secret::Secret;
use model::signin::oauth::FamilyId;
use model::timestamp::Timestamp;
use store::applications::oidc_client_tokens;
use store::bearer::{Bearer, Kind};
use store::tx::{Rx, Tx};

use crate::oidc_clients::Client;

/// Tokens of one application that live at a time, at most: one that asks for a token with every call of its own is told so.
const LIVING_MAX: u64 = 2_000;
/// After how many seconds some may have ended.
const WAIT_SECONDS: u32 = 60;

/// Refuses an application that may have no such tokens; what it is granted of what it asks for.
fn granted(settings: &OidcSettings, asked: Option<&[String]>) -> Result<Vec<String>, Fault> {
    if !settings.grants(FurtherGrant::ClientCredentials) {
        let message =
            "The application may have no tokens of its own: FurtherGrants does not hold CLIENT_CREDENTIALS.";
        return Err(Fault::oauth(OAuthError::UnauthorizedClient, message));
    }
    let own: Vec<&str> = settings.own_scopes().collect();
    let Some(asked) = asked else { return Ok(own.into_iter().map(ToOwned::to_owned).collect()) };
    if let Some(other) = asked.iter().find(|scope| !own.contains(&scope.as_str())) {
        let message = format!(
            "{other} is no scope that the application has for itself: of its Scopes those that tell of no person."
        );
        return Err(Fault::oauth(OAuthError::InvalidScope, message));
    }
    let mut granted: Vec<String> = Vec::new();
    for scope in asked {
        if !granted.contains(scope) {
            granted.push(scope.clone());
        }
    }
    Ok(granted)
}

/// A token for an application that has proved that it is itself, and what is kept of it.
pub(crate) fn issue(
    tx: &mut Tx<'_>,
    cx: &Cx,
    client: &Client,
    (asked, key): (Option<&[String]>, Option<String>),
) -> Result<(Secret, OidcClientToken), Fault> {
    let scopes = granted(&client.settings, asked)?;
    let id = &client.application.id;
    if oidc_client_tokens::count_living(tx, id, cx.now)? >= LIVING_MAX {
        let message = format!(
            "The application has {LIVING_MAX} tokens of its own that have not ended, as many as it may: use one until its end"
        );
        return Err(Fault::new(FaultKind::Throttled(WAIT_SECONDS), message));
    }
    let new = OidcClientToken {
        id: FamilyId::trusted(uuid(cx.entropy()).to_string()),
        application_id: id.clone(),
        scopes,
        key,
        created_at: cx.now,
        expires_at: cx.now.plus(Duration::from_mins(u64::from(client.settings.access_token_minutes))),
    };
    oidc_client_tokens::insert(tx, &new)?;
    let says =
        Bearer { family: new.id.clone(), kind: Kind::OidcClient, generation: 0, expires_at: new.expires_at };
    Ok((says.token(tx.keyring()), new))
}

/// What a token is, if it is one that this application has by being itself, and counts now.
pub(crate) fn live(
    rx: &mut Rx<'_>,
    id: &ApplicationId,
    (token, now): (&Secret, Timestamp),
) -> Result<Option<OidcClientToken>, Fault> {
    let read =
        Bearer::read(rx.keyring(), Kind::OidcClient, token.expose()).filter(|token| now < token.expires_at);
    match read {
        Some(token) => Ok(oidc_client_tokens::find_live(rx, (id, &token.family), now)?),
        None => Ok(None),
    }
}
