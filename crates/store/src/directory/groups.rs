//! Groups. Each is read together with its external ids by one statement, as users are.

use std::collections::HashSet;

use model::directory::group::{Group, GroupId};
use model::directory::identity_store::IdentityStoreId;
use model::directory::user::ExternalId;
use model::fault::Fault;
use model::name_key::name_key;
use model::page::PageRequest;
use model::timestamp::Timestamp;

use crate::directory::external_ids::{self, Holder, Identified, fold};
use crate::error::StoreError;
use crate::row::{Row, list, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

/// The columns that [`group`] reads.
macro_rules! columns {
    () => {
        "g.group_id, g.identity_store_id, g.display_name, g.description, g.revision, g.created_at, g.created_by, g.updated_at,
         g.updated_by, e.issuer, e.external_id"
    };
}
/// Every external id of the group, if there is any.
macro_rules! external {
    () => {
        " LEFT JOIN external_ids e ON e.resource_id = g.group_id "
    };
}

statements! {
    INSERT = "INSERT INTO groups (group_id, identity_store_id, display_name, display_name_key, description, revision, created_at,
              created_by, updated_at, updated_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    UPDATE = "UPDATE groups SET display_name = ?2, display_name_key = ?3, description = ?4, revision = ?5, updated_at = ?6,
              updated_by = ?7 WHERE group_id = ?1";
    DELETE = "DELETE FROM groups WHERE group_id = ?1";
    FIND = concat!("SELECT ", columns!(), " FROM groups g", external!(),
              "WHERE g.identity_store_id = ?1 AND g.group_id = ?2 ORDER BY e.issuer, e.external_id");
    FIND_BY_DISPLAY_NAME = concat!("SELECT ", columns!(), " FROM groups g", external!(),
              "WHERE g.identity_store_id = ?1 AND g.display_name_key = ?2 ORDER BY e.issuer, e.external_id");
    PAGE = concat!("SELECT ", columns!(), " FROM (SELECT * FROM groups WHERE identity_store_id = ?1 AND group_id > ?2
              ORDER BY group_id LIMIT ?3) g", external!(), "ORDER BY g.group_id, e.issuer, e.external_id");
    PAGE_NAMED = "SELECT group_id, display_name, description, created_at, display_name_key FROM groups
              WHERE identity_store_id = ?1 AND display_name_key >= ?2 AND display_name_key <> ?3 AND display_name_key < ?4
              ORDER BY display_name_key LIMIT ?5";
    KEY_AT = "SELECT group_id FROM groups WHERE identity_store_id = ?1 AND group_id > ?2 ORDER BY group_id LIMIT 1 OFFSET ?3";
    FIND_ID = "SELECT group_id FROM groups WHERE identity_store_id = ?1 AND group_id = ?2";
    EXISTING = "SELECT group_id FROM groups WHERE identity_store_id = ?1 AND group_id IN (SELECT value FROM json_each(?2))";
    FIND_ID_BY_DISPLAY_NAME = "SELECT group_id FROM groups WHERE identity_store_id = ?1 AND display_name_key = ?2";
    COUNT = "SELECT COUNT(*) FROM groups WHERE identity_store_id = ?1";
}

fn group(row: &Row<'_>) -> Result<(Group, Option<ExternalId>), StoreError> {
    let group = Group {
        id: GroupId::trusted(row.text(0)?),
        identity_store_id: IdentityStoreId::trusted(row.text(1)?),
        display_name: row.text(2)?,
        description: row.opt_text(3)?,
        external_ids: Vec::new(),
        revision: row.int(4)?,
        created_at: row.time(5)?,
        created_by: row.text(6)?,
        updated_at: row.time(7)?,
        updated_by: row.text(8)?,
    };
    Ok((group, external_ids::joined(row, 9)?))
}

impl Identified for Group {
    fn is(&self, other: &Self) -> bool {
        self.id == other.id
    }
    fn external_ids(&mut self) -> &mut Vec<ExternalId> {
        &mut self.external_ids
    }
}

/// Adds a group and its external ids.
pub fn insert(tx: &mut Tx<'_>, new: &Group) -> Result<(), Fault> {
    tx.insert(
        &INSERT,
        params![
            new.id.as_str(),
            new.identity_store_id.as_str(),
            &new.display_name,
            &name_key(&new.display_name),
            new.description.as_ref(),
            new.revision,
            new.created_at,
            &new.created_by,
            new.updated_at,
            &new.updated_by
        ],
    )?;
    for external in &new.external_ids {
        external_ids::insert(tx, &new.identity_store_id, Holder::Group, new.id.as_str(), external)?;
    }
    Ok(())
}

/// Writes a group's name, description and revision. External ids stay as they are.
pub fn update(tx: &mut Tx<'_>, group: &Group) -> Result<(), Fault> {
    tx.execute_one(
        &UPDATE,
        params![
            group.id.as_str(),
            &group.display_name,
            &name_key(&group.display_name),
            group.description.as_ref(),
            group.revision,
            group.updated_at,
            &group.updated_by
        ],
    )
}

/// Removes a group and its external ids. Its memberships are the caller's to remove.
pub fn delete(tx: &mut Tx<'_>, id: &GroupId) -> Result<(), Fault> {
    external_ids::delete_by_resource(tx, id.as_str())?;
    tx.execute_one(&DELETE, params![id.as_str()])
}

/// The group with this id.
pub fn find(rx: &mut Rx<'_>, store: &IdentityStoreId, id: &GroupId) -> Result<Option<Group>, StoreError> {
    Ok(fold(rx.all(&FIND, params![store.as_str(), id.as_str()], group)?).pop())
}

/// The group with this name key ([`model::name_key::name_key`]).
pub fn find_by_display_name(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    display_name_key: &str,
) -> Result<Option<Group>, StoreError> {
    Ok(fold(rx.all(&FIND_BY_DISPLAY_NAME, params![store.as_str(), display_name_key], group)?).pop())
}

/// A store's groups by id.
pub fn page(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    request: &PageRequest,
) -> Result<Vec<Group>, StoreError> {
    let params = params![store.as_str(), request.after_or_start(), request.rows()];
    Ok(fold(rx.all(&PAGE, params, group)?))
}

/// A group as lists by name show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedGroup {
    /// `GroupId`
    pub id: GroupId,
    /// `DisplayName`
    pub display_name: String,
    /// `Description`
    pub description: Option<String>,
    /// `CreatedAt`
    pub created_at: Timestamp,
    /// Its place in the order of names.
    pub key: String,
}

