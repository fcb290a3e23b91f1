//! Makes void what was issued until a moment. The mark in the instance's row decides, from the next request on: whoever looks up a session,
//! a registration or a role session heeds it. Removing the rows afterwards only makes room.

use model::fault::Fault;
use model::instances::instance::InstanceId;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::params;
use crate::statement::{Statement, statements};
use crate::tx::{Rx, Tx};

statements! {
    NOT_BEFORE = "SELECT COALESCE(MAX(not_before), 0) FROM instances";
    SET_NOT_BEFORE = "UPDATE instances SET not_before = ?2 WHERE instance_id = ?1 AND not_before < ?2";
    LAST_RECORD = "SELECT event_id FROM audit_records ORDER BY event_id DESC LIMIT 1";
    DELETE_FAMILIES = "DELETE FROM token_families WHERE family_id IN
              (SELECT family_id FROM token_families WHERE created_at <= ?1 ORDER BY family_id LIMIT ?2)";
    DELETE_CODES = "DELETE FROM authorization_codes WHERE code_hash IN
              (SELECT code_hash FROM authorization_codes WHERE created_at <= ?1 ORDER BY code_hash LIMIT ?2)";
    DELETE_LOGINS = "DELETE FROM console_logins WHERE login_id IN
              (SELECT login_id FROM console_logins WHERE created_at <= ?1 ORDER BY login_id LIMIT ?2)";
    DELETE_LOGIN_CODES = "DELETE FROM console_login_codes WHERE code_hash IN
              (SELECT code_hash FROM console_login_codes WHERE created_at <= ?1 ORDER BY code_hash LIMIT ?2)";
    DELETE_DEVICES = "DELETE FROM device_authorizations WHERE device_code_hash IN
              (SELECT device_code_hash FROM device_authorizations WHERE created_at <= ?1 ORDER BY device_code_hash LIMIT ?2)";
    DELETE_CLIENTS = "DELETE FROM oauth_clients WHERE client_id IN
              (SELECT client_id FROM oauth_clients WHERE created_at <= ?1 ORDER BY client_id LIMIT ?2)";
    DELETE_SESSIONS = "DELETE FROM portal_sessions WHERE session_id IN
              (SELECT session_id FROM portal_sessions WHERE created_at <= ?1 ORDER BY session_id LIMIT ?2)";
}

/// The moment at which whatever had been issued until then became void.
pub fn not_before(rx: &mut Rx<'_>) -> Result<Timestamp, StoreError> {
    Ok(rx.first(&NOT_BEFORE, params![], |row| row.time(0))?.unwrap_or(Timestamp::from_micros(0)))
}

/// Makes void whatever was issued at `at` or earlier; a later mark stays.
pub fn set_not_before(tx: &mut Tx<'_>, id: &InstanceId, at: Timestamp) -> Result<(), Fault> {
    tx.execute(&SET_NOT_BEFORE, params![id.as_str(), at])?;
    Ok(())
}

/// The id of the last record that the database knows of, which tells when the last thing happened by the clock of the server where it did.
/// Nothing is issued without a record.
pub fn last_record(rx: &mut Rx<'_>) -> Result<Option<u128>, StoreError> {
    let new = rx.first(&LAST_RECORD, params![], |row| row.text(0))?.unwrap_or_default();
    let last = new.max(crate::audit::audit_pieces::newest(rx)?);
    Ok(uuid::Uuid::parse_str(&last).ok().map(|id| id.as_u128()))
}

/// Removes up to `limit` rows of each kind that are void since `at`; how many.
pub fn sweep(tx: &mut Tx<'_>, at: Timestamp, limit: i64) -> Result<u64, Fault> {
    let kinds: [&Statement; 7] = [
        &DELETE_FAMILIES,
        &DELETE_CODES,
        &DELETE_LOGINS,
        &DELETE_LOGIN_CODES,
        &DELETE_DEVICES,
        &DELETE_CLIENTS,
        &DELETE_SESSIONS,
    ];
    let mut rows = 0_u64;
    for statement in kinds {
        rows = rows.saturating_add(tx.execute(statement, params![at, limit])?);
    }
    Ok(rows)
}
