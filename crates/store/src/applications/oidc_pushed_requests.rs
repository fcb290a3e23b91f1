//! Questions that applications pushed, each found by the hash of its name, sealed: hints in them are tokens. One is there until a browser brings its name.

use model::applications::application::ApplicationId;
use model::cx::Cx;
use model::fault::Fault;
use model::timestamp::Timestamp;
use zeroize::Zeroizing;

use crate::error::StoreError;
use crate::row::params;
use crate::sealing::Purpose;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO oidc_pushed_requests (request_hash, application_id, sealed_request, source_site, waits, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    FIND = "SELECT sealed_request FROM oidc_pushed_requests WHERE request_hash = ?1 AND application_id = ?2 AND expires_at > ?3";
    IS_THERE = "SELECT request_hash FROM oidc_pushed_requests WHERE request_hash = ?1 AND application_id = ?2 AND expires_at > ?3";
    COUNT_LIVING = "SELECT COUNT(*) FROM oidc_pushed_requests WHERE application_id = ?1 AND waits = 0 AND expires_at > ?2";
    COUNT_OF_SOURCE = "SELECT COUNT(*) FROM oidc_pushed_requests WHERE application_id = ?1 AND waits = ?4 AND expires_at > ?2 AND source_site = ?3";
    DELETE = "DELETE FROM oidc_pushed_requests WHERE request_hash = ?1";
    DELETE_BY_APPLICATION = "DELETE FROM oidc_pushed_requests WHERE application_id = ?1";
    DELETE_EXPIRED = "DELETE FROM oidc_pushed_requests WHERE request_hash IN
              (SELECT request_hash FROM oidc_pushed_requests WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 500)";
}

/// Where a sealed question stands.
fn place(application: &ApplicationId) -> String {
    format!("oidc pushed request {application}")
}

/// Where a question comes from, and what it waits for.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'s> {
    /// The site of whoever brought it.
    pub site: &'s str,
    /// Whether it waits for a person who signs in, instead of a browser.
    pub waits: bool,
}

/// Adds a question, until then.
pub fn insert(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (application, hash): (&ApplicationId, &[u8; 32]),
    (request, from, expires_at): (&[u8], Origin<'_>, Timestamp),
) -> Result<(), Fault> {
    let sealed = tx.keyring().seal(cx.entropy(), Purpose::Form, &place(application), request)?;
    let waits = i64::from(from.waits);
    tx.insert(&INSERT, params![hash, application.as_str(), &sealed, from.site, waits, expires_at])
}

/// Whether the application has a question of this hash.
pub fn is_there(
    rx: &mut Rx<'_>,
    (application, hash): (&ApplicationId, &[u8; 32]),
    now: Timestamp,
) -> Result<bool, StoreError> {
    rx.exists(&IS_THERE, params![hash, application.as_str(), now])
}

/// The application's question of this hash, which is gone with that.
pub fn take(
    tx: &mut Tx<'_>,
    (application, hash): (&ApplicationId, &[u8; 32]),
    now: Timestamp,
) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
    let Some(sealed) = tx.first(&FIND, params![hash, application.as_str(), now], |row| row.blob(0))? else {
        return Ok(None);
    };
    tx.execute(&DELETE, params![hash])?;
    let opened = tx.keyring().open(Purpose::Form, &place(application), &sealed);
    opened
        .map(Some)
        .ok_or_else(|| Fault::internal(format!("a question that {application} pushed does not open")))
}

/// How many of an application wait for their browsers, and how many of these came from one site.
pub fn count_living(
    rx: &mut Rx<'_>,
    application: &ApplicationId,
    (site, now): (&str, Timestamp),
) -> Result<(u64, u64), StoreError> {
    let all = rx.count(&COUNT_LIVING, params![application.as_str(), now])?;
    Ok((all, rx.count(&COUNT_OF_SOURCE, params![application.as_str(), now, site, 0])?))
}

/// How many of an application wait for people of one site who sign in.
pub fn count_signing_in(
    rx: &mut Rx<'_>,
    application: &ApplicationId,
    (site, now): (&str, Timestamp),
) -> Result<u64, StoreError> {
    rx.count(&COUNT_OF_SOURCE, params![application.as_str(), now, site, 1])
}

/// Removes all of an application.
pub(crate) fn delete_by_application(tx: &mut Tx<'_>, application: &ApplicationId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_APPLICATION, params![application.as_str()])?;
    Ok(())
}

/// Removes up to [`crate::signin::sign_outs::EXPIRED_MAX`] questions that lapsed by `before`; how many.
pub fn delete_expired(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, Fault> {
    Ok(tx.execute(&DELETE_EXPIRED, params![before])?)
}
