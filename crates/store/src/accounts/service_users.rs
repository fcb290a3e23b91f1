//! Service users.

use model::accounts::account::AccountId;
use model::accounts::service_user::{ServiceUser, ServiceUserName};
use model::fault::Fault;
use model::name_key::name_key;
use model::page::PageRequest;

use crate::error::StoreError;
use crate::row::{Row, json, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

/// The columns that [`service_user`] reads.
macro_rules! columns {
    () => {
        "account_id, user_name, service_user_id, description, managed_policies, inline_policy, created_at"
    };
}

statements! {
    INSERT = "INSERT INTO service_users (account_id, user_name_key, user_name, service_user_id, description, managed_policies, inline_policy,
              created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    FIND = concat!("SELECT ", columns!(), " FROM service_users WHERE account_id = ?1 AND user_name_key = ?2");
    FIND_BY_ID = concat!("SELECT ", columns!(), " FROM service_users WHERE service_user_id = ?1");
    PAGE = concat!("SELECT ", columns!(), " FROM service_users WHERE account_id = ?1 AND user_name_key > ?2 ORDER BY user_name_key LIMIT ?3");
    SET_POLICIES = "UPDATE service_users SET managed_policies = ?2, inline_policy = ?3 WHERE service_user_id = ?1";
    DELETE = "DELETE FROM service_users WHERE service_user_id = ?1";
}

fn service_user(row: &Row<'_>) -> Result<ServiceUser, StoreError> {
    Ok(ServiceUser {
        account_id: AccountId::trusted(row.text(0)?),
        name: ServiceUserName::trusted(row.text(1)?),
        id: row.text(2)?,
        description: row.opt_text(3)?,
        managed_policies: row.json(4)?,
        inline_policy: row.opt_text(5)?,
        created_at: row.time(6)?,
    })
}

/// A user's place in [`page`].
pub fn key(user: &ServiceUser) -> String {
    name_key(user.name.as_str())
}

/// Adds a user.
pub fn insert(tx: &mut Tx<'_>, new: &ServiceUser) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            new.account_id.as_str(),
            &key(new),
            new.name.as_str(),
            &new.id,
            new.description.as_ref(),
            &json(&new.managed_policies)?,
            new.inline_policy.as_ref(),
            new.created_at
        ],
    )
}

/// The user of this name.
pub fn find(
    rx: &mut Rx<'_>,
    account: &AccountId,
    name: &ServiceUserName,
) -> Result<Option<ServiceUser>, StoreError> {
    rx.first(&FIND, params![account.as_str(), &name_key(name.as_str())], service_user)
}

/// The user of this id.
pub fn find_by_id(rx: &mut Rx<'_>, id: &str) -> Result<Option<ServiceUser>, StoreError> {
    rx.first(&FIND_BY_ID, params![id], service_user)
}

/// An account's users by name.
pub fn page(
    rx: &mut Rx<'_>,
    account: &AccountId,
    request: &PageRequest,
) -> Result<Vec<ServiceUser>, StoreError> {
    rx.all(&PAGE, params![account.as_str(), request.after_or_start(), request.rows()], service_user)
}

/// Writes a user's policies.
pub fn set_policies(tx: &mut Tx<'_>, user: &ServiceUser) -> Result<(), Fault> {
    let managed = json(&user.managed_policies)?;
    tx.execute_one(&SET_POLICIES, params![&user.id, &managed, user.inline_policy.as_ref()])
}

/// Removes a user. Its keys are the caller's to remove.
pub fn delete(tx: &mut Tx<'_>, id: &str) -> Result<(), Fault> {
    tx.execute_one(&DELETE, params![id])
}
