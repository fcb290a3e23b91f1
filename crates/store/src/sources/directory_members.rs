//! Whom groups of directories have as members, as the directories say it, and who those are here.

use std::collections::BTreeSet;

use model::fault::Fault;
use model::sources::directory_sync::EntryKind;

use crate::error::StoreError;
use crate::row::{Row, list, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO directory_members (list_id, external_id, member_key) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    LIST = "SELECT member_key FROM directory_members WHERE list_id = ?1 AND external_id = ?2";
    DELETE = "DELETE FROM directory_members WHERE list_id = ?1 AND external_id = ?2 AND member_key IN (SELECT value FROM json_each(?3))";
    DELETE_BY_GROUP = "DELETE FROM directory_members WHERE list_id = ?1 AND external_id = ?2";
    // Where the group has both, the new one stays.
    RENAME = "UPDATE directory_members SET member_key = ?3 WHERE list_id = ?1 AND member_key = ?2
              AND NOT EXISTS (SELECT 1 FROM directory_members o WHERE o.list_id = ?1 AND o.external_id = directory_members.external_id AND o.member_key = ?3)";
    FORGET = "DELETE FROM directory_members WHERE list_id = ?1 AND member_key = ?2";
    // Each key means one entry, the name of anything or the account of a person; gone ones are meant by none.
    RESOLVED = "SELECT e.kind, e.principal_id, e.external_id, m.member_key FROM directory_members m
              JOIN directory_entries e ON e.list_id = m.list_id AND e.dn_key = m.member_key AND e.gone_at IS NULL WHERE m.list_id = ?1 AND m.external_id = ?2
              UNION SELECT e.kind, e.principal_id, e.external_id, m.member_key FROM directory_members m
              JOIN directory_entries e ON e.list_id = m.list_id AND e.account_key = m.member_key AND e.kind = 'USER' AND e.gone_at IS NULL
              WHERE m.list_id = ?1 AND m.external_id = ?2";
    // Those who are gone, by keys that they had.
    GONE = "SELECT e.kind, e.principal_id, e.external_id, m.member_key FROM directory_members m
              JOIN directory_entries e ON e.list_id = m.list_id AND e.dn_key = m.member_key AND e.gone_at IS NOT NULL WHERE m.list_id = ?1 AND m.external_id = ?2
              UNION SELECT e.kind, e.principal_id, e.external_id, m.member_key FROM directory_members m
              JOIN directory_entries e ON e.list_id = m.list_id AND e.account_key = m.member_key AND e.kind = 'USER' AND e.gone_at IS NOT NULL
              WHERE m.list_id = ?1 AND m.external_id = ?2";
    // What groups of a directory have as members here, each by themselves.
    COUNT_USERS_HERE = "SELECT COUNT(*) FROM memberships WHERE group_id IN
              (SELECT principal_id FROM directory_entries WHERE list_id = ?1 AND kind = 'GROUP' AND principal_id IS NOT NULL)";
    COUNT_GROUPS_HERE = "SELECT COUNT(*) FROM member_groups WHERE group_id IN
              (SELECT principal_id FROM directory_entries WHERE list_id = ?1 AND kind = 'GROUP' AND principal_id IS NOT NULL)";
    KNOWN = "SELECT e.dn_key FROM directory_entries e WHERE e.list_id = ?1 AND e.dn_key IN (SELECT value FROM json_each(?2))
              UNION SELECT e.account_key FROM directory_entries e WHERE e.list_id = ?1 AND e.kind = 'USER' AND e.account_key IN (SELECT value FROM json_each(?2))";
    DELETE_LIST = "DELETE FROM directory_members WHERE list_id = ?1";
}

/// A member that is an entry in scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// What it is.
    pub kind: EntryKind,
    /// Who it is here; none where nothing came of it.
    pub principal_id: Option<String>,
    /// Its stable id.
    pub external_id: String,
    /// By what the group names it.
    pub key: String,
}

fn member(row: &Row<'_>) -> Result<Member, StoreError> {
    Ok(Member {
        kind: row.word(0, EntryKind::parse)?,
        principal_id: row.opt_text(1)?,
        external_id: row.text(2)?,
        key: row.text(3)?,
    })
}

/// Adds members; those that are there stay.
pub fn insert_each<'k>(
    tx: &mut Tx<'_>,
    (of, group): (&str, &str),
    keys: impl IntoIterator<Item = &'k str>,
) -> Result<(), Fault> {
    for key in keys {
        tx.insert(&INSERT, params![of, group, key])?;
    }
    Ok(())
}

/// The keys of a group's members.
pub fn keys(rx: &mut Rx<'_>, of: &str, group: &str) -> Result<BTreeSet<String>, StoreError> {
    Ok(rx.all(&LIST, params![of, group], |row| row.text(0))?.into_iter().collect())
}

/// Removes members.
pub fn delete_each<'k>(
    tx: &mut Tx<'_>,
    (of, group): (&str, &str),
    keys: impl IntoIterator<Item = &'k str>,
) -> Result<(), Fault> {
    tx.execute(&DELETE, params![of, group, &list(keys)])?;
    Ok(())
}

/// Removes all members of a group.
pub fn delete_by_group(tx: &mut Tx<'_>, of: &str, group: &str) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_GROUP, params![of, group])?;
    Ok(())
}

/// Whoever was a member by one key is one by another: these entries were renamed or moved, all at once. One may have the name now that another had, so that
/// each goes by a name of no entry first.
pub fn rename_each(tx: &mut Tx<'_>, of: &str, renames: &[(String, String)]) -> Result<(), Fault> {
    for (number, (old, _)) in renames.iter().enumerate() {
        tx.execute(&RENAME, params![of, old, &format!("t:{number}")])?;
    }
    for (number, (_, new)) in renames.iter().enumerate() {
        let between = format!("t:{number}");
        tx.execute(&RENAME, params![of, &between, new])?;
        tx.execute(&FORGET, params![of, &between])?;
    }
    Ok(())
}

/// The entries in scope that a group's members may be, with the key that says so: who is named twice comes twice, and a key may mean several.
pub fn resolved(rx: &mut Rx<'_>, of: &str, group: &str) -> Result<Vec<Member>, StoreError> {
    rx.all(&RESOLVED, params![of, group], member)
}

/// The entries that are gone and that a group still names.
pub fn gone(rx: &mut Rx<'_>, of: &str, group: &str) -> Result<Vec<Member>, StoreError> {
    rx.all(&GONE, params![of, group], member)
}

/// How many memberships the groups of a directory have here.
pub fn count_here(rx: &mut Rx<'_>, of: &str) -> Result<u64, StoreError> {
    Ok(rx.count(&COUNT_USERS_HERE, params![of])? + rx.count(&COUNT_GROUPS_HERE, params![of])?)
}

/// Which of these keys mean an entry in scope.
pub fn known<'k>(
    rx: &mut Rx<'_>,
    of: &str,
    keys: impl IntoIterator<Item = &'k str>,
) -> Result<BTreeSet<String>, StoreError> {
    Ok(rx.all(&KNOWN, params![of, &list(keys)], |row| row.text(0))?.into_iter().collect())
}

/// Removes the members of all groups of a list.
pub fn delete_list(tx: &mut Tx<'_>, of: &str) -> Result<(), Fault> {
    tx.execute(&DELETE_LIST, params![of])?;
    Ok(())
}
