//! Which source owns a user or group. Who has no row was made here.

use model::directory::owner::Owner;
use model::fault::Fault;
use model::timestamp::Timestamp;

use crate::directory::external_ids::Holder;
use crate::error::StoreError;
use crate::row::params;
use crate::statement::statements;
use crate::tx::{Rx, Tx};

statements! {
    PUT = "INSERT INTO owners (resource_id, kind, source, since, disabled_here_at) VALUES (?1, ?2, ?3, ?4, ?5)
              ON CONFLICT (resource_id) DO UPDATE SET source = excluded.source, since = excluded.since, disabled_here_at = excluded.disabled_here_at";
    FIND = "SELECT source, since, disabled_here_at FROM owners WHERE resource_id = ?1";
    SET_DISABLED_HERE = "UPDATE owners SET disabled_here_at = ?2 WHERE resource_id = ?1";
    DELETE = "DELETE FROM owners WHERE resource_id = ?1";
    DELETE_BY_SOURCE = "DELETE FROM owners WHERE source = ?1";
}

/// Makes it the owner of a user or group, whoever was before.
pub fn put(tx: &mut Tx<'_>, holder: Holder, resource_id: &str, owner: &Owner) -> Result<(), Fault> {
    let params = params![resource_id, holder.as_str(), &owner.source, owner.since, owner.disabled_here_at];
    tx.insert(&PUT, params)
}

/// The owner of a user or group.
pub fn find(rx: &mut Rx<'_>, resource_id: &str) -> Result<Option<Owner>, StoreError> {
    rx.first(&FIND, params![resource_id], |row| {
        Ok(Owner { source: row.text(0)?, since: row.time(1)?, disabled_here_at: row.opt_time(2)? })
    })
}

/// Keeps when an administrator disabled somebody who is owned, or that they are not disabled any more.
pub fn set_disabled_here(tx: &mut Tx<'_>, user_id: &str, at: Option<Timestamp>) -> Result<(), Fault> {
    tx.execute(&SET_DISABLED_HERE, params![user_id, at])?;
    Ok(())
}

/// Nobody owns the user or group any more.
pub fn delete(tx: &mut Tx<'_>, resource_id: &str) -> Result<(), Fault> {
    tx.execute(&DELETE, params![resource_id])?;
    Ok(())
}

/// Nobody owns any more what this source owned; how many that were.
pub fn delete_by_source(tx: &mut Tx<'_>, source: &str) -> Result<u64, Fault> {
    Ok(tx.execute(&DELETE_BY_SOURCE, params![source])?)
}
