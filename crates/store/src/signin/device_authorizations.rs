//! Device authorizations, found by the hash of the device code (the client's) or of the user code (the person's).

use model::fault::Fault;
use model::signin::oauth::{ClientId, DeviceAuthorization, DeviceStatus};
use model::signin::portal_session::PortalSession;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO device_authorizations (device_code_hash, user_code_hash, client_id, source_ip, status, user_id, session_id,
              interval_seconds, last_polled_at, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, NULL, NULL, ?6, ?7, ?8, ?9)";
    FIND = "SELECT client_id, source_ip, status, session_id, interval_seconds, last_polled_at, created_at, expires_at
              FROM device_authorizations WHERE device_code_hash = ?1";
    FIND_BY_USER_CODE = "SELECT client_id, source_ip, status, session_id, interval_seconds, last_polled_at, created_at, expires_at
              FROM device_authorizations WHERE user_code_hash = ?1";
    SET_POLLED = "UPDATE device_authorizations SET last_polled_at = ?2, interval_seconds = ?3 WHERE device_code_hash = ?1";
    DECIDE = "UPDATE device_authorizations SET status = ?2, user_id = ?3, session_id = ?4
              WHERE user_code_hash = ?1 AND status = 'PENDING' AND expires_at > ?5";
    DELETE = "DELETE FROM device_authorizations WHERE device_code_hash = ?1";
    DELETE_EXPIRED = "DELETE FROM device_authorizations WHERE device_code_hash IN
              (SELECT device_code_hash FROM device_authorizations WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 500)";
}

/// The hashes of a device authorization's two codes.
#[derive(Debug, Clone, Copy)]
pub struct CodeHashes {
    /// Of the code that the client polls with.
    pub device_code: [u8; 32],
    /// Of the code that the person compares or types.
    pub user_code: [u8; 32],
}

fn authorization(row: &Row<'_>) -> Result<DeviceAuthorization, StoreError> {
    Ok(DeviceAuthorization {
        client_id: ClientId::trusted(row.text(0)?),
        source_ip: row.text(1)?,
        status: row.word(2, DeviceStatus::parse)?,
        session_id: row.opt_text(3)?,
        interval_seconds: row.int(4)?,
        last_polled_at: row.time(5)?,
        created_at: row.time(6)?,
        expires_at: row.time(7)?,
    })
}

/// Adds an authorization.
pub fn insert(tx: &mut Tx<'_>, codes: &CodeHashes, new: &DeviceAuthorization) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            &codes.device_code,
            &codes.user_code,
            new.client_id.as_str(),
            &new.source_ip,
            new.status.as_str(),
            new.interval_seconds,
            new.last_polled_at,
            new.created_at,
            new.expires_at
        ],
    )
}

/// By the hash of the device code.
pub fn find(rx: &mut Rx<'_>, device_code_hash: &[u8; 32]) -> Result<Option<DeviceAuthorization>, StoreError> {
    rx.first(&FIND, params![device_code_hash], authorization)
}

/// By the hash of the user code.
pub fn find_by_user_code(
    rx: &mut Rx<'_>,
    user_code_hash: &[u8; 32],
) -> Result<Option<DeviceAuthorization>, StoreError> {
    rx.first(&FIND_BY_USER_CODE, params![user_code_hash], authorization)
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

/// Decides an authorization that is pending and not expired at `now`; false when it is neither.
pub fn decide(
    tx: &mut Tx<'_>,
    user_code_hash: &[u8; 32],
    status: DeviceStatus,
    by: &PortalSession,
    now: Timestamp,
) -> Result<bool, Fault> {
    let session = &by.user;
    let values = params![user_code_hash, status.as_str(), session.user_id.as_str(), &session.session_id, now];
    Ok(tx.execute(&DECIDE, values)? > 0)
}

/// Removes an authorization: it was redeemed.
pub fn delete(tx: &mut Tx<'_>, device_code_hash: &[u8; 32]) -> Result<bool, Fault> {
    Ok(tx.execute(&DELETE, params![device_code_hash])? > 0)
}

/// Removes up to [`crate::signin::sign_outs::EXPIRED_MAX`] authorizations that lapsed by `before`; how many.
pub fn delete_expired(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, Fault> {
    Ok(tx.execute(&DELETE_EXPIRED, params![before])?)
}
