//! What was read of a directory, entry by entry: who each is here, and by which names members and people who sign in are found. A list is a directory's
//! own, or a dry run's while it goes on.

use std::collections::HashMap;

use model::directory::user::UserId;
use model::fault::Fault;
use model::sources::directory::DirectoryId;
use model::sources::directory_sync::{DirectorySyncId, EntryKind, EntryStanding};
use model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::row::{Row, list, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

/// The columns that [`entry`] reads.
macro_rules! columns {
    () => {
        "e.external_id, e.kind, e.principal_id, e.name, e.name_key, e.dn_key, e.account_key, e.principal_name_key, e.email_key, e.group_key,
         e.primary_group, e.standing, e.is_stale, e.seen_sync_id, e.gone_at"
    };
}

statements! {
    PUT = "INSERT INTO directory_entries (list_id, external_id, kind, principal_id, name, name_key, dn_key, account_key, principal_name_key, email_key,
              group_key, primary_group, standing, is_stale, seen_sync_id, gone_at)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
              ON CONFLICT (list_id, external_id) DO UPDATE SET kind = excluded.kind, principal_id = excluded.principal_id, name = excluded.name,
              name_key = excluded.name_key, dn_key = excluded.dn_key, account_key = excluded.account_key,
              principal_name_key = excluded.principal_name_key, email_key = excluded.email_key, group_key = excluded.group_key,
              primary_group = excluded.primary_group, standing = excluded.standing, is_stale = excluded.is_stale,
              seen_sync_id = excluded.seen_sync_id, gone_at = excluded.gone_at";
    FIND_EACH = concat!("SELECT ", columns!(), " FROM directory_entries e WHERE e.list_id = ?1 AND e.external_id IN (SELECT value FROM json_each(?2))");
    FIND_BY_DN = concat!("SELECT ", columns!(), " FROM directory_entries e WHERE e.list_id = ?1 AND e.dn_key = ?2 AND e.gone_at IS NULL LIMIT 2");
    FIND_BY_NAME = concat!("SELECT ", columns!(), " FROM directory_entries e WHERE e.list_id = ?1 AND e.kind = ?2 AND e.name_key = ?3 AND e.external_id <> ?4 LIMIT 1");
    FIND_BY_EMAIL = concat!("SELECT ", columns!(), " FROM directory_entries e WHERE e.list_id = ?1 AND e.email_key = ?2 AND e.external_id <> ?3 LIMIT 1");
    OF_PRINCIPAL = concat!("SELECT ", columns!(), " FROM directory_entries e WHERE e.principal_id = ?2 AND e.list_id = ?1");
    // Who may be meant by a name at sign-in, each once.
    BY_LOGIN = "SELECT e.principal_id FROM directory_entries e WHERE e.list_id = ?1 AND e.principal_name_key = ?2 AND e.principal_id IS NOT NULL
              UNION SELECT e.principal_id FROM directory_entries e WHERE e.list_id = ?1 AND e.email_key = ?2 AND e.principal_id IS NOT NULL
              UNION SELECT e.principal_id FROM directory_entries e WHERE e.list_id = ?1 AND e.account_key = ?3 AND e.kind = 'USER' AND e.principal_id IS NOT NULL
              LIMIT 2";
    SEE = "UPDATE directory_entries SET seen_sync_id = ?3 WHERE list_id = ?1 AND external_id IN (SELECT value FROM json_each(?2))";
    STALE_BY_MEMBERS = "UPDATE directory_entries SET is_stale = 1 WHERE list_id = ?1 AND external_id IN
              (SELECT m.external_id FROM directory_members m WHERE m.list_id = ?1 AND m.member_key IN (SELECT value FROM json_each(?2)))";
    STALE_BY_KEYS = "UPDATE directory_entries SET is_stale = 1 WHERE list_id = ?1 AND group_key IN (SELECT value FROM json_each(?2))";
    CLEAR_STALE = "UPDATE directory_entries SET is_stale = 0 WHERE list_id = ?1 AND external_id = ?2";
    STALE = concat!("SELECT ", columns!(), " FROM directory_entries e WHERE e.list_id = ?1 AND e.is_stale = 1 AND e.external_id > ?2 ORDER BY e.external_id LIMIT ?3");
    // Who was there and was not seen by this run, whole tables long: a full run alone asks it.
    UNSEEN = concat!("SELECT ", columns!(), " FROM directory_entries e WHERE e.list_id = ?1 AND e.external_id > ?2 AND e.seen_sync_id <> ?3 AND e.gone_at IS NULL
              ORDER BY e.external_id LIMIT ?4");
    LOSE = "UPDATE directory_entries SET gone_at = ?3, standing = CASE WHEN standing = 'OUT' THEN 'OUT' ELSE 'LEAVING' END
              WHERE list_id = ?1 AND external_id IN (SELECT value FROM json_each(?2)) AND gone_at IS NULL";
    FIND_AGAIN = "UPDATE directory_entries SET gone_at = NULL, standing = 'IN' WHERE list_id = ?1 AND external_id = ?2";
    LEAVING = concat!("SELECT ", columns!(), " FROM directory_entries e WHERE e.list_id = ?1 AND e.standing = 'LEAVING' AND e.external_id > ?2 ORDER BY e.external_id LIMIT ?3");
    COUNT_LEAVING = "SELECT COUNT(*) FROM directory_entries WHERE list_id = ?1 AND standing = 'LEAVING' AND principal_id IS NOT NULL";
    COUNT_HERE = "SELECT COUNT(*) FROM directory_entries WHERE list_id = ?1 AND standing <> 'OUT' AND principal_id IS NOT NULL";
    COUNT_PRESENT = "SELECT COUNT(*) FROM directory_entries WHERE list_id = ?1 AND kind = ?2 AND gone_at IS NULL AND principal_id IS NOT NULL";
    COUNT_SEEN = "SELECT COUNT(*) FROM directory_entries WHERE list_id = ?1 AND kind = ?2 AND seen_sync_id = ?3";
    SET_STANDING = "UPDATE directory_entries SET standing = ?3 WHERE list_id = ?1 AND external_id = ?2";
    GONE = concat!("SELECT ", columns!(), " FROM directory_entries e WHERE e.list_id = ?1 AND e.gone_at IS NOT NULL AND e.gone_at <= ?2 AND e.external_id > ?3
              AND e.standing = 'OUT' ORDER BY e.external_id LIMIT ?4");
    COUNT_GONE = "SELECT COUNT(*) FROM directory_entries WHERE list_id = ?1 AND gone_at IS NOT NULL AND gone_at <= ?2 AND standing = 'OUT' AND principal_id IS NOT NULL";
    // Of a directory, who is not on the list of a dry run.
    MISSING = concat!("SELECT ", columns!(), " FROM directory_entries e WHERE e.list_id = ?1 AND e.external_id > ?3 AND e.principal_id IS NOT NULL
              AND NOT EXISTS (SELECT 1 FROM directory_entries s WHERE s.list_id = ?2 AND s.external_id = e.external_id) ORDER BY e.external_id LIMIT ?4");
    BY_PRIMARY_GROUP = concat!("SELECT ", columns!(), " FROM directory_entries e WHERE e.list_id = ?1 AND e.primary_group = ?2 AND e.principal_id IS NOT NULL");
    COUNT_BY_GROUP_KEY = "SELECT COUNT(*) FROM directory_entries WHERE list_id = ?1 AND group_key = ?2 AND gone_at IS NULL";
    COUNT_STAYING = "SELECT COUNT(*) FROM directory_entries WHERE list_id = ?1 AND standing = 'IN' AND gone_at IS NULL
              AND principal_id IN (SELECT value FROM json_each(?2))";
    DELETE = "DELETE FROM directory_entries WHERE list_id = ?1 AND external_id = ?2";
    DELETE_LIST = "DELETE FROM directory_entries WHERE list_id = ?1";
}

/// An entry that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its stable id.
    pub external_id: String,
    /// What it is.
    pub kind: EntryKind,
    /// The user or group here; none where nothing came of it.
    pub principal_id: Option<String>,
    /// What people call it.
    pub name: String,
    /// The same as what must be unique: a user name, or a group's name.
    pub name_key: String,
    /// Its name there, as members are found by it.
    pub dn_key: String,
    /// Its account, likewise.
    pub account_key: Option<String>,
    /// Its name with the domain.
    pub principal_name_key: Option<String>,
    /// Its address.
    pub email_key: Option<String>,
    /// What people have as their primary group who are in it.
    pub group_key: Option<String>,
    /// That of a person.
    pub primary_group: Option<String>,
    /// How it stands here.
    pub standing: EntryStanding,
    /// Whether the members of the group are to be looked at.
    pub is_stale: bool,
    /// The run that saw it last.
    pub seen: DirectorySyncId,
    /// Since when it is not found.
    pub gone_at: Option<Timestamp>,
}

fn entry(row: &Row<'_>) -> Result<Entry, StoreError> {
    Ok(Entry {
        external_id: row.text(0)?,
        kind: row.word(1, EntryKind::parse)?,
        principal_id: row.opt_text(2)?,
        name: row.text(3)?,
        name_key: row.text(4)?,
        dn_key: row.text(5)?,
        account_key: row.opt_text(6)?,
        principal_name_key: row.opt_text(7)?,
        email_key: row.opt_text(8)?,
        group_key: row.opt_text(9)?,
        primary_group: row.opt_text(10)?,
        standing: row.word(11, EntryStanding::parse)?,
        is_stale: row.flag(12)?,
        seen: DirectorySyncId::trusted(row.text(13)?),
        gone_at: row.opt_time(14)?,
    })
}

/// Writes an entry, whatever was there of it.
pub fn put(tx: &mut Tx<'_>, of: &str, new: &Entry) -> Result<(), Fault> {
    tx.insert(
        &PUT,
        params![
            of,
            &new.external_id,
            new.kind.as_str(),
            new.principal_id.as_ref(),
            &new.name,
            &new.name_key,
            &new.dn_key,
            new.account_key.as_ref(),
            new.principal_name_key.as_ref(),
            new.email_key.as_ref(),
            new.group_key.as_ref(),
            new.primary_group.as_ref(),
            new.standing.as_str(),
            new.is_stale,
            new.seen.as_str(),
            new.gone_at
        ],
    )
}

/// The entries of these ids.
pub fn find_each<'i>(
    rx: &mut Rx<'_>,
    of: &str,
    ids: impl IntoIterator<Item = &'i str>,
) -> Result<HashMap<String, Entry>, StoreError> {
    let found = rx.all(&FIND_EACH, params![of, &list(ids)], entry)?;
    Ok(found.into_iter().map(|entry| (entry.external_id.clone(), entry)).collect())
}

/// The entry of this name there, if the name is one entry's.
pub fn find_by_dn(rx: &mut Rx<'_>, of: &str, dn_key: &str) -> Result<Option<Entry>, StoreError> {
    let mut all = rx.all(&FIND_BY_DN, params![of, dn_key], entry)?;
    Ok(if all.len() > 1 { None } else { all.pop() })
}

/// Another entry that has this name.
pub fn find_other_by_name(
    rx: &mut Rx<'_>,
    of: &str,
    (kind, name_key): (EntryKind, &str),
    than: &str,
) -> Result<Option<Entry>, StoreError> {
    rx.first(&FIND_BY_NAME, params![of, kind.as_str(), name_key, than], entry)
}

/// Another entry that has this address.
pub fn find_other_by_email(
    rx: &mut Rx<'_>,
    of: &str,
    email_key: &str,
    than: &str,
) -> Result<Option<Entry>, StoreError> {
    rx.first(&FIND_BY_EMAIL, params![of, email_key, than], entry)
}

/// The entry of a directory that a user or group is.
pub fn find_of_principal(
    rx: &mut Rx<'_>,
    of: &DirectoryId,
    principal_id: &str,
) -> Result<Option<Entry>, StoreError> {
    rx.first(&OF_PRINCIPAL, params![of.as_str(), principal_id], entry)
}

/// Whom of a directory a name at sign-in may mean, as far as two: by a name with its domain or an address, or by an account.
pub fn find_by_login(
    rx: &mut Rx<'_>,
    of: &DirectoryId,
    (name_key, account_key): (&str, Option<&str>),
) -> Result<Vec<UserId>, StoreError> {
    rx.all(&BY_LOGIN, params![of.as_str(), name_key, account_key], |row| Ok(UserId::trusted(row.text(0)?)))
}

/// These were seen by a run, as they are.
pub fn see<'i>(
    tx: &mut Tx<'_>,
    of: &str,
    ids: impl IntoIterator<Item = &'i str>,
    sync: &DirectorySyncId,
) -> Result<(), Fault> {
    tx.execute(&SEE, params![of, &list(ids), sync.as_str()])?;
    Ok(())
}

