//! Makes void what was issued until a moment. The mark in the instance's row decides, from the next request on: whoever looks up a session,
//! a registration or a role session heeds it. Removing the rows afterwards only makes room.

use model::fault::Fault;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::params;
use crate::statement::{Statement, statements};
use crate::tx::{Rx, Tx};

statements! {
    NOT_BEFORE = "SELECT COALESCE(MAX(not_before), 0) FROM instances";
    SET_NOT_BEFORE = "UPDATE instances SET not_before = ?1 WHERE not_before < ?1";
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
    DELETE_PARTICIPANTS = "DELETE FROM saml_participants WHERE created_at <= ?1 AND session_id IN
              (SELECT session_id FROM saml_participants WHERE created_at <= ?1 ORDER BY session_id LIMIT ?2)";
    DELETE_OIDC_FAMILIES = "DELETE FROM oidc_token_families WHERE family_id IN
              (SELECT family_id FROM oidc_token_families WHERE created_at <= ?1 ORDER BY family_id LIMIT ?2)";
    DELETE_OIDC_CODES = "DELETE FROM oidc_codes WHERE code_hash IN
              (SELECT code_hash FROM oidc_codes WHERE created_at <= ?1 ORDER BY code_hash LIMIT ?2)";
    DELETE_OIDC_CLIENT_TOKENS = "DELETE FROM oidc_client_tokens WHERE token_id IN
              (SELECT token_id FROM oidc_client_tokens WHERE created_at <= ?1 ORDER BY token_id LIMIT ?2)";
    DELETE_OIDC_DEVICES = "DELETE FROM oidc_devices WHERE device_code_hash IN
              (SELECT device_code_hash FROM oidc_devices WHERE created_at <= ?1 ORDER BY device_code_hash LIMIT ?2)";
    DELETE_SESSIONS = "DELETE FROM portal_sessions WHERE session_id IN
              (SELECT session_id FROM portal_sessions WHERE created_at <= ?1 ORDER BY session_id LIMIT ?2)";
}

/// The moment at which whatever had been issued until then became void.
pub fn not_before(rx: &mut Rx<'_>) -> Result<Timestamp, StoreError> {
    Ok(rx.first(&NOT_BEFORE, params![], |row| row.time(0))?.unwrap_or(Timestamp::from_micros(0)))
}

/// Makes void whatever was issued at `at` or earlier, of every instance; a later mark stays.
pub fn set_not_before(tx: &mut Tx<'_>, at: Timestamp) -> Result<(), Fault> {
    tx.execute(&SET_NOT_BEFORE, params![at])?;
    Ok(())
}

/// The id of the last record that the database knows of, which tells when the last thing happened by the clock of the server where it did.
/// Nothing is issued without a record.
pub fn last_record(rx: &mut Rx<'_>) -> Result<Option<u128>, StoreError> {
    let new = rx.first(&LAST_RECORD, params![], |row| row.text(0))?.unwrap_or_default();
    let last = new.max(crate::audit::audit_pieces::newest(rx)?);
    Ok(uuid::Uuid::parse_str(&last).ok().map(|id| id.as_u128()))
}

/// Removes up to `limit` rows of each kind that are void since `at`, and has applications told that hear of a session's end; how many.
pub fn sweep(tx: &mut Tx<'_>, at: Timestamp, limit: i64) -> Result<u64, Fault> {
    let kinds: [&Statement; 12] = [
        &DELETE_FAMILIES,
        &DELETE_CODES,
        &DELETE_LOGINS,
        &DELETE_LOGIN_CODES,
        &DELETE_DEVICES,
        &DELETE_CLIENTS,
        &DELETE_PARTICIPANTS,
        &DELETE_OIDC_FAMILIES,
        &DELETE_OIDC_CODES,
        &DELETE_OIDC_CLIENT_TOKENS,
        &DELETE_OIDC_DEVICES,
        &DELETE_SESSIONS,
    ];
    let mut rows = crate::applications::oidc_participants::end_issued(tx, at, limit)?;
    for statement in kinds {
        rows = rows.saturating_add(tx.execute(statement, params![at, limit])?);
    }
    Ok(rows)
}
