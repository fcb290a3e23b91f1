//! Users of IAM, service users among them. The policy that a service user is given has a column of its own; those beside it are a list.

use model::accounts::account::AccountId;
use model::accounts::organizational_unit::UnitPath;
use model::accounts::service_user::{SERVICE_POLICY, ServiceUser, ServiceUserName, Standing};
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
        "u.account_id, u.user_name, u.service_user_id, u.description, u.managed_policies, u.inline_policy, u.created_at, u.path, u.inline_policies, u.permissions_boundary"
    };
}

statements! {
    INSERT = "INSERT INTO service_users (account_id, user_name_key, user_name, service_user_id, description, managed_policies, inline_policy,
              created_at, path, inline_policies, permissions_boundary) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    FIND = concat!("SELECT ", columns!(), " FROM service_users u WHERE u.account_id = ?1 AND u.user_name_key = ?2");
    FIND_BY_ID = concat!("SELECT ", columns!(), " FROM service_users u WHERE u.service_user_id = ?1");
    // What an account has of its own opens nothing while its IAM is somewhere else.
    FIND_STANDING = concat!("SELECT ", columns!(), ", a.path, a.delegated_at FROM service_users u JOIN accounts a ON a.account_id = u.account_id
                            WHERE u.service_user_id = ?1 AND a.state = 'ACTIVE'
                            AND NOT EXISTS (SELECT 1 FROM account_connections c WHERE c.account_id = u.account_id)");
    PAGE = concat!("SELECT ", columns!(), " FROM service_users u WHERE u.account_id = ?1 AND u.user_name_key > ?2 ORDER BY u.user_name_key LIMIT ?3");
    LIST = concat!("SELECT ", columns!(), " FROM service_users u WHERE u.account_id = ?1 ORDER BY u.user_name_key");
    LIST_IN_GROUP = concat!("SELECT ", columns!(), " FROM service_users u JOIN iam_group_members m ON m.user_id = u.service_user_id
                            WHERE m.group_id = ?1 ORDER BY u.user_name_key");
    COUNT = "SELECT COUNT(*) FROM service_users WHERE account_id = ?1";
    SET_POLICIES = "UPDATE service_users SET managed_policies = ?2, inline_policy = ?3, inline_policies = ?4, permissions_boundary = ?5
                    WHERE service_user_id = ?1";
    RENAME = "UPDATE service_users SET user_name_key = ?2, user_name = ?3, path = ?4 WHERE service_user_id = ?1";
    DELETE = "DELETE FROM service_users WHERE service_user_id = ?1";
}

fn service_user(row: &Row<'_>) -> Result<ServiceUser, StoreError> {
    let mut inline_policies: Vec<(String, String)> = row.json(8)?;
    inline_policies.extend(row.opt_text(5)?.map(|text| (SERVICE_POLICY.to_owned(), text)));
    inline_policies.sort_unstable();
    Ok(ServiceUser {
        account_id: AccountId::trusted(row.text(0)?),
        name: ServiceUserName::trusted(row.text(1)?),
        id: row.text(2)?,
        description: row.opt_text(3)?,
        path: row.text(7)?,
        managed_policies: row.json(4)?,
        inline_policies,
        permissions_boundary: row.opt_text(9)?,
        created_at: row.time(6)?,
    })
}

/// A user's place in [`page`].
pub fn key(user: &ServiceUser) -> String {
    name_key(user.name.as_str())
}

/// Those of a user's policies that stand in the list.
fn others(user: &ServiceUser) -> Vec<&(String, String)> {
    user.inline_policies.iter().filter(|(name, _)| name != SERVICE_POLICY).collect()
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
            new.service_policy(),
            new.created_at,
            &new.path,
            &json(&others(new))?,
            new.permissions_boundary.as_ref()
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

/// The user of this id and where its account stands, where what the account has of its own opens something.
pub fn find_standing(rx: &mut Rx<'_>, id: &str) -> Result<Option<(ServiceUser, Standing)>, StoreError> {
    rx.first(&FIND_STANDING, params![id], |row| {
        let standing = Standing {
            account_path: UnitPath::trusted(row.text(10)?),
            is_delegated: row.opt_time(11)?.is_some(),
        };
        Ok((service_user(row)?, standing))
    })
}

/// The users in a group, by name: a few thousand at most.
pub fn list_in_group(rx: &mut Rx<'_>, group_id: &str) -> Result<Vec<ServiceUser>, StoreError> {
    rx.all(&LIST_IN_GROUP, params![group_id], service_user)
}

/// How many users an account has.
pub fn count_in_account(rx: &mut Rx<'_>, account: &AccountId) -> Result<u64, StoreError> {
    rx.count(&COUNT, params![account.as_str()])
}

/// Gives a user another name or path.
pub fn rename(tx: &mut Tx<'_>, user: &ServiceUser) -> Result<(), Fault> {
    tx.execute_one(&RENAME, params![&user.id, &key(user), user.name.as_str(), &user.path])
}

/// An account's users by name.
pub fn page(
    rx: &mut Rx<'_>,
    account: &AccountId,
    request: &PageRequest,
) -> Result<Vec<ServiceUser>, StoreError> {
    rx.all(&PAGE, params![account.as_str(), request.after_or_start(), request.rows()], service_user)
}

/// All users of an account by name.
pub fn list_by_account(rx: &mut Rx<'_>, account: &AccountId) -> Result<Vec<ServiceUser>, StoreError> {
    rx.all(&LIST, params![account.as_str()], service_user)
}

/// Writes a user's policies and its boundary.
pub fn set_policies(tx: &mut Tx<'_>, user: &ServiceUser) -> Result<(), Fault> {
    let (managed, others) = (json(&user.managed_policies)?, json(&others(user))?);
    let boundary = user.permissions_boundary.as_ref();
    tx.execute_one(&SET_POLICIES, params![&user.id, &managed, user.service_policy(), &others, boundary])
}

/// Removes a user. Its keys are the caller's to remove.
pub fn delete(tx: &mut Tx<'_>, id: &str) -> Result<(), Fault> {
    tx.execute_one(&DELETE, params![id])
}
