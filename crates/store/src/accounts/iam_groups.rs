//! Groups of users of IAM, and who is in them.

use model::accounts::account::AccountId;
use model::accounts::iam_group::IamGroup;
use model::fault::Fault;
use model::name_key::name_key;
use model::page::PageRequest;

use crate::error::StoreError;
use crate::row::{Row, json, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

/// The columns that [`group`] reads.
macro_rules! columns {
    () => {
        "g.account_id, g.group_name, g.path, g.group_id, g.managed_policies, g.inline_policies, g.created_at"
    };
}

statements! {
    INSERT = "INSERT INTO iam_groups (account_id, group_name_key, group_name, path, group_id, managed_policies, inline_policies, created_at)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    FIND = concat!("SELECT ", columns!(), " FROM iam_groups g WHERE g.account_id = ?1 AND g.group_name_key = ?2");
    PAGE = concat!("SELECT ", columns!(), " FROM iam_groups g WHERE g.account_id = ?1 AND g.group_name_key > ?2 ORDER BY g.group_name_key LIMIT ?3");
    LIST = concat!("SELECT ", columns!(), " FROM iam_groups g WHERE g.account_id = ?1 ORDER BY g.group_name_key");
    LIST_OF_USER = concat!("SELECT ", columns!(), " FROM iam_groups g JOIN iam_group_members m ON m.group_id = g.group_id
                           WHERE m.user_id = ?1 ORDER BY g.group_name_key");
    COUNT = "SELECT COUNT(*) FROM iam_groups WHERE account_id = ?1";
    SET_POLICIES = "UPDATE iam_groups SET managed_policies = ?2, inline_policies = ?3 WHERE group_id = ?1";
    RENAME = "UPDATE iam_groups SET group_name_key = ?2, group_name = ?3, path = ?4 WHERE group_id = ?1";
    DELETE = "DELETE FROM iam_groups WHERE group_id = ?1";
    HAS_MEMBERS = "SELECT user_id FROM iam_group_members WHERE group_id = ?1 LIMIT 1";
    ADD_MEMBER = "INSERT INTO iam_group_members (group_id, user_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    REMOVE_MEMBER = "DELETE FROM iam_group_members WHERE group_id = ?1 AND user_id = ?2";
    REMOVE_USER = "DELETE FROM iam_group_members WHERE user_id = ?1";
}

fn group(row: &Row<'_>) -> Result<IamGroup, StoreError> {
    Ok(IamGroup {
        account_id: AccountId::trusted(row.text(0)?),
        name: row.text(1)?,
        path: row.text(2)?,
        id: row.text(3)?,
        managed_policies: row.json(4)?,
        inline_policies: row.json(5)?,
        created_at: row.time(6)?,
    })
}

/// A group's place in [`page`].
pub fn key(group: &IamGroup) -> String {
    name_key(&group.name)
}

/// Adds a group.
pub fn insert(tx: &mut Tx<'_>, new: &IamGroup) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            new.account_id.as_str(),
            &key(new),
            &new.name,
            &new.path,
            &new.id,
            &json(&new.managed_policies)?,
            &json(&new.inline_policies)?,
            new.created_at
        ],
    )
}

/// The group of this name in an account. Names differ in more than case.
pub fn find(rx: &mut Rx<'_>, account: &AccountId, name: &str) -> Result<Option<IamGroup>, StoreError> {
    rx.first(&FIND, params![account.as_str(), &name_key(name)], group)
}

/// An account's groups by name.
pub fn page(
    rx: &mut Rx<'_>,
    account: &AccountId,
    request: &PageRequest,
) -> Result<Vec<IamGroup>, StoreError> {
    rx.all(&PAGE, params![account.as_str(), request.after_or_start(), request.rows()], group)
}

/// All groups of an account by name: a few hundred at most.
pub fn list_by_account(rx: &mut Rx<'_>, account: &AccountId) -> Result<Vec<IamGroup>, StoreError> {
    rx.all(&LIST, params![account.as_str()], group)
}

/// The groups that a user is in, by name: few.
pub fn list_of_user(rx: &mut Rx<'_>, user_id: &str) -> Result<Vec<IamGroup>, StoreError> {
    rx.all(&LIST_OF_USER, params![user_id], group)
}

/// How many groups an account has.
pub fn count_in_account(rx: &mut Rx<'_>, account: &AccountId) -> Result<u64, StoreError> {
    rx.count(&COUNT, params![account.as_str()])
}

/// Writes a group's policies.
pub fn set_policies(tx: &mut Tx<'_>, group: &IamGroup) -> Result<(), Fault> {
    let (managed, inline) = (json(&group.managed_policies)?, json(&group.inline_policies)?);
    tx.execute_one(&SET_POLICIES, params![&group.id, &managed, &inline])
}

/// Gives a group another name or path.
pub fn rename(tx: &mut Tx<'_>, group: &IamGroup) -> Result<(), Fault> {
    tx.execute_one(&RENAME, params![&group.id, &key(group), &group.name, &group.path])
}

/// Removes a group that nobody is in.
pub fn delete(tx: &mut Tx<'_>, group: &IamGroup) -> Result<(), Fault> {
    tx.execute_one(&DELETE, params![&group.id])
}

/// Whether anybody is in a group.
pub fn has_members(rx: &mut Rx<'_>, group: &IamGroup) -> Result<bool, StoreError> {
    rx.exists(&HAS_MEMBERS, params![&group.id])
}

/// Puts a user into a group. Who is in it already stays in it.
pub fn add_member(tx: &mut Tx<'_>, group: &IamGroup, user_id: &str) -> Result<(), Fault> {
    tx.execute(&ADD_MEMBER, params![&group.id, user_id])?;
    Ok(())
}

/// Takes a user out of a group; whether it was in it.
pub fn remove_member(tx: &mut Tx<'_>, group: &IamGroup, user_id: &str) -> Result<bool, Fault> {
    Ok(tx.execute(&REMOVE_MEMBER, params![&group.id, user_id])? == 1)
}

/// Takes a user out of every group.
pub fn remove_user(tx: &mut Tx<'_>, user_id: &str) -> Result<(), Fault> {
    tx.execute(&REMOVE_USER, params![user_id])?;
    Ok(())
}