/// The members of every group are to be looked at that has one of these.
pub fn make_stale<'i>(
    tx: &mut Tx<'_>,
    of: &str,
    member_keys: impl IntoIterator<Item = &'i str>,
) -> Result<(), Fault> {
    tx.execute(&STALE_BY_MEMBERS, params![of, &list(member_keys)])?;
    Ok(())
}

/// The members of these groups are to be looked at, by what people have as their primary group.
pub fn make_primary_stale<'i>(
    tx: &mut Tx<'_>,
    of: &str,
    group_keys: impl IntoIterator<Item = &'i str>,
) -> Result<(), Fault> {
    tx.execute(&STALE_BY_KEYS, params![of, &list(group_keys)])?;
    Ok(())
}

/// The members of a group were looked at.
pub fn clear_stale(tx: &mut Tx<'_>, of: &str, id: &str) -> Result<(), Fault> {
    tx.execute(&CLEAR_STALE, params![of, id])?;
    Ok(())
}

/// Groups whose members are to be looked at, by id.
pub fn list_stale(rx: &mut Rx<'_>, of: &str, after: &str, limit: i64) -> Result<Vec<Entry>, StoreError> {
    rx.all(&STALE, params![of, after, limit], entry)
}

/// Who was there and was not seen by a run, by id.
pub fn list_unseen(
    rx: &mut Rx<'_>,
    of: &str,
    sync: &DirectorySyncId,
    (after, limit): (&str, i64),
) -> Result<Vec<Entry>, StoreError> {
    rx.all(&UNSEEN, params![of, after, sync.as_str(), limit], entry)
}

