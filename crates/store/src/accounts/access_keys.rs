//! Long-lived access keys: of an account's root, or of a service user. SigV4 needs the secret itself, so it is sealed, not hashed.

use model::accounts::account::AccountId;
use model::accounts::service_user::{AccessKey, LastUse};
use model::cx::Cx;
use model::fault::Fault;
use model::secret::Secret;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::sealing::Purpose;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO access_keys (access_key_id, account_id, sealed_secret, active, created_at, service_user_id)
              VALUES (?1, ?2, ?3, 1, ?4, ?5)";
    FIND_ACTIVE = "SELECT k.account_id, k.sealed_secret, k.service_user_id, k.last_used_at,
                   (SELECT MIN(target_id) FROM policy_attachments) FROM access_keys k
                   JOIN accounts a ON a.account_id = k.account_id WHERE k.access_key_id = ?1 AND k.active = 1 AND a.state = 'ACTIVE'";
    LIST_BY_HOLDER = "SELECT access_key_id, active, created_at, last_used_at FROM access_keys
                      WHERE account_id = ?1 AND COALESCE(service_user_id, '') = ?2 ORDER BY created_at, access_key_id";
    FIND_HOLDER = "SELECT service_user_id FROM access_keys WHERE access_key_id = ?1 AND account_id = ?2";
    SET_ACTIVE = "UPDATE access_keys SET active = ?2 WHERE access_key_id = ?1";
    FIND_ANY = "SELECT account_id FROM access_keys WHERE access_key_id = ?1";
    LAST_USE = "SELECT last_used_at, last_used_service, last_used_region FROM access_keys WHERE access_key_id = ?1";
    USE = "UPDATE access_keys SET last_used_at = ?2, last_used_service = ?3, last_used_region = ?4 WHERE access_key_id = ?1
           AND (last_used_at IS NULL OR last_used_at < ?2)";
    DELETE = "DELETE FROM access_keys WHERE access_key_id = ?1";
    DELETE_BY_HOLDER = "DELETE FROM access_keys WHERE account_id = ?1 AND service_user_id = ?2";
}

/// A key that proves a call.
#[derive(Debug)]
pub struct ActiveKey {
    /// The account.
    pub account_id: AccountId,
    /// The secret.
    pub secret: Secret,
    /// The id of the service user whose it is; none for the account's root.
    pub service_user_id: Option<String>,
    /// When it was last used, as far as that is known.
    pub last_used_at: Option<Timestamp>,
    /// Whether service control policies count in the organization.
    pub is_bounded: bool,
}

/// Adds an active key of an account's root.
pub fn insert(tx: &mut Tx<'_>, cx: &Cx, id: &str, account: &AccountId, secret: &Secret) -> Result<(), Fault> {
    insert_of(tx, cx, (id, secret), (account, None))
}

/// Adds an active key of an account's root, or of one of its service users by its id.
pub fn insert_of(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (id, secret): (&str, &Secret),
    (account, service_user_id): (&AccountId, Option<&str>),
) -> Result<(), Fault> {
    let sealed = tx.keyring().seal(cx.entropy(), Purpose::AccessKey, id, secret.expose().as_bytes())?;
    tx.insert(&INSERT, params![id, account.as_str(), &sealed, cx.now, service_user_id])
}

/// An active key of an active account. Who is no account of the organization is nobody here: members may read what strangers may not.
pub fn find_active(rx: &mut Rx<'_>, id: &str) -> Result<Option<ActiveKey>, Fault> {
    let found = rx.first(&FIND_ACTIVE, params![id], |row| {
        Ok((row.text(0)?, row.blob(1)?, row.opt_text(2)?, row.opt_time(3)?, row.opt_text(4)?))
    })?;
    let Some((account, sealed, service_user_id, last_used_at, attached)) = found else { return Ok(None) };
    let secret = rx
        .keyring()
        .open(Purpose::AccessKey, id, &sealed)
        .and_then(|secret| String::from_utf8(secret.to_vec()).ok())
        .ok_or_else(|| Fault::internal(format!("the secret of {id} does not open with this root key")))?;
    Ok(Some(ActiveKey {
        account_id: AccountId::trusted(account),
        secret: Secret::new(secret),
        service_user_id,
        last_used_at,
        is_bounded: attached.is_some(),
    }))
}

fn key(row: &Row<'_>) -> Result<AccessKey, StoreError> {
    Ok(AccessKey {
        id: row.text(0)?,
        active: row.flag(1)?,
        created_at: row.time(2)?,
        last_used_at: row.opt_time(3)?,
    })
}

/// The keys of an account's root, or of one of its service users by its id; few.
pub fn list_by_holder(
    rx: &mut Rx<'_>,
    account: &AccountId,
    service_user_id: Option<&str>,
) -> Result<Vec<AccessKey>, StoreError> {
    rx.all(&LIST_BY_HOLDER, params![account.as_str(), service_user_id.unwrap_or_default()], key)
}

/// Whose a key of this account is: `None` when there is no such key, `Some(None)` for the account's root.
pub fn find_holder(
    rx: &mut Rx<'_>,
    account: &AccountId,
    id: &str,
) -> Result<Option<Option<String>>, StoreError> {
    rx.first(&FIND_HOLDER, params![id, account.as_str()], |row| row.opt_text(0))
}

/// Lets a key open something again, or nothing any more.
pub fn set_active(tx: &mut Tx<'_>, id: &str, active: bool) -> Result<(), Fault> {
    tx.execute_one(&SET_ACTIVE, params![id, active])
}

/// The account of a key, whichever it is.
pub fn find_account(rx: &mut Rx<'_>, id: &str) -> Result<Option<AccountId>, StoreError> {
    rx.first(&FIND_ANY, params![id], |row| Ok(AccountId::trusted(row.text(0)?)))
}

/// For what a key was last used, as far as that is known.
pub fn last_use(rx: &mut Rx<'_>, id: &str) -> Result<Option<LastUse>, StoreError> {
    let found = rx.first(&LAST_USE, params![id], |row| {
        Ok(row.opt_time(0)?.map(|at| (at, row.opt_text(1), row.opt_text(2))))
    })?;
    found
        .flatten()
        .map(|(at, service, region)| Ok(LastUse { at, service: service?, region: region? }))
        .transpose()
}

/// Writes for what a key was used.
pub fn note_use(tx: &mut Tx<'_>, id: &str, used: &LastUse) -> Result<(), Fault> {
    tx.execute(&USE, params![id, used.at, used.service.as_ref(), used.region.as_ref()])?;
    Ok(())
}

/// Removes a key.
pub fn delete(tx: &mut Tx<'_>, id: &str) -> Result<(), Fault> {
    tx.execute_one(&DELETE, params![id])
}

/// Removes every key of a service user.
pub fn delete_by_holder(tx: &mut Tx<'_>, account: &AccountId, service_user_id: &str) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_HOLDER, params![account.as_str(), service_user_id])?;
    Ok(())
}