/// Groups of which the normalised name begins so, by it.
pub fn page_named(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    begins: &str,
    page: &PageRequest,
) -> Result<Vec<NamedGroup>, StoreError> {
    let (after, end) = (page.after_or_start(), format!("{begins}\u{10FFFF}"));
    let from = if after.is_empty() { begins } else { after };
    rx.all(&PAGE_NAMED, params![store.as_str(), from, after, &end, page.rows()], |row| {
        Ok(NamedGroup {
            id: GroupId::trusted(row.text(0)?),
            display_name: row.text(1)?,
            description: row.opt_text(2)?,
            created_at: row.time(3)?,
            key: row.text(4)?,
        })
    })
}

/// Whether there is such a group.
pub fn exists(rx: &mut Rx<'_>, store: &IdentityStoreId, id: &GroupId) -> Result<bool, StoreError> {
    rx.exists(&FIND_ID, params![store.as_str(), id.as_str()])
}

/// Which of these groups there are.
pub fn existing<'a>(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    ids: impl IntoIterator<Item = &'a GroupId>,
) -> Result<HashSet<GroupId>, StoreError> {
    let ids = list(ids.into_iter().map(GroupId::as_str));
    let found = rx.all(&EXISTING, params![store.as_str(), &ids], |row| Ok(GroupId::trusted(row.text(0)?)))?;
    Ok(found.into_iter().collect())
}

/// The id of the group with this name key.
pub fn find_id_by_display_name(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    display_name_key: &str,
) -> Result<Option<GroupId>, StoreError> {
    rx.first(&FIND_ID_BY_DISPLAY_NAME, params![store.as_str(), display_name_key], |row| {
        Ok(GroupId::trusted(row.text(0)?))
    })
}

/// The id of the group of this number, from 0, of those whose ids are greater, in the order of ids. Reads as many as come before it.
pub fn key_at(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    (after, number): (&str, i64),
) -> Result<Option<String>, StoreError> {
    rx.first(&KEY_AT, params![store.as_str(), after, number], |row| row.text(0))
}

/// How many groups a store has. Reads them all.
pub fn count(rx: &mut Rx<'_>, store: &IdentityStoreId) -> Result<u64, StoreError> {
    rx.count(&COUNT, params![store.as_str()])
}