/// These are not found from now on.
pub fn lose<'i>(
    tx: &mut Tx<'_>,
    of: &str,
    ids: impl IntoIterator<Item = &'i str>,
    now: Timestamp,
) -> Result<(), Fault> {
    tx.execute(&LOSE, params![of, &list(ids), now])?;
    Ok(())
}

/// Somebody who was not found is there after all.
pub fn find_again(tx: &mut Tx<'_>, of: &str, id: &str) -> Result<(), Fault> {
    tx.execute(&FIND_AGAIN, params![of, id])?;
    Ok(())
}

/// Who is to be disabled or emptied, by id.
pub fn list_leaving(rx: &mut Rx<'_>, of: &str, after: &str, limit: i64) -> Result<Vec<Entry>, StoreError> {
    rx.all(&LEAVING, params![of, after, limit], entry)
}

/// How many are to be disabled or emptied.
pub fn count_leaving(rx: &mut Rx<'_>, of: &str) -> Result<u64, StoreError> {
    rx.count(&COUNT_LEAVING, params![of])
}

/// How many there are here that are not disabled or emptied: what a brake is a share of.
pub fn count_here(rx: &mut Rx<'_>, of: &str) -> Result<u64, StoreError> {
    rx.count(&COUNT_HERE, params![of])
}

