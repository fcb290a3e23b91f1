//! Password hashes (PHC strings), and the one read that sign-in needs: a user by name, with the hash if there is one.

use model::directory::identity_store::IdentityStoreId;
use model::directory::user::{UserId, UserStatus};
use model::fault::Fault;
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::params;
use crate::signin::users_without_mfa_device;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    PUT = "INSERT INTO passwords (user_id, password_hash, changed_at, must_change, expires_at, former) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
           ON CONFLICT (user_id) DO UPDATE SET password_hash = excluded.password_hash, changed_at = excluded.changed_at,
           must_change = excluded.must_change, expires_at = excluded.expires_at, former = excluded.former";
    FIND = "SELECT password_hash, changed_at, must_change, expires_at, former FROM passwords WHERE user_id = ?1";
    REQUIRE_CHANGE = "UPDATE passwords SET must_change = 1 WHERE user_id = ?1";
    IS_USER = "SELECT user_id FROM users WHERE user_id = ?1 AND identity_store_id = ?2";
    DELETE = "DELETE FROM passwords WHERE user_id = ?1";
    FIND_CREDENTIAL = "SELECT u.user_id, u.user_name, u.status, p.password_hash, COALESCE(p.must_change, 0), p.expires_at, COALESCE(l.times, 0)
           FROM users u LEFT JOIN passwords p ON p.user_id = u.user_id LEFT JOIN unlocks l ON l.user_id = u.user_id
           WHERE u.identity_store_id = ?1 AND u.user_name_key = ?2";
}

/// Who a user name means, and what proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The user.
    pub user_id: UserId,
    /// The name as it is kept.
    pub user_name: String,
    /// Whether the user may sign in.
    pub status: UserStatus,
    /// The PHC string; `None` for a user who never got a password.
    pub password_hash: Option<String>,
    /// Whether another must be chosen before it opens anything.
    pub must_change: bool,
    /// When it opens nothing any more.
    pub expires_at: Option<Timestamp>,
    /// How often an administrator let the user try again.
    pub unlocks: i64,
}

/// A password as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Password {
    /// The PHC string.
    pub hash: String,
    /// When it was set.
    pub changed_at: Timestamp,
    /// Whether another must be chosen at the next sign-in.
    pub must_change: bool,
    /// When it opens nothing any more; `None`: never.
    pub expires_at: Option<Timestamp>,
    /// The PHC strings of those before, newest first.
    pub former: Vec<String>,
}

/// Sets or replaces a user's password.
pub fn put(tx: &mut Tx<'_>, user: &UserId, new: &Password) -> Result<(), Fault> {
    let former = serde_json::to_string(&new.former).map_err(Fault::internal)?;
    tx.execute_one(
        &PUT,
        params![user.as_str(), &new.hash, new.changed_at, new.must_change, new.expires_at, &former],
    )?;
    users_without_mfa_device::add(tx, user)
}

/// A user's password.
pub fn find(rx: &mut Rx<'_>, user: &UserId) -> Result<Option<Password>, StoreError> {
    rx.first(&FIND, params![user.as_str()], |row| {
        Ok(Password {
            hash: row.text(0)?,
            changed_at: row.time(1)?,
            must_change: row.flag(2)?,
            expires_at: row.opt_time(3)?,
            former: row.json(4)?,
        })
    })
}

/// Has a user choose another password at the next sign-in; false when there is none.
pub fn require_change(tx: &mut Tx<'_>, user: &UserId) -> Result<bool, Fault> {
    Ok(tx.execute(&REQUIRE_CHANGE, params![user.as_str()])? > 0)
}

/// Whether there is such a user in this store.
pub fn is_user(rx: &mut Rx<'_>, identity_store: &IdentityStoreId, user: &UserId) -> Result<bool, StoreError> {
    rx.exists(&IS_USER, params![user.as_str(), identity_store.as_str()])
}

/// Takes a user's password away; nothing when there is none.
pub fn delete(tx: &mut Tx<'_>, user: &UserId) -> Result<(), Fault> {
    tx.execute(&DELETE, params![user.as_str()])?;
    users_without_mfa_device::remove(tx, user)
}

/// The user with this name key ([`model::name_key::name_key`]).
pub fn find_credential(
    rx: &mut Rx<'_>,
    identity_store: &IdentityStoreId,
    user_name_key: &str,
) -> Result<Option<Credential>, StoreError> {
    rx.first(&FIND_CREDENTIAL, params![identity_store.as_str(), user_name_key], |row| {
        Ok(Credential {
            user_id: UserId::trusted(row.text(0)?),
            user_name: row.text(1)?,
            status: row.word(2, UserStatus::parse)?,
            password_hash: row.opt_text(3)?,
            must_change: row.flag(4)?,
            expires_at: row.opt_time(5)?,
            unlocks: row.int(6)?,
        })
    })
}
