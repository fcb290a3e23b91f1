//! Devices that people prove themselves with. What a device proves itself by is sealed, or public.

use model::directory::user::UserId;
use model::fault::Fault;
use model::signin::mfa::{DeviceId, DeviceKind, MfaDevice};
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::signin::users_without_mfa_device;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

/// The columns that [`kept`] reads.
macro_rules! columns {
    () => {
        "device_id, user_id, kind, name, created_at, last_used_at, sealed_secret, credential, last_step"
    };
}

statements! {
    INSERT = "INSERT INTO mfa_devices (device_id, user_id, kind, name, created_at, sealed_secret, credential, credential_id, last_step)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    FIND = concat!("SELECT ", columns!(), " FROM mfa_devices WHERE device_id = ?1 AND user_id = ?2");
    FIND_BY_CREDENTIAL = concat!("SELECT ", columns!(), " FROM mfa_devices WHERE credential_id = ?1");
    LIST_BY_USER = concat!("SELECT ", columns!(), " FROM mfa_devices WHERE user_id = ?1 ORDER BY created_at, device_id");
    RENAME = "UPDATE mfa_devices SET name = ?3 WHERE device_id = ?1 AND user_id = ?2";
    USE_STEP = "UPDATE mfa_devices SET last_step = ?2, last_used_at = ?3 WHERE device_id = ?1 AND last_step < ?2";
    USE_CREDENTIAL = "UPDATE mfa_devices SET credential = ?2, last_used_at = ?3 WHERE device_id = ?1";
    DELETE = "DELETE FROM mfa_devices WHERE device_id = ?1 AND user_id = ?2";
    DELETE_BY_USER = "DELETE FROM mfa_devices WHERE user_id = ?1";
}

/// A device with what it proves itself by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The device.
    pub device: MfaDevice,
    /// TOTP: the sealed secret.
    pub sealed_secret: Option<Vec<u8>>,
    /// WebAuthn: the credential, JSON.
    pub credential: Option<String>,
    /// TOTP: the last step of which a code was used.
    pub last_step: i64,
}

fn kept(row: &Row<'_>) -> Result<Kept, StoreError> {
    Ok(Kept {
        device: MfaDevice {
            id: DeviceId::trusted(row.text(0)?),
            user_id: UserId::trusted(row.text(1)?),
            kind: row.word(2, DeviceKind::parse)?,
            name: row.text(3)?,
            created_at: row.time(4)?,
            last_used_at: row.opt_time(5)?,
        },
        sealed_secret: row.opt_blob(6)?,
        credential: row.opt_text(7)?,
        last_step: row.int(8)?,
    })
}

/// Adds a device. `credential_id` is WebAuthn's, which nobody else may have.
pub fn insert(tx: &mut Tx<'_>, new: &Kept, credential_id: Option<&[u8]>) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            new.device.id.as_str(),
            new.device.user_id.as_str(),
            new.device.kind.as_str(),
            &new.device.name,
            new.device.created_at,
            new.sealed_secret.as_deref(),
            new.credential.as_ref(),
            credential_id,
            new.last_step
        ],
    )?;
    users_without_mfa_device::remove(tx, &new.device.user_id)
}

/// A user's device.
pub fn find(rx: &mut Rx<'_>, user: &UserId, id: &DeviceId) -> Result<Option<Kept>, StoreError> {
    rx.first(&FIND, params![id.as_str(), user.as_str()], kept)
}

/// The device of this credential, whosever it is.
pub fn find_by_credential(rx: &mut Rx<'_>, credential_id: &[u8]) -> Result<Option<Kept>, StoreError> {
    rx.first(&FIND_BY_CREDENTIAL, params![credential_id], kept)
}

/// A user's devices, oldest first.
pub fn list_by_user(rx: &mut Rx<'_>, user: &UserId) -> Result<Vec<Kept>, StoreError> {
    rx.all(&LIST_BY_USER, params![user.as_str()], kept)
}

/// Gives a device another name; false when it is not there.
pub fn rename(tx: &mut Tx<'_>, user: &UserId, id: &DeviceId, name: &str) -> Result<bool, Fault> {
    Ok(tx.execute(&RENAME, params![id.as_str(), user.as_str(), name])? > 0)
}

/// Uses up every code of a step and before; false when one of them was used already.
pub fn use_step(tx: &mut Tx<'_>, id: &DeviceId, step: i64, now: Timestamp) -> Result<bool, Fault> {
    Ok(tx.execute(&USE_STEP, params![id.as_str(), step, now])? > 0)
}

/// Keeps what is known of an authenticator after its use: its counter among it.
pub fn use_credential(tx: &mut Tx<'_>, id: &DeviceId, credential: &str, now: Timestamp) -> Result<(), Fault> {
    tx.execute_one(&USE_CREDENTIAL, params![id.as_str(), credential, now])
}

/// Removes a device; false when it was gone.
pub fn delete(tx: &mut Tx<'_>, user: &UserId, id: &DeviceId) -> Result<bool, Fault> {
    let found = tx.execute(&DELETE, params![id.as_str(), user.as_str()])? > 0;
    users_without_mfa_device::add(tx, user)?;
    Ok(found)
}

/// Removes every device of a user.
pub fn delete_by_user(tx: &mut Tx<'_>, user: &UserId) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_USER, params![user.as_str()])?;
    users_without_mfa_device::add(tx, user)
}