/// How many of a kind were found last.
pub fn count_present(rx: &mut Rx<'_>, of: &str, kind: EntryKind) -> Result<u64, StoreError> {
    rx.count(&COUNT_PRESENT, params![of, kind.as_str()])
}

/// How many of a kind a run has seen.
pub fn count_seen(
    rx: &mut Rx<'_>,
    of: &str,
    kind: EntryKind,
    sync: &DirectorySyncId,
) -> Result<u64, StoreError> {
    rx.count(&COUNT_SEEN, params![of, kind.as_str(), sync.as_str()])
}

/// Writes how an entry stands here.
pub fn set_standing(tx: &mut Tx<'_>, of: &str, id: &str, standing: EntryStanding) -> Result<(), Fault> {
    tx.execute(&SET_STANDING, params![of, id, standing.as_str()])?;
    Ok(())
}

/// Who was disabled or emptied, and is not found since then or longer, by id.
pub fn list_gone(
    rx: &mut Rx<'_>,
    of: &str,
    since: Timestamp,
    (after, limit): (&str, i64),
) -> Result<Vec<Entry>, StoreError> {
    rx.all(&GONE, params![of, since, after, limit], entry)
}

/// How many those are.
pub fn count_gone(rx: &mut Rx<'_>, of: &str, since: Timestamp) -> Result<u64, StoreError> {
    rx.count(&COUNT_GONE, params![of, since])
}

/// Who of a directory is not on the list of a dry run, by id.
pub fn list_missing(
    rx: &mut Rx<'_>,
    (of, in_list): (&str, &str),
    (after, limit): (&str, i64),
) -> Result<Vec<Entry>, StoreError> {
    rx.all(&MISSING, params![of, in_list, after, limit], entry)
}

/// The people who have this group as their primary one, those who are gone too.
pub fn list_by_primary_group(rx: &mut Rx<'_>, of: &str, group_key: &str) -> Result<Vec<Entry>, StoreError> {
    rx.all(&BY_PRIMARY_GROUP, params![of, group_key], entry)
}

/// How many groups say that this is what people have as their primary group who are in them.
pub fn count_by_group_key(rx: &mut Rx<'_>, of: &str, group_key: &str) -> Result<u64, StoreError> {
    rx.count(&COUNT_BY_GROUP_KEY, params![of, group_key])
}

/// How many of these users or groups are there and stay.
pub fn count_staying<'p>(
    rx: &mut Rx<'_>,
    of: &str,
    principals: impl IntoIterator<Item = &'p str>,
) -> Result<u64, StoreError> {
    rx.count(&COUNT_STAYING, params![of, &list(principals)])
}

/// Removes an entry.
pub fn delete(tx: &mut Tx<'_>, of: &str, id: &str) -> Result<(), Fault> {
    tx.execute(&DELETE, params![of, id])?;
    Ok(())
}

/// Removes a list. The members of its groups are the caller's to remove.
pub fn delete_list(tx: &mut Tx<'_>, of: &str) -> Result<(), Fault> {
    tx.execute(&DELETE_LIST, params![of])?;
    Ok(())
}
