//! Sign-ins at devices that show a code, found by the hash of the device code (the application's) or of the user code (the person's).

use model::applications::application::ApplicationId;
use model::applications::oidc_device::OidcDevice;
use model::fault::Fault;
use model::signin::oauth::DeviceStatus;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{Row, json, params};
use crate::signin::device_authorizations::CodeHashes;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

/// The columns that [`device`] reads.
macro_rules! columns {
    () => {
        "application_id, scopes, source_ip, status, session_id, interval_seconds, last_polled_at, created_at, expires_at"
    };
}

statements! {
    INSERT = "INSERT INTO oidc_devices (device_code_hash, user_code_hash, application_id, scopes, source_ip, status, interval_seconds, last_polled_at,
              created_at, expires_at, source_site) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    FIND = concat!("SELECT ", columns!(), " FROM oidc_devices WHERE device_code_hash = ?1");
    FIND_BY_USER_CODE = concat!("SELECT ", columns!(), " FROM oidc_devices WHERE user_code_hash = ?1");
    COUNT_LIVING = "SELECT COUNT(*) FROM oidc_devices WHERE application_id = ?1 AND expires_at > ?2";
    COUNT_OF_SOURCE = "SELECT COUNT(*) FROM oidc_devices WHERE application_id = ?1 AND expires_at > ?2 AND source_site = ?3";
    SET_POLLED = "UPDATE oidc_devices SET last_polled_at = ?2, interval_seconds = ?3 WHERE device_code_hash = ?1";
    DECIDE = "UPDATE oidc_devices SET status = ?2, session_id = ?3 WHERE user_code_hash = ?1 AND status = 'PENDING' AND expires_at > ?4";
    DELETE = "DELETE FROM oidc_devices WHERE device_code_hash = ?1";
    DELETE_BY_APPLICATION = "DELETE FROM oidc_devices WHERE application_id = ?1";
    DELETE_EXPIRED = "DELETE FROM oidc_devices WHERE device_code_hash IN
              (SELECT device_code_hash FROM oidc_devices WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 500)";
}

fn device(row: &Row<'_>) -> Result<OidcDevice, StoreError> {
    Ok(OidcDevice {
        application_id: ApplicationId::trusted(row.text(0)?),
        scopes: row.json(1)?,
        source_ip: row.text(2)?,
        status: row.word(3, DeviceStatus::parse)?,
        session_id: row.opt_text(4)?,
        interval_seconds: row.int(5)?,
        last_polled_at: row.time(6)?,
        created_at: row.time(7)?,
        expires_at: row.time(8)?,
    })
}

/// Adds one, that somebody at this site began.
pub fn insert(tx: &mut Tx<'_>, codes: &CodeHashes, (new, site): (&OidcDevice, &str)) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            &codes.device_code,
            &codes.user_code,
            new.application_id.as_str(),
            &json(&new.scopes)?,
            &new.source_ip,
            new.status.as_str(),
            new.interval_seconds,
            new.last_polled_at,
            new.created_at,
            new.expires_at,
            site
        ],
    )
}

/// By the hash of the device code.
pub fn find(rx: &mut Rx<'_>, device_code_hash: &[u8; 32]) -> Result<Option<OidcDevice>, StoreError> {
    rx.first(&FIND, params![device_code_hash], device)
}

/// By the hash of the user code.
pub fn find_by_user_code(
    rx: &mut Rx<'_>,
    user_code_hash: &[u8; 32],
) -> Result<Option<OidcDevice>, StoreError> {
    rx.first(&FIND_BY_USER_CODE, params![user_code_hash], device)
}

/// How many wait of an application, and how many of these began at one site.
pub fn count_living(
    rx: &mut Rx<'_>,
    application: &ApplicationId,
    (site, now): (&str, Timestamp),
) -> Result<(u64, u64), StoreError> {
    let all = rx.count(&COUNT_LIVING, params![application.as_str(), now])?;
    Ok((all, rx.count(&COUNT_OF_SOURCE, params![application.as_str(), now, site])?))
}

/// Notes a poll and the interval that holds from now on.
pub fn set_polled(
    tx: &mut Tx<'_>,
    device_code_hash: &[u8; 32],
    now: Timestamp,
    interval_seconds: i64,
) -> Result<(), Fault> {
    tx.execute_one(&SET_POLLED, params![device_code_hash, now, interval_seconds])
}

/// Decides, in the name of a session's person, what is pending and not over at `now`; false when it is neither.
pub fn decide(
    tx: &mut Tx<'_>,
    user_code_hash: &[u8; 32],
    (status, session): (DeviceStatus, &str),
    now: Timestamp,
) -> Result<bool, Fault> {
    Ok(tx.execute(&DECIDE, params![user_code_hash, status.as_str(), session, now])? > 0)
}

/// Removes one: it was redeemed.
pub fn delete(tx: &mut Tx<'_>, device_code_hash: &[u8; 32]) -> Result<(), Fault> {
    tx.execute(&DELETE, params![device_code_hash])?;
    Ok(())
}

/// Removes all of an application.
pub(crate) fn delete_by_application(tx: &mut Tx<'_>, application: &ApplicationId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_APPLICATION, params![application.as_str()])?;
    Ok(())
}

/// Removes up to [`crate::signin::sign_outs::EXPIRED_MAX`] that lapsed by `before`; how many.
pub fn delete_expired(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, Fault> {
    Ok(tx.execute(&DELETE_EXPIRED, params![before])?)
}
