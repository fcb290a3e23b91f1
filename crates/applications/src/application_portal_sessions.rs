//! The session at the portal that an application holds for a person who is not there: what tokens with the scope `sso:account:access` hang on, and what an
//! application is given that may go on in the background (AWS: user background sessions). One for each person and application, however often tokens are asked
//! for; it is listed, and can be ended, as any other. No browser holds it, and where the application runs says nothing of where its person is.

use std::time::Duration;

use model::applications::application::Switch;
use model::cx::Cx;
use model::directory::identity_store::IdentityStoreId;
use model::directory::user::UserId;
use model::entropy::{bytes, uuid};
use model::fault::Fault;
use model::secret::Secret;
use model::signin::mfa::Proofs;
use model::signin::oauth::SCOPE_ACCOUNT_ACCESS;
use model::signin::session_settings::SessionSettings;
use model::timestamp::Timestamp;
use store::signin::directory_settings::{self, SESSION_SETTINGS};
use store::signin::portal_sessions::{self, NewPortalSession};
use store::tx::{Rx, Tx};

use crate::acting::Acting;

fn settings(rx: &mut Rx<'_>, store: &IdentityStoreId) -> Result<SessionSettings, Fault> {
    let Some(text) = directory_settings::find(rx, store, SESSION_SETTINGS)? else {
        return Ok(SessionSettings::default());
    };
    serde_json::from_str(&text).map_err(Fault::internal)
}

/// How long an access token for the portal lives in a directory.
pub(crate) fn access_token(rx: &mut Rx<'_>, store: &IdentityStoreId) -> Result<Duration, Fault> {
    Ok(settings(rx, store)?.access_token())
}

/// How long a person may be at the portal.
pub(crate) fn at_the_portal(rx: &mut Rx<'_>, store: &IdentityStoreId) -> Result<Duration, Fault> {
    Ok(settings(rx, store)?.session())
}

/// How long what the application is given goes on in the background, if it may. What opens the portal never does: it is for as long as people are let in there.
pub(crate) fn background(
    rx: &mut Rx<'_>,
    acting: &Acting,
    scopes: &[String],
) -> Result<Option<Duration>, Fault> {
    let opens_the_portal = scopes.iter().any(|scope| scope == SCOPE_ACCOUNT_ACCESS);
    if acting.application.background_sessions != Switch::Enabled || opens_the_portal {
        return Ok(None);
    }
    Ok(Some(settings(rx, &acting.instance.identity_store_id)?.background_session()))
}

/// The application's session for a person, which lives until `expires_at` at least: the one that it has, or a new one; its id.
pub(crate) fn hold(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (acting, person, expires_at): (&Acting, &UserId, Timestamp),
) -> Result<String, Fault> {
    let application = &acting.application;
    if let Some(session_id) = portal_sessions::find_of_application(tx, (person, &application.id), cx.now)? {
        portal_sessions::prolong(tx, &session_id, expires_at)?;
        return Ok(session_id);
    }
    let nobodys = Secret::new(model::id::hex(&bytes::<32>(cx.entropy())));
    let new = NewPortalSession {
        token_hash: tx.keyring().hash_token(nobodys.expose()),
        session_id: uuid(cx.entropy()).to_string(),
        user_id: person.clone(),
        source_ip: cx.source_ip.to_string(),
        user_agent: format!("Application {}", application.name),
        created_at: cx.now,
        expires_at,
        proofs: Proofs { methods: Vec::new(), mfa_at: None },
        idle: None,
        external: None,
        tags: std::collections::BTreeMap::new(),
    };
    portal_sessions::insert_of_application(tx, &new, &application.id)?;
    Ok(new.session_id)
}
