//! Identifiers that other systems gave to users and groups. Unique in their store by kind, issuer and id.

use model::directory::identity_store::IdentityStoreId;
use model::directory::user::ExternalId;
use model::fault::Fault;

use crate::error::StoreError;
use crate::row::{Row, params};
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    INSERT = "INSERT INTO external_ids (identity_store_id, resource_type, issuer, external_id, resource_id) VALUES (?1, ?2, ?3, ?4, ?5)";
    FIND = "SELECT resource_id FROM external_ids
              WHERE identity_store_id = ?1 AND resource_type = ?2 AND issuer = ?3 AND external_id = ?4";
    DELETE = "DELETE FROM external_ids WHERE resource_id = ?1 AND issuer = ?2";
    DELETE_BY_RESOURCE = "DELETE FROM external_ids WHERE resource_id = ?1";
}

/// What an external id identifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// A user.
    User,
    /// A group.
    Group,
}

impl Holder {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::User => "USER",
            Self::Group => "GROUP",
        }
    }
}

/// Adds an external id of a user or group.
pub fn insert(
    tx: &mut Tx<'_>,
    store: &IdentityStoreId,
    holder: Holder,
    resource_id: &str,
    external: &ExternalId,
) -> Result<(), Fault> {
    tx.insert(&INSERT, params![store.as_str(), holder.as_str(), &external.issuer, &external.id, resource_id])
}

/// The user or group that has this external id.
pub fn find(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    holder: Holder,
    external: &ExternalId,
) -> Result<Option<String>, StoreError> {
    rx.first(&FIND, params![store.as_str(), holder.as_str(), &external.issuer, &external.id], |row| {
        row.text(0)
    })
}

/// Removes the external ids that this issuer gave a user or group.
pub fn delete(tx: &mut Tx<'_>, resource_id: &str, issuer: &str) -> Result<(), Fault> {
    tx.execute(&DELETE, params![resource_id, issuer])?;
    Ok(())
}

/// Removes every external id of a user or group.
pub fn delete_by_resource(tx: &mut Tx<'_>, resource_id: &str) -> Result<(), Fault> {
    tx.execute(&DELETE_BY_RESOURCE, params![resource_id])?;
    Ok(())
}

/// The external id in two columns of an outer join, from `column` on; `None` when its resource has none.
pub(crate) fn joined(row: &Row<'_>, column: usize) -> Result<Option<ExternalId>, StoreError> {
    let Some(issuer) = row.opt_text(column)? else { return Ok(None) };
    Ok(Some(ExternalId { issuer, id: row.text(column + 1)? }))
}

/// What has external ids, which a join reads with it: a row for each.
pub(crate) trait Identified {
    /// Whether another row is of the same one.
    fn is(&self, other: &Self) -> bool;
    /// Its external ids.
    fn external_ids(&mut self) -> &mut Vec<ExternalId>;
}

/// Folds the rows of a join, sorted by whom they are of, into whole ones.
pub(crate) fn fold<T: Identified>(rows: Vec<(T, Option<ExternalId>)>) -> Vec<T> {
    let mut whole: Vec<T> = Vec::with_capacity(rows.len());
    for (mut one, external) in rows {
        match whole.last_mut() {
            Some(last) if last.is(&one) => last.external_ids().extend(external),
            _ => {
                one.external_ids().extend(external);
                whole.push(one);
            }
        }
    }
    whole
}
