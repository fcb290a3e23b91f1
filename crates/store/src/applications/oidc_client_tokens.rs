//! Access tokens that applications have by being themselves. One counts for as long as its application is there and enabled, unless all that was issued by then was revoked.

use model::applications::application::ApplicationId;
use model::applications::oidc_token::OidcClientToken;
use model::fault::Fault;
use model::signin::oauth::FamilyId;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{json, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO oidc_client_tokens (token_id, application_id, scopes, key_thumbprint, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    FIND_LIVE = "SELECT t.scopes, t.key_thumbprint, t.created_at, t.expires_at FROM oidc_client_tokens t
              JOIN applications a ON a.application_id = t.application_id AND a.status = 'ENABLED'
              JOIN instances i ON i.instance_id = a.instance_id AND i.not_before < t.created_at
              WHERE t.token_id = ?1 AND t.application_id = ?2 AND t.expires_at > ?3";
    COUNT_LIVING = "SELECT COUNT(*) FROM oidc_client_tokens WHERE application_id = ?1 AND expires_at > ?2";
    DELETE = "DELETE FROM oidc_client_tokens WHERE token_id = ?1 AND application_id = ?2";
    DELETE_BY_APPLICATION = "DELETE FROM oidc_client_tokens WHERE application_id = ?1";
    DELETE_EXPIRED = "DELETE FROM oidc_client_tokens WHERE token_id IN
              (SELECT token_id FROM oidc_client_tokens WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 500)";
}

/// Adds a token.
pub fn insert(tx: &mut Tx<'_>, new: &OidcClientToken) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            new.id.as_str(),
            new.application_id.as_str(),
            &json(&new.scopes)?,
            new.key.as_ref(),
            new.created_at,
            new.expires_at
        ],
    )
}

/// The application's token of this id, if it counts now.
pub fn find_live(
    rx: &mut Rx<'_>,
    (application, id): (&ApplicationId, &FamilyId),
    now: Timestamp,
) -> Result<Option<OidcClientToken>, StoreError> {
    rx.first(&FIND_LIVE, params![id.as_str(), application.as_str(), now], |row| {
        Ok(OidcClientToken {
            id: id.clone(),
            application_id: application.clone(),
            scopes: row.json(0)?,
            key: row.opt_text(1)?,
            created_at: row.time(2)?,
            expires_at: row.time(3)?,
        })
    })
}

/// How many of an application have not ended by then.
pub fn count_living(rx: &mut Rx<'_>, application: &ApplicationId, now: Timestamp) -> Result<u64, StoreError> {
    rx.count(&COUNT_LIVING, params![application.as_str(), now])
}

/// Ends an application's token.
pub fn delete(tx: &mut Tx<'_>, application: &ApplicationId, id: &FamilyId) -> Result<(), Fault> {
    tx.execute(&DELETE, params![id.as_str(), application.as_str()])?;
    Ok(())
}

/// Ends all of an application.
pub(crate) fn delete_by_application(tx: &mut Tx<'_>, application: &ApplicationId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_APPLICATION, params![application.as_str()])?;
    Ok(())
}

/// Removes up to [`crate::signin::sign_outs::EXPIRED_MAX`] tokens that ended by `now`; how many.
pub fn delete_expired(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, Fault> {
    Ok(tx.execute(&DELETE_EXPIRED, params![now])?)
}
