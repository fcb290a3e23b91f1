//! Organizational units of the organization.

use std::collections::HashMap;

use model::accounts::organization::OrganizationId;
use model::accounts::organizational_unit::{OrganizationalUnit, OrganizationalUnitId, UnitPath};
use model::fault::Fault;
use model::page::PageRequest;

use crate::error::StoreError;
use crate::row::{Row, list, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO organizational_units (unit_id, path, name, created_at) VALUES (?1, ?2, ?3, ?4)";
    FIND = "SELECT unit_id, path, name, created_at FROM organizational_units WHERE unit_id = ?1";
    FIND_NAMED = "SELECT unit_id, path, name, created_at FROM organizational_units WHERE path = ?1 AND name = ?2";
    FIND_EACH = "SELECT unit_id, path, name, created_at FROM organizational_units
              WHERE unit_id IN (SELECT value FROM json_each(?1))";
    PAGE_BY_PATH = "SELECT unit_id, path, name, created_at FROM organizational_units WHERE path = ?1 AND unit_id > ?2
              ORDER BY unit_id LIMIT ?3";
    COUNT = "SELECT COUNT(*) FROM organizational_units";
    HOLDS = "SELECT unit_id FROM organizational_units WHERE path = ?1 LIMIT 1";
    SET_NAME = "UPDATE organizational_units SET name = ?2 WHERE unit_id = ?1";
    FOLLOWS = "SELECT follows FROM organizational_units WHERE unit_id = ?1 AND follows IS NOT NULL";
    FOLLOWING = "SELECT unit_id, path, name, created_at FROM organizational_units WHERE follows = ?1 ORDER BY unit_id";
    FOLLOW = "UPDATE organizational_units SET follows = ?2 WHERE unit_id = ?1";
    FOLLOW_NO_MORE = "UPDATE organizational_units SET follows = NULL WHERE follows = ?1";
    DELETE = "DELETE FROM organizational_units WHERE unit_id = ?1";
}

/// Adds a unit.
pub fn insert(tx: &mut Tx<'_>, new: &OrganizationalUnit) -> Result<(), Fault> {
    tx.execute_one(&INSERT, params![new.id.as_str(), new.path.as_str(), &new.name, new.created_at])
}

/// The unit with this id.
pub fn find(rx: &mut Rx<'_>, id: &OrganizationalUnitId) -> Result<Option<OrganizationalUnit>, StoreError> {
    rx.first(&FIND, params![id.as_str()], unit)
}

/// The unit of this name among those that lie at `path`.
pub fn find_named(
    rx: &mut Rx<'_>,
    path: &UnitPath,
    name: &str,
) -> Result<Option<OrganizationalUnit>, StoreError> {
    rx.first(&FIND_NAMED, params![path.as_str(), name], unit)
}

/// These units, as far as they are there.
pub fn find_each<'a>(
    rx: &mut Rx<'_>,
    ids: impl IntoIterator<Item = &'a OrganizationalUnitId>,
) -> Result<HashMap<OrganizationalUnitId, OrganizationalUnit>, StoreError> {
    let ids = list(ids.into_iter().map(OrganizationalUnitId::as_str));
    let found = rx.all(&FIND_EACH, params![&ids], unit)?;
    Ok(found.into_iter().map(|unit| (unit.id.clone(), unit)).collect())
}

/// Units that lie at `path`, by id.
pub fn page_by_path(
    rx: &mut Rx<'_>,
    path: &UnitPath,
    page: &PageRequest,
) -> Result<Vec<OrganizationalUnit>, StoreError> {
    rx.all(&PAGE_BY_PATH, params![path.as_str(), page.after_or_start(), page.rows()], unit)
}

/// How many there are.
pub fn count(rx: &mut Rx<'_>) -> Result<u64, StoreError> {
    rx.count(&COUNT, params![])
}

/// Whether any unit lies at `path`.
pub fn any_at(rx: &mut Rx<'_>, path: &UnitPath) -> Result<bool, StoreError> {
    rx.exists(&HOLDS, params![path.as_str()])
}

/// Names a unit anew.
pub fn set_name(tx: &mut Tx<'_>, id: &OrganizationalUnitId, name: &str) -> Result<(), Fault> {
    tx.execute_one(&SET_NAME, params![id.as_str(), name])
}

/// The organization that says what a unit is called, if one does.
pub fn follows(rx: &mut Rx<'_>, id: &OrganizationalUnitId) -> Result<Option<OrganizationId>, StoreError> {
    rx.first(&FOLLOWS, params![id.as_str()], |row| Ok(OrganizationId::trusted(row.text(0)?)))
}

/// The units that follow an organization, by id.
pub fn following(
    rx: &mut Rx<'_>,
    organization: &OrganizationId,
) -> Result<Vec<OrganizationalUnit>, StoreError> {
    rx.all(&FOLLOWING, params![organization.as_str()], unit)
}

/// Has a unit follow an organization.
pub fn follow(
    tx: &mut Tx<'_>,
    id: &OrganizationalUnitId,
    organization: &OrganizationId,
) -> Result<(), Fault> {
    tx.execute_one(&FOLLOW, params![id.as_str(), organization.as_str()])
}

/// Has whatever follows an organization follow none.
pub fn follow_no_more(tx: &mut Tx<'_>, organization: &OrganizationId) -> Result<(), Fault> {
    tx.execute(&FOLLOW_NO_MORE, params![organization.as_str()])?;
    Ok(())
}

/// Removes a unit.
pub fn delete(tx: &mut Tx<'_>, id: &OrganizationalUnitId) -> Result<(), Fault> {
    tx.execute_one(&DELETE, params![id.as_str()])
}

fn unit(row: &Row<'_>) -> Result<OrganizationalUnit, StoreError> {
    Ok(OrganizationalUnit {
        id: OrganizationalUnitId::trusted(row.text(0)?),
        path: UnitPath::trusted(row.text(1)?),
        name: row.text(2)?,
        created_at: row.time(3)?,
    })
}
